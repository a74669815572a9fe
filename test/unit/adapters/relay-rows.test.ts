import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRows } from '../../../adapters/relay/rows.js';
import { sqlite } from '../../../adapters/storage-sqlite/index.js';
import type { EpochRecord, RowBatch, RunRecord } from '../../../src/relay/row-store.js';
import { pause } from '../../contract/check.js';
import { temporaryFolder } from '../../crash/child.js';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
beforeEach(() => {
	folder = temporaryFolder();
	path = join(folder.path, 'relay.db');
});
afterEach(() => folder.remove());

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill);
const epochOf = (id: number, seq: number): EpochRecord => ({
	id,
	seq,
	name: { ledger: 'stock/sh-014', segment: 0, device: 'till-1', nonce: '1' },
	key: bytes(32, 7),
	prev: null,
	title: 'till-1',
	home: false,
});
const runOf = (seq: number, epoch: number, from: number, count: number, sealed = true): RunRecord => ({
	seq,
	epoch,
	from,
	entries: Array.from({ length: count }, (_, i) => bytes(1 + ((from + i) % 300), from + i)),
	hash: bytes(32, from + count),
	signature: sealed ? bytes(64, seq) : undefined,
	bytes: from + count,
});
const batch = (part: Partial<RowBatch>): RowBatch => ({ epochs: [], runs: [], points: [], notes: [], ...part });

test('JRN3 all that one turn wrote is one sync; what resolved reads back, by row, by place, after reopening', async () => {
	const store = await openRows(path, 'first');
	const largest = 2 ** 53 - 1;
	const writes = [
		store.write(batch({ epochs: [epochOf(largest, 1)], runs: [runOf(1, largest, 0, 3)] })),
		store.write(batch({ runs: [runOf(2, largest, 3, 2, false)] })),
		store.write(batch({ points: [{ ledger: 'stock/sh-014', bytes: bytes(9, 1) }] })),
		store.write(batch({ notes: [{ key: 'a', value: bytes(3, 3) }] })),
	];
	expect(store.runs(largest, 0, 1)[0], 'nothing is read before it is durable').toBeUndefined();
	await Promise.all(writes);
	expect(store.syncs.counts.reduce((sum, n) => sum + n, 0)).toBe(1);
	await store.close();
	const again = await openRows(path, 'second');
	expect(again.lastSeq()).toBe(2);
	expect([...again.epochs()]).toEqual([
		{ record: epochOf(largest, 1), tip: { count: 5, hash: bytes(32, 5), bytes: 5, sealed: 3 } },
	]);
	expect(again.runs(largest, 2, 1)[0]).toEqual(runOf(1, largest, 0, 3));
	expect(again.runs(largest, 4, 1)[0]).toEqual(runOf(2, largest, 3, 2, false));
	expect(again.runs(largest, 5, 1)[0]).toBeUndefined();
	expect(again.place(largest, 1)).toEqual({ seq: 1, from: 0, to: 3 });
	expect([...again.points()]).toEqual([{ ledger: 'stock/sh-014', bytes: bytes(9, 1) }]);
	expect(again.notes('a')).toEqual([{ key: 'a', value: bytes(3, 3) }]);
	await again.write(batch({ notes: [{ key: 'a', value: undefined }] }));
	expect(again.notes('')).toEqual([]);
	await again.close();
});

test('JRN1 a second opening is refused by name, and may have it after the first let go', async () => {
	const store = await openRows(path, 'the relay');
	await expect(openRows(path, 'another')).rejects.toMatchObject({
		code: 'already_open',
		holder: expect.stringContaining('the relay'),
	});
	await store.close();
	await (await openRows(path, 'another')).close();
});

test('JRN5 after a write failed every later one fails likewise, and what resolved before is there', async () => {
	const store = await openRows(path, 'relay');
	await store.write(batch({ epochs: [epochOf(5, 1)], runs: [runOf(1, 5, 0, 1)] }));
	const twice = batch({ runs: [runOf(1, 5, 1, 1)] });
	const along = batch({ notes: [{ key: 'along', value: bytes(1, 1) }] });
	const failed = await Promise.allSettled([store.write(along), store.write(twice)]);
	expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
	await expect(store.write(batch({}))).rejects.toMatchObject({ code: 'storage_failed' });
	await store.close();
	const again = await openRows(path, 'relay');
	expect(again.lastSeq()).toBe(1);
	expect(again.notes('along')).toEqual([]);
	await again.close();
});

test('JRN5 a write waits out a transaction of somebody else, and fails for nobody', async () => {
	const store = await openRows(path, 'relay');
	const other = new DatabaseSync(path);
	other.exec('BEGIN IMMEDIATE');
	const written = store.write(batch({ notes: [{ key: 'a', value: bytes(1, 1) }] }));
	await pause(50);
	expect(store.notes('a')).toEqual([]);
	other.exec('ROLLBACK');
	other.close();
	await written;
	expect(store.notes('a')).toHaveLength(1);
	await store.close();
});

test("a flipped bit is seen when the row is read; somebody else's file is left alone", async () => {
	const store = await openRows(path, 'relay');
	const run = runOf(1, 5, 0, 1);
	await store.write(batch({ epochs: [epochOf(5, 1)], runs: [{ ...run, entries: [bytes(200, 0xab)] }] }));
	await store.close();
	const file = readFileSync(path);
	const at = file.indexOf(Buffer.alloc(200, 0xab));
	expect(at).toBeGreaterThan(0);
	file[at + 100] = 0xaa;
	writeFileSync(path, file);
	const damaged = await openRows(path, 'relay');
	expect(() => damaged.runs(5, 0, 1)[0]).toThrow(expect.objectContaining({ code: 'storage_corrupt' }));
	await damaged.close();
	const other = join(folder.path, 'till.db');
	await (await sqlite(other).open('till')).close();
	const before = readFileSync(other);
	await expect(openRows(other, 'relay')).rejects.toMatchObject({ code: 'storage_foreign' });
	expect(readFileSync(other)).toEqual(before);
	writeFileSync(other, 'no database at all, but long enough to be looked at '.repeat(20));
	await expect(openRows(other, 'relay')).rejects.toMatchObject({ code: 'storage_foreign' });
});

test('a file that held rows and was cut off is not taken for a new one', async () => {
	const store = await openRows(path, 'relay');
	await store.write(batch({ epochs: [epochOf(5, 1)], runs: [runOf(1, 5, 0, 1)] }));
	await store.close();
	writeFileSync(path, '');
	await expect(openRows(path, 'relay')).rejects.toMatchObject({ code: 'storage_corrupt' });
});
