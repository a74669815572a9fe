import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { encrypted } from '../../adapters/at-rest/index.js';
import { memory } from '../../adapters/storage-memory/index.js';
import { sqlite } from '../../adapters/storage-sqlite/index.js';
import { storageContract } from './index.js';

const key = new Uint8Array(32).fill(7);

describe('at-rest over memory', () => {
	storageContract(() => {
		const inner = memory();
		return { adapter: encrypted(inner, key), breakWrites: () => inner.failNextWrite('storage_full') };
	}, test);
});

describe('at-rest over SQLite', () => {
	storageContract(() => {
		const at = mkdtempSync(join(tmpdir(), 'tillmesh-'));
		return { adapter: encrypted(sqlite(join(at, 'till.db')), key), dispose: () => rmSync(at, { recursive: true }) };
	}, test);
});
