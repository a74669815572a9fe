import { equalBytes } from '../../../src/base/bytes.js';
import { TillmeshError } from '../../../src/base/errors.js';
import type { EpochId, LedgerName, PoolId } from '../../../src/base/ids.js';
import type { WriteBatch } from '../../../src/ports/storage.js';
import type { RowBatch } from '../../../src/relay/row-store.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import { type HostileMachine, hostileOf } from '../hostile/machine.js';
import type { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import type { NewRow } from './truth.js';

/** What is refused is kept for inspection, and no more than this of it. */
const rejectionsMax = 64;
const sideTalk: ReadonlySet<number> = new Set([3, 4]); // ping, pong

/** What is promised though somebody in the network means harm: see `test/sim/hostile`. Without him nothing is looked at. */
export function createHostileObserver(court: Court): Observer {
	const { chain, truth, tainted } = court;
	const machine = (): HostileMachine | undefined => hostileOf(chain);
	/** When anybody else said anything that may move rows. */
	let lastTalkMs = 0;

	/** Nobody extends the journal of another: an honest row is on its author's disk before it is on any other. */
	function checkRow(hostile: HostileMachine, till: Till, { written, index }: NewRow): void {
		const { device, id, ledger } = written;
		if (device === hostile.device) {
			court.play(11);
			const what = hostile.refusable.get(id);
			court.demand(11, what === undefined, () => `${till.name} took ${what} in ${ledger}`);
			return;
		}
		court.play(5);
		const core = till.running?.core; // while it opens, nobody is linked to it
		const epoch = core?.journal.get(id);
		const isOwn = !core || (epoch && core.pairOf(epoch) !== undefined);
		court.demand(
			5,
			isOwn === true,
			() => `${till.name} has row ${index} of ${device} in ${ledger}, who never wrote it`,
		);
	}

	function checkQuiet(hostile: HostileMachine, name: string, atMs: number, what: () => string): void {
		const attack = hostile.quiet;
		if (!attack || attack.victim !== name || atMs > attack.untilMs || lastTalkMs >= attack.fromMs - 100) return;
		court.demand(11, false, () => `${attack.name} made ${name} write down ${what()}`);
	}

	function relayRows(hostile: HostileMachine, { name }: RelayBox, { runs }: RowBatch): void {
		for (const { epoch, from, entries } of runs) {
			const what = hostile.refusable.get(epoch);
			court.demand(11, what === undefined, () => `${name} took ${what}`);
			const written = truth.epochs.get(epoch);
			if (written?.device === hostile.device || !written) {
				court.demand(5, written !== undefined || isHostile(hostile, epoch), () => `${name} has an epoch of nobody`);
				continue;
			}
			court.play(5);
			for (const [i, row] of entries.entries()) {
				const known = written.rows[from + i];
				const same = known !== undefined && equalBytes(known, row);
				court.demand(5, same, () => `${name} has another row ${from + i} of ${written.device} than it wrote`);
			}
		}
	}

	/** Rows of the hostile device may come to a relay before they come to any device. */
	function isHostile({ device }: HostileMachine, epoch: EpochId): boolean {
		return chain.relays.some((box) => box.running?.keeping.get(epoch)?.name.device === device);
	}

	function checkHealth(): void {
		for (const { name, running } of chain.replicas) {
			if (!running || tainted.has(running.device)) continue;
			const { state } = running.health.get();
			court.demand(0, state !== 'restricted', () => `${name} believes that it was cloned`);
		}
	}

	function checkRejections(name: string, newest: readonly { readonly error?: unknown }[]): void {
		court.demand(11, newest.length <= rejectionsMax, () => `${name} keeps ${newest.length} rejections`);
		for (const { error } of newest)
			court.demand(
				0,
				!isUnforeseen(error),
				() => `${name} met what it did not foresee: ${String((error as Error).stack)}`,
			);
	}

	function checkForks(hostile: HostileMachine, name: string, { core }: OpenReplica): void {
		for (const { a, b } of hostile.forks) {
			if (!core.journal.ancestor(a) || !core.journal.ancestor(b)) continue;
			court.play(20);
			court.demand(20, core.journal.forked.has(hostile.device), () => `${name} does not see the hostile device's fork`);
		}
	}

	/** What it wrote is shown to people without an error. */
	function checkReading({ name, running }: Till): void {
		if (!running) return;
		try {
			running.status();
			for (const ledger of running.core.books.names())
				for (const [pool, { shares }] of running.core.books.of(ledger).escrow.pools)
					if (shares.size > 0 && running.ledgers().includes(ledger)) holders(running, ledger, pool);
		} catch (error) {
			court.demand(0, false, () => `${name} cannot show who has what: ${String(error)}`);
		}
	}

	return {
		sent(from, frame) {
			if (from !== 'hostile' && !sideTalk.has(frame[0] ?? 0)) lastTalkMs = chain.time.nowMs;
		},
		synced(till, batches, fresh) {
			const hostile = machine();
			if (!hostile) return;
			for (const row of fresh) checkRow(hostile, till, row);
			checkQuiet(hostile, till.name, chain.time.nowMs, () => wordsOf(batches));
		},
		relaySynced(box, batches) {
			const hostile = machine();
			if (!hostile) return;
			for (const batch of batches) relayRows(hostile, box, batch);
			checkQuiet(hostile, box.name, chain.time.nowMs, () => 'rows');
		},
		stepped() {
			if (machine()) checkHealth();
		},
		ended() {
			for (const { name, running } of chain.relays) if (running) checkRejections(name, running.rejections.newest);
			const hostile = machine();
			if (!hostile) return;
			checkHealth();
			for (const till of chain.replicas) {
				const { name, running } = till;
				if (!running) continue;
				checkRejections(name, running.status().rejected.newest);
				checkForks(hostile, name, running);
				checkReading(till);
			}
		},
	};
}

function holders(replica: OpenReplica, ledger: LedgerName, pool: PoolId): void {
	const slash = pool.indexOf('/');
	if (/^(exception|fence)\//.test(pool)) return; // the library's own
	replica
		.ledger(ledger)
		.pool(pool.slice(0, slash))
		.holders(pool.slice(slash + 1))
		.get();
}

const wordsOf = (batches: readonly WriteBatch[]): string =>
	batches
		.flatMap(({ puts, deletes }) => [...puts.map(({ key }) => key), ...deletes.map((key) => `no ${key}`)])
		.join(' ');

/** Not a refusal in words, nor a failure with a code: something broke. */
const isUnforeseen = (error: unknown): boolean =>
	error instanceof Error && error.constructor !== Error && !(error instanceof TillmeshError);
