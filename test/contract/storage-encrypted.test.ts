import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, test } from 'vitest';
import { encrypted } from '../../adapters/storage-encrypted/index.js';
import { memory } from '../../adapters/storage-memory/index.js';
import { sqlite } from '../../adapters/storage-sqlite/index.js';
import { storageContract } from './index.js';

const key = Uint8Array.from({ length: 32 }, (_, i) => i);

describe('storage-encrypted, over memory', () => {
	storageContract(() => {
		const adapter = memory();
		return { adapter: encrypted(adapter, key), breakWrites: () => adapter.failNextWrite('storage_full') };
	}, test);
});

describe('storage-encrypted, over a file of SQLite', () => {
	storageContract(() => {
		const at = mkdtempSync(join(tmpdir(), 'tillmesh-'));
		const path = join(at, 'till.db');
		return {
			adapter: encrypted(sqlite(path), key),
			again: encrypted(sqlite(path), key),
			breakWrites() {
				const other = new DatabaseSync(path);
				other.exec('DROP TABLE tillmesh_record');
				other.close();
			},
			dispose: () => rmSync(at, { recursive: true }),
		};
	}, test);
});
