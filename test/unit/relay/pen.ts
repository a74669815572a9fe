/** Devices that write journals by hand, and a relay's rows in memory or in a file. */
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import type { Position } from '../../../src/base/ids.js';
import { encodeEntry } from '../../../src/journal/entry.js';
import { type EpochName, epochIdOf } from '../../../src/journal/epoch.js';
import type { Leg } from '../../../src/journal/leg.js';
import { chainNext, chainStart, deviceIdOf, type Seal, seal } from '../../../src/journal/seal.js';
import { encodeUpdate, type Run } from '../../../src/journal/update.js';
import { Keeping } from '../../../src/relay/keeping.js';
import { type RelayLimits, relayLimits } from '../../../src/relay/quota.js';
import { Rejections } from '../../../src/relay/rejections.js';
import { RelayIntake } from '../../../src/relay/relay-intake.js';
import type { RowStore } from '../../../src/relay/row-store.js';
import { encodeFrame, type UpdateFrame } from '../../../src/sync/frames.js';
import type { PeerSession } from '../../../src/sync/host.js';
import type { Forward } from '../../../src/sync/peers.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';

export const platform = nodePlatform();
const { sha256 } = platform.crypto;

/** One epoch of one device. */
export class Pen {
	readonly rows: Uint8Array[] = [];
	readonly id: number;
	readonly device: string;
	readonly #hashes: Uint8Array[];

	private constructor(
		readonly pair: EnrolledKeys,
		readonly name: EpochName,
		prev: { readonly epoch: number; readonly count: number; readonly hash: Uint8Array } | null,
	) {
		this.device = name.device;
		this.id = epochIdOf(name, sha256);
		this.#hashes = [chainStart(name, sha256)];
		this.write([{ kind: 'open', prev, key: pair.publicKey, name: 'till', home: false, credential: pair.credential }]);
	}

	static async open(ledger: string, nonce = '1', segment = 0, enrolled?: EnrolledKeys): Promise<Pen> {
		const pair = enrolled ?? (await platform.crypto.generateKeyPair());
		return new Pen(pair, { ledger, segment, device: deviceIdOf(pair.publicKey, sha256), nonce }, null);
	}

	/** The same device's next epoch. */
	next(nonce: string, at = this.rows.length, ledger = this.name.ledger): Pen {
		return new Pen(this.pair, { ...this.name, ledger, nonce }, { epoch: this.id, count: at, hash: this.hash(at) });
	}

	hash(count: number): Uint8Array {
		return this.#hashes[count] as Uint8Array; // of a row written
	}

	write(legs: readonly Leg[], relies: readonly Position[] = []): this {
		const time = { ms: Date.UTC(2026, 0, 1), counter: this.rows.length };
		const row = encodeEntry({ time, parts: [], relies, key: undefined, legs });
		this.#hashes.push(chainNext(this.hash(this.rows.length), row, sha256));
		this.rows.push(row);
		return this;
	}

	sell(count = 1, relies: readonly Position[] = []): this {
		for (let i = 0; i < count; i++) this.write([{ kind: 'add', counter: 'sold', amount: 1 }], relies);
		return this;
	}

	seal(count = this.rows.length): Promise<Seal> {
		return seal(platform.crypto, this.pair, this.id, count, this.hash(count));
	}

	run(from = 0, to = this.rows.length): Run {
		return { epoch: this.id, name: this.name, from, entries: this.rows.slice(from, to) };
	}

	async update(from = 0, to = this.rows.length): Promise<UpdateFrame> {
		return updateOf([this.run(from, to)], [await this.seal(to)], this.name);
	}
}

export function updateOf(
	runs: Run[],
	seals: Seal[],
	{ ledger, segment }: { ledger: string; segment: number },
): UpdateFrame {
	return { kind: 'update', ledger, segment, update: encodeUpdate(runs), seals };
}

export interface Desk {
	readonly keeping: Keeping;
	readonly intake: RelayIntake;
	readonly rejections: Rejections;
	/** What has grown, in the order in which others hear of it. */
	readonly grown: { readonly epochs: readonly number[]; readonly forward: Forward | undefined }[];
}

export function deskOver(store: RowStore, limits: Partial<RelayLimits> = {}): Desk {
	const keeping = new Keeping(store, sha256);
	const rejections = new Rejections();
	const grown: { epochs: readonly number[]; forward: Forward | undefined }[] = [];
	const intake = new RelayIntake({
		platform,
		store,
		keeping,
		rejections,
		limits: { ...relayLimits, ...limits },
		grown: (_, epochs, forward) => grown.push({ epochs, forward }),
	});
	return { keeping, intake, rejections, grown };
}

/** As it comes by a line of its own. */
export class Line {
	readonly #desk: Desk;
	readonly session = {} as PeerSession; // an identity is all that is asked of it

	constructor(desk: Desk) {
		this.#desk = desk;
	}

	bring(update: UpdateFrame): ReturnType<RelayIntake['receive']> {
		return this.#desk.intake.receive(update, this.session, encodeFrame(update));
	}
}
