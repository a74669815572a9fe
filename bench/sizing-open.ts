import { sqlite } from '../adapters/storage-sqlite/index.js';
import { openTill } from '../src/till.js';
import type { BenchOptions } from './table.js';

export interface Opened {
	readonly bytes: number;
	readonly openMs: number;
	readonly heapBytes: number;
}

/** Opens a till that is there, and says what that took. */
export async function sizingOpen(_: BenchOptions, [file = '', members = 'all']: readonly string[]): Promise<Opened> {
	const start = performance.now();
	const till = await openTill({
		chain: 'bench',
		store: 'sh-014',
		name: 'till-1',
		storage: sqlite(file),
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
		members: { secret: 'sixteen bytes or more' },
		keeps: { members: members === 'none' ? 'none' : 'all' },
	});
	const isReady = till.canCheckout({
		lines: [{ sku: 'SKU-000001', qty: 1, unitPrice: 100 }],
		tenders: [{ kind: 'cash', amount: 100 }],
	});
	const openMs = performance.now() - start;
	if (!isReady.ok) throw new Error(isReady.message);
	globalThis.gc?.();
	const heapBytes = process.memoryUsage().heapUsed;
	const bytes = await till.replica.bytes();
	await till.shutdown();
	return { bytes, openMs, heapBytes };
}
