/**
 * Whoever does not mean well to a relay, in a process of their own. Arguments: url, attack, milliseconds. Says `done <what it
 * saw>`. Each attack goes on for its time, on connection after connection, as fast as its nature asks for.
 */
import { writeSync } from 'node:fs';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { deviceIdOf } from '../../src/journal/seal.js';
import { encodeUpdate } from '../../src/journal/update.js';
import { decodeFrame, encodeFrame, type Frame, type Hello } from '../../src/sync/frames.js';
import { createHello, nonceBytes, statement } from '../../src/sync/handshake.js';
import { Pen } from '../unit/relay/pen.js';
import { SpokenChannel } from './spoken-channel.js';

const { crypto, random } = nodePlatform();
const [url = '', attack = '', ms = '1000'] = process.argv.slice(2);
const ledger = 'stock/sh-014';
const endMs = Date.now() + Number(ms);
const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));
const seen = new Map<string, number>();
const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

/** A device that speaks the protocol by hand. */
class Stranger {
	readonly socket: WebSocket;
	readonly opened: Promise<boolean>;
	readonly closed: Promise<void>;
	/** Frames that came, by kind. */
	readonly heard: Frame[] = [];
	/** What it said until it was known. */
	readonly said: Uint8Array[] = [];
	readonly #channel: SpokenChannel;
	#greeted: (frame: Frame) => void = () => {};
	#known = () => {};
	readonly known = new Promise<void>((resolve) => {
		this.#known = resolve;
	});

	constructor(options: WebSocket.ClientOptions = {}) {
		this.socket = new WebSocket(url, 'tillmesh.2', { perMessageDeflate: false, ...options });
		this.socket.binaryType = 'arraybuffer';
		this.opened = new Promise((resolve) => {
			this.socket.once('open', () => resolve(true));
			this.socket.once('error', (error) => {
				note(error.message);
				resolve(false);
			});
		}).then(async (open) => {
			if (open) await this.#channel.opened;
			return open as boolean;
		});
		this.closed = new Promise((resolve) => this.socket.once('close', (code) => resolve(note(`closed ${code}`))));
		this.socket.on('error', () => {});
		this.#channel = new SpokenChannel(this.socket, (bytes) => {
			const frame = decodeFrame(bytes);
			if (!frame) return;
			this.heard.push(frame);
			if (frame.kind === 'bye') note(`bye ${frame.reason}`);
			this.#greeted(frame);
		});
	}

	say(frame: Uint8Array | Frame): void {
		const bytes = frame instanceof Uint8Array ? frame : encodeFrame(frame);
		this.#channel.send(bytes);
	}

	/** Proves who it is, and says that it holds nothing. */
	async greet(keeps: readonly string[] = [ledger]): Promise<void> {
		const pair = await crypto.generateKeyPair();
		const device = deviceIdOf(pair.publicKey, crypto.sha256);
		const me = {
			chain: 'chain',
			device,
			name: 'stranger',
			key: pair.publicKey,
			role: 'device',
			archive: false,
		} as const;
		const mine = createHello({ ...me, keeps }, random.bytes(nonceBytes));
		let theirs: Hello | undefined;
		this.#greeted = (frame) => {
			if (frame.kind === 'hello') {
				theirs = frame;
				this.#sayFirst({ ...mine, answers: frame.nonce });
			} else if (frame.kind === 'proof' && theirs) void this.#prove(mine, theirs, pair);
			else if (frame.kind === 'digests') this.#known();
			else if (frame.kind === 'ping') this.say({ ...frame, kind: 'pong' });
		};
		await this.opened;
		this.#sayFirst(mine);
		await Promise.race([this.known, this.closed, pause(5_000)]);
	}

	async #prove(mine: Hello, theirs: Hello, pair: Awaited<ReturnType<typeof crypto.generateKeyPair>>): Promise<void> {
		this.#sayFirst({
			kind: 'proof',
			signature: await crypto.sign(pair, statement(mine, theirs, this.#channel.end?.binding)),
		});
		this.#sayFirst({ kind: 'digests', answer: true, ledgers: [] });
	}

	#sayFirst(frame: Frame): void {
		const bytes = encodeFrame(frame);
		this.said.push(bytes);
		this.say(bytes);
	}

	leave(): void {
		this.socket.terminate();
	}
}

const digests = encodeFrame({ kind: 'digests', answer: true, ledgers: [] });
const updateOf = (update: Uint8Array): Frame => ({ kind: 'update', ledger, segment: 0, update, seals: [] });

/** Bytes under a socket that is upgraded already: no library in between. */
function raw(stranger: Stranger): { write(bytes: Uint8Array): void } {
	return (stranger.socket as unknown as { _socket: { write(bytes: Uint8Array): void } })._socket; // ws keeps it there
}

const said = (write: (doc: Y.Doc) => void): Uint8Array => {
	const doc = new Y.Doc();
	write(doc);
	return Y.encodeStateAsUpdate(doc);
};

/** What is no update of a journal, as it may come: RELIABILITY.md, bad input. */
async function badUpdates(): Promise<Uint8Array[]> {
	const pen = (await Pen.open(ledger)).sell(2);
	const honest = encodeUpdate([pen.run()]);
	const two = new Y.Doc();
	two.getMap('m').set('__proto__', 1);
	return [
		Uint8Array.from(Buffer.from('01024d0008010170017e844d000000', 'hex')),
		said((doc) => doc.getMap('m').set('k', 1)),
		said((doc) => doc.getText('t').insert(0, 'x')),
		said((doc) => doc.getArray('a').insert(0, [new Uint8Array(3), { a: Number.NaN, b: 2n }])),
		said((doc) => doc.getMap('m').set('d', new Y.Doc())),
		Y.encodeStateAsUpdate(two),
		Y.encodeStateAsUpdateV2(two),
		Uint8Array.of(...honest, 0),
		honest.subarray(0, honest.length - 4),
		Uint8Array.of(0xff, 0xff, 0xff, 0x0f, 0, 0),
		Uint8Array.of(1, 1, 0x80, 0x00, 0, 3, 1, 1, 0x6a, 0, 0),
		Uint8Array.of(0, 1, 5, 1, 0, 0xff, 0xff, 0xff, 0x7f),
		new Uint8Array(300_000),
		encodeUpdate([{ ...pen.run(), name: { device: 'somebody', nonce: '1' } }]),
		honest, // without its seal
	];
}

/** Does nothing but sleep: how late it wakes is what the machine has to do besides. */
async function bystand(): Promise<void> {
	const late: number[] = [];
	while (Date.now() < endMs) {
		const before = performance.now();
		await pause(2);
		late.push(performance.now() - before - 2);
	}
	late.sort((x, y) => x - y);
	seen.set('lateMs', Math.ceil(late[Math.max(0, Math.ceil(late.length * 0.99) - 2)] ?? 0));
}

const attacks: Readonly<Record<string, () => Promise<void>>> = {
	/** Frames of no kind, and truncated ones, before and after the proof. */
	async unknown() {
		const stranger = new Stranger();
		await stranger.greet();
		for (let i = 0; i < 50; i++) stranger.say(Uint8Array.of(100 + i, 1, 2, 3));
		stranger.say(digests.subarray(0, digests.length - 1));
		await pause(20);
		stranger.leave();
	},
	async early() {
		const stranger = new Stranger();
		await stranger.opened;
		for (let i = 0; i < 50; i++) stranger.say(digests);
		await Promise.race([stranger.closed, pause(3_000)]);
		stranger.leave();
	},
	async large() {
		const stranger = new Stranger();
		await stranger.greet();
		stranger.say(new Uint8Array(1024 * 1024 + 1));
		await Promise.race([stranger.closed, pause(3_000)]);
		stranger.leave();
	},
	async fragments() {
		const stranger = new Stranger();
		await stranger.greet();
		const wire = raw(stranger);
		for (let i = 0; i < 5_000; i++) wire.write(Uint8Array.of(i === 0 ? 0x02 : 0x00, 0x81, 0, 0, 0, 0, 8));
		await Promise.race([stranger.closed, pause(3_000)]);
		stranger.leave();
	},
	/** Compression is never agreed on: a frame that says it is compressed ends the connection. */
	async bomb() {
		const stranger = new Stranger({ perMessageDeflate: true });
		await stranger.opened;
		note(stranger.socket.extensions === '' ? 'no compression' : 'compression');
		raw(stranger).write(Uint8Array.of(0xc2, 0x84, 0, 0, 0, 0, 1, 2, 3, 4));
		await Promise.race([stranger.closed, pause(3_000)]);
		stranger.leave();
	},
	async half() {
		const strangers = [new Stranger(), new Stranger(), new Stranger()];
		for (const stranger of strangers) {
			await stranger.opened;
			raw(stranger).write(Uint8Array.of(0x82, 0xfe, 0x40, 0, 1, 2, 3, 4, 5));
		}
		await pause(50);
		for (const stranger of strangers) stranger.leave();
	},
	async origin() {
		const stranger = new Stranger({ origin: 'https://elsewhere.example' });
		if (await stranger.opened) note('let in');
	},
	/** What a device said once proves nothing a second time. */
	async replay() {
		const device = new Stranger();
		await device.greet();
		device.leave();
		const thief = new Stranger();
		await thief.opened;
		for (const frame of device.said) thief.say(frame);
		await pause(100);
		if (thief.heard.some(({ kind }) => kind === 'digests' || kind === 'update')) note('believed');
		thief.leave();
	},
	/** A sync request each millisecond, and much faster. */
	async requests() {
		const stranger = new Stranger();
		await stranger.greet();
		for (let i = 0; i < 2_000 && stranger.socket.readyState === WebSocket.OPEN; i++) {
			stranger.say(digests);
			if (i % 50 === 0) await pause(1);
		}
		await Promise.race([stranger.closed, pause(3_000)]);
		stranger.leave();
	},
	/** Asks for all, and reads nothing of it. */
	async deaf() {
		const strangers = Array.from({ length: 10 }, () => new Stranger());
		for (const stranger of strangers) await stranger.greet();
		for (const stranger of strangers) (stranger.socket as WebSocket & { pause(): void }).pause();
		await pause(Math.max(0, endMs - Date.now()));
		for (const stranger of strangers) stranger.leave();
	},
	async updates() {
		const stranger = new Stranger();
		await stranger.greet();
		const bad = await badUpdates();
		for (let i = 0; i < 20; i++) {
			for (const update of bad) stranger.say(updateOf(update));
			await pause(5);
		}
		stranger.leave();
	},
	/** Two entries at one place, each well sealed. */
	async fork() {
		const stranger = new Stranger();
		await stranger.greet();
		const pen = await Pen.open(ledger);
		stranger.say(await pen.update());
		for (const digit of [2, 3]) {
			const branch = pen.next('2');
			branch.write([{ kind: 'set', cell: 'price', priority: 0, value: Uint8Array.of(0x30 + digit) }]);
			stranger.say(await branch.update());
		}
		await pause(30);
		stranger.leave();
	},
	/** Signals without end, and under somebody else's name. */
	async signals() {
		const stranger = new Stranger();
		await stranger.greet();
		const signal = { kind: 'signal', from: 'till-1', to: 'till-2', message: new Uint8Array(1000) } as const;
		for (let i = 0; i < 10_000 && stranger.socket.readyState === WebSocket.OPEN; i++) {
			stranger.say(signal);
			if (i % 100 === 0) await pause(1);
		}
		await Promise.race([stranger.closed, pause(3_000)]);
		stranger.leave();
	},
};

const run = attack === 'bystander' ? bystand : attacks[attack];
if (!run) throw new Error(`no attack ${attack}`);
writeSync(1, 'start\n');
do await run();
while (Date.now() < endMs);
await pause(20);
writeSync(1, `done ${JSON.stringify(Object.fromEntries(seen))}\n`);
process.exit(0);
