/** Whether a customer finds the last cups, though they lie in twelve tills, some of which are offline. */
import { type DayPlan, dayOf, storeDay } from './shares-demand.js';
import { Shop } from './shares-shop.js';
import { byDemand, half, resting, type Served, type Strategy, serve, staticSplit } from './shares-strategies.js';
import type { BenchOptions, Table } from './table.js';

/** What is played at each part of the tills offline. What rests in the store is there for comparison. */
const played: readonly (readonly [number, readonly Strategy[]])[] = [
	[0, [staticSplit, half, byDemand]],
	[0.05, [staticSplit, half, byDemand, resting]],
	[0.2, [staticSplit, half, byDemand]],
];

interface Sums {
	customers: number;
	atOnce: number;
	waited: number;
	refused: number;
	grants: number;
}

/** One day. Refused in error: there was stock, and the customer went away without. */
export async function playDay(strategy: Strategy, seed: number, offlinePart: number, sums: Sums): Promise<void> {
	const plan = { ...storeDay, offline: offlinePart };
	const shop = new Shop(seed);
	await shop.open(plan, strategy.restsAt, strategy.restAfterMs);
	if (strategy.alone) for (const { line } of shop.tills) line.cut();
	const startMs = shop.time.nowMs;
	const served: Promise<Served>[] = [];
	for (const event of dayOf(plan, seed)) {
		await shop.time.pass(startMs + event.atMs);
		const till = shop.tills[event.till];
		if (!till) continue;
		if (event.what === 'customer') served.push(serve(strategy, shop, till));
		else if (event.what === 'down') till.line.cut();
		else if (!strategy.alone) till.line.heal();
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

const percent = (part: number, of: number) => Number(((100 * part) / of).toFixed(2));

function rowOf(name: string, { customers, atOnce, waited, refused, grants }: Sums): (string | number)[] {
	const perSale = Number((grants / (atOnce + waited)).toFixed(3));
	return [name, percent(atOnce, customers), percent(waited, customers), percent(refused, customers), perSale];
}

const note = ({ tills, units, outageMs }: DayPlan, seeds: number) =>
	`${seeds} days of ten hours on the real replicas, in virtual time: a home and ${tills} tills over memory links, ${units} units of one product split evenly at opening, 228 customers of one unit each; in every hour three other tills get three quarters of them. Lines fail for ${outageMs / 60_000} minutes on average. Waited: served within 3 s. Refused in error: refused, though there was stock somewhere. Grants include the ${tills} of the opening. After every day all replicas agree and no unit is sold twice.`;

/** `--quick` plays four days instead of twenty. */
export async function shares({ quick = false }: BenchOptions): Promise<Table> {
	const seeds = quick ? 4 : 20;
	const rows: (string | number)[][] = [];
	let figures: Record<string, number> = {};
	for (const [part, all] of played)
		for (const strategy of all) {
			const sums: Sums = { customers: 0, atOnce: 0, waited: 0, refused: 0, grants: 0 };
			for (let seed = 1; seed <= seeds; seed++) await playDay(strategy, seed, part, sums);
			rows.push(rowOf(`${100 * part} % offline, ${strategy.name}`, sums));
			process.stderr.write(`${rows.at(-1)?.join('  ')}\n`);
			if (part !== 0.05 || strategy !== byDemand) continue;
			const { customers, atOnce, waited, refused, grants } = sums;
			figures = {
				notAtOncePercent: percent(customers - atOnce, customers),
				refusedPercent: percent(refused, customers),
				grantsPerSale: Number((grants / (atOnce + waited)).toFixed(3)),
			};
		}
	const columns = ['', 'at once %', 'waited %', 'refused in error %', 'grants a sale'];
	return { title: 'Shares that find their way', note: note(storeDay, seeds), columns, rows, figures };
}
