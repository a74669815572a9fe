/** A device that speaks the protocol by hand, over a socket of its own: it says whatever a test gives it. */
import WebSocket from 'ws';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { deviceIdOf } from '../../src/journal/seal.js';
import { decodeFrame, encodeFrame, type Frame, type FrameKind, type Hello } from '../../src/sync/frames.js';
import { createHello, nonceBytes, statement } from '../../src/sync/handshake.js';
import type { EnrolledKeys } from '../../src/trust/credential.js';
import { until } from '../contract/check.js';
import { SpokenChannel } from './spoken-channel.js';

const { crypto, random } = nodePlatform();
type Of<K extends FrameKind> = Extract<Frame, { kind: K }>;

export class Stranger {
	readonly device: string;
	readonly heard: Frame[] = [];
	/** The same as they came, out of the channel. */
	readonly heardBytes: Uint8Array[] = [];
	/** What it said until it was believed. */
	readonly greeting: Uint8Array[] = [];
	/** The code that its connection was closed with. */
	closedWith: number | undefined;
	readonly #pair: EnrolledKeys;
	readonly #channel: SpokenChannel;

	private constructor(
		readonly socket: WebSocket,
		pair: EnrolledKeys,
		readonly chain: string,
	) {
		this.#pair = pair;
		this.device = deviceIdOf(pair.publicKey, crypto.sha256);
		socket.binaryType = 'arraybuffer';
		this.#channel = new SpokenChannel(socket, (bytes) => {
			this.heardBytes.push(bytes);
			const frame = decodeFrame(bytes);
			if (frame) this.heard.push(frame);
			if (frame?.kind === 'ping') this.say({ ...frame, kind: 'pong' });
		});
		socket.on('error', () => {}); // a close follows
		socket.on('close', (code) => {
			this.closedWith = code;
		});
	}

	/** Connected, and nothing said. Rejects where it is not let in. */
	static async connect(
		url: string,
		options: WebSocket.ClientOptions = {},
		protocol = 'tillmesh.2',
		keys?: EnrolledKeys,
	): Promise<Stranger> {
		const pair = keys ?? (await crypto.generateKeyPair());
		const stranger = new Stranger(
			new WebSocket(url, protocol, { perMessageDeflate: false, ...options }),
			pair,
			'chain',
		);
		const { socket } = stranger;
		await new Promise((resolve, reject) => {
			socket.once('open', resolve);
			socket.once('error', reject);
		});
		await stranger.#channel.opened;
		return stranger;
	}

	/** Somebody has dialled it. */
	static over(socket: WebSocket, keys: EnrolledKeys): Stranger {
		return new Stranger(socket, keys, 'chain');
	}

	/** Believed to be who it is, and in sync, holding nothing. */
	static async enrolled(url: string, keeps: readonly string[], keys?: EnrolledKeys): Promise<Stranger> {
		const stranger = await Stranger.connect(url, {}, 'tillmesh.2', keys);
		await stranger.join({ keeps });
		return stranger;
	}

	/** Proves who it is, and says that it holds nothing. */
	async join(changes: Partial<Hello> = {}): Promise<void> {
		await this.introduce(changes);
		await this.heardOf('digests');
		this.#greet({ kind: 'digests', answer: false, ledgers: [] });
	}

	/** Says who it is, and proves it; what comes of that is for the other side to say. */
	async introduce(changes: Partial<Hello> = {}): Promise<void> {
		await this.heardOf('hello');
		const mine = this.hello(changes);
		this.#greet(mine);
		this.#greet({ kind: 'proof', signature: await this.sign(mine) });
	}

	/** Of this device, or of another that it says it is. */
	hello(changes: Partial<Hello> = {}): Hello {
		const { chain, device } = this;
		const { publicKey: key, credential } = this.#pair;
		const me = { chain, device, name: 'stranger', role: 'device', archive: false } as const;
		const introduction = { ...me, key, credential, keeps: ['*'] };
		return { ...createHello(introduction, random.bytes(nonceBytes)), answers: this.last('hello').nonce, ...changes };
	}

	sign(mine: Hello): Promise<Uint8Array> {
		return crypto.sign(this.#pair, statement(mine, this.last('hello'), this.#channel.end?.binding));
	}

	#greet(frame: Frame): void {
		this.greeting.push(encodeFrame(frame));
		this.say(frame);
	}

	say(frame: Frame): void {
		this.bytes(encodeFrame(frame));
	}

	bytes(frame: Uint8Array): void {
		this.#channel.send(frame);
	}

	/** Beside the channel: one message of the socket. */
	outside(frame: Uint8Array): void {
		if (this.isOpen) this.socket.send(frame);
	}

	/** Bytes to the line itself, under the WebSocket. */
	raw(bytes: Uint8Array): void {
		const { _socket } = this.socket as unknown as { _socket: { write(bytes: Uint8Array): void } }; // ws keeps it there
		_socket.write(bytes);
	}

	get isOpen(): boolean {
		return this.socket.readyState === WebSocket.OPEN;
	}

	all<K extends FrameKind>(kind: K): Of<K>[] {
		return this.heard.filter((frame): frame is Of<K> => frame.kind === kind);
	}

	last<K extends FrameKind>(kind: K): Of<K> {
		const last = this.all(kind).at(-1);
		if (!last) throw new Error(`no ${kind} was heard`);
		return last;
	}

	async heardOf<K extends FrameKind>(kind: K): Promise<Of<K>> {
		await until(() => this.all(kind).length > 0, `${kind} is heard`, 10_000);
		return this.last(kind);
	}

	/** The code that the other side closed with. */
	async closed(): Promise<number | undefined> {
		await until(() => this.closedWith !== undefined, 'the connection is closed', 10_000);
		return this.closedWith;
	}

	leave(): void {
		this.socket.terminate();
	}
}

/** A WebSocket message on the wire, masked with zeros as whoever connects must mask. */
export function masked(firstByte: number, content: Uint8Array, claimed = content.length): Uint8Array {
	const head = Buffer.alloc(14);
	head[0] = firstByte;
	head[1] = 0x80 | 127;
	head.writeBigUInt64BE(BigInt(claimed), 2);
	return Buffer.concat([head, content]);
}
