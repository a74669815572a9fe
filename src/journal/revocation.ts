import { fromUtf8 } from '../base/bytes.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import type { Checkpoint } from './checkpoint.js';
import type { Journal } from './journal.js';
import { asObject } from './limit.js';

/** By ledger, how far the journals of a device were held by whoever ended its sessions: epochs in base 36, entries. */
export type RevokedHeads = Readonly<Record<LedgerName, readonly (readonly [epoch: string, count: number])[]>>;

/** What is held of a device in a ledger, less the epochs that another one of its goes on after. */
export function headsOf(
	journal: Journal,
	base: Checkpoint | undefined,
	ledger: LedgerName,
	device: DeviceId,
): Position[] {
	const counts = new Map<EpochId, number>();
	for (const at of base?.cut.values() ?? []) if (at.device === device) counts.set(at.epoch, at.count);
	for (const { id, name, durable } of journal.in(ledger))
		if (name.device === device && durable > (counts.get(id) ?? 0)) counts.set(id, durable);
	for (const id of [...counts.keys()]) {
		const prev = journal.ancestor(id)?.prev;
		if (prev && (counts.get(prev.epoch) ?? 0) <= prev.count) counts.delete(prev.epoch);
	}
	return [...counts].map(([epoch, count]) => ({ epoch, count }));
}

export const writeHeads = (heads: readonly Position[]): RevokedHeads[LedgerName] =>
	heads.map(({ epoch, count }) => [epoch.toString(36), count]);

/** What such a document names; nothing where it is of another shape. */
export function readHeads(document: Uint8Array): Map<LedgerName, Position[]> {
	const { heads } = asObject(JSON.parse(fromUtf8(document)));
	const read = new Map<LedgerName, Position[]>();
	for (const [ledger, named] of Object.entries(asObject(heads))) {
		if (!Array.isArray(named)) continue;
		const positions = named.flatMap((each: unknown): Position[] => {
			const [epoch, count] = Array.isArray(each) ? each : [];
			return typeof epoch === 'string' && Number.isSafeInteger(count)
				? [{ epoch: Number.parseInt(epoch, 36), count: Number(count) }]
				: [];
		});
		read.set(ledger, positions);
	}
	return read;
}

/** Of a device's rows here, how many none of these heads has behind it. */
export function rowsAfter(journal: Journal, ledger: LedgerName, device: DeviceId, heads: readonly Position[]): number {
	let after = 0;
	for (const { id, name, count } of journal.in(ledger)) {
		if (name.device !== device) continue;
		const known = heads.map((head) => reached(journal, id, head));
		after += Math.max(0, count - Math.max(0, ...known));
	}
	return after;
}

/** How many entries of an epoch lie on the way that led to `tip`. */
function reached(journal: Journal, epoch: EpochId, tip: Position): number {
	const seen = new Set<EpochId>(); // whoever lies may say that two epochs go on after each other
	for (let step: Position | null | undefined = tip; step && !seen.has(step.epoch); ) {
		if (step.epoch === epoch) return step.count;
		seen.add(step.epoch);
		step = journal.ancestor(step.epoch)?.prev;
	}
	return 0;
}
