import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { webSocket } from '../../../adapters/link-websocket/index.js';
import { startRelay } from '../../../adapters/relay/index.js';
import { sqlite } from '../../../adapters/storage-sqlite/index.js';
import { openTill, type Till, type TillOptions } from '../../../src/till.js';

/** A folder that goes with the test. */
export function folder(): string {
	const path = mkdtempSync(join(tmpdir(), 'audit-'));
	onTestFinished(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

export const shopOptions = {
	chain: 'lily-tea',
	store: 'sh-014',
	zone: 'Asia/Shanghai',
	currency: { code: 'CNY', decimals: 2 },
} as const;

export async function openOn(file: string, name: string, more: Partial<TillOptions> = {}): Promise<Till> {
	const till = await openTill({ ...shopOptions, name, storage: sqlite(file), ...more });
	onTestFinished(async () => void (await till.shutdown()));
	return till;
}

/** Cups come in, are sold and given on; `relay` has all of it where one is started. */
export async function sellCups(till: Till, sales: number, cart = 'cart'): Promise<void> {
	await till.catalog.define([{ sku: 'CUP', name: 'Cup' }]);
	await till.stock.receive({ document: 'PO-77', lines: [{ sku: 'CUP', qty: 40 }] }, { idempotencyKey: 'PO-77' });
	for (let i = 0; i < sales; i++) {
		const sale = await till.checkout(
			{ lines: [{ sku: 'CUP', qty: 2, unitPrice: 1800 }], tenders: [{ kind: 'cash', amount: 3600 }] },
			{ idempotencyKey: `${cart}-${i}`, by: 'ann', note: '少冰' },
		);
		if (!sale.ok) throw new Error(sale.message);
	}
}

export async function startAt(data: string) {
	const relay = await startRelay({ data, listen: '127.0.0.1:0', chain: shopOptions.chain, store: 'sh-014' });
	onTestFinished(() => relay.close());
	return { relay, link: () => webSocket(relay.url) };
}
