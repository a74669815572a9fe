/** The other end of a session, played by hand: it says whatever bytes the test gives it, and hears what comes. */
import { deviceIdOf } from '../../../src/journal/seal.js';
import type { KeyPair, Link, LinkEvents } from '../../../src/ports/index.js';
import {
	decodeFrame,
	encodeFrame,
	type Frame,
	type FrameKind,
	type Hello,
	type Introduction,
} from '../../../src/sync/frames.js';
import { createHello, statement } from '../../../src/sync/handshake.js';
import { sha256, type World } from '../../property/escrow-world.js';

type Of<K extends FrameKind> = Extract<Frame, { kind: K }>;

export class RawPeer implements Link {
	readonly kind = 'by hand';
	readonly private = true;
	/** What the session said since it came up last. */
	said: Frame[] = [];
	isUp = false;
	/** How often the session closed its end. */
	closed = 0;
	/** False: the line takes nothing more. */
	takes = true;
	readonly pair: KeyPair;
	readonly #world: World;
	#events: LinkEvents | undefined;

	constructor(world: World) {
		this.#world = world;
		const publicKey = world.bytes(32);
		this.pair = { publicKey, secret: publicKey };
	}

	get device(): string {
		return deviceIdOf(this.pair.publicKey, sha256);
	}

	start(events: LinkEvents): void {
		this.#events = events;
	}

	stop(): void {
		this.down();
	}

	up(): this {
		this.said = [];
		this.isUp = true;
		this.#events?.up({
			send: (frame) => {
				const said = decodeFrame(frame);
				if (this.takes && said) this.said.push(said);
				return this.takes;
			},
			close: () => {
				this.closed++;
				this.isUp = false;
			},
		});
		return this;
	}

	down(): void {
		if (!this.isUp) return;
		this.isUp = false;
		this.#events?.down();
	}

	bytes(bytes: Uint8Array): void {
		if (this.isUp) this.#events?.frame(bytes);
	}

	say(frame: Frame): void {
		this.bytes(encodeFrame(frame));
	}

	all<K extends FrameKind>(kind: K): Of<K>[] {
		return this.said.filter((frame): frame is Of<K> => frame.kind === kind);
	}

	last<K extends FrameKind>(kind: K): Of<K> {
		const found = this.all(kind).pop();
		if (!found) throw new Error(`no ${kind} was said, but ${this.said.map((frame) => frame.kind).join(' ')}`);
		return found;
	}

	hello(changes: Partial<Hello> = {}): Hello {
		const introduction: Introduction = {
			chain: 'chain',
			device: this.device,
			name: 'by hand',
			key: this.pair.publicKey,
			role: 'device',
			archive: false,
			keeps: ['*'],
		};
		return { ...createHello(introduction, this.#world.bytes(16)), answers: this.last('hello').nonce, ...changes };
	}

	/** Signs `mine` towards the session's last hello, or another. */
	async proof(mine: Hello, theirs: Hello = this.last('hello'), pair = this.pair): Promise<Of<'proof'>> {
		return { kind: 'proof', signature: await this.#world.crypto.sign(pair, statement(mine, theirs)) };
	}

	/** Says who it is, and proves it. */
	async greet(changes: Partial<Hello> = {}): Promise<Hello> {
		const mine = this.hello(changes);
		this.say(mine);
		this.say(await this.proof(mine));
		await this.#world.pass(1);
		return mine;
	}

	/** All the way to a session that knows what it may know: this peer has nothing. */
	async meet(changes: Partial<Hello> = {}): Promise<Hello> {
		this.up();
		const mine = await this.greet(changes);
		this.say({ kind: 'digests', answer: false, ledgers: [] });
		await this.#world.pass(1);
		return mine;
	}
}
