import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { CheckIn } from '../../src/retail/members/check-in.js';
import type { Outcome } from '../../src/retail/shop/outcome.js';
import { cash, done, type MemberShops, openMemberShops } from '../scenario/retail/member-shops.js';
import { key } from '../scenario/retail/shops.js';

/** More of them with PROPERTY_RUNS. */
const runs = Number(process.env.PROPERTY_RUNS ?? 20);
const perSale = 400;
const risk = 1_000;
const tills = 4;

type Step =
	| {
			readonly do: 'earn' | 'redeem' | 'top-up' | 'pay' | 'lend' | 'back' | 'refund' | 'repay';
			readonly amount: number;
	  }
	| { readonly do: 'again' | 'bring' | 'leave' | 'twin' | 'isolate' | 'meet' | 'crash' };
type Act = Step & { readonly till: number; readonly who: number };

const amounts = ['earn', 'redeem', 'redeem', 'top-up', 'pay', 'lend', 'lend', 'back', 'refund', 'repay'] as const;
const plain = ['again', 'bring', 'bring', 'bring', 'leave', 'twin', 'isolate', 'meet', 'crash'] as const;
const act: fc.Arbitrary<Act> = fc.oneof(
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constantFrom(...amounts),
			amount: fc.integer({ min: 1, max: 300 }),
			till: fc.nat(tills - 1),
			who: fc.nat(1),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constantFrom(...plain), till: fc.nat(tills - 1), who: fc.nat(1) }) },
);

/** Printed with PROPERTY_EVENTS=1: a history in which everything is refused proves little. */
const happened = new Map<string, number>();
afterAll(() => {
	if (process.env.PROPERTY_EVENTS) console.log(Object.fromEntries([...happened].sort()));
});

/** What the outcomes that were given come to: kept beside the chain, by whoever stands at the tills. */
class Story {
	readonly #chain: MemberShops;
	readonly ids: string[];
	/** By person: points left, and what is stored less what is owed. */
	readonly points = [0, 0];
	readonly net = [0, 0];
	readonly #earned: { till: number; who: number; member: string; source: string; points: number }[] = [];
	readonly #orders: { till: number; who: number; order: string; units: number }[] = [];
	#checkIns: { readonly till: number; readonly open: CheckIn }[] = [];
	#twins = 0;

	constructor(chain: MemberShops, ids: string[]) {
		this.#chain = chain;
		this.ids = ids;
	}

	async play(step: Act): Promise<void> {
		const { shops, members } = this.#chain;
		const { till, who } = step;
		const desk = members(till);
		const member = this.ids[who] ?? '';
		const some = 'amount' in step ? step.amount : 0;
		const amount = step.do === 'earn' || step.do === 'top-up' ? some * 3 : some;
		const note = (book: number[], by: number, outcome: Outcome<unknown>) => {
			if (!outcome.ok) return false;
			book[who] = (book[who] ?? 0) + by;
			const what = outcome.warnings.some(({ code }) => code === 'lent') ? 'lent' : step.do;
			happened.set(what, (happened.get(what) ?? 0) + 1);
			return true;
		};
		switch (step.do) {
			case 'earn': {
				const earned = { till, who, member, source: `sale-${this.#earned.length}`, points: amount };
				if (note(this.points, amount, await desk.earn(earningOf(earned), key()))) this.#earned.push(earned);
				break;
			}
			case 'again': {
				const earned = this.#earned.find((one) => one.till === till && one.who === who);
				if (earned) expect(done(await desk.earn(earningOf(earned), key())).replayed).toBe(true);
				break;
			}
			case 'redeem':
				note(this.points, -amount, await desk.redeem({ member, purse: 'points', amount, reason: 'gift' }, key()));
				break;
			case 'top-up': {
				const bonus = amount % 2 === 0 ? amount / 2 : 0;
				note(this.net, amount + bonus, await desk.topUp({ member, paid: amount, bonus, tenders: cash(amount) }, key()));
				break;
			}
			case 'pay':
			case 'lend': {
				const { shop } = shops.till(till);
				const order = shop.id();
				const options = { lend: step.do === 'lend', for: order };
				const outcome = await shop.writeKeyed('order.settle', { order }, key(), (w) =>
					desk.pay(w, member, 'stored', amount, options),
				);
				if (note(this.net, -amount, outcome)) this.#orders.push({ till, who, order, units: amount });
				break;
			}
			case 'back': {
				// Where it was sold: elsewhere nobody may know of it yet.
				const at = this.#orders.findIndex((one) => one.till === till && one.who === who);
				const [sold] = at < 0 ? [] : this.#orders.splice(at, 1);
				if (!sold) break;
				const units = Math.min(amount, sold.units);
				const { shop } = shops.till(till);
				const outcome = await shop.writeKeyed('order.refund', { order: sold.order }, key(), (w) =>
					desk.giveBack(w, member, 'stored', units, `refund-${sold.order}`, sold.order),
				);
				note(this.net, units, outcome);
				break;
			}
			case 'refund':
				note(this.net, -amount, await desk.refundStored({ member, amount, tenders: cash(amount) }, key()));
				break;
			case 'repay':
				note(this.net, amount, await desk.repay({ member, amount, tenders: cash(amount) }, key()));
				break;
			case 'bring':
				this.#checkIns.push({
					till,
					open: await desk.checkIn(member, { expect: { stored: 500, points: 300 }, timeoutMs: 500 }),
				});
				break;
			case 'leave':
				await this.#checkIns.shift()?.open.release();
				break;
			case 'twin':
				if (this.#twins++ < 2) {
					const twin = done(await desk.register({}, key())).value;
					done(await desk.alias({ from: twin, to: member }, key()));
					this.ids[who] = twin;
				}
				break;
			case 'isolate':
				shops.isolate(till);
				break;
			case 'meet':
				await shops.meet();
				break;
			case 'crash':
				await shops.world.crash(till);
				this.#checkIns = this.#checkIns.filter((one) => one.till !== till);
				break;
		}
	}
}

const earningOf = ({ member, source, points }: { member: string; source: string; points: number }) => ({
	member,
	source,
	points,
});

test('points and stored value are conserved on partitioned tills, and debt stays within the risk that was granted', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(act, { minLength: 40, maxLength: 80 }), async (acts) => {
			const chain = await openMemberShops({ stores: 2, tillsPerStore: 2, members: { floor: { perSale } } });
			const { shops, members } = chain;
			const ids: string[] = [];
			for (const phone of ['13800000001', '13800000002'])
				ids.push(done(await members(0).register({ phone }, key())).value);
			for (const till of [0, 2]) done(await members(till).grantRisk({ amount: risk }, key()));
			await shops.meet();
			const story = new Story(chain, ids);
			for (const step of acts) {
				// Whoever has not heard of a member yet cannot serve him.
				if (members(step.till).accountNow(story.ids[step.who] ?? '')) await story.play(step);
				expect(shops.world.imbalances()).toEqual([]);
			}
			await shops.meet();
			const left = [0, 2].map((till) => members(till).floorLimit().get().leftStore);
			for (const units of left) expect(units).toBeGreaterThanOrEqual(0);
			for (let till = 0; till < tills; till++) {
				let owed = 0;
				for (const [who, id] of story.ids.entries()) {
					const { purses = {} } = members(till).accountNow(id) ?? {};
					const { stored = { total: 0, debt: 0 }, bonus = { total: 0 }, points = { total: 0 } } = purses;
					for (const { total } of [stored, bonus, points]) expect(total).toBeGreaterThanOrEqual(0);
					expect(points.total).toBe(story.points[who]);
					expect(stored.total + bonus.total - stored.debt).toBe(story.net[who]);
					owed += stored.debt;
				}
				// Of what was granted, what is not left was lent; what came back elsewhere does not come back to the store.
				expect(owed).toBeLessThanOrEqual(2 * risk - left.reduce((sum, units) => sum + units, 0));
				for (const source of shops.till(till).shop.exceptions)
					for (const { amount } of source.exceptions.get()) expect(amount).toBeLessThanOrEqual(perSale);
			}
			expect(shops.world.problems()).toEqual([]);
			await shops.world[Symbol.asyncDispose]();
		}),
		{ numRuns: runs },
	);
});
