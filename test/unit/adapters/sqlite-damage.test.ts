import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqlite } from '../../../adapters/storage-sqlite/index.js';
import { TillmeshError } from '../../../src/base/errors.js';
import type { StoredRecord } from '../../../src/ports/storage.js';
import { seeded } from '../../contract/check.js';

/** TILLMESH_FLIPS=100000 for more. */
const flips = Number(process.env.TILLMESH_FLIPS ?? 400);
const pageBytes = 4_096;

let folder: string;
let path: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'tillmesh-'));
	path = join(folder, 'till.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A closed file with free pages, overflow pages and interior pages. */
async function makeFile(): Promise<readonly StoredRecord[]> {
	const storage = await sqlite(path).open('maker');
	const random = seeded(1);
	const key = (n: number): string => `r/${n % 4}/${String(n).padStart(6, '0')}`;
	for (let from = 0; from < 400; from += 20) {
		const ids = Array.from({ length: 20 }, (_, i) => from + i);
		const puts = ids.map((n) => ({
			key: key(n),
			value: new Uint8Array(n % 20 === 3 ? 9_000 : 50 + n).map(() => random() * 256),
		}));
		await storage.write({ puts, deletes: from > 100 ? ids.slice(0, 5).map((n) => key(n - 100)) : [] });
	}
	const records = await storage.read('');
	await storage.close();
	return records;
}

const codes = /^(storage_corrupt|storage_foreign|storage_read_only|newer_format)$/;

/** What opening and reading a damaged file gives: the keys, or the code of a typed failure. */
async function inspect(): Promise<readonly string[] | string> {
	try {
		const storage = await sqlite(path).open('inspector');
		try {
			return (await storage.read('')).map(({ key }) => key);
		} finally {
			await storage.close();
		}
	} catch (error) {
		if (error instanceof TillmeshError) return error.code;
		throw error;
	}
}

/** What is damaged inside a value is for the reader of values to see. */
function expectTypedOr(keys: readonly string[], found: readonly string[] | string, where: string): void {
	if (typeof found === 'string') expect(found, where).toMatch(codes);
	else expect(found, where).toEqual(keys);
}

/** The file's header, the headers of pages and the keys are small and matter most; every fourth lies anywhere. */
function place(i: number, file: Buffer, random: () => number): number {
	const anywhere = random() * file.length;
	if (i % 4 === 0) return Math.floor(random() * 100);
	if (i % 4 === 1) return Math.floor(Math.floor(anywhere / pageBytes) * pageBytes + random() * 16);
	if (i % 4 === 2) return Math.max(file.indexOf('r/', anywhere), 0) + Math.floor(random() * 10);
	return Math.floor(anywhere);
}

function clean(): void {
	for (const name of readdirSync(folder)) rmSync(join(folder, name));
}

describe('a damaged file', () => {
	test(`flipped bytes, ${flips} of them: a typed failure, or every record is there under its key`, async () => {
		const keys = (await makeFile()).map(({ key }) => key);
		const whole = readFileSync(path);
		const random = seeded(2);
		let refused = 0;
		for (let i = 0; i < flips; i++) {
			const at = place(i, whole, random);
			const damaged = Buffer.from(whole);
			damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
			clean();
			writeFileSync(path, damaged);
			const found = await inspect();
			expectTypedOr(keys, found, `byte ${at}`);
			if (typeof found === 'string') refused++;
		}
		expect(refused).toBeGreaterThan(flips / 20);
	}, 120_000);

	test('cut off at every page and at odd lengths: a typed failure, never fewer records', async () => {
		const keys = (await makeFile()).map(({ key }) => key);
		const whole = readFileSync(path);
		const lengths = Array.from({ length: whole.length / pageBytes }, (_, i) => i * pageBytes);
		for (const length of [...lengths, 1, 50, 99, 100, 511, 5_000, whole.length - 1]) {
			writeFileSync(path, whole.subarray(0, length));
			expectTypedOr(keys, await inspect(), `${length} of ${whole.length} bytes`);
		}
		writeFileSync(path, whole);
		expect(await inspect()).toEqual(keys);
	}, 60_000);

	test('emptied after it held records: storage_corrupt; deleted: a new and empty one', async () => {
		await makeFile();
		truncateSync(path);
		expect(await inspect()).toBe('storage_corrupt');
		expect(await inspect()).toBe('storage_corrupt');
		rmSync(path);
		expect(await inspect()).toEqual([]);
	});

	for (const [what, sql] of Object.entries({
		'a record deleted': "DELETE FROM tillmesh_record WHERE key = 'r/0/000012'",
		'a key renamed': "UPDATE tillmesh_record SET key = 'r/0/00001x' WHERE key = 'r/0/000012'",
		'the tally deleted': "DELETE FROM tillmesh_record WHERE key = ''",
	})) {
		test(`${what} behind our back: storage_corrupt`, async () => {
			await makeFile();
			const other = new DatabaseSync(path);
			expect(other.prepare(sql).run().changes).toBe(1);
			other.close();
			expect(await inspect()).toBe('storage_corrupt');
		});
	}
});

describe("somebody else's file", () => {
	test('a text, a folder and another SQLite database are storage_foreign and stay as they are, with no lock beside', async () => {
		writeFileSync(path, 'date,sku,qty\n'.repeat(500));
		const otherPath = join(folder, 'other.db');
		const other = new DatabaseSync(otherPath);
		other.exec('PRAGMA journal_mode = WAL; CREATE TABLE sale (id INTEGER); INSERT INTO sale VALUES (1)');
		const before = [readFileSync(path), readFileSync(otherPath)];
		for (const at of [path, otherPath, folder])
			await expect(sqlite(at).open('till')).rejects.toMatchObject({ name: 'StorageError', code: 'storage_foreign' });
		expect([readFileSync(path), readFileSync(otherPath)]).toEqual(before);
		other.close();
		expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([]);
	});

	test('a table of our name with other columns is storage_foreign', async () => {
		const other = new DatabaseSync(path);
		other.exec('CREATE TABLE tillmesh_record (id INTEGER)');
		other.close();
		expect(await inspect()).toBe('storage_foreign');
	});

	test('JRN12 a table of a newer format is newer_format', async () => {
		await makeFile();
		const other = new DatabaseSync(path);
		other.exec("UPDATE tillmesh_record SET value = '2 0 0' WHERE key = ''");
		other.close();
		expect(await inspect()).toBe('newer_format');
	});

	test('a missing folder is storage_failed; what is no path of a file is bad_argument', async () => {
		await expect(sqlite(join(folder, 'no', 'till.db')).open('till')).rejects.toMatchObject({ code: 'storage_failed' });
		for (const wrong of ['', ':memory:', 'file:till.db?mode=memory'])
			expect(() => sqlite(wrong)).toThrow(expect.objectContaining({ code: 'bad_argument' }));
		for (const prefix of ['', '1', 'a b', "x'; DROP TABLE sale; --"])
			expect(() => sqlite(path, { prefix })).toThrow(expect.objectContaining({ code: 'bad_argument' }));
	});
});
