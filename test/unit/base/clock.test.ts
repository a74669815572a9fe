import { expect, test } from 'vitest';
import { clockSkewMaxMs, compareTime, earliestMs, HybridClock } from '../../../src/base/clock.js';
import { decodeEntry, encodeEntry } from '../../../src/journal/entry.js';

const noon = Date.UTC(2026, 0, 1, 12);

test('time never goes back nor stands still, whatever the wall clock does', () => {
	let wall = noon;
	const clock = new HybridClock(() => wall);
	let last = clock.next();
	for (const jump of [0, 1, -1, -86_400_000, 315_360_000_000, -315_360_000_000, 0, Number.NEGATIVE_INFINITY]) {
		wall = noon + jump;
		const next = clock.next();
		expect(compareTime(last, next)).toBeLessThan(0);
		last = next;
	}
});

test('another device pulls the clock a minute ahead of its own wall at most, and is flagged beyond', () => {
	const clock = new HybridClock(() => noon);
	expect(clock.observe({ ms: noon + clockSkewMaxMs + 1, counter: 0 })).toBe(false);
	expect(clock.next()).toEqual({ ms: noon, counter: 0 });
	expect(clock.observe({ ms: noon + clockSkewMaxMs, counter: 7 })).toBe(true);
	expect(clock.next()).toEqual({ ms: noon + clockSkewMaxMs, counter: 8 });
	expect(clock.observe({ ms: noon, counter: 99 })).toBe(true);
	expect(clock.next()).toEqual({ ms: noon + clockSkewMaxMs, counter: 9 });
});

test('P5 what a clock says is what its entry says when read back, with a dead battery and between milliseconds too', () => {
	for (const wall of [0, -1, earliestMs - 1, earliestMs, noon + 0.75, 2 ** 43]) {
		const time = new HybridClock(() => wall).next();
		const entry = { time, parts: [], relies: [], key: undefined, legs: [] };
		expect(decodeEntry(encodeEntry(entry))?.time).toEqual(time);
	}
});

test('P6 a counter that somebody ran to its end leaves every later time readable', () => {
	for (const counter of [2 ** 32, 2 ** 53 - 1]) {
		const clock = new HybridClock(() => noon);
		clock.observe({ ms: noon, counter });
		for (let last = { ms: 0, counter: 0 }, i = 0; i < 3; i++) {
			const time = clock.next();
			expect(compareTime(time, last)).toBeGreaterThan(0);
			const entry = { time, parts: [], relies: [], key: undefined, legs: [] };
			expect(decodeEntry(encodeEntry(entry))?.time).toEqual(time);
			last = time;
		}
	}
});
