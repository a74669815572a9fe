import { expect, test } from 'vitest';
import { key, Store, type Till } from '../../property/shares-store.js';

const tills = 8;
const units = 800;
const everyMs = 10;

/** One customer after the other, until this till sees that all is sold. Answers when it sold last. */
async function sellOut(store: Store, till: Till): Promise<number> {
	const { timers } = store.world;
	const level = () => till.pool.total(key).get().level;
	let lastMs = 0;
	for (let customers = 0; customers < units; customers++) {
		await new Promise<void>((resolve) => timers.after(everyMs, resolve));
		if (await store.sell(till)) lastMs = store.world.nowMs;
		else if (level() <= 0) return lastMs;
		else await till.pool.ensure(key, 1, { timeoutMs: 500 });
	}
	return lastMs;
}

test('P30 a hot product that lies in one of eight tills sells out nearly as fast as eight tills can sell, by a few grants', async () => {
	const store = await Store.open(1, 0, [units, ...Array.from({ length: tills - 1 }, () => 0)]);
	const [startMs, before] = [store.world.nowMs, store.grants().length];
	const selling = store.tills.map((till) => sellOut(store, till));
	await store.world.pass(5_000);
	const tookMs = Math.max(...(await Promise.all(selling))) - startMs;
	expect(tookMs).toBeLessThan(1.25 * (units / tills) * everyMs);
	expect(store.pool.total(key).get()).toMatchObject({ minted: units, spent: units });
	expect(store.grants().length - before).toBeLessThan(0.08 * units);
	expect(store.home.check()).toEqual([]);
	await store.close();
}, 60_000);
