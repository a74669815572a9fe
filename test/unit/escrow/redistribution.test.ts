import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	amountToAsk,
	amountToGive,
	fairShares,
	isBelowOneEach,
	isLow,
	mayAskAhead,
	nameDonor,
	rankDonor,
	reverseCoolMs,
	type Stand,
	sellsHere,
	shouldRest,
} from '../../../src/escrow/redistribution.js';

const till = (device: string, share: number, recent = 0): Stand => ({ device, share, recent, rests: false });
const home = (share: number): Stand => ({ device: 'home', share, recent: 0, rests: true });

const anyTill = fc.record({ share: fc.nat(100), recent: fc.double({ min: 0, max: 50, noNaN: true }) });
const anyStands = fc
	.tuple(fc.array(anyTill, { minLength: 1, maxLength: 12 }), fc.nat(200))
	.map(([tills, atHome]) => [home(atHome), ...tills.map(({ share, recent }, i) => till(`till-${i}`, share, recent))]);

const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, n) => total + n, 0);

describe('fair shares', () => {
	test('ESC10 they add up to what there is, and a home that does not sell keeps none for itself', () => {
		fc.assert(
			fc.property(anyStands, (stands) => {
				const fair = fairShares(stands);
				expect(sum(fair.values())).toBeCloseTo(sum(stands.map(({ share }) => share)), 6);
				expect(fair.get('home')).toBe(0);
			}),
		);
	});

	test('tills that sold nothing yet are equal', () => {
		const fair = fairShares([home(40), till('a', 0), till('b', 0)]);
		expect(fair.get('a')).toBeCloseTo(20);
		expect(fair.get('b')).toBeCloseTo(20);
	});

	test('who sells more is due more, and who sells nothing is due something', () => {
		const fair = fairShares([till('hot', 0, 6), till('warm', 0, 2), till('cold', 40, 0)]);
		const [hot = 0, warm = 0, cold = 0] = fair.values();
		expect(hot).toBeGreaterThan(warm);
		expect(warm).toBeGreaterThan(cold);
		expect(cold).toBeGreaterThan(2);
	});

	test('a share below zero, the trace of a clone, takes nothing from the others', () => {
		expect(sum(fairShares([till('clone', -7), till('b', 10)]).values())).toBeCloseTo(10);
	});
});

describe('asking', () => {
	const want = fc.record({
		need: fc.nat(20),
		mine: fc.integer({ min: -3, max: 60 }),
		fair: fc.double({ min: 0, max: 100, noNaN: true }),
		recent: fc.double({ min: 0, max: 50, noNaN: true }),
	});

	test('an ask is for what somebody waits for at least, and beyond that never past the fair share', () => {
		fc.assert(
			fc.property(want, (wanted) => {
				const amount = amountToAsk(wanted);
				expect(amount).toBeGreaterThanOrEqual(wanted.need);
				if (amount > wanted.need) expect(Math.max(0, wanted.mine) + amount).toBeLessThanOrEqual(wanted.fair + 1);
			}),
		);
	});

	test('who sold nothing lately asks for no more than somebody waits for', () => {
		expect(amountToAsk({ need: 2, mine: 0, fair: 50, recent: 0 })).toBe(2);
	});

	test('low is below what sells in a window, where the fair share is more than what is here', () => {
		expect(isLow({ mine: 1, fair: 3, recent: 0 })).toBe(true);
		expect(isLow({ mine: 2, fair: 9, recent: 0.5 })).toBe(false);
		expect(isLow({ mine: 4, fair: 9, recent: 4.2 })).toBe(true);
		expect(isLow({ mine: 1, fair: 1.2, recent: 4 })).toBe(false);
	});

	test('the bound on grants a sale: nobody asks ahead before its second sale, nor more than twice and every fourth sale', () => {
		const quiet = Number.POSITIVE_INFINITY;
		expect(mayAskAhead({ sales: 1, asks: 0, sinceGaveMs: quiet })).toBe(false);
		let asks = 0;
		for (let sales = 1; sales <= 400; sales++) if (mayAskAhead({ sales, asks, sinceGaveMs: quiet })) asks++;
		expect(asks).toBe(2 + 100);
	});

	test('P31 who gave asks for nothing ahead of demand for a while', () => {
		expect(mayAskAhead({ sales: 9, asks: 0, sinceGaveMs: reverseCoolMs - 1 })).toBe(false);
		expect(mayAskAhead({ sales: 9, asks: 0, sinceGaveMs: reverseCoolMs })).toBe(true);
	});

	test('a pool sells here from its second sale on: one redemption is no demand', () => {
		expect([0, 1, 2].map((sales) => sellsHere({ sales }))).toEqual([false, false, true]);
	});
});

describe('giving', () => {
	const offer = fc
		.record({
			amount: fc.integer({ min: 1, max: 60 }),
			need: fc.nat(60),
			mine: fc.integer({ min: -3, max: 60 }),
			fair: fc.nat(80_000).map((n) => n / 1000),
			rests: fc.boolean(),
		})
		.map((of) => ({ ...of, need: Math.min(of.need, of.amount) }));

	test('ESC1 nobody gives more than it has, nor more than was asked', () => {
		fc.assert(
			fc.property(offer, (of) => {
				const given = amountToGive(of);
				expect(Number.isSafeInteger(given)).toBe(true);
				expect(given).toBeGreaterThanOrEqual(0);
				expect(given).toBeLessThanOrEqual(Math.min(of.amount, Math.max(0, of.mine)));
			}),
		);
	});

	test('P30 who waits is served from whatever is here', () => {
		fc.assert(
			fc.property(offer, (of) => {
				expect(amountToGive(of)).toBeGreaterThanOrEqual(Math.min(of.need, Math.max(0, of.mine)));
			}),
		);
	});

	test('P31 what is asked ahead leaves a till its fair share, and half of what it had', () => {
		fc.assert(
			fc.property(offer, (of) => {
				const given = amountToGive({ ...of, need: 0, rests: false });
				if (given === 0) return;
				expect(of.mine - given).toBeGreaterThanOrEqual(of.fair);
				expect(given).toBeLessThanOrEqual(Math.ceil(of.mine / 2));
			}),
		);
	});

	test('P31 after a till was given what it asked ahead, neither asks the other again', () => {
		fc.assert(
			fc.property(fc.nat(60), fc.nat(60), fc.nat(20), fc.nat(20), (a, b, recentA, recentB) => {
				const before = fairShares([till('a', a, recentA), till('b', b, recentB)]);
				const [fairA = 0, fairB = 0] = before.values();
				if (!isLow({ mine: a, fair: fairA, recent: recentA })) return;
				const amount = amountToAsk({ need: 0, mine: a, fair: fairA, recent: recentA });
				const given = amount < 1 ? 0 : amountToGive({ amount, need: 0, mine: b, fair: fairB, rests: false });
				if (given === 0) return;
				const after = fairShares([till('a', a + given, recentA), till('b', b - given, recentB)]);
				const back = amountToAsk({ need: 0, mine: b - given, fair: after.get('b') ?? 0, recent: recentB });
				const offered = { amount: back, need: 0, mine: a + given, fair: after.get('a') ?? 0, rests: false };
				expect(back < 1 ? 0 : amountToGive(offered)).toBe(0);
			}),
			{ numRuns: 5000 },
		);
	});

	test('a home gives all that it has', () => {
		expect(amountToGive({ amount: 9, need: 0, mine: 7, fair: 0, rests: true })).toBe(7);
	});
});

describe('whom to ask', () => {
	test('the home first, then who is furthest above the fair share, then who has most, then nobody', () => {
		const ranks = [
			rankDonor(home(1), 0),
			rankDonor(till('far above', 9), 2),
			rankDonor(till('above', 9), 8),
			rankDonor(till('below, much', 9), 20),
			rankDonor(till('below, little', 1), 20),
		];
		expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
		expect(new Set(ranks).size).toBe(ranks.length);
		expect(rankDonor(till('below, little', 1), 20)).toBeGreaterThan(0);
		expect(rankDonor(till('nothing', 0), 0)).toBe(0);
		expect(rankDonor(home(0), 0)).toBe(0);
	});
});

describe('resting', () => {
	test('ESC10 idle shares go home, but for those that rest at the device and are not scarce', () => {
		expect(shouldRest('store', false)).toBe(true);
		expect(shouldRest('hq', false)).toBe(true);
		expect(shouldRest('device', true)).toBe(true);
		expect(shouldRest('device', false)).toBe(false);
	});

	test('scarce is less than one unit a till', () => {
		expect(isBelowOneEach([home(1), till('a', 0), till('b', 0)])).toBe(true);
		expect(isBelowOneEach([home(1), till('a', 1), till('b', 0)])).toBe(false);
		expect(isBelowOneEach([home(0), till('a', 1), till('b', -5)])).toBe(true);
	});
});

test('P30 an ask names the home where it has any, then whoever is furthest above the fair share, each in turn, and nobody between', () => {
	const stands = [till('a', 30), till('b', 3), till('c', 8), till('empty', 0), home(2)];
	const named = Array.from({ length: 8 }, (_, round) => nameDonor(stands, 'a', round));
	expect(named).toEqual(['home', '', 'c', '', 'b', '', 'home', '']);
	expect(nameDonor([till('a', 3)], 'a', 0)).toBe('');
});
