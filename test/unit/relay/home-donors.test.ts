import { expect, test } from 'vitest';
import { homeDonors } from '../../../src/relay/home-donors.js';
import type { ShareAsk } from '../../../src/sync/frames.js';
import { Store } from '../../property/shares-store.js';

const ask = (pool: string, ledger = 'stock/a'): ShareAsk => ({
	kind: 'ask',
	id: 'a',
	ledger,
	pool,
	amount: 1,
	need: 1,
	to: 'x',
	donor: '',
	hops: 1,
});

test('ESC5 the home names who has shares, the richest first, and who has the right to resolve an exception', async () => {
	const store = await Store.open(3, 2, [1, 4], { policy: 'soft' });
	const [poor, rich] = store.tills.map(({ replica }) => replica.device);
	let home: typeof store.home | undefined = store.home;
	const donors = homeDonors(() => home);
	expect(donors(ask('p/x'))).toEqual([
		{ device: store.home.device, amount: Number.POSITIVE_INFINITY },
		{ device: rich, amount: 4 },
		{ device: poor, amount: 1 },
	]);
	const [till] = store.tills;
	expect(till && (await store.sell(till, 3))).toBe(true);
	await store.world.pass(1_000);
	const { id = '' } = store.home.ledger('stock/a').exceptions()[0] ?? {};
	expect(donors(ask(`exception/${id}`))).toEqual([
		{ device: store.home.device, amount: 0 },
		{ device: poor, amount: 1 },
	]);
	expect(donors(ask('p/x', 'stock/unknown'))).toEqual([]);
	home = undefined;
	expect(donors(ask('p/x'))).toEqual([]);
	await store.close();
});
