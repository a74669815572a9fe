import { expect, test } from 'vitest';
import { flame } from '../../../bench/plots/flame.js';
import { fromHeap, type HeapNode, type Profile, spentBy } from '../../../bench/profile.js';

const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });

/** `sell` calls itself once and `write`; `write` is called by `seal` too; in between nothing runs. */
const profile: Profile = {
	nodes: [
		{ id: 1, callFrame: frame('(root)'), children: [2, 5, 7] },
		{ id: 2, callFrame: frame('sell', 'file:///till.js', 3), children: [3, 4] },
		{ id: 3, callFrame: frame('sell', 'file:///till.js', 3) },
		{ id: 4, callFrame: frame('write', 'file:///disk.js', 8) },
		{ id: 5, callFrame: frame('seal'), children: [6] },
		{ id: 6, callFrame: frame('write', 'file:///disk.js', 8) },
		{ id: 7, callFrame: frame('(idle)') },
	],
	samples: [2, 3, 4, 6, 7],
	timeDeltas: [10, 20, 40, 80, 1000],
};

test('time is told by function, by itself and with what it calls, a function that calls itself once; idle time is not', () => {
	const { all, by } = spentBy(profile);
	expect(all).toBe(150);
	expect(by.get('sell till.js:4')).toEqual({ self: 30, total: 70 });
	expect(by.get('write disk.js:9')).toEqual({ self: 120, total: 120 });
	expect(by.get('seal')).toEqual({ self: 0, total: 80 });
	expect(by.has('(idle)')).toBe(false);
});

test('or only while one function is at work', () => {
	const { all, by } = spentBy(profile, 'sell');
	expect(all).toBe(70);
	expect(by.get('write disk.js:9')).toEqual({ self: 40, total: 40 });
	expect(by.has('seal')).toBe(false);
});

test('memory is told the same way, by what each function allocated', () => {
	const write: HeapNode = { id: 3, callFrame: frame('write', 'file:///disk.js', 8), selfSize: 300, children: [] };
	const sell: HeapNode = { id: 2, callFrame: frame('sell'), selfSize: 50, children: [write] };
	const { all, by } = spentBy(fromHeap({ id: 1, callFrame: frame('(root)'), selfSize: 0, children: [sell] }));
	expect(all).toBe(350);
	expect(by.get('sell')).toEqual({ self: 50, total: 350 });
	expect(by.get('write disk.js:9')).toEqual({ self: 300, total: 300 });
});

test('a flame graph has a bar for each function upon the one that called it, as wide as its share, and none for idle time', () => {
	const drawn = flame('sales & seals', profile);
	expect(drawn).toContain('sales &#38; seals');
	const told = [...drawn.matchAll(/<title>([^<]*)<\/title><rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g)];
	expect(told.map(([, title, x, y, wide]) => `${title} at ${x} ${y}, ${wide}`)).toEqual([
		'all 100.0 % at 0.0 26, 999.5',
		'seal 53.3 % at 0.0 41, 532.8',
		'write 53.3 % at 0.0 56, 532.8',
		'sell 46.7 % at 533.3 41, 466.2',
		'write 26.7 % at 533.3 56, 266.2',
		'sell 13.3 % at 800.0 56, 132.8',
	]);
});
