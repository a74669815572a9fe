import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openReplica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { startRelay } from 'tillmesh/relay';
import { webSocket } from 'tillmesh/websocket';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { openRows } from '../../../adapters/relay/rows.js';
import { utf8 } from '../../../src/base/bytes.js';
import type { EpochRecord, RowBatch, RowStore, RunRecord } from '../../../src/relay/row-store.js';
import { openSealedRows } from '../../../src/relay/sealed-rows.js';
import { temporaryFolder } from '../../crash/child.js';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
	folder = temporaryFolder();
});
afterEach(() => folder.remove());

const key = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const { crypto, random } = nodePlatform();
const path = () => join(folder.path, 'relay.db');

/** The store below, and the sealed one. */
async function open(with_: Uint8Array | undefined = key): Promise<RowStore> {
	const rows = await openRows(path(), 'test');
	try {
		return await openSealedRows(rows, crypto, (length) => random.bytes(length), with_);
	} catch (error) {
		await rows.close();
		throw error;
	}
}

const epoch: EpochRecord = {
	id: 7,
	seq: 1,
	name: { ledger: 'members/0', segment: 0, device: 'till-1', nonce: '1' },
	key: new Uint8Array(32).fill(7),
	prev: null,
	title: 'front-counter',
	home: true,
};
const run = (seq: number, from: number, ...texts: string[]): RunRecord => ({
	seq,
	epoch: 7,
	from,
	entries: texts.map(utf8),
	hash: new Uint8Array(32).fill(seq),
	signature: new Uint8Array(64).fill(seq),
	bytes: 100 * seq,
});
const batch = (part: Partial<RowBatch>): RowBatch => ({ epochs: [], runs: [], points: [], notes: [], ...part });

async function fill(): Promise<void> {
	const store = await open();
	await store.write(
		batch({
			epochs: [epoch],
			runs: [run(1, 0, 'mrs-chen', '', 'oat-latte'), run(2, 3, 'a gift card')],
			points: [{ ledger: 'members/0', bytes: utf8('points of mrs-chen') }],
			notes: [
				{ key: 'key/secret', value: utf8('a secret of its own') },
				{ key: 'key/public', value: utf8('known') },
			],
		}),
	);
	await store.close();
}

describe("a relay's rows under a key", () => {
	test('read back as they were written, by row, by place, by name', async () => {
		await fill();
		const store = await open();
		expect([...store.epochs()]).toEqual([
			{ record: epoch, tip: { count: 4, hash: run(2, 3).hash, bytes: 200, sealed: 4 } },
		]);
		expect(store.runs(7, 1, 5)).toEqual([run(1, 0, 'mrs-chen', '', 'oat-latte'), run(2, 3, 'a gift card')]);
		expect(store.runs(7, 3, 1)).toEqual([run(2, 3, 'a gift card')]);
		expect(store.place(7, 2)).toEqual({ seq: 1, from: 0, to: 3 });
		expect(store.point('members/0')).toEqual(utf8('points of mrs-chen'));
		expect(store.point('members/1')).toBeUndefined();
		expect([...store.points()]).toEqual([{ ledger: 'members/0', bytes: utf8('points of mrs-chen') }]);
		expect(store.notes('').map((note) => note.key)).toEqual(['key/public', 'key/secret']);
		expect(store.notes('key/s')).toEqual([{ key: 'key/secret', value: utf8('a secret of its own') }]);
		await store.write(batch({ points: [{ ledger: 'members/0', bytes: utf8('newer') }] }));
		expect([...store.points()]).toEqual([{ ledger: 'members/0', bytes: utf8('newer') }]);
		await store.write(batch({ notes: [{ key: 'key/secret', value: undefined }] }));
		expect(store.notes('key/s')).toEqual([]);
		await store.close();
	});

	test('show none of it in the file', async () => {
		await fill();
		const file = Buffer.concat(readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name))));
		for (const text of ['chen', 'latte', 'gift', 'members', 'front-counter', 'secret of', 'points of'])
			expect(file.includes(text), text).toBe(false);
	});

	test('are refused under another key, under none, and where they were written without: nothing is touched', async () => {
		await fill();
		const before = readFileSync(path());
		const wrong = { code: 'wrong_key', details: { encrypted: true } };
		await expect(open(key.map((byte) => byte ^ 1))).rejects.toMatchObject(wrong);
		const rows = await openRows(path(), 'test');
		await expect(openSealedRows(rows, crypto, (length) => random.bytes(length), undefined)).rejects.toMatchObject(
			wrong,
		);
		await rows.close();
		const same = (at: Buffer) => at.subarray(100).equals(before.subarray(100)); // SQLite counts openings in its head
		expect(same(readFileSync(path()))).toBe(true);
		folder.remove();
		folder = temporaryFolder();
		const plain = await openRows(path(), 'test');
		await plain.write(batch({ notes: [{ key: 'chain', value: utf8('tea') }] }));
		await plain.close();
		await expect(open()).rejects.toMatchObject({ code: 'wrong_key', details: { encrypted: false } });
	});

	test('do not open where a run, a note or a checkpoint was put in the place of another', async () => {
		await fill();
		const below = await openRows(path(), 'thief');
		const [first] = below.runs(7, 0, 1);
		const [secret] = below.notes('key/secret');
		await below.write(batch({ notes: [{ key: 'key/public', value: secret?.value }] }));
		const [point] = [...below.points()];
		await below.write(batch({ points: [{ ledger: 'f'.repeat(64), bytes: point?.bytes ?? new Uint8Array() }] }));
		await below.write(
			batch({
				runs: [{ ...run(3, 4), entries: [first?.entries[0] ?? new Uint8Array(), new Uint8Array(), new Uint8Array()] }],
			}),
		);
		await below.close();
		const store = await open();
		const corrupt = expect.objectContaining({ code: 'storage_corrupt' });
		expect(() => store.notes('key/public')).toThrow(corrupt);
		expect(() => [...store.points()]).toThrow(corrupt);
		expect(() => store.runs(7, 4, 1)).toThrow(corrupt);
		expect(store.runs(7, 0, 1)).toEqual([run(1, 0, 'mrs-chen', '', 'oat-latte')]);
		await store.close();
	});
});

test('S19 a relay with a key serves what it acknowledged after a restart, its folder says nothing, and another key does not open it', async () => {
	const options = { data: join(folder.path, 'data'), chain: 'tea', store: 'sh-014', free: false } as const;
	const till = (name: string, url: string) =>
		openReplica({ chain: 'tea', name, storage: memory(), keeps: ['orders/*'], links: [webSocket(url)] });
	const first = await startRelay({ ...options, key });
	const seller = await till('front-counter', first.url);
	const done = await seller.commit((tx) =>
		tx.append(seller.ledger('orders/sh-014').log('notes'), { guest: 'mrs-chen' }),
	);
	if (!done.ok) throw new Error(done.message);
	await seller.sync.reached(done.commit, 'store', { timeoutMs: 10_000 });
	await seller.shutdown();
	await first.close();
	const file = Buffer.concat(readdirSync(options.data).map((name) => readFileSync(join(options.data, name))));
	for (const text of ['chen', 'front-counter', 'orders']) expect(file.includes(text), text).toBe(false);
	await expect(startRelay({ ...options, key: key.map((byte) => byte ^ 1) })).rejects.toMatchObject({
		code: 'wrong_key',
	});
	await expect(startRelay(options)).rejects.toMatchObject({ code: 'wrong_key' });
	const second = await startRelay({ ...options, key });
	const reader = await till('kitchen', second.url);
	const notes = reader.ledger('orders/sh-014').log('notes').all();
	await expect.poll(() => notes.get().map(({ value }) => value), { timeout: 10_000 }).toEqual([{ guest: 'mrs-chen' }]);
	await reader.shutdown();
	await second.close();
});
