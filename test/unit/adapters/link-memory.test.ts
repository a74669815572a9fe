import { expect, test } from 'vitest';
import { type MemoryLinkOptions, memoryLink } from '../../../adapters/link-memory/index.js';
import type { Link, LinkEnd } from '../../../src/ports/link.js';
import type { Timers } from '../../../src/ports/platform.js';
import { seeded } from '../../contract/check.js';

/** What a link said, in order, and the end it gave last. */
function listen(link: Link): { said: string[]; numbers(): number[]; end(): LinkEnd } {
	const said: string[] = [];
	let last: LinkEnd | undefined;
	link.start({
		up(end) {
			last = end;
			said.push('up');
		},
		frame: (bytes) => said.push(String(bytes[0])),
		down: () => said.push('down'),
	});
	return {
		said,
		numbers: () => said.filter((word) => /\d/.test(word)).map(Number),
		end() {
			if (last === undefined) throw new Error('never up');
			return last;
		},
	};
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** What arrives of the frames 0 to 199, a turn of their own for each ten. */
async function arrivals(options: MemoryLinkOptions): Promise<number[]> {
	const line = memoryLink(options);
	const a = listen(line.a);
	const b = listen(line.b);
	await settle();
	for (let i = 0; i < 200; i++) {
		a.end().send(Uint8Array.of(i));
		if (i % 10 === 9) await Promise.resolve();
	}
	await settle();
	return b.numbers();
}

const inOrder = Array.from({ length: 200 }, (_, i) => i);
const sorted = (numbers: readonly number[]): number[] => [...numbers].sort((x, y) => x - y);

test('SYN5 without faults, and with mere delay, every frame arrives once and in order', async () => {
	expect(await arrivals({})).toEqual(inOrder);
	expect(await arrivals({ random: seeded(1), delayTurns: 5 })).toEqual(inOrder);
});

test('SYN5 drop loses about as many as asked, and keeps the order of the rest', async () => {
	const arrived = await arrivals({ random: seeded(2), drop: 0.25 });
	expect(arrived).toEqual(sorted(arrived));
	expect(arrived.length).toBeGreaterThan(120);
	expect(arrived.length).toBeLessThan(180);
	expect(await arrivals({ random: seeded(2), drop: 1 })).toEqual([]);
});

test('SYN5 duplicate doubles about as many as asked and loses none', async () => {
	const arrived = await arrivals({ random: seeded(3), duplicate: 0.25 });
	expect([...new Set(arrived)]).toEqual(inOrder);
	expect(arrived.length).toBeGreaterThan(220);
	expect(arrived.length).toBeLessThan(280);
});

test('SYN5 reorder changes the order and loses none', async () => {
	const arrived = await arrivals({ random: seeded(4), reorder: 0.3 });
	expect(sorted(arrived)).toEqual(inOrder);
	expect(arrived).not.toEqual(inOrder);
});

test('SYN5 the same random gives the same deliveries', async () => {
	const options = { drop: 0.1, duplicate: 0.1, reorder: 0.2, delayTurns: 3 };
	const first = await arrivals({ ...options, random: seeded(5) });
	expect(await arrivals({ ...options, random: seeded(5) })).toEqual(first);
	expect(await arrivals({ ...options, random: seeded(6) })).not.toEqual(first);
});

test('SYN5 a cut loses what is under way and says down before it returns', async () => {
	const line = memoryLink();
	const [a, b] = [listen(line.a), listen(line.b)];
	await settle();
	expect(line.isUp).toBe(true);
	a.end().send(Uint8Array.of(1));
	line.cut();
	expect([line.isUp, a.said, b.said]).toEqual([false, ['up', 'down'], ['up', 'down']]);
	line.cut();
	line.heal();
	line.heal();
	await settle();
	expect([a.said, b.said]).toEqual([
		['up', 'down', 'up'],
		['up', 'down', 'up'],
	]);
});

test('SYN5 started cut, or started by one side only, nobody hears anything', async () => {
	const line = memoryLink({ cut: true });
	const a = listen(line.a);
	line.heal();
	await settle();
	expect(a.said).toEqual([]);
	const b = listen(line.b);
	await settle();
	expect([a.said, b.said]).toEqual([['up'], ['up']]);
});

test('SYN4 what is under way is bounded: send says false beyond it, and true again after', async () => {
	const line = memoryLink({ queueBytesMax: 10_000 });
	const [a, b] = [listen(line.a), listen(line.b)];
	await settle();
	const sends = Array.from({ length: 200 }, () => a.end().send(new Uint8Array(100)));
	expect(sends.filter(Boolean).length).toBe(Math.floor(10_000 / 164));
	await settle();
	expect(b.numbers().length).toBe(Math.floor(10_000 / 164));
	expect(a.end().send(new Uint8Array(100))).toBe(true);
});

test('a frame over 1 MiB is not taken', async () => {
	const line = memoryLink();
	const [a] = [listen(line.a), listen(line.b)];
	await settle();
	expect(a.end().send(new Uint8Array(1024 * 1024 + 1))).toBe(false);
});

test('SYN4 after a side closed, the way comes up again by timers; without them it waits for heal', async () => {
	const waiting: (() => void)[] = [];
	const timers: Timers = {
		after(_, run) {
			waiting.push(run);
			return () => {};
		},
	};
	const runTimers = (): void => {
		for (const run of waiting.splice(0)) run();
	};
	const timed = memoryLink({ timers });
	const [a, b] = [listen(timed.a), listen(timed.b)];
	runTimers();
	a.end().close();
	expect([a.said, b.said]).toEqual([
		['up', 'down'],
		['up', 'down'],
	]);
	runTimers();
	runTimers();
	expect([a.said.at(-1), b.said.at(-1)]).toEqual(['up', 'up']);

	const untimed = memoryLink();
	const [c] = [listen(untimed.a), listen(untimed.b)];
	await settle();
	c.end().close();
	await settle();
	expect(c.said).toEqual(['up', 'down']);
	untimed.heal();
	await settle();
	expect(c.said).toEqual(['up', 'down', 'up']);
});

test('a fault without a source of chance, or a probability that is none, is a bad argument', () => {
	expect(() => memoryLink({ drop: 0.1 })).toThrow(expect.objectContaining({ code: 'bad_argument', path: 'random' }));
	for (const drop of [-0.1, 1.1, Number.NaN])
		expect(() => memoryLink({ drop, random: () => 0 })).toThrow(expect.objectContaining({ path: 'drop' }));
});
