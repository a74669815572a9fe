import { expect, test } from 'vitest';
import { memoryLink } from '../../adapters/link-memory/index.js';
import { memory } from '../../adapters/storage-memory/index.js';
import { openTill } from '../../src/till.js';

const open = (store: string, more = {}) =>
	openTill({
		chain: 'tea-house',
		store,
		name: `till of ${store}`,
		storage: memory(),
		zone: 'Asia/Shanghai',
		currency: { code: 'CNY', decimals: 2 },
		links: [],
		...more,
	});

test('an opened till tells headquarters by itself which price lists it has', async () => {
	await using hq = await open('hq', { keeps: { stores: 'all' }, home: ['*/*'] });
	await using till = await open('sh-1');
	const line = memoryLink();
	hq.replica.addLink(line.a);
	till.replica.addLink(line.b);
	const from = new Date(hq.shop.nowMs()).toISOString();
	const sent = await hq.catalog.publish(
		{ version: 'v1', from, stores: 'all', prices: { TEA: 900 } },
		{ idempotencyKey: 'v1' },
	);
	if (!sent.ok) throw new Error(sent.message);
	await sent.value.reach.when(({ has }) => has === 2, { timeoutMs: 10_000 });
	expect(sent.value.reach.get()).toEqual({ has: 2, of: 2, missing: [] });
	expect(till.catalog.price('TEA')?.amount).toBe(900);
});

test('a store whose name would split a ledger is refused, and nothing is left open', async () => {
	const storage = memory();
	await expect(open('sh/1', { storage })).rejects.toMatchObject({ path: 'store' });
	await using till = await open('sh-1', { storage });
	expect(till.shop.store).toBe('sh-1');
});
