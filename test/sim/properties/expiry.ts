import type { DeviceId, LedgerName } from '../../../src/base/ids.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';

interface Leased {
	readonly id: string;
	readonly ledger: LedgerName;
	readonly device: DeviceId;
	readonly till: Till;
	/** The process that wrote it. */
	readonly process: number;
	readonly leaseMs: number;
	readonly sinceMs: number;
	/** For how long it has been over while everything was watched closely. */
	overMs: number;
}

/** Who looks once a second sees a hold and its end so much later at most. */
const lookMs = 3_000;
/** What is over for so long has been forgotten. */
const forgottenMs = 5_000;
/** In a longer stretch devices look after themselves less often. */
const closelyMs = 60_000;
/** In the end those who came back have met the others so long before. */
const metMs = 20_000;

/** P16: a hold ends after its lease of its device's running time, neither earlier nor much later, whatever the clocks say. */
export function createExpiryObserver(court: Court): Observer {
	const { chain, tainted } = court;
	const open = new Map<string, Leased>();
	const openedMs = new Map<string, number>();
	let steppedMs = 0;

	/** Decision 0010: the lease begins anew with each opening. */
	const ran = ({ till, sinceMs }: Leased) => chain.time.nowMs - Math.max(sinceMs, openedMs.get(till.name) ?? 0);

	function checkForgotten(hold: Leased, passedMs: number): void {
		const { till, process, leaseMs, id, ledger } = hold;
		if (till.processes.number !== process || till.running?.health.get().state !== 'ok') return;
		const lateMs = ran(hold) - leaseMs - lookMs;
		if (lateMs <= 0) return;
		hold.overMs += Math.min(passedMs, lateMs);
		court.play(16);
		court.demand(
			16,
			hold.overMs <= forgottenMs,
			() => `${till.name} has kept hold ${id} in ${ledger} for ${lateMs} ms beyond its ${leaseMs}`,
		);
	}

	return {
		synced(till, _batches, fresh) {
			for (const { written, index } of fresh) {
				const { ledger, device } = written;
				for (const leg of written.entries[index]?.legs ?? [])
					if (leg.kind === 'hold') {
						const { hold: id, leaseMs } = leg;
						const process = till.processes.number;
						const sinceMs = chain.time.nowMs;
						open.set(`${ledger} ${id}`, { id, ledger, device, till, process, leaseMs, sinceMs, overMs: 0 });
					} else if (leg.kind === 'capture' || leg.kind === 'release') open.delete(`${ledger} ${leg.hold}`);
					else if (leg.kind === 'expire') {
						const hold = open.get(`${ledger} ${leg.hold}`);
						open.delete(`${ledger} ${leg.hold}`);
						if (!hold || tainted.has(device)) continue;
						court.play(16);
						court.demand(
							16,
							ran(hold) >= hold.leaseMs,
							() => `${till.name} ended hold ${leg.hold} after ${ran(hold)} ms of ${hold.leaseMs}`,
						);
					}
			}
		},
		opened({ name }) {
			openedMs.set(name, chain.time.nowMs);
		},
		stepped() {
			const passedMs = chain.time.nowMs - steppedMs;
			steppedMs = chain.time.nowMs;
			if (open.size === 0 || passedMs > closelyMs) return;
			for (const hold of open.values()) if (!tainted.has(hold.device)) checkForgotten(hold, passedMs);
		},
		ended() {
			for (const hold of open.values()) {
				const { till, device, leaseMs, id, ledger } = hold;
				if (till.running?.device !== device || tainted.has(device)) continue;
				if (chain.linesOf(till.name).length === 0 || ran(hold) < leaseMs + metMs) continue;
				court.play(16);
				court.demand(
					16,
					false,
					() => `in the end ${till.name} has hold ${id} in ${ledger}, ${ran(hold)} of ${leaseMs} ms`,
				);
			}
		},
	};
}
