import { expect, test } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { memory } from '../../../adapters/storage-memory/index.js';

const put = (key: string, ...value: number[]) => ({ puts: [{ key, value: Uint8Array.from(value) }], deletes: [] });

test('S19 a copy holds what was durable when it was taken, and neither sees the other from then on', async () => {
	const adapter = memory();
	const storage = await adapter.open('till');
	await storage.write(put('a', 1));
	const waiting = storage.write(put('not durable yet', 1));
	const copy = await adapter.copy().open('restored');
	await waiting;
	await copy.write(put('b', 2));
	expect((await copy.read('')).map(({ key }) => key)).toEqual(['a', 'b']);
	expect((await storage.read('')).map(({ key }) => key)).toEqual(['a', 'not durable yet']);
});

test('P7 a crash loses what has not resolved, keeps what has, and ends the hold', async () => {
	const adapter = memory();
	const storage = await adapter.open('till');
	await storage.write(put('a', 1));
	const lost = storage.write(put('b', 2));
	adapter.crash();
	await expect(lost).rejects.toMatchObject({ code: 'closed' });
	await expect(storage.read('')).rejects.toMatchObject({ code: 'closed' });
	const reopened = await adapter.open('till again');
	expect((await reopened.read('')).map(({ key }) => key)).toEqual(['a']);
	// The dead process closing late does not end the hold of the living one.
	await storage.close();
	await expect(adapter.open('third')).rejects.toMatchObject({ code: 'already_open' });
});

test('JRN5 a write made to fail stops the storage; reopened, it has the last durable state and works', async () => {
	const adapter = memory();
	const storage = await adapter.open('till');
	await storage.write(put('a', 1));
	adapter.failNextWrite('storage_full');
	await expect(storage.write(put('b', 2))).rejects.toMatchObject({ code: 'storage_full', fatal: true });
	await expect(storage.write(put('c', 3))).rejects.toMatchObject({ code: 'storage_full' });
	await storage.close();
	const reopened = await adapter.open('till');
	expect((await reopened.read('')).map(({ key }) => key)).toEqual(['a']);
	await reopened.write(put('b', 2));
});

test('a platform is lent where one is given', () => {
	const platform = nodePlatform();
	expect(memory({ platform }).platform).toBe(platform);
	expect(memory({ platform }).copy().platform).toBe(platform);
});
