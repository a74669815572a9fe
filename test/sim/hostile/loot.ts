import type { DeviceId, EpochId } from '../../../src/base/ids.js';
import { decodeEntry } from '../../../src/journal/entry.js';
import type { EpochName } from '../../../src/journal/epoch.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import type { LegOf } from '../../../src/journal/leg.js';
import type { Seal } from '../../../src/journal/seal.js';
import type { UpdateFrame } from '../../../src/sync/frames.js';

/** What it has of somebody else's epoch, from the first row on. */
export interface Stolen {
	readonly name: EpochName;
	readonly rows: Uint8Array[];
	readonly seals: Seal[];
}

const framesMax = 24;

/** What came to it as it comes to every peer. */
export class Loot {
	readonly epochs = new Map<EpochId, Stolen>();
	/** The newest frames that anybody said to it. */
	readonly frames: Uint8Array[] = [];
	/** Greetings and proofs of others. */
	readonly greetings: Uint8Array[] = [];

	keep(frames: Uint8Array[], frame: Uint8Array): void {
		frames.push(frame);
		if (frames.length > framesMax) frames.shift();
	}

	take({ ledger, segment, update, seals }: UpdateFrame): void {
		const verdict = gateUpdate(update);
		if (!verdict.ok) return;
		for (const { epoch, root, from, entries } of verdict.runs) {
			let stolen = this.epochs.get(epoch);
			if (!stolen && root) {
				stolen = { name: { ledger, segment, ...root }, rows: [], seals: [] };
				this.epochs.set(epoch, stolen);
			}
			if (!stolen || from > stolen.rows.length) continue;
			for (const row of entries.slice(stolen.rows.length - from)) stolen.rows.push(row.slice());
			const seal = seals.find((each) => each.epoch === epoch);
			if (seal) stolen.seals.push(seal);
		}
	}

	of(isWanted: (stolen: Stolen) => boolean): Stolen[] {
		return [...this.epochs.values()].filter(isWanted);
	}

	/** Holds that others opened, as far as they are known here. */
	holds(): { readonly name: EpochName; readonly leg: LegOf<'hold'> }[] {
		return [...this.epochs.values()].flatMap(({ name, rows }) =>
			rows.flatMap((row) =>
				(decodeEntry(row)?.legs ?? []).flatMap((leg) => (leg.kind === 'hold' ? [{ name, leg }] : [])),
			),
		);
	}

	/** Idempotency keys that others used in a ledger. */
	keys(ledger: string): string[] {
		return this.of(({ name }) => name.ledger === ledger).flatMap(({ rows }) =>
			rows.flatMap((row) => decodeEntry(row)?.key?.key ?? []),
		);
	}

	devices(): DeviceId[] {
		return [...new Set([...this.epochs.values()].map(({ name }) => name.device))];
	}
}
