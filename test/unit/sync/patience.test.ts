import { describe, expect, test } from 'vitest';
import type { Line } from '../../../src/sync/line.js';
import { Patience, tickMs } from '../../../src/sync/patience.js';

/** A line whose clock and answers are set by hand. */
class HandLine {
	clockMs = 0;
	pings = 0;
	answered = 0;
	nowMs = () => this.clockMs;
	ping = () => ++this.pings;
}

const usualMs = 400;

function patience() {
	const line = new HandLine();
	const patience = new Patience(line as unknown as Line); // it asks for no more than this
	/** Ticks until it is over, `passMs` of the clock a tick; 0 where `most` ticks are not enough. */
	const ticksOf = (what: () => object | undefined, passMs: number, most: number): number => {
		for (let tick = 1; tick <= most; tick++) {
			line.clockMs += passMs;
			if (patience.isOver(what(), 0, usualMs)) return tick;
		}
		return 0;
	};
	return { line, ticksOf };
}

describe('SYN4 what was sent and not answered', () => {
	const lost = {};

	test('goes again when a ping behind it has come back, and not before', () => {
		const { line, ticksOf } = patience();
		expect(ticksOf(() => lost, tickMs, 20)).toBe(0);
		expect(line.pings).toBeGreaterThan(0);
		line.answered = line.pings;
		expect(ticksOf(() => lost, tickMs, 1)).toBe(1);
	});

	test('goes again after half a minute though no ping comes back', () => {
		expect(ticksOf30()).toBeLessThanOrEqual(30_000 / tickMs + 1);
		function ticksOf30() {
			return patience().ticksOf(() => lost, tickMs, 200) || Number.POSITIVE_INFINITY;
		}
	});

	test('goes again by a clock that stands still too', () => {
		const { line, ticksOf } = patience();
		ticksOf(() => lost, 0, 5);
		line.answered = line.pings;
		expect(ticksOf(() => lost, 0, 1)).toBe(1);
	});

	test('is waited for from its own sending: what is answered meanwhile begins anew', () => {
		const { line, ticksOf } = patience();
		line.answered = Number.POSITIVE_INFINITY;
		expect(ticksOf(() => ({}), tickMs, 50)).toBe(0);
	});

	test('is waited for twice as long after each time', () => {
		const { line, ticksOf } = patience();
		line.answered = Number.POSITIVE_INFINITY;
		const ticks = [1, 2, 3].map(() => ticksOf(() => lost, tickMs, 100));
		expect(ticks[1]).toBeGreaterThan(ticks[0] as number);
		expect(ticks[2]).toBeGreaterThan(ticks[1] as number);
	});
});
