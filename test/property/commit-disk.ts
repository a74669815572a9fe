/** A disk that syncs when a test says so, and a process on it that dies when a test says so. */
import { AlreadyOpen, StorageError } from '../../src/index.js';
import type { Platform, Storage, StorageAdapter, StoredRecord, WriteBatch } from '../../src/ports/index.js';

interface Waiting {
	readonly batch: WriteBatch;
	readonly resolve: () => void;
	readonly reject: (error: Error) => void;
}

export class HandDisk implements StorageAdapter {
	readonly kind = 'hand';
	readonly records = new Map<string, Uint8Array>();
	/** Syncs at once where true. */
	auto = true;
	#holder: string | undefined;
	#opening = 0;
	#waiting: Waiting[] = [];
	#failure: Error | undefined;

	constructor(readonly platform: Platform) {}

	get waiting(): number {
		return this.#waiting.length;
	}

	async open(holder: string): Promise<Storage> {
		if (this.#holder !== undefined) throw new AlreadyOpen(this.kind, this.#holder);
		this.#holder = holder;
		this.#failure = undefined;
		const opening = ++this.#opening;
		const alive = () => opening === this.#opening && this.#holder !== undefined;
		return {
			read: async (prefix) => this.#read(prefix),
			// A dead process hears nothing any more: its promises stay open for ever.
			write: (batch) => (alive() ? this.#write(batch) : new Promise(() => {})),
			size: async () => [...this.records].reduce((sum, [key, value]) => sum + key.length + value.length, 0),
			close: async () => {
				if (!alive()) return;
				this.sync();
				this.#holder = undefined;
			},
		};
	}

	#read(prefix: string): StoredRecord[] {
		const found = [...this.records].filter(([key]) => key.startsWith(prefix));
		return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => ({ key, value: value.slice() }));
	}

	#write(batch: WriteBatch): Promise<void> {
		if (this.#failure) return Promise.reject(this.#failure);
		const own = {
			deletes: batch.deletes.slice(),
			puts: batch.puts.map(({ key, value }) => ({ key, value: value.slice() })),
		};
		return new Promise((resolve, reject) => {
			this.#waiting.push({ batch: own, resolve, reject });
			if (this.auto) queueMicrotask(() => this.auto && this.sync());
		});
	}

	#apply({ puts, deletes }: WriteBatch): void {
		for (const key of deletes) this.records.delete(key);
		for (const { key, value } of puts) this.records.set(key, value);
	}

	/** The oldest `count` waiting batches are on the disk, and their writers are told. */
	sync(count = Number.POSITIVE_INFINITY): void {
		for (const { batch, resolve } of this.#waiting.splice(0, count)) {
			this.#apply(batch);
			resolve();
		}
	}

	/** The process dies when the oldest `count` waiting batches are on the disk and nobody has been told. */
	crash(count = 0): void {
		for (const { batch } of this.#waiting.splice(0, count)) this.#apply(batch);
		this.#waiting = [];
		this.#holder = undefined;
	}

	/** All that waits is refused, and everything after it. */
	fail(): void {
		this.#failure = new StorageError('storage_full', 'No room.');
		for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
	}

	/** Every record, to compare: nothing may change by what is refused. */
	bytes(): string {
		return this.#read('')
			.map(({ key, value }) => `${key}=${Buffer.from(value).toString('hex')}`)
			.join('\n');
	}
}
