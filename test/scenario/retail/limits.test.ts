/** A cashier's certificate that limits refunds: at the till, at every receiver, at the relay; and what a signed yes does. */
import { expect, test } from 'vitest';
import type { Enrolment } from '../../../src/replica/enrolment.js';
import type { Retail } from '../../../src/retail/retail.js';
import { noLimits, type Told } from '../../../src/retail/shop/limits.js';
import { grantsOf, type Role } from '../../../src/retail/shop/roles.js';
import { everything } from '../../../src/trust/grant.js';
import { key, openShops, type Shops } from './shops.js';

const devices: readonly Role[] = ['headquarters', 'manager', 'cashier', 'cashier'];
const [headquarters, manager, cashier, other] = [0, 1, 2, 3];
const limits = { 'order.refund': 20_000 };

const grants = (name: string) => {
	const [store = '', till = ''] = name.split('/till-');
	const role = devices[Number(till) - 1];
	return role ? grantsOf(role, store, role === 'cashier' ? { limits } : {}) : [everything];
};

const cash = (amount: number) => [{ kind: 'cash', amount } as const];

const over = { code: 'not_allowed', reason: 'limit order.refund' };
const once = (all: readonly { readonly code: string; readonly reason?: string | undefined }[]) => [
	...new Map(all.map(({ code, reason }) => [`${code} ${reason}`, { code, reason }])).values(),
];

class Shop {
	readonly today: string;

	private constructor(
		readonly shops: Shops,
		readonly order: string,
		readonly line: string,
	) {
		this.today = shops.till(cashier).shop.today();
	}

	/** Three gowns of 300.00 are sold at the cashier's till. */
	static async open(): Promise<Shop> {
		const shops = await openShops({ grants, tillsPerStore: devices.length });
		const done = await shops.till(headquarters).catalog.define([{ sku: 'GOWN', name: 'Gown', policy: 'none' }], key());
		expect(done.ok).toBe(true);
		await shops.meet();
		const till = shops.till(cashier);
		const opened = await till.day.openShift({ float: 100_000 }, key());
		expect(opened.ok).toBe(true);
		const sale = await till.checkout(
			{ lines: [{ sku: 'GOWN', qty: 3, unitPrice: 30_000 }], tenders: cash(90_000) },
			key(),
		);
		if (!sale.ok) throw new Error(sale.message);
		const [line] = till.orders.linesOf(sale.value.order);
		await shops.meet();
		return new Shop(shops, sale.value.order, line?.id ?? '');
	}

	till(number: number): Retail {
		return this.shops.till(number);
	}

	back(amount: number, order = this.order) {
		const lines = [{ line: this.line, qty: 1, amount, restock: 'no' as const }];
		return { order, lines, tenders: cash(amount) };
	}

	/** What everybody has it come to. */
	async nets(): Promise<number[]> {
		await this.shops.meet();
		return devices.map((_, at) => this.till(at).totals.now({ stores: 'all', from: this.today })[0]?.net ?? 0);
	}

	/** What was refused, each once: it is offered again and again. */
	rejected(at: number) {
		return once(this.shops.world.machine(at).replica.status().rejected.newest);
	}

	get rejectedByRelay() {
		return once(this.shops.world.chain.relays.flatMap(({ running }) => running?.rejections.newest ?? []));
	}

	/** Its code was changed: it does whatever it is told, and says of it what it likes. */
	tamper(at: number, told: Partial<Told> = {}): Retail {
		const till = this.till(at);
		till.shop.limits = { ...noLimits, checkTold: (_, asked) => ({ asked, ...told }), beside: () => ({ asked: 0 }) };
		const { core } = this.shops.world.machine(at).replica as unknown as { core: { enrolment: Enrolment } };
		core.enrolment.forbids = () => undefined;
		return till;
	}

	/** The question of the cashier's till. */
	async question(amount = 30_000) {
		const refused = await this.till(cashier).refund(this.back(amount), key());
		if (refused.ok || !refused.approval) throw new Error('it was not refused');
		expect(refused).toMatchObject({ code: 'needs_approval', approval: { limit: 20_000, asked: amount } });
		return refused.approval;
	}

	/** What the manager's device signed, in the refund's own words. */
	async agreed(amount = 30_000): Promise<Told & { readonly approval: string }> {
		const ask = await this.question(amount);
		const till = this.till(cashier);
		const asking = till.approvals.ask(ask);
		await this.shops.meet();
		const [asked] = this.till(manager).approvals.pending().get();
		expect(await this.till(manager).approvals.decide(asked?.id ?? '', true, key())).toMatchObject({ ok: true });
		await this.shops.meet();
		const yes = await asking;
		if (!yes.ok) throw new Error(yes.message);
		const signed = till.approvals.list().get().at(-1)?.decided[0]?.signed ?? '';
		const input = JSON.stringify(['order.refund', sorted(this.back(amount))]);
		return { asked: amount, approval: yes.value, consent: { input, signed } };
	}
}

/** As canonical JSON has it. */
const sorted = (value: unknown): unknown =>
	typeof value !== 'object' || value === null
		? value
		: Array.isArray(value)
			? value.map(sorted)
			: Object.fromEntries(
					Object.entries(value)
						.sort()
						.map(([name, of]) => [name, sorted(of)]),
				);

test('a refund within the limit of the certificate needs nobody; one beyond it a manager’s signed yes, with a line', async () => {
	const shop = await Shop.open();
	const till = shop.till(cashier);
	expect(await till.refund(shop.back(20_000), key())).toMatchObject({ ok: true });
	expect(await shop.nets()).toEqual([70_000, 70_000, 70_000, 70_000]);
	const { approval } = await shop.agreed();
	expect(await till.refund(shop.back(29_999), { ...key(), approval })).toMatchObject({ code: 'approval_not_valid' });
	expect(await till.refund(shop.back(30_000), { ...key(), approval })).toMatchObject({ ok: true });
	expect(await till.refund(shop.back(30_000), { ...key(), approval })).toMatchObject({ code: 'approval_not_valid' });
	expect(await shop.nets()).toEqual([40_000, 40_000, 40_000, 40_000]);
	for (const at of [headquarters, manager, cashier, other]) expect(shop.rejected(at)).toEqual([]);
});

test('with no line the manager’s device answers with a QR; a code of 8 digits proves nothing', async () => {
	const shop = await Shop.open();
	const till = shop.till(cashier);
	const ask = await shop.question();
	shop.shops.isolate(cashier);
	const asked = await till.approvals.challenge(ask);
	if (!asked.ok) throw new Error(asked.message);
	const { qr, answer } = asked.value;
	expect(await answer('12345678', 'mia')).toMatchObject({ ok: false, code: 'approval_unsigned' });
	const yes = await shop.till(manager).approvals.respond(qr, 'mia').sign();
	expect(yes).toMatch(/^tillmesh-yes:1:/);
	// A cashier's own device agrees to nothing beyond its own limit.
	expect(await shop.till(other).approvals.respond(qr, 'cass').sign()).toBeUndefined();
	expect(await answer(`${yes?.slice(0, 40)}AAAA${yes?.slice(44)}`, 'mia')).toMatchObject({
		ok: false,
		code: 'approval_not_valid',
	});
	const answered = await answer(yes ?? '', 'mia');
	if (!answered.ok) throw new Error(answered.message);
	expect(await till.refund(shop.back(30_000), { ...key(), approval: answered.value })).toMatchObject({ ok: true });
	expect(await shop.nets()).toEqual([60_000, 60_000, 60_000, 60_000]);
	expect(shop.rejected(manager)).toEqual([]);
});

test('a manager decides nothing beyond the limit of the device in hand', async () => {
	const shop = await Shop.open();
	const asking = shop.till(cashier).approvals.ask(await shop.question(), { timeoutMs: 60_000 });
	await shop.shops.meet();
	const [asked] = shop.till(other).approvals.pending().get();
	const decide = (at: number) => shop.till(at).approvals.decide(asked?.id ?? '', true, key());
	expect(await decide(other)).toMatchObject({ ok: false, code: 'not_permitted' });
	expect(await decide(manager)).toMatchObject({ ok: true });
	await shop.shops.meet();
	expect((await asking).ok).toBe(true);
});

test.each<[string, (shop: Shop) => Promise<readonly [number, Partial<Told> & { approval?: string }, string?]>]>([
	['nothing at all', async () => [cashier, { asked: undefined as never }]],
	['the amount, and no yes', async () => [cashier, {}]],
	['a yes for another till', async (shop) => [other, await shop.agreed()]],
	['a yes to another amount', async (shop) => [cashier, { ...(await shop.agreed(29_000)), asked: 30_000 }]],
	[
		'a yes to another input',
		async (shop) => {
			const told = await shop.agreed();
			const { input = '', signed = '' } = told.consent ?? {};
			return [cashier, { ...told, consent: { input: input.replace('"no"', '"sell"'), signed } }];
		},
	],
])('a till whose code was changed writes a refund of 300.00 and says %s: nobody takes it', async (_, say) => {
	const shop = await Shop.open();
	const [at, { approval, ...told }] = await say(shop);
	await shop.shops.meet();
	const till = shop.tamper(at, told);
	const done = await till.refund(shop.back(30_000), { ...key(), ...(approval !== undefined && { approval }) });
	expect(done.ok).toBe(true);
	const nets = await shop.nets();
	expect(shop.rejectedByRelay).toEqual([over]);
	for (const honest of [headquarters, manager]) {
		expect(nets[honest]).toBe(90_000);
		expect(shop.rejected(honest)).toMatchObject([over]);
		expect(shop.till(honest).orders.get(shop.order).get()?.refunds).toEqual([]);
	}
});

test('a refund that says it is of one cent is taken, and counts nowhere; somebody is told to look at it', async () => {
	const shop = await Shop.open();
	const till = shop.tamper(cashier, { asked: 1 });
	expect((await till.refund(shop.back(30_000), key())).ok).toBe(true);
	expect(await shop.nets()).toEqual(devices.map(() => 90_000));
	expect(shop.rejected(manager)).toEqual([]);
	const desk = shop.till(manager);
	expect(desk.orders.get(shop.order).get()).toMatchObject({ refunds: [], refused: [{ value: { due: 30_000 } }] });
	const tasks = () => desk.tasks.list().get();
	const [open] = tasks();
	expect(open).toMatchObject({ kind: 'false_refund', state: 'open', summary: expect.stringContaining(shop.order) });
	const outcome = { outcome: 'the cashier was asked' };
	expect(await desk.tasks.resolve(open?.id ?? '', outcome, key())).toMatchObject({ ok: true });
	expect(tasks().map(({ state }) => state)).toEqual(['done']);
});

test('a yes for one order is none for another, nor for other money', async () => {
	const shop = await Shop.open();
	const sale = await shop
		.till(cashier)
		.checkout({ lines: [{ sku: 'GOWN', qty: 1, unitPrice: 30_000 }], tenders: cash(30_000) }, key());
	if (!sale.ok) throw new Error(sale.message);
	const { order } = sale.value;
	const { approval, ...told } = await shop.agreed();
	const till = shop.tamper(cashier, told);
	const [line] = till.orders.linesOf(order);
	const lines = [{ line: line?.id ?? '', qty: 1, amount: 30_000, restock: 'no' as const }];
	const again = { ...key(), approval };
	expect((await till.refund({ order, lines, tenders: cash(30_000) }, again)).ok).toBe(true);
	const other = [{ kind: 'other', name: 'voucher', amount: 30_000 } as const];
	expect((await till.refund({ ...shop.back(30_000), tenders: other }, { ...key(), approval })).ok).toBe(true);
	expect(await shop.nets()).toEqual(devices.map(() => 120_000));
	expect(shop.till(manager).orders.get(order).get()).toMatchObject({ refunds: [], refused: [{}] });
});

test('a yes is used once, whatever the till’s code does', async () => {
	const shop = await Shop.open();
	const { approval, ...told } = await shop.agreed();
	const till = shop.tamper(cashier, told);
	for (let i = 0; i < 2; i++) expect((await till.refund(shop.back(30_000), { ...key(), approval })).ok).toBe(true);
	expect(await shop.nets()).toEqual(devices.map(() => 60_000));
	expect(shop.till(manager).orders.get(shop.order).get()).toMatchObject({ refunds: [{}], refused: [{}] });
});
