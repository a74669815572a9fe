import { describe, expect, test } from 'vitest';
import { createLive } from '../../../src/ledger/live.js';
import { settle, World } from '../../property/escrow-world.js';

/** A value that a test changes by hand, read through a fresh object each time it changed. */
function source() {
	const world = new World();
	const listeners = new Set<() => void>();
	let version = 0;
	let reads = 0;
	const live = createLive({
		version: () => version,
		read: () => {
			reads++;
			return { n: version };
		},
		listen: (changed) => {
			listeners.add(changed);
			return () => listeners.delete(changed);
		},
		timers: world.timers,
	});
	const notify = () => {
		for (const listener of [...listeners]) listener();
	};
	const to = (n: number) => {
		version = n;
		notify();
	};
	return { world, live, listeners, notify, to, reads: () => reads };
}

test('get gives the same object until the value changes, however often it is asked and whoever listens', () => {
	const { live, to, reads } = source();
	const first = live.get();
	live.subscribe(() => {});
	expect(live.get()).toBe(first);
	expect(reads()).toBe(1);
	to(1);
	expect(live.get()).not.toBe(first);
	expect(live.get()).toBe(live.get());
	expect(reads()).toBe(2);
});

test('subscribe is what useSyncExternalStore calls: unbound, told only of changes, silent once stopped', () => {
	const { live, to, notify, listeners } = source();
	const { subscribe, get } = live;
	const seen: number[] = [];
	const stop = subscribe(() => seen.push(get().n));
	notify();
	to(1);
	to(2);
	notify();
	expect(seen).toEqual([1, 2]);
	stop();
	stop();
	to(3);
	expect(seen).toEqual([1, 2]);
	expect(listeners.size).toBe(0);
});

test('on tells now and before, at once where asked, until its signal or its answer stops it', () => {
	const { live, to, listeners } = source();
	const seen: [number, number | undefined][] = [];
	const end = new AbortController();
	live.on((now, before) => seen.push([now.n, before?.n]), { immediate: true, signal: end.signal });
	to(1);
	to(2);
	end.abort();
	to(3);
	expect(seen).toEqual([
		[0, undefined],
		[1, 0],
		[2, 1],
	]);
	const late: number[] = [];
	live.on(({ n }) => late.push(n), { signal: end.signal, immediate: true })();
	to(4);
	expect(late).toEqual([]);
	expect(listeners.size).toBe(0);
});

describe('when', () => {
	test('takes the present value, or the first that passes', async () => {
		const { live, to, listeners } = source();
		expect(await live.when(({ n }) => n === 0)).toEqual({ n: 0 });
		const later = live.when(({ n }) => n > 1);
		to(1);
		to(2);
		to(3);
		expect(await later).toEqual({ n: 2 });
		expect(listeners.size).toBe(0);
	});

	test('ends by its timeout and by its signal, with not_reached, and listens no more', async () => {
		const { live, world, listeners } = source();
		const timed = live.when(() => false, { timeoutMs: 50 }).catch((error: unknown) => error);
		await world.pass(49);
		expect(listeners.size).toBe(1);
		await world.pass(1);
		expect(await timed).toMatchObject({
			code: 'not_reached',
			retryable: true,
			message: expect.stringContaining('50 ms'),
		});
		const end = new AbortController();
		const aborted = live.when(() => false, { signal: end.signal }).catch((error: unknown) => error);
		end.abort();
		expect(await aborted).toMatchObject({ code: 'not_reached' });
		expect(await live.when(() => false, { signal: end.signal }).catch((error: unknown) => error)).toMatchObject({
			code: 'not_reached',
		});
		expect(listeners.size).toBe(0);
	});

	test('rejects with what its test throws, now or later', async () => {
		const { live, to, listeners } = source();
		const throwing = (at: number) => (value: { n: number }) => {
			if (value.n === at) throw new Error('no such thing');
			return false;
		};
		await expect(live.when(throwing(0))).rejects.toThrow('no such thing');
		const later = live.when(throwing(1));
		to(1);
		await expect(later).rejects.toThrow('no such thing');
		expect(listeners.size).toBe(0);
	});
});

test('for await gives the latest value, never a queue, and lets go when left', async () => {
	const { live, to, listeners } = source();
	const seen: number[] = [];
	for await (const { n } of live) {
		seen.push(n);
		if (n === 0) {
			to(1);
			to(2);
			to(3);
		} else if (n === 3) queueMicrotask(() => to(7));
		else break;
	}
	expect(seen).toEqual([0, 3, 7]);
	expect(listeners.size).toBe(0);
});

test('a stream gives the latest value to a slow reader, and a cancel ends it though it waits', async () => {
	const { live, to, listeners } = source();
	const reader = live.stream().getReader();
	expect(await reader.read()).toEqual({ done: false, value: { n: 0 } });
	to(1);
	await settle();
	to(2);
	await settle();
	expect(await reader.read()).toEqual({ done: false, value: { n: 2 } });
	const waiting = reader.read();
	await settle();
	to(3);
	expect(await waiting).toEqual({ done: false, value: { n: 3 } });
	const last = reader.read();
	await settle();
	await reader.cancel();
	expect(await last).toEqual({ done: true, value: undefined });
	expect(listeners.size).toBe(0);
	const unread = live.stream();
	await unread.cancel();
	expect(listeners.size).toBe(0);
});

test('map is as stable as what it comes from, and computes once a change', () => {
	const { live, to } = source();
	let calls = 0;
	const doubled = live.map(({ n }) => {
		calls++;
		return { twice: 2 * n };
	});
	const first = doubled.get();
	expect(doubled.get()).toBe(first);
	expect(calls).toBe(1);
	const seen: number[] = [];
	doubled.on(({ twice }) => seen.push(twice));
	to(4);
	expect(seen).toEqual([8]);
	expect(doubled.map(({ twice }) => twice + 1).get()).toBe(9);
});
