import { equalBytes } from '../base/bytes.js';
import type { DeviceId, EpochId, Head, LedgerName } from '../base/ids.js';
import type { Checkpoint } from '../journal/checkpoint.js';
import type { Entry } from '../journal/entry.js';
import type { EpochName } from '../journal/epoch.js';
import type { Wrong } from './audit-wrongs.js';
import { spellEpoch } from './plain-entry.js';

/** Rows of a ledger that a checkpoint stands for and that the log does not hold. */
export interface CoveredRows {
	readonly ledger: LedgerName;
	/** SHA-256 of the checkpoint's content. */
	readonly checkpoint: string;
	readonly rows: number;
	readonly epochs: number;
}

interface Known {
	readonly name: EpochName;
	readonly line: number;
	count: number;
	unsealed: number;
	hash: Uint8Array | undefined;
}

interface Cover {
	readonly ledger: LedgerName;
	readonly hash: string;
	readonly cut: ReadonlyMap<EpochId, number>;
}

/** How the epochs of a log follow each other: a few numbers of each, and nothing of their rows. */
export class Course {
	readonly #epochs = new Map<EpochId, Known>();
	readonly #lines = new Map<string, number>();
	readonly #follows: { readonly epoch: EpochId; readonly prev: Head }[] = [];
	readonly #covers: Cover[] = [];
	/** How far rows name other epochs, by those: parts of their commits, and heads that they rely on. */
	readonly #named = new Map<EpochId, number>();

	/** False where the epoch was there before. */
	open(id: EpochId, name: EpochName, line: number): boolean {
		if (this.#epochs.has(id)) return false;
		this.#epochs.set(id, { name, line, count: 0, unsealed: 0, hash: undefined });
		this.#lines.set(spellEpoch(id), line);
		return true;
	}

	close(id: EpochId, count: number, unsealed: number, hash: Uint8Array): void {
		const known = this.#epochs.get(id);
		if (known) Object.assign(known, { count, unsealed, hash });
	}

	follows(epoch: EpochId, prev: Head): void {
		this.#follows.push({ epoch, prev });
	}

	note({ parts, relies }: Entry): void {
		for (const { epoch, index } of parts) this.#name(epoch, index + 1);
		for (const { epoch, count } of relies) this.#name(epoch, count);
	}

	#name(epoch: EpochId, count: number): void {
		if ((this.#named.get(epoch) ?? 0) < count) this.#named.set(epoch, count);
	}

	cover({ ledger, cut }: Checkpoint, hash: string): void {
		this.#covers.push({ ledger, hash, cut: new Map([...cut.values()].map(({ epoch, count }) => [epoch, count])) });
	}

	lineOf(epoch: string): number | undefined {
		return this.#lines.get(epoch);
	}

	/** Rows that an epoch is known to have had and that are neither here nor under a checkpoint. */
	missing(isPartial: boolean): Omit<Wrong, 'line'> | undefined {
		for (const { epoch, prev } of this.#follows) {
			const name = this.#epochs.get(epoch)?.name;
			const of: { ledger?: LedgerName; device?: DeviceId } = name ? { ledger: name.ledger, device: name.device } : {};
			const at = { epoch: spellEpoch(epoch), ...of, said: spellEpoch(prev.epoch) };
			const before = this.#epochs.get(prev.epoch);
			if (!before) {
				if (isPartial || this.#coveredTo(prev.epoch) >= prev.count) continue;
				return { code: 'epoch_missing', ...at };
			}
			if (before.count + before.unsealed < prev.count && this.#coveredTo(prev.epoch) < prev.count)
				return { code: 'rows_missing', ...at, fromRow: before.count, row: prev.count - 1 };
			if (before.count === prev.count && before.hash && !equalBytes(before.hash, prev.hash))
				return { code: 'history_edited', ...at };
		}
		return undefined;
	}

	#coveredTo(epoch: EpochId): number {
		return Math.max(0, ...this.#covers.map(({ cut }) => cut.get(epoch) ?? 0));
	}

	covered(): CoveredRows[] {
		return this.#covers.flatMap(({ ledger, hash: checkpoint, cut }) => {
			let rows = 0;
			let epochs = 0;
			for (const [epoch, count] of cut) {
				const gone = count - (this.#epochs.get(epoch)?.count ?? 0);
				if (gone <= 0) continue;
				rows += gone;
				epochs++;
			}
			return rows > 0 ? [{ ledger, checkpoint, rows, epochs }] : [];
		});
	}

	/** Epochs that rows name farther than they are here. */
	notHere(): number {
		let epochs = 0;
		for (const [epoch, count] of this.#named)
			if ((this.#epochs.get(epoch)?.count ?? 0) < count && this.#coveredTo(epoch) < count) epochs++;
		return epochs;
	}
}
