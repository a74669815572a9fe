import { type ChildProcess, fork } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { type Order, type Played, unfinished } from './order.js';

export interface PlayersOptions {
	/** What `bundleSim` made. */
	readonly bundle: string;
	readonly cores: number;
	/** A seed that takes longer hangs. */
	readonly seedMsMax?: number;
	/** Another Node than this one. */
	readonly node?: string;
}

interface Waiting {
	readonly order: Order;
	readonly resolve: (played: Played) => void;
	readonly reject: (error: Error) => void;
}

export const seedMsMax = 60_000;
/** Orders that a player has before it, so that it never waits for the next. */
const aheadMax = 4;
/**
 * Most of what a world makes is gone with the step: a large young generation lets it die there, in half the time. Each core
 * has a player: what a collector's helpers do beside it, they take from another one.
 */
const nodeFlags = ['--max-semi-space-size=64', '--single-threaded-gc', '--enable-source-maps'];
const saidCharsMax = 2_000;

/** A process on each core that plays seeds. One that hangs or dies costs its seed, which is then a violation, and no other. */
export class Players {
	readonly #options: PlayersOptions;
	readonly #waiting: Waiting[] = [];
	readonly #players = new Set<Player>();
	#closed = false;

	constructor(options: PlayersOptions) {
		this.#options = options;
	}

	/** Rejects where no player can be started, or after `close`. */
	play(order: Order): Promise<Played> {
		if (this.#closed) return Promise.reject(gone());
		return new Promise((resolve, reject) => {
			this.#waiting.push({ order, resolve, reject });
			this.#handOut();
		});
	}

	/** Ends all processes, in the middle of whatever they play. */
	close(): void {
		this.#closed = true;
		for (const player of this.#players) player.dismiss();
		this.#fail(gone());
	}

	#fail(error: Error): void {
		for (const { reject } of this.#waiting.splice(0)) reject(error);
	}

	#handOut(): void {
		while (!this.#closed && this.#waiting.length > 0) {
			let least = [...this.#players].sort((a, b) => a.underWay.length - b.underWay.length)[0];
			if (this.#players.size < this.#options.cores && (!least || least.underWay.length > 0)) least = this.#start();
			if (!least || least.underWay.length >= aheadMax) return;
			const next = this.#waiting.shift();
			if (next) least.give(next);
		}
	}

	#start(): Player {
		const player: Player = new Player(this.#options, {
			free: () => this.#handOut(),
			ended: (left, failure) => {
				this.#players.delete(player);
				this.#waiting.unshift(...left);
				if (failure || this.#closed) this.#fail(failure ?? gone());
				this.#handOut();
			},
		});
		this.#players.add(player);
		return player;
	}
}

const gone = () => new Error('the players have gone');

interface PlayerEvents {
	free(): void;
	/** `left` has not been begun; `failure` says why no player can be started at all. */
	ended(left: readonly Waiting[], failure: Error | undefined): void;
}

class Player {
	readonly underWay: Waiting[] = [];
	readonly #child: ChildProcess;
	readonly #msMax: number;
	#timer: NodeJS.Timeout | undefined;
	#beganMs = 0;
	#isReady = false;
	#hangs = false;
	#isDismissed = false;
	#said = '';

	constructor({ bundle, node, seedMsMax: msMax = seedMsMax }: PlayersOptions, events: PlayerEvents) {
		this.#msMax = msMax;
		this.#child = fork(bundle, [], {
			execArgv: nodeFlags,
			...(node !== undefined && { execPath: node }),
			// What a source under development prints goes where it disturbs no JSON.
			stdio: ['ignore', 2, 'pipe', 'ipc'],
		});
		this.#child.stderr?.on('data', (data: Buffer) => {
			this.#said = (this.#said + data.toString()).slice(-saidCharsMax);
		});
		this.#child.on('message', (message: Played | 'ready') => {
			if (message === 'ready') this.#isReady = true;
			else this.underWay.shift()?.resolve(message);
			this.#watch();
			events.free();
		});
		this.#child.on('error', (error) => events.ended(this.underWay.splice(0), error));
		this.#child.on('close', (code, signal) => this.#ended(signal ?? `code ${code}`, events));
	}

	give(order: Waiting): void {
		this.underWay.push(order);
		this.#child.send(order.order, () => {}); // a player that is gone has said so
		if (this.underWay.length === 1) this.#watch();
	}

	dismiss(): void {
		this.#isDismissed = true;
		this.#child.kill('SIGKILL');
	}

	/** From now on the first order has its time. */
	#watch(): void {
		clearTimeout(this.#timer);
		this.#beganMs = performance.now();
		if (this.underWay.length === 0) return;
		this.#timer = setTimeout(() => {
			this.#hangs = true;
			this.#child.kill('SIGKILL');
		}, this.#msMax);
	}

	#ended(how: string, events: PlayerEvents): void {
		clearTimeout(this.#timer);
		if (this.#isDismissed) {
			events.ended(this.underWay.splice(0), undefined);
			return;
		}
		if (!this.#isReady) {
			events.ended(this.underWay.splice(0), new Error(`no player starts: ${how} ${this.#said}`));
			return;
		}
		const guilty = this.underWay.shift();
		const realMs = performance.now() - this.#beganMs;
		const why = this.#hangs
			? `it has not ended after ${this.#msMax / 1_000} s`
			: `its process ended with ${how}: ${this.#said.trim()}`;
		guilty?.resolve(unfinished(guilty.order.seed, why, realMs));
		events.ended(this.underWay.splice(0), undefined);
	}
}
