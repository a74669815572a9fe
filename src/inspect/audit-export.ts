import { utf8 } from '../base/bytes.js';
import type { EpochId, LedgerName } from '../base/ids.js';
import { decodeEntry, entryMs } from '../journal/entry.js';
import { chainNext, chainStart, type Sha256 } from '../journal/seal.js';
import type { Archive, ArchivedEpoch, ArchivedRows } from './archive.js';
import {
	checkpointLine,
	digestNext,
	digestStart,
	endLine,
	epochLine,
	headerLine,
	rowLine,
	sealLine,
} from './audit-lines.js';

export interface ExportOptions {
	/** Milliseconds since 1970: epochs with a row from then on. */
	readonly fromMs?: number;
	/** Epochs with a row before then. */
	readonly toMs?: number;
	readonly nowMs: number;
	readonly sha256: Sha256;
}

/**
 * An audit log of everything that is kept, line by line without line feeds: one epoch is in memory at a time. With a time an
 * epoch is there as a whole or not at all: its hash chain begins with its first row.
 */
export async function* exportLog(archive: Archive, options: ExportOptions): AsyncGenerator<string> {
	const { fromMs, toMs, nowMs, sha256 } = options;
	const counts = { epochs: 0, rows: 0, seals: 0, checkpoints: 0 };
	let digest = digestStart();
	const told = (line: string): string => {
		digest = digestNext(digest, utf8(line), sha256);
		return line;
	};
	const { chain, kind, device } = archive;
	yield told(headerLine({ chain, source: kind, device, fromMs, toMs, writtenMs: nowMs }, sha256));
	const epochs = await archive.epochs();
	for (const ledger of await archive.checkpoints()) {
		const checkpoint = await archive.checkpoint(ledger);
		if (archive.kind === 'relay' && !hasDropped(epochs, ledger, checkpoint.cut)) continue;
		counts.checkpoints++;
		yield told(checkpointLine(checkpoint, sha256));
	}
	for (const epoch of epochs) {
		if (toMs !== undefined && epoch.firstMs >= toMs) continue;
		const kept = await archive.rows(epoch.id);
		if (!isWithin(kept, fromMs, toMs)) continue;
		counts.epochs++;
		const sealed = kept.seals.at(-1)?.count ?? 0;
		counts.rows += sealed;
		counts.seals += kept.seals.length;
		for (const line of linesOf(epoch, kept, sealed, sha256)) yield told(line);
	}
	yield endLine(counts, digest, sha256);
}

function isWithin({ rows }: ArchivedRows, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY): boolean {
	return rows.some((row) => {
		const ms = entryMs(row);
		return ms >= fromMs && ms < toMs;
	});
}

function* linesOf(epoch: ArchivedEpoch, { rows, seals }: ArchivedRows, sealed: number, sha256: Sha256) {
	const { id, name } = epoch;
	yield epochLine(id, name, sealed, rows.length - sealed, sha256);
	let hash = chainStart(name, sha256);
	let title = '';
	let next = 0;
	for (const [index, row] of rows.slice(0, sealed).entries()) {
		const entry = decodeEntry(row);
		const first = index === 0 ? entry?.legs[0] : undefined;
		if (first?.kind === 'open') title = first.name;
		hash = chainNext(hash, row, sha256);
		yield rowLine({ epoch: id, name, index, title }, row, entry, hash);
		for (let seal = seals[next]; seal?.count === index + 1; seal = seals[++next]) yield sealLine(seal);
	}
}

/** Does the checkpoint speak of epochs that are not here any more? A till lets go of them, an archive does not. */
function hasDropped(
	epochs: readonly ArchivedEpoch[],
	ledger: LedgerName,
	cut: ReadonlyMap<EpochId, { readonly count: number }>,
): boolean {
	const here = new Set(epochs.flatMap(({ id, name }) => (name.ledger === ledger ? id : [])));
	return [...cut.keys()].some((id) => !here.has(id));
}
