import { BadArgument, openReplica } from 'tillmesh';
import { memory, memoryLink } from 'tillmesh/memory';
import { attachReplica, shareReplica } from 'tillmesh/windows';
import { expect, test } from 'vitest';
import { Store } from '../../property/shares-store.js';

const minuteMs = 60_000;

test('ESC10 a pool is told once where its shares rest, and nothing but the three places', async () => {
	const store = await Store.open(1, 0, [1]);
	const ledger = store.home.ledger('stock/a');
	expect(() => ledger.pool('q', { restsAt: 'shelf' as 'store' })).toThrow(BadArgument);
	const q = ledger.pool('q', { restsAt: 'hq' });
	expect(ledger.pool('q')).toBe(q);
	expect(ledger.pool('q', { restsAt: 'hq' })).toBe(q);
	expect(() => ledger.pool('q', { restsAt: 'device' })).toThrow('"q" has hq already');
	await store.close();
});

test('ESC10 ESC5 the right to resolve an exception does not stay with a till that made it and went quiet', async () => {
	const store = await Store.open(2, 0, [0, 0], { policy: 'soft' });
	const [till] = store.tills;
	expect(till && (await store.sell(till))).toBe(true);
	await store.world.pass(minuteMs);
	const { id = '' } = store.home.ledger('stock/a').exceptions()[0] ?? {};
	till?.line.cut();
	await store.world.pass(minuteMs);
	expect(await claim(store, id)).toBe(false);
	till?.line.heal();
	await store.world.pass(12 * minuteMs);
	till?.line.cut();
	expect(await claim(store, id)).toBe(true);
	await store.close();
});

test('ESC10 a window closes the day of its till', async () => {
	const home = await openReplica({
		chain: 'c',
		name: 'home',
		keeps: ['stock/a'],
		home: ['stock/a'],
		storage: memory(),
	});
	const till = await openReplica({ chain: 'c', name: 'till', keeps: ['stock/a'], storage: memory() });
	const line = memoryLink();
	home.addLink(line.a);
	till.addLink(line.b);
	const pool = home.ledger('stock/a').pool('p');
	await home.commit((tx) => tx.mint(pool, 'x', 5, 'D'));
	expect(await till.ledger('stock/a').pool('p').ensure('x', 5, { timeoutMs: 5_000 })).toBe(5);
	const { port1, port2 } = new MessageChannel();
	const stop = shareReplica(till, port1);
	const window = await attachReplica(port2);
	expect(await window.returnShares()).toEqual({ unsynced: 0, sharesKept: 0 });
	await pool.total('x').when(() => pool.mine('x') === 5, { timeoutMs: 5_000 });
	await window.shutdown();
	stop();
	await till.shutdown();
	await home.shutdown();
});

async function claim({ home, world }: Store, id: string): Promise<boolean> {
	const claimed = home.ledger('stock/a').claim(id, { timeoutMs: 500 });
	await world.pass(500);
	return claimed;
}

test('ESC10 what a manager gives to an idle till counts as a new beginning, and what somebody waits for stays', async () => {
	const store = await Store.open(3, 9, [0, 0], { restsAt: 'store' });
	const [till] = store.tills;
	if (!till) throw new Error('two were opened');
	await store.world.pass(30 * minuteMs);
	await store.home.commit((tx) => tx.grant(store.pool, 'x', 4, till.replica.device));
	await store.world.pass(8 * minuteMs);
	expect(till.pool.mine('x')).toBe(4);
	const waiting = till.pool.ensure('x', 99, { timeoutMs: 20 * minuteMs });
	await store.world.pass(15 * minuteMs);
	expect(till.pool.mine('x')).toBe(9);
	await store.world.pass(5 * minuteMs);
	expect(await waiting).toBe(9);
	await store.world.pass(12 * minuteMs);
	expect(till.pool.mine('x')).toBe(0);
	await store.close();
});

test('P30 a till asks ahead of its customers: the line fails right after the sale that left little, and it sells on', async () => {
	const store = await Store.open(4, 40, [3]);
	const [till] = store.tills;
	if (!till) throw new Error('one was opened');
	for (let sale = 0; sale < 2; sale++) expect(await store.sell(till)).toBe(true);
	await store.world.pass(200);
	till.line.cut();
	for (let sale = 0; sale < 5; sale++) expect(await store.sell(till)).toBe(true);
	await store.close();
});
