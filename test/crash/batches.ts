/** What the killed writer writes, so that its parent can tell from the records alone which batches are there and whole. */
import { equalBytes } from '../../src/base/bytes.js';
import type { StoredRecord, WriteBatch } from '../../src/ports/storage.js';

const batchKey = (life: number, n: number): string =>
	`b/${String(life).padStart(5, '0')}/${String(n).padStart(6, '0')}/`;
const lastKey = (life: number): string => `last/${String(life).padStart(5, '0')}`;

/** From 1 to 6 records; every seventh batch carries values that fill several pages. */
const sizeOf = (n: number): number => 1 + ((n * 7) % 6);

function contentOf(life: number, n: number, i: number): Uint8Array {
	const length = n % 7 === 3 ? 9_000 : 40 + ((n * 13 + i) % 160);
	return new Uint8Array(length).fill((life * 31 + n * 7 + i) & 255);
}

/** Batch `n` adds its records and moves the one record `last`, deleting what batch `n - 1` left as `tmp`. */
export function batchOf(life: number, n: number): WriteBatch {
	const puts = Array.from({ length: sizeOf(n) }, (_, i) => ({
		key: `${batchKey(life, n)}${i}`,
		value: contentOf(life, n, i),
	}));
	const last = { key: lastKey(life), value: new TextEncoder().encode(String(n)) };
	const tmp = { key: `tmp/${batchKey(life, n)}`, value: new Uint8Array(3) };
	return { puts: [...puts, last, tmp], deletes: n > 0 ? [`tmp/${batchKey(life, n - 1)}`] : [] };
}

/**
 * How many batches of a life are there; throws where one is there by half, a later one without an earlier one, or any byte
 * differs.
 */
export function countBatches(records: readonly StoredRecord[], life: number): number {
	const values = new Map(records.map(({ key, value }) => [key, value]));
	const last = values.get(lastKey(life));
	const count = last === undefined ? 0 : Number(new TextDecoder().decode(last)) + 1;
	const expected = new Map<string, Uint8Array>();
	for (let n = 0; n < count; n++) {
		const { puts, deletes } = batchOf(life, n);
		for (const key of deletes) expected.delete(key);
		for (const { key, value } of puts) expected.set(key, value);
	}
	const prefix = batchKey(life, 0).slice(0, 8);
	const ofLife = records.filter(
		({ key }) => key.startsWith(prefix) || key.startsWith(`tmp/${prefix}`) || key === lastKey(life),
	);
	if (ofLife.length !== expected.size) throw new Error(`life ${life}: ${ofLife.length} records, not ${expected.size}`);
	for (const { key, value } of ofLife) {
		if (!equalBytes(value, expected.get(key) ?? new Uint8Array()))
			throw new Error(`life ${life}: ${key} is not as written`);
	}
	return count;
}
