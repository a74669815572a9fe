import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { openReplica } from 'tillmesh';
import { encrypted } from 'tillmesh/encrypted';
import { memory } from 'tillmesh/memory';
import { sqlite } from 'tillmesh/sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { utf8 } from '../../../src/base/bytes.js';
import { SealedRecords } from '../../../src/base/sealed-records.js';
import type { StorageAdapter, StoredRecord } from '../../../src/ports/storage.js';
import { temporaryFolder } from '../../crash/child.js';

const key = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
const other = key.map((byte) => byte ^ 0x80);

function folder(): string {
	const made = temporaryFolder();
	onTestFinished(() => made.remove());
	return made.path;
}

/** What lies in a storage, as whoever has no key sees it. */
async function lyingIn(storage: StorageAdapter): Promise<readonly StoredRecord[]> {
	const opened = await storage.open('thief');
	const records = await opened.read('');
	await opened.close();
	return records;
}

async function put(storage: StorageAdapter, ...puts: StoredRecord[]): Promise<void> {
	const opened = await storage.open('till');
	await opened.write({ puts, deletes: [] });
	await opened.close();
}

const options = { chain: 'tea', name: 'front-counter', keeps: ['*/*'], home: ['*/*'] } as const;

async function sell(storage: StorageAdapter): Promise<void> {
	const till = await openReplica({ ...options, storage });
	for (let i = 0; i < 10; i++) {
		const done = await till.commit((tx) =>
			tx.append(till.ledger('orders/sh-014').log('notes'), { guest: `mrs-chen-${i}`, drink: 'oat-latte' }),
		);
		if (!done.ok) throw new Error(done.message);
	}
	await till.shutdown();
}

describe('an encrypted storage', () => {
	test('JRN3 is a replica as any other; nothing of what was written can be read in its file', async () => {
		const path = folder();
		const storage = () => sqlite(join(path, 'till.db'));
		await sell(encrypted(storage(), key));
		const names = readdirSync(path).filter((name) => !name.endsWith('.lock')); // which says who has it, to people
		const file = () => Buffer.concat(names.map((name) => readFileSync(join(path, name))));
		for (const text of ['mrs-chen', 'oat-latte', 'front-counter', 'sh-014', 'orders', 'notes', 'tea'])
			expect(file().includes(text), text).toBe(false);
		const again = await openReplica({ ...options, storage: encrypted(storage(), key) });
		expect(again.ledger('orders/sh-014').log('notes').all().get().length).toBe(10);
		await again.shutdown();
		const plain = folder();
		await sell(sqlite(join(plain, 'till.db')));
		expect(readFileSync(join(plain, 'till.db')).includes('mrs-chen'), 'the search finds what is there').toBe(true);
	});

	test.each([
		['another key', (storage: StorageAdapter) => encrypted(storage, other), true],
		['no key', (storage: StorageAdapter) => storage, true],
	])('with %s is refused as wrong_key, and left as it was', async (_, without, isEncrypted) => {
		const storage = memory();
		await sell(encrypted(storage, key));
		const before = await lyingIn(storage);
		await expect(openReplica({ ...options, storage: without(storage) })).rejects.toMatchObject({
			code: 'wrong_key',
			name: 'StorageError',
			fatal: true,
			details: { encrypted: isEncrypted },
		});
		expect(await lyingIn(storage)).toEqual(before);
		await sell(encrypted(storage, key)); // nobody has it open
	});

	test('is not made of one that was written in plain', async () => {
		const storage = memory();
		await sell(storage);
		const before = await lyingIn(storage);
		await expect(encrypted(storage, key).open('till')).rejects.toMatchObject({
			code: 'wrong_key',
			details: { encrypted: false },
		});
		expect(await lyingIn(storage)).toEqual(before);
	});

	test.each(['r/1', 'c/orders'])('does not open a record that was moved to another name, from %s', async (from) => {
		const storage = memory();
		await put(encrypted(storage, key), { key: from, value: utf8('42.00') }, { key: 'r/2', value: utf8('1.00') });
		const moved = (await lyingIn(storage)).find((record) => record.key === from)?.value ?? new Uint8Array();
		await put(storage, { key: 'r/2', value: moved });
		const opened = await encrypted(storage, key).open('till');
		await expect(opened.read('r/2')).rejects.toMatchObject({ code: 'storage_corrupt', details: { key: 'r/2' } });
		await opened.close();
	});

	test('does not open a record with a flipped bit, wherever it is, nor one that was cut', async () => {
		const storage = memory();
		await put(encrypted(storage, key), { key: 'r/1', value: utf8('42.00') });
		const sealed = (await lyingIn(storage)).find((record) => record.key === 'r/1')?.value ?? new Uint8Array();
		const bent = Array.from(sealed, (_, at) => sealed.map((byte, i) => (i === at ? byte ^ 4 : byte)));
		for (const value of [...bent, sealed.subarray(0, 20), sealed.subarray(0, sealed.length - 1), new Uint8Array()]) {
			await put(storage, { key: 'r/1', value });
			const opened = await encrypted(storage, key).open('till');
			await expect(opened.read('r/')).rejects.toMatchObject({ code: 'storage_corrupt' });
			await opened.close();
		}
	});

	test('writes alongside rows of the vendor where the storage below can', async () => {
		const database = new DatabaseSync(':memory:');
		database.exec('CREATE TABLE sale (id INTEGER)');
		const storage = encrypted(sqlite({ database }), key);
		const opened = await storage.open('till');
		const batch = { puts: [{ key: 'r/1', value: utf8('oat-latte') }], deletes: [] };
		expect(opened.transact?.(batch, () => database.exec('INSERT INTO sale VALUES (7)'))).toBe(true);
		expect(await opened.read('r/')).toEqual([{ key: 'r/1', value: utf8('oat-latte') }]);
		const rows = database.prepare('SELECT value FROM tillmesh_record').all() as { value: Uint8Array }[];
		expect(rows.some(({ value }) => Buffer.from(value).includes('latte'))).toBe(false);
		await opened.close();
		expect((await encrypted(memory(), key).open('till')).transact).toBeUndefined();
		database.close();
	});

	test('wants a key of 32 bytes, and keeps its own record to itself', async () => {
		for (const bad of [new Uint8Array(31), new Uint8Array(), 'secret' as never])
			expect(() => encrypted(memory(), bad)).toThrow(expect.objectContaining({ code: 'bad_argument', path: 'key' }));
		const opened = await encrypted(memory(), key).open('till');
		expect(await opened.read('')).toEqual([]);
		await expect(opened.write({ puts: [{ key: 'm/encrypted', value: key }], deletes: [] })).rejects.toThrow('own');
		await opened.close();
	});
});

describe('sealed records', () => {
	const { crypto, random } = nodePlatform();

	test('of the same value are never alike, and each opening has a salt of its own', () => {
		const value = utf8('the same');
		const made = Array.from({ length: 3 }, () => new SealedRecords(crypto, (length) => random.bytes(length), key));
		const sealed = made.flatMap((records) => [records.seal('r', value), records.seal('r', value)]);
		expect(new Set(sealed.map((each) => Buffer.from(each).toString('hex'))).size).toBe(6);
		expect(new Set(sealed.map((each) => Buffer.from(each.subarray(1, 13)).toString('hex'))).size).toBe(3);
		for (const each of sealed) for (const records of made) expect(records.open('r', each)).toEqual(value);
	});

	test('go on under another salt before chance could repeat a nonce', () => {
		let drawn = 0;
		const counting = { ...crypto, seal: (_: Uint8Array, __: Uint8Array, data: Uint8Array) => data };
		const records = new SealedRecords(
			counting,
			(length) => new Uint8Array(length).fill(length === 12 ? drawn++ & 255 : 0),
			key,
		);
		const salts = new Set<number>();
		for (let i = 0; i < 2 ** 20 + 5; i++) salts.add(records.seal('r', key)[1] ?? 0);
		expect(salts.size).toBe(2);
	});
});
