/** A device that enrolled like any other, and writes whatever it likes in its own journal. */
import { encodeEntry } from '../../src/journal/entry.js';
import { type EpochName, epochIdOf } from '../../src/journal/epoch.js';
import type { Leg, LegOf } from '../../src/journal/leg.js';
import { chainNext, chainStart, deviceIdOf, seal } from '../../src/journal/seal.js';
import { encodeUpdate } from '../../src/journal/update.js';
import type { Link, LinkEvents } from '../../src/ports/index.js';
import { decodeFrame, encodeFrame, type Hello } from '../../src/sync/frames.js';
import { createHello, statement } from '../../src/sync/handshake.js';
import type { EnrolledKeys } from '../../src/trust/credential.js';
import { sha256, type World } from './escrow-world.js';

const startMs = Date.UTC(2026, 0, 1);

export class Forger implements Link {
	readonly kind = 'forged';
	readonly private = true;
	readonly device: string;
	readonly name: EpochName;
	readonly epoch: number;
	readonly #world: World;
	readonly #pair: EnrolledKeys;
	/** Everything that was sent to it. */
	readonly heard: Uint8Array[] = [];
	readonly #rows: Uint8Array[] = [];
	#hash: Uint8Array;
	#events: LinkEvents | undefined;

	constructor(
		world: World,
		readonly ledger: string,
		/** In a chain with a root key; `claims` is what its rows say, its own credential by default. */
		enrolled?: EnrolledKeys,
		claims: Partial<LegOf<'open'>> = {},
	) {
		this.#world = world;
		const made = world.bytes(32);
		this.#pair = enrolled ?? { publicKey: made, secret: made };
		const key = this.#pair.publicKey;
		this.device = deviceIdOf(key, sha256);
		this.name = {
			ledger,
			segment: 0,
			device: this.device,
			nonce: Math.floor(1 + world.chance() * 2 ** 40).toString(36),
		};
		this.epoch = epochIdOf(this.name, sha256);
		this.#hash = chainStart(this.name, sha256);
		this.#push([
			{ kind: 'open', prev: null, key, name: 'forger', home: false, credential: this.#pair.credential, ...claims },
		]);
	}

	start(events: LinkEvents): void {
		this.#events = events;
		events.up({
			send: (frame) => {
				this.heard.push(frame);
				const said = decodeFrame(frame);
				if (said?.kind === 'hello' && said.answers.length === 0) this.#greet(said);
				return true;
			},
			close: () => {},
		});
	}

	/** Proves who it is, as everybody must: a forger is a device of the chain. */
	async #greet(theirs: Hello): Promise<void> {
		const { device, ledger } = this;
		const key = this.#pair.publicKey;
		const introduction = { chain: 'chain', device, name: 'forger', key, role: 'device', archive: false } as const;
		const mine = createHello(
			{ ...introduction, keeps: [ledger], credential: this.#pair.credential },
			this.#world.bytes(16),
		);
		this.#events?.frame(encodeFrame({ ...mine, answers: theirs.nonce }));
		const signature = await this.#world.crypto.sign(this.#pair, statement(mine, theirs));
		this.#events?.frame(encodeFrame({ kind: 'proof', signature }));
		this.#events?.frame(encodeFrame({ kind: 'digests', answer: false, ledgers: [] }));
	}

	stop(): void {
		this.#events = undefined;
	}

	#push(legs: readonly Leg[]): void {
		const counter = this.#rows.length;
		const row = encodeEntry({ time: { ms: startMs, counter }, parts: [], relies: [], key: undefined, legs });
		this.#rows.push(row);
		this.#hash = chainNext(this.#hash, row, sha256);
	}

	/** Sends one more entry of these legs, well-formed as to journal, chain and seal. */
	async write(...legs: readonly Leg[]): Promise<void> {
		const from = this.#rows.length === 1 ? 0 : this.#rows.length;
		const before = this.#hash;
		this.#push(legs);
		await this.#send(from);
		await this.#world.pass(5);
		this.#before = before;
	}
	#before: Uint8Array = new Uint8Array();

	/** The last entry was refused: it was never written. */
	takeBack(): void {
		this.#rows.pop();
		this.#hash = this.#before;
	}

	async #send(from: number): Promise<void> {
		const { epoch, name, ledger } = this;
		const made = await seal(this.#world.crypto, this.#pair, epoch, this.#rows.length, this.#hash);
		const update = encodeUpdate([{ epoch, name, from, entries: this.#rows.slice(from) }]);
		this.#events?.frame(encodeFrame({ kind: 'update', ledger, segment: 0, update, seals: [made] }));
	}
}
