import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { AccountName } from '../../src/retail/documents/money.js';
import type { AppointmentId, OrderId, Tender } from '../../src/retail/documents/order.js';
import type { Retail } from '../../src/retail/retail.js';
import type { Outcome } from '../../src/retail/shop/outcome.js';
import { done } from '../scenario/retail/member-shops.js';
import { key, openShops, type Shops } from '../scenario/retail/shops.js';
import { checkProperty } from './model/runs.js';

const tillsPerStore = 2;
const stores = ['sh-1', 'sh-2'] as const;
const tills = stores.length * tillsPerStore;
const member = 'm-1';
const whats = [
	'sell',
	'sell',
	'sell',
	'sell stored',
	'sell lent',
	'sell deposit',
	'refund',
	'refund stored',
	'top up',
	'top up',
	'pack',
	'book',
	'book',
	'book stored',
	'cancel',
	'back',
	'repay',
	'cash in',
	'cash out',
	'bring',
	'isolate',
	'meet',
	'crash',
] as const;

interface Step {
	readonly what: (typeof whats)[number];
	readonly till: number;
	readonly amount: number;
}

const history = fc.array(
	fc.record<Step>({
		what: fc.constantFrom(...whats),
		till: fc.nat(tills - 1),
		amount: fc.integer({ min: 1, max: 400 }),
	}),
	{ minLength: 20, maxLength: 50, size: 'max' },
);

/** Printed with PROPERTY_EVENTS=1: a history in which everything is refused proves little. */
const happened = new Map<string, number>();
afterAll(() => {
	if (process.env.PROPERTY_EVENTS) console.log(Object.fromEntries([...happened].sort()));
});

/** What customers and cashiers saw change hands, whatever any till's books say. */
class Story {
	/** Cash in each drawer. */
	readonly drawers = new Map<number, number>();
	/** `sh-1 cash`, `sh-1 due`, `sh-1 top_up`: what came in less what went out. */
	readonly sums = new Map<string, number>();
	readonly sales: { readonly till: number; readonly order: OrderId; readonly tender: Tender; amount: number }[] = [];
	readonly booked: { readonly till: number; readonly id: AppointmentId; readonly deposit: Tender }[] = [];
	hours = 0;

	cash(till: number, amount: number): void {
		this.drawers.set(till, (this.drawers.get(till) ?? 0) + amount);
	}

	moved(till: number, tender: string, amount: number, what: 'due' | AccountName): void {
		const store = storeOf(till);
		if (tender === 'cash') this.cash(till, amount);
		for (const name of [tender, what])
			this.sums.set(`${store} ${name}`, (this.sums.get(`${store} ${name}`) ?? 0) + amount);
	}

	sum(store: string, name: string): number {
		return this.sums.get(`${store} ${name}`) ?? 0;
	}
}

const storeOf = (till: number) => stores[Math.floor(till / tillsPerStore)] ?? 'sh-1';
const cash = (amount: number) => ({ kind: 'cash', amount }) as const;
const voucher = (amount: number) => ({ kind: 'other', name: 'voucher', amount }) as const;
const purse = (amount: number) => ({ kind: 'purse', purse: 'stored', amount }) as const;
const slotOf = (hour: number) => {
	const at = (n: number) => new Date(Date.UTC(2030, 0, 1, n)).toISOString();
	return { resource: 'JJ', from: at(hour), to: at(hour + 1) };
};

async function play(shops: Shops, story: Story, { what, till: n, amount }: Step): Promise<void> {
	const till = shops.till(n);
	const { members, appointments, day } = till;
	const went = (outcome: Outcome<unknown>) => {
		if (outcome.ok) happened.set(what, (happened.get(what) ?? 0) + 1);
		return outcome.ok;
	};
	const moved = (outcome: Outcome<unknown>, tender: string, by: number, name: 'due' | AccountName) => {
		if (went(outcome)) story.moved(n, tender, by, name);
	};
	switch (what) {
		case 'sell':
		case 'sell stored':
		case 'sell lent': {
			const tender = what === 'sell' ? (amount % 3 === 0 ? voucher(amount) : cash(amount)) : purse(amount);
			const sale = await sell(till, [tender], amount, what === 'sell lent');
			moved(sale, nameOf(tender), amount, 'due');
			if (sale.ok) story.sales.push({ till: n, order: sale.value.order, tender, amount });
			return;
		}
		case 'sell deposit': {
			const [of] = story.booked;
			if (!of || appointments.deposit(of.id) === 0) return;
			const paid = Math.min(amount, appointments.deposit(of.id));
			moved(
				await sell(till, [{ kind: 'deposit', appointment: of.id, amount: paid }], paid, false),
				'deposit tender',
				paid,
				'due',
			);
			return;
		}
		case 'refund':
		case 'refund stored': {
			// Where it was sold: elsewhere nobody may know of it yet.
			const isMeant = (kind: string) => (kind === 'purse') === (what === 'refund stored');
			const sold = story.sales.find((sale) => sale.till === n && sale.amount > 0 && isMeant(sale.tender.kind));
			const [line] = sold ? till.orders.linesOf(sold.order) : [];
			if (!sold || !line) return;
			const tender = { ...sold.tender, amount: sold.amount };
			const lines = [{ line: line.id, restock: 'no' }] as const;
			const back = await till.refund({ order: sold.order, lines, tenders: [tender] }, { ...key(), timeoutMs: 200 });
			moved(back, nameOf(tender), -sold.amount, 'due');
			if (back.ok) sold.amount = 0;
			return;
		}
		case 'top up': {
			const tender = amount % 4 === 0 ? voucher(amount) : cash(amount);
			const paid = await members.topUp({ member, paid: amount, tenders: [tender] }, key());
			moved(paid, nameOf(tender), amount, 'top_up');
			return;
		}
		case 'pack': {
			const pack = { member, pack: 'wash', visits: 10, price: amount, tenders: [cash(amount)] };
			moved(await members.sellPack(pack, key()), 'cash', amount, 'pack');
			return;
		}
		case 'book':
		case 'book stored': {
			const tender = what === 'book' ? cash(amount) : purse(amount);
			const slot = slotOf(story.hours++);
			await appointments.offer(slot);
			const done = await appointments.book({ slots: [slot], service: 'CUT', member, deposit: [tender] }, key());
			moved(done, nameOf(tender), amount, 'deposit');
			if (done.ok) story.booked.push({ till: n, id: done.value.id, deposit: tender });
			return;
		}
		case 'cancel': {
			const at = story.booked.findIndex((one) => storeOf(one.till) === storeOf(n));
			const [of] = at < 0 ? [] : story.booked.splice(at, 1);
			if (!of) return;
			const back = await appointments.cancel(of.id, { ...key(), giveBack: [of.deposit], timeoutMs: 200 });
			moved(back, nameOf(of.deposit), -of.deposit.amount, 'deposit_refund');
			if (!back.ok) story.booked.push(of);
			return;
		}
		case 'back':
			moved(
				await members.refundStored({ member, amount, tenders: [cash(amount)] }, key()),
				'cash',
				-amount,
				'stored_refund',
			);
			return;
		case 'repay':
			moved(await members.repay({ member, amount, tenders: [cash(amount)] }, key()), 'cash', amount, 'repayment');
			return;
		case 'cash in':
		case 'cash out': {
			const kind = what === 'cash in' ? 'in' : 'out';
			if (went(await day.cash({ kind, amount, reason: 'change' }, key())))
				story.cash(n, kind === 'in' ? amount : -amount);
			return;
		}
		case 'bring':
			await members.checkIn(member, { expect: { stored: 1_000 }, timeoutMs: 200 });
			return;
		case 'isolate':
			shops.isolate(n);
			return;
		case 'meet':
			await shops.meet();
			return;
		case 'crash':
			await shops.world.crash(n, { at: 'after-ack' });
	}
}

const nameOf = (tender: Tender) => (tender.kind === 'purse' ? 'stored' : tender.kind === 'other' ? 'voucher' : 'cash');

function sell(till: Retail, tenders: readonly Tender[], amount: number, lend: boolean) {
	return till.checkout({ member, lend, lines: [{ sku: 'CUT', qty: 1, unitPrice: amount }], tenders }, key());
}

const title =
	'tenders are lines, taxes and rounding, less refunds, and all that is on account; drawers hold their cash';
test(title, async () => {
	const property = fc.asyncProperty(history, fc.nat(1_000), async (steps, seed) => {
		const shops = await openShops({
			stores: stores.length,
			tillsPerStore,
			seed,
			keeps: ['orders/*', 'desk/*'],
			retail: () => ({ members: { floor: { perSale: 300 } } }),
		});
		const till = shops.till(0);
		await till.catalog.define([{ sku: 'CUT', name: 'Cut', policy: 'none' }]);
		done(await till.members.register({ id: member }, key()));
		for (const n of [0, 2]) done(await shops.till(n).members.grantRisk({ amount: 600 }, key()));
		await shops.meet();
		const story = new Story();
		for (const step of steps) await play(shops, story, step);
		await shops.meet();
		for (let n = 0; n < tills; n++) checkTill(shops, story, n);
		await checkCloses(shops, story);
		expect(shops.world.problems()).toEqual([]);
		await shops.world[Symbol.asyncDispose]();
	});
	await checkProperty(title, property, 0.02);
});

function sumOf(of: object): number {
	return Object.values(of).reduce((sum: number, amount: number) => sum + amount, 0);
}

/** What a till says of its store, of its own drawer, and of the chain. */
function checkTill(shops: Shops, story: Story, n: number): void {
	const till = shops.till(n);
	const store = storeOf(n);
	const x = till.day.x();
	expect(x.taken).toBe(x.due + sumOf(x.onAccount));
	expect(sumOf(x.tenders)).toBe(x.taken);
	expect(x.due).toBe(story.sum(store, 'due'));
	for (const name of ['pack', 'deposit', 'stored_refund', 'deposit_refund'] as const)
		expect([name, x.onAccount[name] ?? 0]).toEqual([name, story.sum(store, name)]);
	// How much of a top-up pays back a debt depends on what its till had heard of.
	const paidIn = (x.onAccount.top_up ?? 0) + (x.onAccount.repayment ?? 0);
	expect(paidIn).toBe(story.sum(store, 'top_up') + story.sum(store, 'repayment'));
	for (const name of ['cash', 'voucher', 'stored'])
		expect([name, x.tenders[name] ?? 0]).toEqual([name, story.sum(store, name)]);
	expect(x.tenders.deposit ?? 0).toBe(story.sum(store, 'deposit tender'));
	expect(till.day.drawer()).toBe(story.drawers.get(n) ?? 0);

	const query = { stores: 'all', from: x.businessDate, by: ['store'] } as const;
	const mine = till.totals
		.money(query)
		.get()
		.find(({ by }) => by.store === store);
	const { due, onAccount, taken, tenders } = x;
	if (mine) expect(mine).toMatchObject({ due, onAccount, taken, tenders });
	else expect(taken).toBe(0);
	// What is stored is what was put there, less what it paid; and so is what is left of deposits.
	const [all] = till.totals.money({ ...query, by: [] }).get();
	const { total = 0, debt = 0 } = till.members.accountNow(member)?.purses.stored ?? {};
	const { top_up = 0, repayment = 0, stored_refund = 0, deposit = 0, deposit_refund = 0 } = all?.onAccount ?? {};
	expect(total - debt).toBe(top_up + repayment + stored_refund - (all?.tenders.stored ?? 0));
	let left = 0;
	for (const of of stores) {
		const pool = till.shop.ledger(`desk/${of}`).pool('deposit', { restsAt: 'store' });
		for (const id of pool.keys()) left += pool.total(id).get().level;
	}
	expect(left).toBe(deposit + deposit_refund - (all?.tenders.deposit ?? 0));
}

/** Every till closes, then one of each store closes the store: the parts come to the whole. */
async function checkCloses(shops: Shops, story: Story): Promise<void> {
	for (const [i, store] of stores.entries()) {
		const own = [0, 1].map((k) => i * tillsPerStore + k);
		const businessDate = shops.till(0).shop.today();
		const zs = [];
		for (const n of own)
			zs.push(done(await shops.till(n).day.z({ businessDate, counted: 0, scope: 'device' }, key())).value);
		for (const [k, n] of own.entries()) expect(zs[k]?.expected).toBe(story.drawers.get(n) ?? 0);
		const till = shops.till(own[0] ?? 0);
		const z = done(await till.day.z({ businessDate, counted: 0, scope: 'store' }, key())).value;
		expect([store, z.expected]).toEqual([store, zs.reduce((sum, { expected }) => sum + expected, 0)]);
		expect(z.taken).toBe(zs.reduce((sum, { taken }) => sum + taken, 0));
		expect(till.day.isSound(z)).toBe(true);
	}
	await shops.meet();
	for (let n = 0; n < tills; n++)
		for (const z of shops.till(n).day.list().get()) expect(shops.till(n).day.late(z).get()).toEqual([]);
}
