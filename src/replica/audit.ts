import { equalBytes } from '../base/bytes.js';
import type { Checkpoint } from '../journal/checkpoint.js';
import { keysSinceOf, LedgerFigures, readFigures, writeFigures } from '../ledger/figures.js';
import type { Core } from './core.js';

/** What this replica can say of a checkpoint that somebody sent. */
export type AuditResult = 'sound' | 'false' | 'unproven' | 'unreadable';

/**
 * Recomputes a checkpoint's figures where the rows are here: from the adopted one and the rows between the two. Whoever
 * has the rows believes nobody (JRN11); only a newcomer, or a replica that lags behind, must take them as `unproven`.
 */
export function auditCheckpoint(core: Core, checkpoint: Checkpoint): AuditResult {
	const claimed = read(core, checkpoint.figures);
	if (!claimed || !sameFences(checkpoint, claimed)) return 'unreadable';
	const { journal, view } = core;
	const base = view.base(checkpoint.ledger);
	const figures = base ? read(core, base.figures) : new LedgerFigures((at, tip) => journal.precedes(at, tip));
	if (!figures) return 'unproven';
	for (const at of base?.cut.values() ?? [])
		if ((checkpoint.cut.get(at.epoch)?.count ?? 0) < at.count) return 'unproven';
	for (const { epoch: id, count } of checkpoint.cut.values()) {
		const from = base?.cut.get(id)?.count ?? 0;
		if (count <= from) continue;
		const epoch = journal.get(id);
		if (!epoch || epoch.count < count) return 'unproven';
		for (let i = from; i < count; i++) figures.apply({ epoch, index: i, entry: epoch.entry(i) }, undefined);
	}
	figures.forgetKeysBefore(keysSinceOf(checkpoint.figures));
	return equalBytes(writeFigures(figures), checkpoint.figures) ? 'sound' : 'false';
}

function read(core: Core, figures: Uint8Array): LedgerFigures | undefined {
	const into = new LedgerFigures((at, tip) => core.journal.precedes(at, tip));
	try {
		readFigures(figures, into);
		return into;
	} catch {
		// The decoders throw on bytes that end early or name what they did not define: these are no figures.
		return undefined;
	}
}

/** The view closes waits by the fences beside the figures: they are those in the figures, or the checkpoint lies. */
function sameFences(checkpoint: Checkpoint, figures: LedgerFigures): boolean {
	const lines = (fences: readonly { device: string; heads: readonly { epoch: number; count: number }[] }[]) =>
		fences
			.map(({ device, heads }) => `${device} ${heads.map((h) => `${h.epoch}:${h.count}`).sort()}`)
			.sort()
			.join('\n');
	return lines(checkpoint.fences) === lines(figures.escrow.fences);
}
