import { equalBytes } from '../base/bytes.js';
import type { LedgerName } from '../base/ids.js';
import { type Checkpoint, decodeCheckpoint, verifyCheckpoint } from '../journal/checkpoint.js';
import { deviceIdOf } from '../journal/seal.js';
import type { Platform } from '../ports/index.js';
import type { Keeping } from './keeping.js';
import type { Rejections } from './rejections.js';
import type { RowStore } from './row-store.js';

export interface PointParts {
	readonly platform: Platform;
	readonly store: RowStore;
	readonly keeping: Keeping;
	readonly rejections: Rejections;
}

/**
 * Checkpoints that homes wrote: the newest of each ledger is kept, for newcomers and for rows that begin after it (JRN11).
 * Its seal is checked. A relay folds nothing, so that its figures are for those to check who have the rows.
 */
export class PointIntake {
	readonly #o: PointParts;
	#queue: Promise<unknown> = Promise.resolve();

	constructor(parts: PointParts) {
		this.#o = parts;
	}

	/** Resolves to the ledger whose checkpoint is another now and on disk; undefined where it was refused or is no news. */
	receive(bytes: Uint8Array): Promise<LedgerName | undefined> {
		const received = this.#queue.then(() => this.#receive(bytes));
		this.#queue = received.catch(() => {}); // the caller is told
		return received;
	}

	async #receive(bytes: Uint8Array): Promise<LedgerName | undefined> {
		const { platform, keeping, store } = this.#o;
		const { crypto } = platform;
		const checkpoint = decodeCheckpoint(bytes);
		if (!checkpoint) return this.#refuse('', undefined);
		const { ledger } = checkpoint;
		const id = crypto.sha256(checkpoint.content);
		const known = keeping.ledger(ledger)?.point;
		if (known && (equalBytes(known.id, id) || !this.#isNews(checkpoint, known.covers))) return undefined;
		if (!(await verifyCheckpoint(crypto, checkpoint)))
			return this.#refuse(ledger, deviceIdOf(checkpoint.key, crypto.sha256));
		const { warden } = keeping.held;
		if (warden && !(await warden.mayClose(checkpoint)))
			return this.#refuse(ledger, deviceIdOf(checkpoint.key, crypto.sha256), 'not_allowed');
		await store.write({ epochs: [], runs: [], points: [{ ledger, bytes }], notes: [] });
		keeping.cover(ledger, { id, covers: checkpoint.cut, bytes: bytes.length });
		return ledger;
	}

	/** Goes further somewhere, and gives up nothing whose rows are not here: what the old one covers stays covered. */
	#isNews({ cut, ledger }: Checkpoint, covers: Checkpoint['cut']): boolean {
		const kept = this.#o.keeping.ledger(ledger);
		let further = false;
		for (const { epoch, count } of cut.values()) if (count > (covers.get(epoch)?.count ?? 0)) further = true;
		for (const { epoch, count } of covers.values())
			if ((cut.get(epoch)?.count ?? 0) < count && (kept?.epochs.get(epoch)?.durable ?? 0) < count) return false;
		return further;
	}

	#refuse(
		ledger: LedgerName,
		device: string | undefined,
		code: 'bad_checkpoint' | 'not_allowed' = 'bad_checkpoint',
	): undefined {
		this.#o.rejections.add({ code, ledger, device, atMs: this.#o.platform.clock.nowMs() });
		return undefined;
	}
}
