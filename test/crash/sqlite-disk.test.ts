import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { sqlite } from '../../adapters/storage-sqlite/index.js';
import type { Storage } from '../../src/ports/storage.js';
import { batchOf, countBatches } from './batches.js';
import { temporaryFolder } from './child.js';
import { mountSmallDisk } from './small-disk.js';

const probe = mountSmallDisk(64);
probe?.remove();
const mayMount = probe !== undefined;
// Left out and not skipped: the limit of a database and the read-only file below stand for the same rules.
if (!mayMount) console.log('no right to mount: full and read-only disks are tried by a limit and by file rights alone');
const testMounted = mayMount ? test : () => {};
/** Root may write any file. */
const testRights = process.getuid?.() === 0 ? () => {} : test;

const cleanUp: (() => void)[] = [];
afterEach(() => {
	for (const run of cleanUp.splice(0)) run();
});

function smallDisk(kilobytes: number) {
	const disk = mountSmallDisk(kilobytes);
	if (disk === undefined) throw new Error('this process could mount a moment ago');
	cleanUp.push(disk.remove);
	return disk;
}

/** Writes, several at once, until one fails. Answers how many were confirmed and the failure. */
async function fill(storage: Storage): Promise<{ confirmed: number; failure: unknown }> {
	let confirmed = 0;
	for (let n = 0; n < 20_000; n += 8) {
		const writes = Array.from({ length: 8 }, (_, i) => storage.write(batchOf(0, n + i)));
		const answers = await Promise.allSettled(writes);
		confirmed += answers.filter(({ status }) => status === 'fulfilled').length;
		const failed = answers.find((answer) => answer.status === 'rejected');
		if (failed?.status === 'rejected') return { confirmed, failure: failed.reason };
	}
	throw new Error('the disk never filled');
}

async function checkFull(storage: Storage): Promise<number> {
	const { confirmed, failure } = await fill(storage);
	expect(failure).toMatchObject({ name: 'StorageError', code: 'storage_full', fatal: true, retryable: true });
	await expect(storage.write(batchOf(1, 0))).rejects.toBe(failure);
	await expect(storage.read('')).rejects.toBe(failure);
	await storage.close();
	expect(confirmed).toBeGreaterThan(20);
	return confirmed;
}

async function checkContent(storage: Storage, confirmed: number): Promise<void> {
	expect(countBatches(await storage.read(''), 0)).toBe(confirmed);
	await storage.write(batchOf(1, 0));
	expect(countBatches(await storage.read(''), 1)).toBe(1);
	await storage.close();
}

describe('a full disk', () => {
	testMounted(
		'JRN5 fails typed, then refuses all; opening it full fails typed; with room all confirmed is there',
		async () => {
			const disk = smallDisk(3_000);
			const filler = join(disk.path, 'filler');
			writeFileSync(filler, new Uint8Array(400_000));
			const path = join(disk.path, 'till.db');
			const confirmed = await checkFull(await sqlite(path).open('till'));

			const plug = join(disk.path, 'plug');
			const plugged = (): boolean => {
				try {
					writeFileSync(plug, new Uint8Array(4_096), { flag: 'a' });
					return false;
				} catch {
					return true;
				}
			};
			while (!plugged());
			await expect(sqlite(path).open('too early')).rejects.toMatchObject({ code: 'storage_full' });

			rmSync(plug);
			rmSync(filler);
			await checkContent(await sqlite(path).open('till'), confirmed);
		},
	);

	test("JRN5 the limit of a vendor's database: storage_full, and after raising it all confirmed is there", async () => {
		const folder = temporaryFolder();
		const database = new DatabaseSync(join(folder.path, 'pos.db'));
		cleanUp.push(() => database.close(), folder.remove);
		database.exec('PRAGMA journal_mode = WAL; PRAGMA max_page_count = 100');
		const adapter = sqlite({ database });
		const confirmed = await checkFull(await adapter.open('till'));
		database.exec('PRAGMA max_page_count = 100000');
		await checkContent(await adapter.open('till'), confirmed);
	});
});

describe('a disk that cannot be written', () => {
	async function written(path: string): Promise<void> {
		const storage = await sqlite(path).open('before');
		await storage.write(batchOf(0, 0));
		await storage.close();
	}

	testMounted('a read-only mount: storage_read_only, and all is there where it can be written', async () => {
		const disk = smallDisk(2_000);
		const path = join(disk.path, 'till.db');
		await written(path);
		const failure = { name: 'StorageError', code: 'storage_read_only', retryable: true };
		await expect(sqlite(join(disk.readOnlyPath, 'till.db')).open('till')).rejects.toMatchObject(failure);
		await expect(sqlite(join(disk.readOnlyPath, 'new.db')).open('till')).rejects.toMatchObject(failure);
		await checkContent(await sqlite(path).open('till'), 1);
	});

	testRights('a read-only file: storage_read_only, and all is there once it can be written', async () => {
		const folder = temporaryFolder();
		cleanUp.push(folder.remove);
		const path = join(folder.path, 'till.db');
		await written(path);
		chmodSync(path, 0o444);
		await expect(sqlite(path).open('till')).rejects.toMatchObject({ code: 'storage_read_only' });
		chmodSync(path, 0o644);
		await checkContent(await sqlite(path).open('till'), 1);
	});
});
