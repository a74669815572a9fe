import type { DeviceId, LedgerName } from '../../../src/base/ids.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import { sumShown } from './shown.js';

/** A home that came back later than this may still be at it. */
const tendingMs = 20_000;

/** P24: of a device that was given up, or whose day is over, nothing is left behind where its home is in reach. */
export function createStrandedObserver(court: Court): Observer {
	const { chain, truth } = court;
	const openedMs = new Map<string, number>();
	const fenced = new Map<LedgerName, Set<DeviceId>>();

	const homes = (ledger: LedgerName): Till[] =>
		chain.replicas.filter(
			({ name, running }) =>
				running?.core.isHome(ledger) &&
				running.health.get().state === 'ok' &&
				chain.time.nowMs - (openedMs.get(name) ?? 0) >= tendingMs,
		);

	return {
		synced(_till, _batches, fresh) {
			for (const { written, index } of fresh)
				for (const leg of written.entries[index]?.legs ?? [])
					if (leg.kind === 'fence') {
						const devices = fenced.get(written.ledger) ?? new Set();
						fenced.set(written.ledger, devices.add(leg.device));
					}
		},
		opened({ name }) {
			openedMs.set(name, chain.time.nowMs);
		},
		sentHome({ name, replica }) {
			const { core, device } = replica;
			for (const ledger of core.books.names()) {
				// Who bears the home's own name has nowhere to send anything: a copy of the home's disk.
				if (homes(ledger).length === 0 || replica.homeOf(ledger) === device) continue;
				const { escrow } = core.books.of(ledger);
				// By what it has seen: what a disk has forgotten was granted to nobody.
				for (const [pool, { shares }] of sumShown(truth, replica, ledger).pools.get(ledger) ?? []) {
					if (escrow.stopped.has(pool) || pool.startsWith('fence/') || !shares.has(device)) continue;
					const left = shares.get(device) ?? 0;
					court.play(24);
					court.demand(24, left <= 0, () => `${name} went home and kept ${left} of ${pool} in ${ledger}`);
				}
			}
		},
		ended() {
			for (const [ledger, devices] of fenced)
				for (const { name, replica } of homes(ledger))
					for (const [pool, { shares }] of replica.core.books.of(ledger).escrow.pools)
						for (const device of devices) {
							const { share = 0, held = 0 } = shares.get(device) ?? {};
							if (!shares.has(device) || !replica.core.books.of(ledger).escrow.fenced(device)) continue;
							court.play(24);
							court.demand(
								24,
								share + held <= 0,
								() =>
									`${name} leaves ${share} and ${held} held of ${pool} in ${ledger} at ${device}, which was given up`,
							);
						}
		},
	};
}
