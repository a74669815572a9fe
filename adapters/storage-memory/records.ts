import { compareStrings } from '../../src/base/bytes.js';
import type { StoredRecord, WriteBatch } from '../../src/ports/storage.js';

/** A map of own bytes that is sorted when somebody reads, not when somebody writes. */
export class Records {
	readonly #values = new Map<string, Uint8Array>();
	/** Ascending; undefined where keys came or went since. */
	#keys: string[] | undefined;
	readonly #own: (value: Uint8Array) => Uint8Array;

	/** `own`: how a value is copied in. */
	constructor(own: (value: Uint8Array) => Uint8Array = (value) => value.slice()) {
		this.#own = own;
	}

	apply(batch: WriteBatch): void {
		for (const key of batch.deletes) if (this.#values.delete(key)) this.#keys = undefined;
		const before = this.#values.size;
		for (const { key, value } of batch.puts) this.#values.set(key, this.#own(value));
		if (this.#values.size !== before) this.#keys = undefined;
	}

	read(prefix: string): StoredRecord[] {
		this.#keys ??= [...this.#values.keys()].sort(compareStrings);
		const found: StoredRecord[] = [];
		for (let at = firstNotBefore(this.#keys, prefix); at < this.#keys.length; at++) {
			const key = this.#keys[at] as string; // at < length
			if (!key.startsWith(prefix)) break;
			const value = this.#values.get(key);
			if (value !== undefined) found.push({ key, value: value.slice() });
		}
		return found;
	}

	/** The stored bytes themselves: they are for looking at. */
	peek(key: string): Uint8Array | undefined {
		return this.#values.get(key);
	}

	/** Bytes of keys and values. */
	size(): number {
		let bytes = 0;
		for (const [key, value] of this.#values) bytes += key.length + value.length;
		return bytes;
	}

	copy(): Records {
		const copy = new Records(this.#own);
		// The values themselves: nothing writes into them, and what is read is copied.
		for (const [key, value] of this.#values) copy.#values.set(key, value);
		return copy;
	}
}

function firstNotBefore(keys: readonly string[], wanted: string): number {
	let low = 0;
	let high = keys.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((keys[middle] as string) < wanted)
			low = middle + 1; // middle < length
		else high = middle;
	}
	return low;
}
