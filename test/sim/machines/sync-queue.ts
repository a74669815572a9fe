import { Closed } from '../../../src/base/errors.js';
import type { Chance } from './chance.js';
import type { VirtualTime } from './time.js';

/** Is told of a sync that has just become durable, before whoever wrote is. */
export type SyncWatch<B> = (batches: readonly B[]) => void;

interface SyncQueueOptions<B> {
	readonly time: VirtualTime;
	readonly chance: Chance;
	readonly syncMsMax: number;
	readonly watch: SyncWatch<B>;
	/** Why the sync that begins now fails. */
	readonly fails: () => Error | undefined;
	readonly apply: (batch: B) => void;
}

interface Waiting<B> {
	readonly batch: B;
	readonly resolve: () => void;
	readonly reject: (error: Error) => void;
}

const slowPercent = 3;

/** Writes that wait together share a sync; each sync takes its time, and what comes meanwhile waits for the next. */
class SyncQueue<B> {
	readonly #o: SyncQueueOptions<B>;
	#waiting: Waiting<B>[] = [];
	#syncing: Waiting<B>[] = [];
	#idle: (() => void)[] = [];
	#failure: Error | undefined;
	#cancel = (): void => {};

	constructor(options: SyncQueueOptions<B>) {
		this.#o = options;
	}

	get waiting(): number {
		return this.#syncing.length + this.#waiting.length;
	}

	write(batch: B): Promise<void> {
		if (this.#failure) return Promise.reject(this.#failure);
		return new Promise((resolve, reject) => {
			this.#waiting.push({ batch, resolve, reject });
			if (this.#syncing.length === 0 && this.#waiting.length === 1) this.#sync();
		});
	}

	#sync(): void {
		const { time, chance, syncMsMax } = this.#o;
		const ms = chance.chance(slowPercent) ? chance.between(1, syncMsMax) : 1;
		// What is written in this very turn is part of it.
		this.#cancel = time.after(ms, () => this.#done());
	}

	#done(): void {
		this.#syncing = this.#waiting;
		this.#waiting = [];
		const { fails, apply, watch } = this.#o;
		const failure = fails();
		if (failure) {
			this.#fail(failure);
			return;
		}
		const done = this.#syncing;
		this.#syncing = [];
		for (const { batch } of done) apply(batch);
		watch(done.map(({ batch }) => batch));
		for (const { resolve } of done) resolve();
		for (const idle of this.#idle.splice(0)) idle();
	}

	#fail(failure: Error): void {
		this.#failure = failure;
		const all = [...this.#syncing.splice(0), ...this.#waiting.splice(0)];
		for (const { reject } of all) reject(failure);
		for (const idle of this.#idle.splice(0)) idle();
	}

	/** Nothing waits, or nothing ever will be written again: then it rejects. */
	async idle(): Promise<void> {
		while (this.waiting > 0 && !this.#failure) await new Promise<void>((resolve) => this.#idle.push(resolve));
		if (this.#failure) throw this.#failure;
	}

	/** The power goes. The first `survives` of what waited had got to the disk, though nobody was told. */
	crash(survives: number): void {
		const all = [...this.#syncing, ...this.#waiting];
		const there = all.slice(0, survives).map(({ batch }) => batch);
		this.#cancel();
		for (const batch of there) this.#o.apply(batch);
		if (there.length > 0) this.#o.watch(there);
		this.#fail(this.#failure ?? new Closed());
	}
}

/** What one process has open of a disk: it writes until it is closed, or crashes with what waits. */
export abstract class OpenQueue<B> {
	protected readonly queue: SyncQueue<B>;
	readonly #letGo: () => void;
	protected closed = false;

	constructor(options: SyncQueueOptions<B>, letGo: () => void) {
		this.queue = new SyncQueue(options);
		this.#letGo = letGo;
	}

	get waiting(): number {
		return this.queue.waiting;
	}

	write(batch: B): Promise<void> {
		if (this.closed) return Promise.reject(new Closed());
		return this.queue.write(batch);
	}

	async close(): Promise<void> {
		if (this.closed) return;
		this.closed = true;
		await this.queue.idle().catch(() => {}); // whoever wrote has been told
		this.#letGo();
	}

	crash(survives: number): void {
		this.closed = true;
		this.queue.crash(survives);
		this.#letGo();
	}
}
