import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, test } from 'vitest';
import { sqlite } from '../../adapters/storage-sqlite/index.js';
import { storageContract } from './index.js';

const folder = (): string => mkdtempSync(join(tmpdir(), 'tillmesh-'));

describe('storage-sqlite, a file of its own', () => {
	storageContract(() => {
		const at = folder();
		const path = join(at, 'till.db');
		symlinkSync(at, join(at, 'link'));
		return {
			adapter: sqlite(path),
			again: sqlite(join(at, 'link', '.', 'till.db')),
			breakWrites() {
				const other = new DatabaseSync(path);
				other.exec('DROP TABLE tillmesh_record');
				other.close();
			},
			dispose: () => rmSync(at, { recursive: true }),
		};
	}, test);
});

for (const journal of ['wal', 'delete']) {
	describe(`storage-sqlite, in an open database of the vendor's (journal_mode ${journal})`, () => {
		storageContract(() => {
			const at = folder();
			const database = new DatabaseSync(join(at, 'pos.db'));
			database.exec(`PRAGMA journal_mode = ${journal}; PRAGMA synchronous = NORMAL; CREATE TABLE sale (id INTEGER)`);
			const other = new DatabaseSync(join(at, 'pos.db'));
			return {
				adapter: sqlite({ database, prefix: 'mesh_' }),
				again: sqlite({ database: other, prefix: 'mesh_' }),
				breakWrites: () => database.exec('PRAGMA max_page_count = 3'),
				dispose() {
					other.close();
					database.close();
					rmSync(at, { recursive: true });
				},
			};
		}, test);
	});
}

describe("storage-sqlite, in a vendor's database in memory", () => {
	storageContract(() => {
		const database = new DatabaseSync(':memory:');
		return { adapter: sqlite({ database }), again: sqlite({ database }), dispose: () => database.close() };
	}, test);
});
