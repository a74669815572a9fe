/** What is on the disk may be damaged, foreign or newer: it is refused by name, and nothing is written over it. */
import { expect, test } from 'vitest';
import { memory } from '../../../adapters/storage-memory/index.js';
import { BadArgument, type OpenOptions, openReplica, StorageError } from '../../../src/index.js';
import type { StoredRecord } from '../../../src/ports/index.js';
import { toRecord } from '../../../src/replica/records.js';
import { storedBytes, World } from '../../property/escrow-world.js';

/** Every kind of record: format, device, epochs, rows, seals, and a checkpoint. */
async function fullStorage() {
	const world = new World();
	const home = await world.open('home', world.memory(), { home: ['stock/*'] });
	const storage = world.memory();
	const second = await world.open('archive', storage, { archive: true });
	const line = world.line();
	home.addLink(line.a);
	second.addLink(line.b);
	const pool = home.ledger('stock/a').pool('p');
	for (let i = 0; i < 3; i++) await home.commit((tx) => tx.mint(pool, 'x', 1, `D${i}`));
	await world.pass(1_500);
	await home.tend({ compact: true });
	await world.pass(1_500);
	await home.shutdown();
	await second.shutdown();
	const reader = await storage.open('reader');
	const records = await reader.read('');
	await reader.close();
	expect(new Set(records.map(({ key }) => key[0]))).toEqual(new Set(['c', 'e', 'm', 'r', 's']));
	return { world, records };
}

async function storageOf(world: World, records: readonly StoredRecord[]) {
	const storage = world.memory();
	const writer = await storage.open('writer');
	await writer.write({ puts: records, deletes: [] });
	await writer.close();
	return storage;
}

async function refusalOf(world: World, records: readonly StoredRecord[], options: Partial<OpenOptions> = {}) {
	const storage = await storageOf(world, records);
	const before = await storedBytes(storage);
	const error: unknown = await world.open('home', storage, options).catch((reason: unknown) => reason);
	expect(await storedBytes(storage)).toBe(before);
	await (await storage.open('somebody else')).close();
	return error;
}

test('a flipped bit, a cut and a swapped record are corrupt, and the record is named', async () => {
	const { world, records } = await fullStorage();
	for (const [i, { key, value }] of records.entries()) {
		const damages: Uint8Array[] = [
			value.slice(0, -1),
			value.slice(0, 3),
			new Uint8Array(),
			Uint8Array.from([...value, 0]),
		];
		for (const at of [0, Math.floor(value.length / 2), value.length - 5, value.length - 1])
			damages.push(value.map((byte, j) => (j === at ? byte ^ (1 << ((i + at) % 8)) : byte)));
		const next = records[(i + 1) % records.length]?.value;
		if (next) damages.push(next);
		for (const damaged of damages) {
			const all = records.map((record) => (record.key === key ? { key, value: damaged } : record));
			const error = await refusalOf(world, all);
			expect(error).toBeInstanceOf(StorageError);
			expect(error).toMatchObject({ code: 'storage_corrupt', fatal: true, details: { key } });
			expect((error as Error).message).toContain(key);
			expect((error as Error).message).toMatch(/Restore it/);
		}
	}
});

test('a record that is gone is missed by name, unless it was the last of its kind', async () => {
	const { world, records } = await fullStorage();
	const rows = records.filter(({ key }) => key.startsWith('r/')).map(({ key }) => key);
	const epoch = records.find(({ key }) => key.startsWith('e/'))?.key ?? '';
	for (const gone of ['m/format', 'm/device', epoch, rows[0], rows[1]]) {
		const error = await refusalOf(
			world,
			records.filter(({ key }) => key !== gone),
		);
		expect([gone, error]).toEqual([gone, expect.any(StorageError)]);
		expect(error).toMatchObject({ code: 'storage_corrupt', fatal: true });
	}
	const error = await refusalOf(
		world,
		records.filter(({ key }) => !key.startsWith('r/')),
	);
	expect(error).toMatchObject({ code: 'storage_corrupt' });
});

test('the storage of another chain and of a newer version are refused as what they are', async () => {
	const { world, records } = await fullStorage();
	expect(await refusalOf(world, records, { chain: 'other' })).toMatchObject({
		code: 'wrong_chain',
		fatal: true,
		message: expect.stringMatching(/"chain".*"other".*Name another file/),
	});
	const newer = toRecord('m/format', Uint8Array.of(2, 5, 99, 104, 97, 105, 110));
	const error = await refusalOf(
		world,
		records.map((record) => (record.key === 'm/format' ? newer : record)),
	);
	expect(error).toMatchObject({
		code: 'newer_format',
		fatal: true,
		message: expect.stringMatching(/Format 2.*Update/),
	});
});

const good: OpenOptions = { chain: 'chain', name: 'till', storage: memory(), keeps: ['stock/*'] };
const wrong: readonly [string, Record<string, unknown>][] = [
	['no chain', { chain: undefined }],
	['an empty chain', { chain: '' }],
	['a name that is no text', { name: 7 }],
	['a name with a line break', { name: 'a\nb' }],
	['no storage', { storage: undefined }],
	['a storage that cannot be opened', { storage: { kind: 'none' } }],
	['nothing kept', { keeps: [] }],
	['keeps that is no list', { keeps: 'stock/*' }],
	['a ledger without a kind', { keeps: ['stock'] }],
	['a pattern with its star in the middle', { keeps: ['stock/*/a'] }],
	['a home that is no ledger', { home: ['*'] }],
	['links that are none', { links: [{}] }],
	['an archive that is no yes or no', { archive: 'yes' }],
	['a segment of no rows', { segmentRows: 0 }],
	['a checkpoint of half a row', { checkpointRows: 0.5 }],
];

test.each(wrong)('bad options: %s', async (_what, change) => {
	const storage = memory();
	const before = await storedBytes(storage);
	const options = { ...good, storage, ...change } as unknown as OpenOptions;
	const error: unknown = await openReplica(options).catch((reason: unknown) => reason);
	expect(error).toBeInstanceOf(BadArgument);
	expect((error as BadArgument).path).toMatch(/^options\./);
	expect((error as BadArgument).path).toContain(Object.keys(change)[0]);
	expect(await storedBytes(storage)).toBe(before);
	await (await storage.open('somebody else')).close();
});

test('a ledger name that is too long, or no text, is refused when it is asked for', async () => {
	const world = new World();
	const replica = await world.open('till', world.memory());
	expect(() => replica.ledger(`stock/${'x'.repeat(300)}`)).toThrow(/256/);
	expect(() => replica.ledger('stock/a\u0000')).toThrow(/control/);
	expect(() => replica.ledger(7 as unknown as string)).toThrow(BadArgument);
});

test('JRN5 a disk that fails while a peer sends breaks the replica and nothing else', async () => {
	const world = new World();
	const storage = world.memory();
	const [broken, peer] = [await world.open('till', storage), await world.open('peer', world.memory())];
	const line = world.line();
	broken.addLink(line.a);
	peer.addLink(line.b);
	await world.pass(20);
	const log = peer.ledger('stock/a').log<number>('l');
	storage.failNextWrite('storage_full');
	await peer.commit((tx) => tx.append(log, 1));
	await world.pass(500);
	expect(broken.health.get()).toMatchObject({ state: 'broken', error: { code: 'storage_full' } });
	expect(broken.ledger('stock/a').log('l').all().get()).toEqual([]);
	await broken.shutdown();
	const again = await world.open('till', storage);
	const better = world.line();
	again.addLink(better.a);
	peer.addLink(better.b);
	await world.pass(500);
	expect(again.digest('stock/a')).toBe(peer.digest('stock/a'));
});
