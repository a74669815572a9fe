import { expect, test } from 'vitest';
import { type ByteStore, encrypted, sealedPersonal } from '../../../adapters/at-rest/index.js';
import { memory } from '../../../adapters/storage-memory/index.js';
import { openReplica } from '../../../src/index.js';

const key = new Uint8Array(32).fill(7);
const options = { chain: 'c', name: 'till', keeps: ['stock/a'] };

function byteStore(): ByteStore & { readonly all: Map<string, Uint8Array> } {
	const all = new Map<string, Uint8Array>();
	return {
		all,
		get: async (name) => all.get(name),
		put: async (name, bytes) => void all.set(name, bytes),
		delete: async (name) => void all.delete(name),
	};
}

test('nothing that a replica writes can be read without the key, and with it everything can', async () => {
	const disk = memory();
	const replica = await openReplica({ ...options, storage: encrypted(disk, key) });
	const log = replica.ledger('stock/a').log('notes');
	await replica.commit((tx) => tx.append(log, 'a word that stands out'));
	await replica.shutdown();
	const records = await (await disk.copy().open('thief')).read('');
	const text = records.map(({ value }) => Buffer.from(value).toString('latin1')).join('\n');
	for (const word of ['stands out', 'stock/a', 'till']) expect(text).not.toContain(word);
	const again = await openReplica({ ...options, storage: encrypted(disk, key) });
	const read = again
		.ledger('stock/a')
		.log('notes')
		.all()
		.get()
		.map(({ value }) => value);
	expect(read).toEqual(['a word that stands out']);
	await again.shutdown();
});

test('another key, none, or a storage that was written without one is refused, and left as it is', async () => {
	const disk = memory();
	await (await openReplica({ ...options, storage: encrypted(disk, key) })).shutdown();
	const other = encrypted(disk, new Uint8Array(32).fill(8));
	await expect(openReplica({ ...options, storage: other })).rejects.toMatchObject({ code: 'storage_foreign' });
	await expect(openReplica({ ...options, storage: disk })).rejects.toMatchObject({ code: 'storage_corrupt' });
	await (await openReplica({ ...options, storage: encrypted(disk, key) })).shutdown();
	const plain = memory();
	await (await openReplica({ ...options, storage: plain })).shutdown();
	await expect(openReplica({ ...options, storage: encrypted(plain, key) })).rejects.toMatchObject({
		code: 'storage_foreign',
	});
	await (await openReplica({ ...options, storage: plain })).shutdown();
	await expect(encrypted(plain, new Uint8Array(31)).open('x')).rejects.toMatchObject({ path: 'key' });
});

test('a record that was changed, or put in another’s place, is damage', async () => {
	const disk = memory();
	const storage = await encrypted(disk, key).open('x');
	await storage.write({
		puts: [
			{ key: 'a', value: Uint8Array.of(1) },
			{ key: 'b', value: Uint8Array.of(2) },
		],
		deletes: [],
	});
	await storage.close();
	const raw = await disk.open('x');
	const [a] = await raw.read('a');
	if (!a) throw new Error('a is there');
	await raw.write({ puts: [{ key: 'b', value: a.value }], deletes: [] });
	await raw.close();
	const again = await encrypted(disk, key).open('x');
	expect(await again.read('a')).toEqual([{ key: 'a', value: Uint8Array.of(1) }]);
	await expect(again.read('b')).rejects.toMatchObject({ code: 'storage_corrupt' });
	await again.close();
});

test('what is known of a member is noise once its key is destroyed, in a backup too', async () => {
	const data = byteStore();
	const keys = byteStore();
	const personal = sealedPersonal({ data, keys });
	await Promise.all([
		personal.put('ada', { name: 'Ada' }),
		personal.put('ada', { name: 'Ada L.' }),
		personal.put('bob', 'B'),
	]);
	expect([await personal.get('ada'), await personal.get('bob')]).toEqual([{ name: 'Ada L.' }, 'B']);
	const backup = new Map(data.all);
	expect(Buffer.from(backup.get('ada') ?? []).toString('latin1')).not.toContain('Ada');
	await personal.delete('ada');
	for (const [name, bytes] of backup) data.all.set(name, bytes); // restored
	expect(await personal.get('ada')).toBeUndefined();
	expect(await personal.get('bob')).toBe('B');
	data.all.set('bob', backup.get('ada') ?? new Uint8Array());
	await expect(personal.get('bob')).rejects.toMatchObject({ code: 'storage_corrupt' });
	await personal.delete('nobody');
});
