import { openTill } from '../src/till.js';
import { type Kept, optionsOf } from './sizing-tills.js';
import type { BenchOptions } from './table.js';

export interface Opened {
	readonly bytes: number;
	readonly openMs: number;
	readonly heapBytes: number;
}

/** Opens a till that is there, and says what that took. */
export async function sizingOpen(_: BenchOptions, args: readonly string[]): Promise<Opened> {
	const [file = '', members = 'all', store, name, sku = ''] = args;
	const start = performance.now();
	const till = await openTill(optionsOf(file, members as Kept, store, name)); // sizing gives one of them
	const isReady = till.canCheckout({
		lines: [{ sku, qty: 1, unitPrice: 100 }],
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
