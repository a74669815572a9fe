import type { Time } from '../../../src/base/clock.js';
import type { DeviceId, Head, LedgerName, Position } from '../../../src/base/ids.js';
import { type CommitKey, encodeEntry } from '../../../src/journal/entry.js';
import { type EpochName, epochIdOf } from '../../../src/journal/epoch.js';
import type { Leg, Part } from '../../../src/journal/leg.js';
import { chainNext, chainStart, deviceIdOf, type Seal, seal } from '../../../src/journal/seal.js';
import { encodeUpdate, type Run } from '../../../src/journal/update.js';
import type { Crypto } from '../../../src/ports/platform.js';
import type { UpdateFrame } from '../../../src/sync/frames.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';

/** What an entry may say beside its legs. */
export interface Beside {
	readonly time?: Time;
	readonly parts?: readonly Part[];
	readonly relies?: readonly Position[];
	readonly key?: CommitKey;
}

export interface PenOptions {
	readonly crypto: Crypto;
	readonly pair: EnrolledKeys;
	/** Whom it pretends to be; whoever the key is named after unless given. */
	readonly device?: DeviceId;
	readonly ledger: LedgerName;
	readonly segment?: number;
	readonly nonce: string;
	readonly nowMs: () => number;
}

/** One epoch, written by hand: whatever it is told goes down, chained and sealed as it must be. */
export class Pen {
	readonly name: EpochName;
	readonly id: number;
	readonly rows: Uint8Array[] = [];
	readonly #o: PenOptions;
	readonly #hashes: Uint8Array[];

	/** `first` in place of the `open` that an epoch begins with. */
	constructor(options: PenOptions, prev: Head | null, first?: readonly Leg[]) {
		const { crypto, pair, ledger, segment = 0, nonce } = options;
		const device = options.device ?? deviceIdOf(pair.publicKey, crypto.sha256);
		this.#o = options;
		this.name = { ledger, segment, device, nonce };
		this.id = epochIdOf(this.name, crypto.sha256);
		this.#hashes = [chainStart(this.name, crypto.sha256)];
		const { publicKey: key, credential } = pair;
		this.write(first ?? [{ kind: 'open', prev, key, name: 'hostile', home: false, credential }]);
	}

	/** Another epoch of the same device in the same ledger. */
	next(nonce: string, prev: Head | null, segment = this.name.segment): Pen {
		return new Pen({ ...this.#o, nonce, segment }, prev);
	}

	/** An epoch in somebody else's name, opened with this key and sealed by it. */
	as(device: DeviceId, nonce: string): Pen {
		return new Pen({ ...this.#o, device, nonce }, null);
	}

	head(count = this.rows.length): Head {
		return { epoch: this.id, count, hash: this.#hashes[count] as Uint8Array }; // of a row written
	}

	write(legs: readonly Leg[], { time, parts = [], relies = [], key }: Beside = {}): this {
		const now = { ms: Math.floor(this.#o.nowMs()), counter: this.rows.length };
		return this.raw(encodeEntry({ time: time ?? now, parts, relies, key, legs }));
	}

	/** A row of any bytes. */
	raw(row: Uint8Array): this {
		const last = this.#hashes[this.rows.length] as Uint8Array; // one more than rows
		this.#hashes.push(chainNext(last, row, this.#o.crypto.sha256));
		this.rows.push(row);
		return this;
	}

	run(from = 0, to = this.rows.length): Run {
		return { epoch: this.id, name: this.name, from, entries: this.rows.slice(from, to) };
	}

	/** Over its rows; `epoch` where they are to pass for those of another epoch. */
	seal(count = this.rows.length, epoch = this.id): Promise<Seal> {
		const { crypto, pair } = this.#o;
		return seal(crypto, pair, epoch, count, this.head(count).hash);
	}

	async update(to = this.rows.length): Promise<UpdateFrame> {
		const { ledger, segment } = this.name;
		return { kind: 'update', ledger, segment, update: encodeUpdate([this.run(0, to)]), seals: [await this.seal(to)] };
	}
}
