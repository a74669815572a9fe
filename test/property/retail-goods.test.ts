import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SkuDef } from '../../src/retail/documents/sku.js';
import type { VarianceLine } from '../../src/retail/transfers/transfer.js';
import { type Goods, openGoods } from '../scenario/retail/goods.js';
import { key } from '../scenario/retail/shops.js';
import { checkProperty } from './model/runs.js';

const products: readonly SkuDef[] = [
	{ sku: 'HARD', name: 'Hard' },
	{ sku: 'SOFT', name: 'Soft', policy: 'soft' },
	{ sku: 'LOTS', name: 'Kept by lots', lots: 'fefo' },
	{
		sku: 'PAIR',
		name: 'Two of one, one of the other',
		kit: [
			{ sku: 'HARD', qty: 2 },
			{ sku: 'SOFT', qty: 1 },
		],
	},
];
const skus = ['HARD', 'SOFT', 'LOTS'] as const;
const tillsPerStore = 2;
const stores = ['sh-1', 'sh-2'] as const;
const tills = stores.length * tillsPerStore;

const whats = [
	'sell',
	'sell',
	'sell',
	'sell',
	'sell',
	'sell',
	'count',
	'count',
	'count',
	'count',
	'count',
	'isolate',
	'isolate',
	'isolate',
	'meet',
	'meet',
	'ship',
	'ship',
	'arrive',
	'arrive',
	'resolve',
	'resolve',
	'receive',
	'sell-kit',
	'refund',
	'waste',
	'issue',
	'return',
	'assemble',
	'take-apart',
	'steal',
	'fetch',
	'fetch',
	'crash',
	'explain',
] as const;

/** What carries goods away. */
const taking: ReadonlySet<string> = new Set(['sell', 'refund', 'waste', 'issue', 'return', 'ship']);
const pairing: ReadonlySet<string> = new Set(['sell-kit', 'assemble']);

interface Step {
	readonly what: (typeof whats)[number];
	readonly till: number;
	readonly sku: (typeof skus)[number];
	readonly qty: number;
}

const history = fc.array(
	fc.record<Step>({
		what: fc.constantFrom(...whats),
		till: fc.nat(tills - 1),
		sku: fc.constantFrom('HARD', 'HARD', 'SOFT', 'SOFT', 'LOTS'),
		qty: fc.integer({ min: 1, max: 5 }),
	}),
	{ minLength: 20, maxLength: 60, size: 'max' },
);

/** What lies on the shelves and in the vans, whatever anybody's books say. */
class Truth {
	readonly shelves = new Map<string, number>();
	/** Went from a shelf since it was last counted, and nobody wrote it down. */
	readonly unwritten = new Map<string, number>();
	readonly stolen = new Set<string>();
	readonly vans = new Map<
		string,
		{ readonly to: number; readonly from: number; readonly lines: readonly { sku: string; qty: number }[] }
	>();

	move(store: string, sku: string, qty: number): void {
		const at = `${store} ${sku}`;
		this.shelves.set(at, (this.shelves.get(at) ?? 0) + qty);
	}

	/**
	 * Nobody carries away what is not there. Soft goods are promised for later too, but not once something was stolen: then
	 * a count would have to take back what was promised.
	 */
	isThere(store: string, sku: string, qty: number): boolean {
		return this.on(store, sku) >= qty || (sku === 'SOFT' && !this.stolen.has(`${store} ${sku}`));
	}

	on(store: string, sku: string): number {
		return this.shelves.get(`${store} ${sku}`) ?? 0;
	}
}

const title =
	'what came is sold, used, thrown away, returned, on hand, in transit or a variance, whatever happened where';
test(title, async () => {
	const property = fc.asyncProperty(history, fc.nat(1_000), async (steps, seed) => {
		const goods = await openGoods(products, { stores: stores.length, tillsPerStore, seed });
		const truth = new Truth();
		for (let n = 0; n < tills; n++)
			await play(goods, truth, { what: 'receive', till: n, sku: n % 2 ? 'SOFT' : 'HARD', qty: 4 }, -n);
		await goods.shops.meet();
		for (let n = 0; n < tills; n++) await play(goods, truth, { what: 'fetch', till: n, sku: 'HARD', qty: 4 }, 0);
		for (const [i, step] of steps.entries()) {
			await play(goods, truth, step, i);
			await goods.shops.world.advance(5);
		}
		await goods.shops.meet();
		await goods.shops.world.advance(20_000); // late corrections fetch what they need
		await goods.shops.meet();
		check(goods, truth);
		await goods.shops.world[Symbol.asyncDispose]();
	});
	await checkProperty(title, property, 0.02);
});

async function play(goods: Goods, truth: Truth, { what, till: n, sku, qty }: Step, i: number): Promise<void> {
	const { world } = goods.shops;
	const till = goods.till(n);
	const store = stores[Math.floor(n / tillsPerStore)] ?? '';
	const other = 1 - Math.floor(n / tillsPerStore);
	const move = (of: string, by: number) => truth.move(store, of, by);
	const lines = [{ sku, qty }];
	const isThere = truth.isThere(store, sku, qty);
	const isPairThere = truth.isThere(store, 'HARD', 2) && truth.isThere(store, 'SOFT', 1);
	if (taking.has(what) && !isThere) return;
	if (pairing.has(what) && !isPairThere) return;
	switch (what) {
		case 'receive': {
			const lot = sku === 'LOTS' ? { lot: `L-${i % 3}`, expiresOn: `2999-01-0${1 + (i % 3)}` } : {};
			const delivery = { document: `PO-${i}`, lines: [{ sku, qty: qty * 3, ...lot }] };
			if ((await till.stock.receive(delivery, key())).ok) move(sku, qty * 3);
			// Booked again under another key: counts once.
			await till.stock.receive(delivery, key());
			return;
		}
		case 'sell':
			if ((await till.sell(lines)).ok) move(sku, -qty);
			return;
		case 'sell-kit': {
			const sold = await till.sell([{ sku: 'PAIR', qty: 1 }]);
			if (sold.ok) for (const of of sold.value) move(of.sku, -of.qty);
			return;
		}
		case 'refund': {
			const sold = await till.sell(lines);
			if (!sold.ok) return;
			const back = await till.shop.writeKeyed('order.refund', {}, key(), (w) =>
				till.stock.restock(w, sold.value, 'sell', `R-${i}`),
			);
			expect(back.ok).toBe(true);
			return;
		}
		case 'waste':
			if ((await till.stock.waste({ reason: 'broken', lines }, key())).ok) move(sku, -qty);
			return;
		case 'issue':
			if ((await till.stock.issue({ reason: 'sample', lines }, key())).ok) move(sku, -qty);
			return;
		case 'return':
			if ((await till.stock.returnToSupplier({ document: `RT-${i}`, lines }, key())).ok) move(sku, -qty);
			return;
		case 'assemble':
		case 'take-apart': {
			const sign = what === 'assemble' ? 1 : -1;
			const made = await till.stock.assemble({ kit: 'PAIR', qty: 1, reverse: sign < 0 }, key());
			if (made.ok)
				for (const [of, by] of [
					['PAIR', 1],
					['HARD', -2],
					['SOFT', -1],
				] as const)
					move(of, sign * by);
			return;
		}
		case 'ship': {
			const sent = await till.transfers.ship({ to: stores[other] ?? '', lines }, key());
			if (!sent.ok) return;
			move(sku, -qty);
			truth.vans.set(sent.value, { from: 1 - other, to: other, lines });
			return;
		}
		case 'arrive': {
			const [id, van] = [...truth.vans].find(([, { to }]) => to === 1 - other) ?? [];
			if (id === undefined || van === undefined) return;
			// Now and then one is missing or too many: then that is how many there were.
			const came = van.lines.map((line) => ({ sku: line.sku, qty: Math.max(1, line.qty + ((qty % 3) - 1)) }));
			const got = await till.transfers.receive({ id, lines: came }, key());
			if (!got.ok) return;
			for (const line of came) move(line.sku, line.qty);
			truth.vans.delete(id);
			return;
		}
		case 'resolve': {
			const [open] = till.transfers.list({ state: 'variance' }).get();
			if (!open) return;
			const as = (['found', 'lost', 'sender_error'] as const)[qty % 3] ?? 'lost';
			const { variance } = open;
			if (!(await till.transfers.resolve({ id: open.id, as }, key())).ok) return;
			for (const { sku: of, missing } of variance) resolved(truth, open.from ?? '', open.to, of, missing, as);
			return;
		}
		case 'count': {
			if (truth.on(store, sku) < 0 || sku === 'LOTS') return;
			const sheet = till.stock.count();
			sheet.record({ sku, qty: truth.on(store, sku) });
			await world.advance(5);
			if ((await sheet.post(key())).ok) truth.unwritten.delete(`${store} ${sku}`);
			return;
		}
		case 'steal':
			if (truth.on(store, sku) < qty) return;
			move(sku, -qty);
			truth.stolen.add(`${store} ${sku}`);
			truth.unwritten.set(`${store} ${sku}`, (truth.unwritten.get(`${store} ${sku}`) ?? 0) + qty);
			return;
		case 'fetch':
			await till.stock.ensure({ sku, qty }, { timeoutMs: 500 });
			return;
		case 'isolate':
			goods.shops.isolate(n);
			return;
		case 'meet':
			await goods.shops.meet();
			return;
		case 'crash':
			await world.crash(n, { at: 'after-ack' });
			goods.till(n);
			return;
		case 'explain': {
			const open = till.stock.exceptions.exceptions
				.get()
				.find(({ kind, state }) => kind === 'oversell' && state === 'open');
			if (open) await till.stock.exceptions.resolve(open.id, 'delivered', key());
			return;
		}
	}
}

/** Where the difference of a transfer turned out to be. */
function resolved(truth: Truth, from: string, to: string, sku: string, missing: number, as: string): void {
	if (as === 'sender_error') truth.move(from, sku, missing);
	else if (as === 'found' && missing > 0) truth.move(to, sku, missing);
	else if (as === 'lost' && missing < 0) truth.move(to, sku, missing);
}

function check(goods: Goods, truth: Truth): void {
	expect(goods.shops.world.problems()).toEqual([]);
	for (let n = 0; n < tills; n++) {
		const till = goods.till(n);
		const store = stores[Math.floor(n / tillsPerStore)] ?? '';
		for (const sku of [...skus, 'PAIR']) {
			const written = truth.on(store, sku) + (truth.unwritten.get(`${store} ${sku}`) ?? 0);
			expect([n, sku, till.store(sku)]).toEqual([n, sku, written]);
		}
		for (const transfer of till.transfers.list().get()) {
			const qty = (lines: readonly { qty: number }[]) => lines.reduce((sum, line) => sum + line.qty, 0);
			const missing = (lines: readonly VarianceLine[]) => lines.reduce((sum, line) => sum + line.missing, 0);
			const { shipped, received, resolvedLines, variance, state } = transfer;
			const open = qty(shipped) - qty(received) - missing(resolvedLines);
			expect(open).toBe(state === 'shipped' ? qty(shipped) : missing(variance));
			expect(state === 'shipped').toBe(truth.vans.has(transfer.id));
		}
	}
}
