import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { firstValue, type SqliteHandle, type SqliteStatement } from '../../../adapters/storage-sqlite/driver.js';
import { storageFailure } from '../../../adapters/storage-sqlite/failure.js';
import { sqlite } from '../../../adapters/storage-sqlite/index.js';

const put = (key: string) => ({ puts: [{ key, value: Uint8Array.of(1) }], deletes: [] });
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Notes which `synchronous` each commit runs under, and answers Buffers as better-sqlite3 does. */
class Watched implements SqliteHandle {
	readonly commits: unknown[] = [];
	readonly #inner: InstanceType<typeof DatabaseSync>;

	constructor(path: string) {
		this.#inner = new DatabaseSync(path);
	}

	get isOpen(): boolean {
		return this.#inner.isOpen;
	}

	exec(sql: string): void {
		this.#inner.exec(sql);
	}

	close(): void {
		this.#inner.close();
	}

	prepare(sql: string): SqliteStatement {
		const statement = this.#inner.prepare(sql);
		return {
			run: (...parameters) => {
				if (sql === 'COMMIT') this.commits.push(this.pragma('synchronous'));
				return statement.run(...parameters);
			},
			get: (...parameters) => statement.get(...parameters),
			all: (...parameters) =>
				statement
					.all(...parameters)
					.map((row: { value?: Uint8Array }) => (row.value ? { ...row, value: Buffer.from(row.value) } : row)),
			iterate: (...parameters) => statement.iterate(...parameters),
		};
	}

	pragma(name: string): unknown {
		return firstValue(this.#inner, `PRAGMA ${name}`);
	}
}

let folder: string;
let database: Watched;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'tillmesh-'));
	database = new Watched(join(folder, 'pos.db'));
	database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE sale (id INTEGER)');
});
afterEach(() => {
	if (database.isOpen) database.close();
	rmSync(folder, { recursive: true });
});

describe("a vendor's open database", () => {
	test("JRN3 fifty writes of one turn are one commit, under FULL; the setting is the vendor's again after it", async () => {
		const storage = await sqlite({ database }).open('till');
		await Promise.all(Array.from({ length: 50 }, (_, i) => storage.write(put(`k${i}`))));
		expect(database.commits).toEqual([2]);
		expect(database.pragma('synchronous')).toBe(1);
		await storage.write(put('later'));
		expect(database.commits).toEqual([2, 2]);
		await storage.write({ puts: [], deletes: [] });
		expect(database.commits).toEqual([2, 2]);
		await storage.close();
	});

	test('stays open, with its journal mode and its tables, after the storage closed', async () => {
		const storage = await sqlite({ database, prefix: 'mesh_' }).open('till');
		await storage.write(put('k'));
		await storage.close();
		expect(database.pragma('journal_mode')).toBe('wal');
		const tables = database.prepare('SELECT name FROM sqlite_master ORDER BY name').all();
		expect(tables.map((row) => (row as { name: string }).name)).toEqual(['mesh_record', 'sale']);
		database.exec('INSERT INTO sale VALUES (1)');
	});

	test("JRN4 writes wait for the vendor's transaction and are no part of it", async () => {
		const storage = await sqlite({ database }).open('till');
		database.exec('BEGIN; INSERT INTO sale VALUES (1)');
		let resolved = false;
		const write = storage.write(put('k')).then(() => {
			resolved = true;
		});
		await pause(30);
		expect(resolved).toBe(false);
		database.exec('ROLLBACK');
		await write;
		expect((await storage.read('')).map(({ key }) => key)).toEqual(['k']);
		expect(database.prepare('SELECT * FROM sale').all()).toEqual([]);
		await storage.close();
	});

	test("opening waits for the vendor's transaction too, and for another connection that writes", async () => {
		database.exec('BEGIN');
		const opening = sqlite({ database }).open('till');
		await pause(20);
		database.exec('COMMIT');
		const storage = await opening;
		const other = new DatabaseSync(join(folder, 'pos.db'));
		other.exec('BEGIN IMMEDIATE');
		const write = storage.write(put('k'));
		await pause(20);
		other.exec('COMMIT');
		await write;
		other.close();
		await storage.close();
	});

	test('JRN5 a transaction that never ends is storage_failed, not a wait without end', async () => {
		const impatient = { after: (_: number, run: () => void) => nodePlatform().timers.after(0, run) };
		const platform = { ...nodePlatform(), timers: impatient };
		const storage = await sqlite({ database, platform }).open('till');
		database.exec('BEGIN');
		await expect(storage.write(put('k'))).rejects.toMatchObject({ code: 'storage_failed' });
		await expect(storage.write(put('k'))).rejects.toMatchObject({ code: 'storage_failed' });
		await storage.close();
	});

	test('what is read are plain arrays, where the driver answers Buffers', async () => {
		const storage = await sqlite({ database }).open('till');
		await storage.write(put('k'));
		expect((await storage.read('k'))[0]?.value.constructor).toBe(Uint8Array);
		await storage.close();
	});

	test('read-only it is storage_read_only; with a journal that loses commits it is bad_argument', async () => {
		const path = join(folder, 'pos.db');
		const storage = await sqlite({ database }).open('till');
		await storage.close();
		const readOnly = new DatabaseSync(path, { readOnly: true });
		await expect(sqlite({ database: readOnly }).open('till')).rejects.toMatchObject({ code: 'storage_read_only' });
		readOnly.close();
		const forgetful = new DatabaseSync(join(folder, 'forgetful.db'));
		forgetful.exec('PRAGMA journal_mode = MEMORY');
		await expect(sqlite({ database: forgetful }).open('till')).rejects.toMatchObject({ code: 'bad_argument' });
		forgetful.close();
	});

	test('closed by the vendor under an open storage it is storage_failed', async () => {
		const storage = await sqlite({ database }).open('till');
		database.close();
		await expect(storage.write(put('k'))).rejects.toMatchObject({ code: 'storage_failed' });
		await storage.close();
	});
});

test('failures of every driver and of the file system get their code', () => {
	const failure = (properties: object): string =>
		storageFailure('Test', Object.assign(new Error('reason'), properties)).code;
	expect(failure({ code: 'SQLITE_FULL' })).toBe('storage_full');
	expect(failure({ code: 'SQLITE_READONLY_DBMOVED' })).toBe('storage_read_only');
	expect(failure({ code: 'SQLITE_CORRUPT_VTAB' })).toBe('storage_corrupt');
	expect(failure({ code: 'SQLITE_NOTADB' })).toBe('storage_foreign');
	expect(failure({ code: 'SQLITE_IOERR_FSYNC' })).toBe('storage_failed');
	expect(failure({ code: 'ERR_SQLITE_ERROR', errcode: 11 | (2 << 8) })).toBe('storage_corrupt');
	expect(failure({ code: 'ERR_SQLITE_ERROR', errcode: 10, systemErrno: 28 })).toBe('storage_full');
	expect(failure({ code: 'ERR_SQLITE_ERROR', errcode: 14, systemErrno: 30 })).toBe('storage_read_only');
	expect(failure({ code: 'EROFS' })).toBe('storage_read_only');
	expect(failure({ code: 'ENOSPC' })).toBe('storage_full');
	expect(failure({})).toBe('storage_failed');
	expect(storageFailure('Test', 'a string').message).toContain('a string');
});

test('without any SQLite the runtime is unavailable, and the message says what to install', async () => {
	vi.resetModules();
	vi.doMock('@photostructure/sqlite', () => {
		throw new Error('not installed');
	});
	const { loadDriver } = await import('../../../adapters/storage-sqlite/driver.js');
	const builtIn = await import('node:module').then(({ isBuiltin }) => isBuiltin('node:sqlite'));
	if (builtIn) expect((await loadDriver())(':memory:').exec('SELECT 1')).toBeUndefined();
	else
		await expect(loadDriver()).rejects.toMatchObject({
			code: 'unavailable',
			message: expect.stringContaining('npm install @photostructure/sqlite'),
		});
	vi.doUnmock('@photostructure/sqlite');
});

describe('rows of the vendor alongside', () => {
	const sales = (): unknown => firstValue(database as unknown as SqliteHandle, 'SELECT count(*) FROM sale');

	test('JRN4 go down in the very commit, one with what waited before, under FULL', async () => {
		const storage = await sqlite({ database }).open('till');
		const before = storage.write(put('before'));
		expect(storage.transact?.(put('k'), () => database.exec('INSERT INTO sale VALUES (1)'))).toBe(true);
		expect(database.commits).toEqual([2]);
		await before;
		expect(sales()).toBe(1);
		await storage.close();
	});

	test('JRN4 JRN5 a throw takes both back, and is no failure of the storage', async () => {
		const storage = await sqlite({ database }).open('till');
		const insert = () => {
			database.exec('INSERT INTO sale VALUES (1)');
			database.exec('INSERT INTO nowhere VALUES (1)');
		};
		expect(() => storage.transact?.(put('k'), insert)).toThrow(expect.objectContaining({ code: 'work_failed' }));
		expect([sales(), await storage.read('k')]).toEqual([0, []]);
		await storage.write(put('later'));
		await storage.close();
	});

	test('JRN4 what the schema puts off until the end is refused as a throw is', async () => {
		database.exec('PRAGMA foreign_keys = ON; CREATE TABLE parent (id INTEGER PRIMARY KEY)');
		database.exec('CREATE TABLE child (of INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)');
		const storage = await sqlite({ database }).open('till');
		const before = storage.write(put('before'));
		const insert = () => database.exec('INSERT INTO child VALUES (7)');
		expect(() => storage.transact?.(put('k'), insert)).toThrow(expect.objectContaining({ code: 'work_failed' }));
		await before;
		expect((await storage.read('')).map(({ key }) => key)).toEqual(['before']);
		await storage.close();
	});

	test.each(['COMMIT', 'ROLLBACK', 'COMMIT; BEGIN'])('JRN4 %s inside takes nothing of ours along', async (sql) => {
		const storage = await sqlite({ database }).open('till');
		const before = storage.write(put('before'));
		expect(() => storage.transact?.(put('k'), () => database.exec(sql))).toThrow(
			expect.objectContaining({ code: 'bad_argument', path: 'alongside' }),
		);
		await before;
		expect((await storage.read('')).map(({ key }) => key)).toEqual(['before']);
		await storage.close();
	});

	test("JRN4 inside a transaction of the vendor's own it does nothing and says so", async () => {
		const storage = await sqlite({ database }).open('till');
		let calls = 0;
		const count = () => void calls++;
		database.exec('BEGIN');
		expect(storage.transact?.(put('k'), count)).toBe(false);
		database.exec('COMMIT');
		expect(calls).toBe(0);
		expect(storage.transact?.(put('k'), count)).toBe(true);
		expect(calls).toBe(1);
		await storage.close();
	});
});
