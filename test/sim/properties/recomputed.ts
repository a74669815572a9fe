import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import type { Checkpoint } from '../../../src/journal/checkpoint.js';
import type { Epoch } from '../../../src/journal/journal.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import { type PlainBase, plainCut } from '../../property/model/plain-cut.js';
import { describeFigures, describePlain, difference } from '../../property/model/plain-figures.js';
import { worldStartMs } from '../machines/process.js';
import type { Truth } from './truth.js';

/** Adopted checkpoints of a replica. */
export const basesOf = ({ core }: OpenReplica): Checkpoint[] =>
	[...core.view.bases()].flatMap((ledger) => core.view.base(ledger) ?? []);

function plainBase({ ledger, cut, fences }: Checkpoint): PlainBase {
	return { ledger, cut: new Map([...cut.values()].map(({ epoch, count }) => [epoch, count])), fences };
}

/** Rows on its disk that a device may show: what somebody else wrote stands under a seal, or nobody else can ever get it (JRN8). */
export const firmRows = (core: OpenReplica['core'], epoch: Epoch): number =>
	core.pairOf(epoch) ? epoch.durable : Math.min(epoch.durable, epoch.sealed);

/** What is wrong with a replica's view, by plain recomputation over the rows and checkpoints that it has; undefined where all is well. */
export function wrongIn(replica: OpenReplica, truth: Truth): string | undefined {
	const { core } = replica;
	const rows = new Map<EpochId, number>();
	for (const epoch of core.journal.all()) {
		const count = firmRows(core, epoch);
		if (count > 0) rows.set(epoch.id, count);
	}
	// What somebody hostile wrote twice is known in one form only; what nobody can read, in none.
	for (const [id, count] of rows) {
		const written = truth.epochs.get(id)?.entries.length ?? 0;
		if (truth.doubled.has(id) || written < count) return undefined;
	}
	// A checkpoint's figures were added up from the one form or the other.
	if (basesOf(replica).some(({ cut }) => [...cut.keys()].some((id) => truth.doubled.has(id)))) return undefined;
	const bases = basesOf(replica).map(plainBase);
	const { holds } = core;
	const cut = plainCut({ epochs: truth.epochs, rows, bases, holds });
	if (!cut) return 'a checkpoint was adopted that shows half a commit';
	const ids = new Set([...rows.keys(), ...cut.keys()]);
	for (const id of ids) {
		const [want, have] = [cut.get(id) ?? 0, core.view.at(id)];
		if (want !== have) return `epoch ${id} of ${truth.epochs.get(id)?.device} is shown to ${have}, not ${want}`;
	}
	for (const ledger of replica.ledgers()) {
		const wrong = wrongFigures(replica, truth, cut, ledger);
		if (wrong !== '') return `the figures of ${ledger} are not their sum:\n${wrong}`;
	}
	return undefined;
}

function wrongFigures(
	{ core }: OpenReplica,
	truth: Truth,
	cut: ReadonlyMap<EpochId, number>,
	ledger: LedgerName,
): string {
	const figures = core.books.of(ledger);
	return lackingKeys(describePlain(truth.epochs, cut, ledger), describeFigures(figures), figures.keysSinceMs);
}

/** What two replicas see otherwise in a ledger; empty where they see the same. */
export function differentFigures(a: OpenReplica, b: OpenReplica, ledger: LedgerName): string {
	if (a.digest(ledger) === b.digest(ledger)) return '';
	const [x, y] = [a.core.books.of(ledger), b.core.books.of(ledger)];
	return lackingKeys(describeFigures(x), describeFigures(y), Math.max(x.keysSinceMs, y.keysSinceMs));
}

/** Keys older than what a checkpoint remembers are let go by whoever adopted it: nothing else may differ. */
function lackingKeys(want: string, have: string, keysSinceMs: number): string {
	if (want === have) return '';
	if (keysSinceMs <= worldStartMs) return difference(want, have);
	const kept = (text: string) => {
		const lines = text.split('\n');
		return lines.filter((line) => !line.startsWith('keys ') && !line.includes('"double-key"')).join('\n');
	};
	return difference(kept(want), kept(have));
}
