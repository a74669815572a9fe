import { test } from 'vitest';
import { memory } from '../../adapters/storage-memory/index.js';
import { storageContract } from './index.js';

storageContract(() => {
	const adapter = memory();
	return { adapter, breakWrites: () => adapter.failNextWrite('storage_full') };
}, test);
