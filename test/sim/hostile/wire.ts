import type { LinkEnd } from '../../../src/ports/link.js';
import type { Crypto } from '../../../src/ports/platform.js';
import { decodeFrame, encodeFrame, type Frame, type Hello, type Introduction } from '../../../src/sync/frames.js';
import { createHello, nonceBytes, statement } from '../../../src/sync/handshake.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import type { Chance } from '../machines/chance.js';
import type { Line } from '../machines/network.js';
import type { Loot } from './loot.js';

/** Attacks that wait until it is believed to be a peer. */
const waitingMax = 4;

/** Whose end it is: who it says that it is, by which key, and where what it hears is kept. */
interface WireOwner {
	readonly me: Introduction;
	readonly pair: EnrolledKeys;
	readonly crypto: Crypto;
	readonly chance: Chance;
	readonly loot: Loot;
}

/** Its end of one line: greets as it should, answers as it should, until it is told to do otherwise. */
export class HostileWire {
	/** Whom it leads to: a device or a relay. */
	readonly victim: string;
	readonly line: Line;
	/** What the victim said of itself last. */
	theirs: Hello | undefined;
	/** Each side knows who the other is, and the victim has been told that nothing is here. */
	isLive = false;
	/** Answers nothing and takes nothing, as long as the line is up. */
	isDeaf = false;
	/** Never says what it has, as long as the line is up. */
	isSecretive = false;
	/** Said before anything else when the line comes up next. */
	early: Uint8Array[] = [];
	readonly #machine: WireOwner;
	#end: LinkEnd | undefined;
	#mine: Hello | undefined;
	readonly #waiting: (() => Promise<void>)[] = [];

	constructor(machine: WireOwner, line: Line, victim: string) {
		this.#machine = machine;
		this.line = line;
		this.victim = victim;
		line.link('a').start({
			up: (end) => {
				this.#end = end;
				this.#mine = undefined;
				this.theirs = undefined;
				this.isLive = false;
				this.isDeaf = false;
				this.isSecretive = false;
				for (const frame of this.early.splice(0)) this.bytes(frame);
			},
			frame: (bytes) => this.#hear(bytes),
			down: () => {
				this.#end = undefined;
				this.isLive = false;
			},
		});
	}

	get isUp(): boolean {
		return this.#end !== undefined;
	}

	/** What is said comes, and in that order. */
	get isFaithful(): boolean {
		const { dropPercent, reorderPercent } = this.line.faults;
		return dropPercent === 0 && reorderPercent === 0;
	}

	bytes(frame: Uint8Array): boolean {
		return this.#end?.send(frame) ?? false;
	}

	say(frame: Frame): boolean {
		return this.bytes(encodeFrame(frame));
	}

	/** As soon as it is a peer like any other. */
	whenLive(attack: () => Promise<void>): void {
		if (this.#waiting.length < waitingMax) this.#waiting.push(attack);
	}

	leave(): void {
		this.#end?.close();
	}

	/** A greeting of its own, or one with something else in it. */
	hello(changes: Partial<Introduction> & Partial<Hello> = {}): Hello {
		const { me, chance } = this.#machine;
		const hello = createHello({ ...me, ...changes }, chance.bytes(nonceBytes));
		return { ...hello, answers: this.theirs?.nonce ?? new Uint8Array(), ...changes };
	}

	/** Greets anew, and proves what it said of itself. */
	async greet(changes: Partial<Introduction> = {}): Promise<void> {
		const mine = this.hello(changes);
		this.#mine = mine;
		this.say(mine);
		if (this.theirs) await this.prove(mine, this.theirs);
	}

	async prove(mine: Hello, theirs: Hello): Promise<void> {
		const { crypto, pair } = this.#machine;
		this.say({ kind: 'proof', signature: await crypto.sign(pair, statement(mine, theirs)) });
	}

	#hear(bytes: Uint8Array): void {
		if (this.isDeaf) return;
		const { loot } = this.#machine;
		const frame = decodeFrame(bytes);
		if (!frame) return;
		if (frame.kind === 'hello' || frame.kind === 'proof') loot.keep(loot.greetings, bytes);
		else if (frame.kind !== 'ping' && frame.kind !== 'pong') loot.keep(loot.frames, bytes);
		if (frame.kind === 'hello') void this.#meet(frame);
		else if (frame.kind === 'ping') this.say({ ...frame, kind: 'pong' });
		else if (frame.kind === 'update') loot.take(frame);
		else if (frame.kind === 'digests') void this.#live();
	}

	async #meet(theirs: Hello): Promise<void> {
		this.theirs = theirs;
		const mine = this.#mine ?? this.hello();
		this.#mine = mine;
		this.say({ ...mine, answers: theirs.nonce });
		await this.prove(mine, theirs);
	}

	/** It says that it has nothing, and so is told everything. It never says that it has taken anything. */
	async #live(): Promise<void> {
		if (!this.isSecretive) this.say({ kind: 'digests', answer: false, ledgers: [] });
		this.isLive = true;
		for (const attack of this.#waiting.splice(0)) await attack();
	}
}
