/** Whether a customer finds the last cups, though they lie in twelve tills, some of which are offline. */
import { dayOf, storeDay } from './shares-demand.js';
import { Shop } from './shares-shop.js';
import { type Served, type Strategy, serve, strategies } from './shares-strategies.js';
import type { BenchOptions, Table } from './table.js';

const offline = [0, 0.05, 0.2];

interface Sums {
	customers: number;
	atOnce: number;
	waited: number;
	refused: number;
	grants: number;
}

/** One day. Refused in error: there was stock, and the customer went away without. */
async function live(strategy: Strategy, seed: number, offlinePart: number, sums: Sums): Promise<void> {
	const plan = { ...storeDay, offline: offlinePart };
	const shop = new Shop(seed);
	await shop.open(plan, strategy.restsAt, strategy.restAfterMs);
	const startMs = shop.time.nowMs;
	const served: Promise<Served>[] = [];
	for (const event of dayOf(plan, seed)) {
		await shop.time.pass(startMs + event.atMs);
		const till = shop.tills[event.till];
		if (!till) continue;
		if (event.what === 'customer') served.push(serve(strategy, shop, till));
		else if (event.what === 'down') till.line.cut();
		else till.line.heal();
	}
	await shop.time.pass(shop.time.nowMs + 10_000);
	const all = await Promise.all(served);
	const count = (what: Served) => all.filter((one) => one === what).length;
	const sold = all.length - count('refused');
	sums.customers += all.length;
	sums.atOnce += count('at once');
	sums.waited += count('waited');
	sums.refused += count('refused');
	sums.grants += await shop.close(sold, plan.units);
}

export async function shares({ quick = false }: BenchOptions): Promise<Table> {
	const seeds = quick ? 4 : 40;
	const rows: (string | number)[][] = [];
	const figures: Record<string, number> = {};
	const percent = (part: number, of: number) => Number(((100 * part) / of).toFixed(2));
	for (const part of offline)
		for (const strategy of strategies) {
			const sums: Sums = { customers: 0, atOnce: 0, waited: 0, refused: 0, grants: 0 };
			for (let seed = 1; seed <= seeds; seed++) await live(strategy, seed, part, sums);
			const { customers, atOnce, waited, refused, grants } = sums;
			const grantsPerSale = Number((grants / (atOnce + waited)).toFixed(3));
			const shown = [percent(atOnce, customers), percent(waited, customers), percent(refused, customers)];
			rows.push([`${part * 100} % offline: ${strategy.name}`, ...shown, grantsPerSale]);
			process.stderr.write(`${rows.at(-1)?.join('  ')}\n`);
		}
	return {
		title: 'Shares',
		columns: ['', 'at once %', 'waited %', 'refused in error %', 'grants a sale'],
		rows,
		figures,
	};
}
