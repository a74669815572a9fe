import type { LedgerName, PoolId } from '../../../src/base/ids.js';
import { reverseCoolMs } from '../../../src/escrow/redistribution.js';
import { decodeFrame } from '../../../src/sync/frames.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';

/** What one process did in one pool. */
interface Conduct {
	readonly till: Till;
	readonly process: number;
	sales: number;
	/** Asks ahead of demand. */
	asks: number;
	gaveMs: number;
	soldMs: number;
}

/** Decision 0013: so many asks ahead at first, and for each sale. */
const asksAtFirst = 2;
const asksPerSale = 0.25;
/** Sales that are not on disk yet when they are followed by an ask. */
const underWay = 2;
/** First byte of a frame that asks for shares. */
const askCode = 14;
/** What lay idle for so long goes home by itself. */
const restAfterMs = 10 * 60_000;
/** Between a sale and its being on disk, and the grant likewise. */
const diskMs = 1_000;
/** Whoever sends everything home does so for this long at most. */
const leavingMs = 10_000;
/** People give this away by themselves. */
const given = 'stock/tea';
const never = Number.NEGATIVE_INFINITY;
/** Before the end nobody sells for so long. */
const quietMs = 30_000;

/**
 * P31: who gave asks for nothing ahead of demand for a while, who asks ahead has sold, what is in use does not go home, and
 * where nobody sells little moves.
 */
export function createFlowObserver(court: Court): Observer {
	const { chain } = court;
	const conducts = new Map<string, Conduct>();
	/** Machines whose clock was wrong: they pace themselves by it. */
	const offClock = new Set<string>();
	const openedMs = new Map<string, number>();
	const leftMs = new Map<Till, number>();
	/** Who asked, by the first part of an ask's id. */
	const askers = new Map<string, string>();
	const moved: { readonly place: string; readonly atMs: number }[] = [];

	function conduct(till: Till, ledger: LedgerName, pool: PoolId): Conduct {
		const key = `${till.name} ${ledger} ${pool}`;
		const known = conducts.get(key);
		const process = till.processes.number;
		if (known?.process === process) return known;
		const fresh = { till, process, sales: 0, asks: 0, gaveMs: never, soldMs: never };
		conducts.set(key, fresh);
		return fresh;
	}

	/** It sends everything home, and forgets time and again what it did before. */
	const isLeaving = (till: Till) => chain.time.nowMs - (leftMs.get(till) ?? never) < leavingMs;

	function checkAsk(till: Till, ledger: LedgerName, pool: PoolId): void {
		if (isLeaving(till)) return;
		const did = conduct(till, ledger, pool);
		did.asks++;
		if (offClock.has(till.name)) return;
		court.play(31);
		const { sales, asks, gaveMs } = did;
		const sinceMs = chain.time.nowMs - gaveMs;
		court.demand(
			31,
			sinceMs >= reverseCoolMs,
			() => `${till.name} asks for more of ${pool} in ${ledger} ${sinceMs} ms after it gave some, and nobody waits`,
		);
		court.demand(
			31,
			asks <= Math.ceil(asksAtFirst + asksPerSale * sales) + underWay,
			() => `${till.name} asked ahead for ${pool} in ${ledger} ${asks} times after ${sales} sales`,
		);
	}

	/** It sends home by itself only what nobody here wanted for a while (ESC10). */
	function checkRest(till: Till, ledger: LedgerName, pool: PoolId): void {
		const { nowMs } = chain.time;
		if (pool === given || offClock.has(till.name) || isLeaving(till)) return;
		const idleMs = nowMs - Math.max(openedMs.get(till.name) ?? 0, conduct(till, ledger, pool).soldMs);
		court.play(31);
		court.demand(
			31,
			idleMs >= restAfterMs - diskMs,
			() => `${till.name} sends ${pool} in ${ledger} home by itself, ${idleMs} ms after it was last wanted`,
		);
	}

	return {
		sent(from, frame) {
			if (frame[0] !== askCode) return;
			const ask = decodeFrame(frame);
			const till = chain.find(from);
			// Others pass it on, and so does a copy of whoever asked, which bears the same name.
			if (ask?.kind !== 'ask' || ask.need > 0 || till?.running?.device !== ask.to) return;
			const [id = ''] = ask.id.split('.', 1);
			if (!askers.has(id)) askers.set(id, from);
			if (askers.get(id) !== from) return;
			checkAsk(till, ask.ledger, ask.pool);
		},
		synced(till, _batches, fresh) {
			for (const { written, index } of fresh) {
				if (till.running?.device !== written.device) continue;
				const { ledger } = written;
				for (const leg of written.entries[index]?.legs ?? [])
					if (leg.kind === 'spend' || leg.kind === 'hold') {
						const did = conduct(till, ledger, leg.pool);
						did.sales++;
						did.soldMs = chain.time.nowMs;
					} else if (leg.kind === 'grant') {
						if (leg.request === '') checkRest(till, ledger, leg.pool);
						else if (!isLeaving(till)) conduct(till, ledger, leg.pool).gaveMs = chain.time.nowMs;
						moved.push({ place: `${leg.pool} in ${ledger}`, atMs: chain.time.nowMs });
					}
			}
		},
		opened({ name }) {
			openedMs.set(name, chain.time.nowMs);
		},
		/** It begins anew: what it did before is forgotten. */
		goingHome(till) {
			leftMs.set(till, chain.time.nowMs);
			for (const [key, known] of conducts) if (known.till === till) conducts.delete(key);
		},
		faulted(fault, till) {
			if (fault === 'clock' && till) offClock.add(till.name);
		},
		ended() {
			const counts = new Map<string, number>();
			for (const { place, atMs } of moved)
				if (chain.time.nowMs - atMs < quietMs) counts.set(place, (counts.get(place) ?? 0) + 1);
			// Each device asks for, or sends home, at most once a minute; and one has just been sent home.
			const most = 2 * chain.replicas.length + 1;
			for (const [place, count] of counts) {
				court.play(31);
				court.demand(31, count <= most, () => `${count} grants of ${place} in ${quietMs} ms in which nobody sold`);
			}
		},
	};
}
