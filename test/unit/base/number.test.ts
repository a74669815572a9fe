import { expect, test } from 'vitest';
import { add } from '../../../src/base/number.js';
import { Chance } from '../../sim/machines/chance.js';

const most = Number.MAX_SAFE_INTEGER;

test('ESC2 sums are exact up to 2^53 - 1, and go on at the other end beyond it', () => {
	expect(add(most - 1, 1)).toBe(most);
	expect(add(most, 1)).toBe(-most);
	expect(add(-most, -1)).toBe(most);
	expect(add(most, -most)).toBe(0);
	expect(add(add(most, most), -most)).toBe(most);
});

test('ESC2 a sum is the same in whatever order it is added, however far past 2^53 it goes on the way', () => {
	const chance = new Chance(7);
	for (let round = 0; round < 200; round++) {
		const amounts = Array.from({ length: 12 }, () => {
			const amount = chance.pick([1, 2, 3, most, most - 1, 2 ** 52, chance.next() * 2 ** 20]);
			return chance.chance(50) ? amount : -amount;
		});
		const shuffled = amounts
			.map((amount) => ({ amount, at: chance.next() }))
			.sort((a, b) => a.at - b.at)
			.map(({ amount }) => amount);
		const [forward, other] = [amounts, shuffled].map((of) => of.reduce(add, 0));
		expect(other).toBe(forward);
		expect(Number.isSafeInteger(forward)).toBe(true);
	}
});
