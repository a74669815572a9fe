import type { Dialect, Load } from './fanout-peers.js';
import { clientFrame, openRawSocket, type RawSocket } from './raw-socket.js';

/** Entries on their way at a time, from the sender to the slowest receiver. */
export const inFlight = 1_024;
const patienceMs = 60_000;

interface Member {
	readonly socket: RawSocket;
	/** A message as it goes over the wire: encrypted as it goes out, as everybody's is. */
	readonly frame: (message: Uint8Array) => Buffer;
	readonly ready: () => boolean;
	/** Entries that have come. */
	entries: number;
}

/** One sender and its receivers in one room of one server, all in this process. */
export class Room {
	readonly #dialect: Dialect;
	readonly #name: string;
	readonly #members: Member[] = [];
	#failed: unknown;
	/** Called whenever something has come. */
	#heard = () => {};

	constructor(dialect: Dialect, name: string) {
		this.#dialect = dialect;
		this.#name = name;
	}

	async join(url: string, count: number): Promise<void> {
		for (let i = 0; i < count; i++) this.#members.push(await this.#enter(url, i === 0));
		await this.#until(() => this.#members.every(({ ready }) => ready()), 'a greeting');
	}

	async #enter(url: string, sends: boolean): Promise<Member> {
		const { subprotocol } = this.#dialect;
		const talk = await this.#dialect.converse(this.#name, sends);
		let entries = 0;
		const say = (message: Uint8Array) => socket.write(clientFrame(message));
		const early: Buffer[] = [];
		let hear = (message: Buffer) => {
			early.push(Buffer.from(message));
		};
		const socket = await openRawSocket(url + this.#dialect.path(this.#name), subprotocol, (message) => hear(message));
		hear = (message) => {
			try {
				entries += talk.hear(message, say);
			} catch (error) {
				this.#failed ??= error;
			}
			this.#heard();
		};
		for (const message of talk.first) say(message);
		for (const message of early) hear(message);
		return {
			socket,
			frame: (message) => clientFrame(talk.sealed?.(message) ?? message),
			ready: () => talk.ready,
			get entries() {
				return entries;
			},
		};
	}

	/** The first member sends `count` entries to all others; answers the milliseconds until the last has come to the last. */
	async send(count: number, load: Load): Promise<number> {
		const messages = await this.#dialect.messages(this.#name, count, load);
		const [sender, ...receivers] = this.#members;
		if (!sender) throw new Error('nobody is here to send.');
		// A message that says nothing of itself counts as one, whatever is in it.
		const scale = this.#dialect.countsMessages ? load.each : 1;
		const slowest = () => {
			let least = Number.POSITIVE_INFINITY;
			for (const { entries } of receivers) if (entries < least) least = entries;
			return least * scale;
		};
		let sent = 0;
		const send = () => {
			const free = Math.min(inFlight - (sent - slowest()), count - sent);
			// Half a window at a time: a sender that fills each gap at once would hand over entry by entry.
			if (free < Math.min(inFlight / 2, count - sent) || free < load.each) return;
			const due = Math.floor(free / load.each);
			sender.socket.write(Buffer.concat(messages.slice(sent / load.each, sent / load.each + due).map(sender.frame)));
			sent += due * load.each;
		};
		const start = performance.now();
		send();
		await this.#until(() => {
			send();
			return slowest() >= count;
		}, 'the last entry');
		const took = performance.now() - start;
		const over = receivers.find(({ entries }) => entries * scale !== count);
		if (over) throw new Error(`${over.entries * scale} entries came of ${count}.`);
		return took;
	}

	/**
	 * The first member sends an entry every so often, the first after `afterMs`; answers how many milliseconds each took to
	 * reach the last of the others.
	 */
	async trickle(count: number, bytes: number, everyMs: number, afterMs: number): Promise<number[]> {
		const messages = await this.#dialect.messages(this.#name, count, { bytes, each: 1 });
		const [sender, ...receivers] = this.#members;
		if (!sender) throw new Error('nobody is here to send.');
		const slowest = () => Math.min(...receivers.map(({ entries }) => entries));
		const [sentMs, tookMs]: [number[], number[]] = [[], []];
		const startMs = performance.now() + afterMs;
		let timer: NodeJS.Timeout | undefined;
		// By the clock: a sender that waits for its own timers would sell less where it matters.
		const next = () => {
			for (; sentMs.length < count && performance.now() >= startMs + sentMs.length * everyMs; ) {
				const message = messages[sentMs.length] as Uint8Array; // less than count
				sentMs.push(performance.now());
				sender.socket.write(sender.frame(message));
			}
			if (sentMs.length === count) return;
			timer = setTimeout(next, Math.max(1, startMs + sentMs.length * everyMs - performance.now()));
		};
		next();
		try {
			await this.#until(() => {
				while (tookMs.length < slowest()) tookMs.push(performance.now() - (sentMs[tookMs.length] ?? Number.NaN));
				return tookMs.length === count;
			}, 'the last entry');
		} finally {
			clearTimeout(timer);
		}
		return tookMs;
	}

	/** Waits until everybody has this many entries: of a server that had them before anybody came. */
	async receive(count: number): Promise<void> {
		await this.#until(() => this.#members.every(({ entries }) => entries >= count), `${count} entries`);
	}

	leave(): void {
		for (const { socket } of this.#members.splice(0)) socket.close();
	}

	#gaveUp(what: string): Error {
		const counts = this.#members.map(({ entries }) => entries);
		return new Error(`${this.#name}: waited for ${what} in vain; messages or entries that came: ${counts.join(' ')}.`);
	}

	#until(done: () => boolean, what: string): Promise<void> {
		return new Promise((resolve, reject) => {
			const end = (error?: unknown) => {
				clearTimeout(timer);
				this.#heard = () => {};
				if (error === undefined) resolve();
				else reject(error);
			};
			const timer = setTimeout(() => end(this.#gaveUp(what)), patienceMs);
			this.#heard = () => {
				if (this.#failed !== undefined) end(this.#failed);
				else if (done()) end();
			};
			this.#heard();
		});
	}
}
