import type { LedgerName } from '../../../src/base/ids.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';

/**
 * P1 to P3: what is scarce is conserved in every view, never below its floor, and never believed to be more than it is; nor less,
 * once nothing of one's own is under way.
 */
export function createEscrowObserver(court: Court): Observer {
	const { truth, tainted } = court;

	function checkView({ name, replica }: Till): void {
		court.play(1);
		for (const { what, ledger, pool, device, amount } of replica.check()) {
			court.demand(1, what !== 'not_conserved', () => `${name}: ${pool} in ${ledger} does not add up by ${amount}`);
			if (device === undefined || tainted.has(device)) continue;
			court.demand(2, false, () => `${name} sees ${amount} of ${pool} in ${ledger} at ${device}`);
		}
	}

	/** Are all rows of its own that it has of a ledger in its view? */
	const isAllShown = ({ core }: OpenReplica, ledger: LedgerName) =>
		[...core.journal.in(ledger)].every((epoch) => !core.isOwn(epoch) || core.view.at(epoch.id) >= epoch.count);

	/** P3: this device's own share, as it may spend it now, is at most what it truly is. */
	function checkOwn({ name, replica }: Till): void {
		const { device, core } = replica;
		for (const ledger of core.books.names()) {
			const isSettled = isAllShown(replica, ledger);
			for (const [pool, { shares }] of core.books.of(ledger).escrow.pools) {
				const mine = core.books.mine(ledger, pool);
				const shown = shares.get(device)?.share ?? 0;
				// Whatever happened to its disk: what is under way takes from what is shown, and never adds to it.
				court.demand(3, mine <= shown, () => `${name} sees ${shown} of ${pool} in ${ledger} and reckons with ${mine}`);
				// Otherwise what nobody may spend lies idle until the next start (ESC1).
				court.demand(
					3,
					mine === shown || !isSettled,
					() => `${name} has ${shown} of ${pool} in ${ledger}, nothing is under way, and it reckons with ${mine}`,
				);
				if (tainted.has(device)) continue;
				const share = truth.share(ledger, pool, device);
				court.play(3);
				court.demand(
					3,
					mine <= share,
					() => `${name} believes it has ${mine} of ${pool} in ${ledger}, it has ${share}`,
				);
			}
		}
	}

	/** P2 over all rows that were ever written. */
	function checkTruth(): void {
		for (const [ledger, pools] of truth.pools)
			for (const [id, pool] of pools)
				for (const [device, share] of pool.shares) {
					court.play(2);
					const sound = share >= 0 || tainted.has(device);
					court.demand(2, sound, () => `${share} of ${id} in ${ledger} at ${device}: it spent what it had not`);
				}
	}

	return {
		stepped(actor) {
			if (!actor?.running) return;
			checkView(actor);
			checkOwn(actor);
		},
		ended() {
			checkTruth();
			for (const till of court.chain.replicas) {
				if (!till.running) continue;
				checkView(till);
				checkOwn(till);
			}
		},
	};
}
