import { equalBytes } from '../base/bytes.js';
import type { Standing } from '../journal/warden.js';
import type { Bye, Frame, Hello } from './frames.js';
import { createHello, nonceBytes, objection, statement, verifyProof } from './handshake.js';
import type { SyncHost } from './host.js';

export interface GreetingOptions {
	readonly host: SyncHost;
	/** Of this replica, drawn when it opened. */
	readonly opening: Uint8Array;
	readonly send: (frame: Frame) => void;
	/** Of the channel that it is said in. */
	readonly binding: () => Uint8Array | undefined;
	/** Somebody is there who was not before, under this name: nothing that was known holds any more. */
	readonly met: () => void;
	/** `standing`: what the peer may do, in a chain that has a root key. */
	readonly proved: (peer: Hello, standing: Standing | undefined) => void;
	readonly refused: (what: string) => void;
	readonly close: (reason: Bye) => void;
}

const nothing = new Uint8Array();

/** Who is there: both sides say hello, and sign it with the other's nonce. Either may greet anew at any time. */
export class Greeting {
	readonly #o: GreetingOptions;
	#mine: Hello;
	/** What the peer says of itself, proved or not. */
	#theirs: Hello | undefined;
	/** The peer has heard this greeting. */
	isAnswered = false;

	constructor(options: GreetingOptions) {
		this.#o = options;
		this.#mine = this.#newHello();
	}

	get mine(): Hello {
		return this.#mine;
	}

	#newHello(): Hello {
		const { host, opening } = this.#o;
		return createHello(host.introduce(), host.platform.random.bytes(nonceBytes), opening);
	}

	/** The line is gone: whoever comes next is a stranger. */
	forget(): void {
		this.#theirs = undefined;
	}

	/** At the beginning, and when this device goes on under another name or keeps more. */
	async greet(): Promise<void> {
		this.#mine = this.#newHello();
		this.isAnswered = false;
		this.repeat();
		if (this.#theirs) await this.#sendProof(this.#theirs);
	}

	/** Asks for the peer's greeting, as the sign that it has heard this one. */
	repeat(): void {
		this.#o.send({ ...this.#mine, answers: nothing });
	}

	sendHello(): void {
		this.#o.send({ ...this.#mine, answers: this.#theirs?.nonce ?? nothing });
	}

	async meet(hello: Hello): Promise<void> {
		const no = objection(this.#mine, hello, this.#o.host.platform.crypto);
		if (no) {
			this.#o.refused(`a greeting that leads nowhere: ${no}`);
			return this.#o.close(no);
		}
		if (!this.#theirs || !equalBytes(this.#theirs.nonce, hello.nonce)) {
			this.#theirs = hello;
			this.#o.met();
		}
		if (equalBytes(hello.answers, this.#mine.nonce)) this.isAnswered = true;
		else this.sendHello();
		await this.#sendProof(this.#theirs);
	}

	async #sendProof(theirs: Hello): Promise<void> {
		const mine = this.#mine;
		const signature = await this.#o.host.sign(statement(mine, theirs, this.#o.binding()));
		if (this.#theirs === theirs && this.#mine === mine) this.#o.send({ kind: 'proof', signature });
	}

	async prove(signature: Uint8Array): Promise<void> {
		const [theirs, mine] = [this.#theirs, this.#mine];
		if (!theirs) return;
		const sound = await verifyProof(this.#o.host.platform.crypto, mine, theirs, signature, this.#o.binding());
		// A proof for a greeting of ours that we have since replaced says nothing either way.
		if (this.#theirs !== theirs || this.#mine !== mine) return;
		if (!sound) return this.#o.refused('the proof does not hold');
		this.isAnswered = true; // it signs the nonce of this greeting
		const { warden, platform } = this.#o.host;
		const standing = warden && (await warden.meet(theirs, platform.clock.nowMs()));
		if (this.#theirs !== theirs || this.#mine !== mine) return;
		if (typeof standing !== 'string') return this.#o.proved(theirs, standing);
		this.#o.refused(`a credential that does not do: ${standing}`);
		this.#o.close(standing);
	}
}
