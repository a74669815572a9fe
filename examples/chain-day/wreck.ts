import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Storage, StorageAdapter, WriteBatch } from 'tillmesh/ports';
import { sqlite } from 'tillmesh/sqlite';

/** A SQLite storage in a machine whose power can be cut in the middle of a commit. */
export interface WreckableStorage extends StorageAdapter {
	/**
	 * Cuts the power while the first write that carries `text` is on its way to the disk. What is on the disk then is left
	 * in `wreck`; `gone` is called; whoever waited for that write, or for any later one, never gets a confirmation.
	 */
	cutPowerDuring(text: string, wreck: string, tornAt: () => number, gone: () => void): void;
}

interface Cut {
	readonly text: string;
	readonly wreck: string;
	/** From 0 to 1: how much of the commit reached the disk. */
	readonly tornAt: () => number;
	readonly gone: () => void;
}

const nothing: WriteBatch = { puts: [], deletes: [] };

export function wreckable(file: string): WreckableStorage {
	const inner = sqlite(file);
	let cut: Cut | undefined;
	return {
		kind: inner.kind,
		platform: inner.platform,
		open: async (holder) => {
			const storage = await inner.open(holder);
			return new Machine(file, storage, () => cut);
		},
		cutPowerDuring(text, wreck, tornAt, gone) {
			cut = { text, wreck, tornAt, gone };
		},
	};
}

class Machine implements Storage {
	readonly #file: string;
	readonly #disk: Storage;
	readonly #cut: () => Cut | undefined;
	#falling: Promise<never> | undefined;

	constructor(file: string, disk: Storage, cut: () => Cut | undefined) {
		this.#file = file;
		this.#disk = disk;
		this.#cut = cut;
	}

	read(prefix: string) {
		return this.#disk.read(prefix);
	}

	size() {
		return this.#disk.size();
	}

	close() {
		return this.#disk.close();
	}

	write(batch: WriteBatch): Promise<void> {
		if (this.#falling) return this.#falling;
		const cut = this.#cut();
		if (!cut || !carries(batch, cut.text)) return this.#disk.write(batch);
		this.#falling = this.#fall(cut, batch);
		return this.#falling;
	}

	/**
	 * A commit writes its pages to the end of the log and then syncs it. Power that fails in between leaves the log as it was
	 * before, with the commit's first bytes over it: we let the commit run, and put back the bytes that "did not make it".
	 */
	async #fall(cut: Cut, batch: WriteBatch): Promise<never> {
		await this.#disk.write(nothing); // what was written before is confirmed and stays
		const database = readFileSync(this.#file);
		const before = readLog(this.#file);
		await this.#disk.write(batch);
		const after = readLog(this.#file);
		writeFileSync(cut.wreck, database);
		writeFileSync(`${cut.wreck}-wal`, tear(before, after, cut.tornAt()));
		await this.#disk.close();
		cut.gone();
		throw new Error('The power is off.');
	}
}

function readLog(file: string): Buffer {
	return existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0);
}

/** `after` as far as it got, then whatever was there before. */
function tear(before: Buffer, after: Buffer, part: number): Buffer {
	let first = 0;
	while (first < after.length && before[first] === after[first]) first++;
	let last = after.length;
	while (last > first && before[last - 1] === after[last - 1]) last--;
	const at = first + Math.floor((last - first) * part);
	return Buffer.concat([after.subarray(0, at), before.subarray(at)]);
}

function carries(batch: WriteBatch, text: string): boolean {
	return batch.puts.some(({ value }) => Buffer.from(value.buffer, value.byteOffset, value.length).includes(text));
}
