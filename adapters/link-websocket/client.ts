import { assert } from '../../src/base/assert.js';
import { Backoff, livedMs } from '../../src/base/backoff.js';
import type { Link, LinkEvents } from '../../src/ports/link.js';
import type { Timers } from '../../src/ports/platform.js';
import { Connection } from './connection.js';
import { type Dial, loadDial, type Socket } from './socket.js';

export interface ClientParts {
	/** Asked before each round: where to try, best first. */
	readonly urls: () => readonly string[];
	readonly timers: Timers;
	readonly random: () => number;
	/** Loaded on `start` where it is missing. */
	readonly dial: Dial | undefined;
	readonly connectTimeoutMs: number;
	readonly bufferedBytesMax: number;
	readonly onProblem: (problem: Error) => void;
}

/** Dials, and dials again with growing patience (SYN4), one URL after the other. */
export class WebSocketClient implements Link {
	readonly #parts: ClientParts;
	readonly #backoff: Backoff;
	#events: LinkEvents | undefined;
	#dial: Dial | undefined;
	#stopped = false;
	#connection: Connection | undefined;
	/** Which URL of the round is next. */
	#turn = 0;
	#url: string | undefined;
	#problem: Error | undefined;
	#cancelTimer = () => {};

	constructor(parts: ClientParts) {
		this.#parts = parts;
		this.#dial = parts.dial;
		this.#backoff = new Backoff(parts);
	}

	/** Which server it talks to, or tried last. */
	get kind(): string {
		const url = this.#url ?? this.#parts.urls()[0];
		if (url === undefined) return 'ws';
		const { protocol, host } = new URL(url);
		return `${protocol.slice(0, -1)} ${host}`;
	}

	/** Why there is no connection, as far as the runtime tells; undefined while there is one, and before the first attempt ended. */
	get problem(): Error | undefined {
		return this.#problem;
	}

	start(events: LinkEvents): void {
		assert(this.#events === undefined, 'Link', 'a link is started once');
		this.#events = events;
		if (!this.#stopped) globalThis.addEventListener?.('online', this.#hurry);
		if (this.#dial) this.#try();
		else void this.#load();
	}

	stop(): void {
		if (this.#stopped) return;
		this.#stopped = true;
		globalThis.removeEventListener?.('online', this.#hurry);
		this.#cancelTimer();
		this.#connection?.close();
	}

	async #load(): Promise<void> {
		try {
			this.#dial = await loadDial();
		} catch (error) {
			// No later attempt would fare better.
			this.#report(error as Error);
			return;
		}
		this.#try();
	}

	#try(): void {
		if (this.#stopped) return;
		const url = this.#parts.urls()[this.#turn];
		const socket = url === undefined ? undefined : this.#open(url);
		if (url === undefined || socket === undefined) this.#later('down');
		else this.#connect(url, socket);
	}

	#connect(url: string, socket: Socket): void {
		let fate: 'down' | 'up' | 'lived' = 'down';
		const { timers, connectTimeoutMs, bufferedBytesMax } = this.#parts;
		const connection = new Connection(socket, bufferedBytesMax, {
			opened: () => {
				fate = 'up';
				this.#cancelTimer();
				this.#cancelTimer = timers.after(livedMs, () => (fate = 'lived'), true);
				this.#problem = undefined;
				this.#events?.up(connection);
			},
			frame: (bytes) => this.#events?.frame(bytes),
			ended: (why) => {
				this.#cancelTimer();
				this.#connection = undefined;
				if (why !== undefined) this.#report(new Error(`${url}: ${why}`));
				if (fate !== 'down') this.#events?.down();
				this.#later(fate);
			},
		});
		this.#connection = connection;
		const late = `no answer within ${connectTimeoutMs} ms`;
		this.#cancelTimer = timers.after(connectTimeoutMs, () => connection.abandon(late));
	}

	#open(url: string): Socket | undefined {
		this.#url = url;
		try {
			return this.#dial?.(url);
		} catch (error) {
			// A page that came by https may not dial ws:, for one.
			this.#report(new Error(`${url}: ${error instanceof Error ? error.message : error}`, { cause: error }));
			return undefined;
		}
	}

	/** A round of servers that do not answer is gone through at once; the next round, and a server that hangs up, wait. */
	#later(fate: 'down' | 'up' | 'lived'): void {
		if (this.#stopped) return;
		if (fate === 'lived') {
			this.#backoff.reset();
			this.#turn = 0;
		} else this.#turn++;
		const roundOver = this.#turn >= this.#parts.urls().length;
		if (roundOver) this.#turn = 0;
		const delayMs = roundOver || fate !== 'down' ? this.#backoff.nextMs() : 0;
		this.#cancelTimer = this.#parts.timers.after(delayMs, () => this.#try());
	}

	/** Something changed for the better, the network or the URLs: what waits need not wait on. */
	hurry(): void {
		if (this.#connection !== undefined || this.#dial === undefined || this.#events === undefined) return;
		this.#cancelTimer();
		this.#backoff.reset();
		this.#turn = 0;
		this.#try();
	}

	readonly #hurry = (): void => this.hurry();

	#report(problem: Error): void {
		if (this.#stopped) return;
		this.#problem = problem;
		this.#parts.onProblem(problem);
	}
}
