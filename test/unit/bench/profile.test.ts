import { expect, test } from 'vitest';
import { type Profile, spentBy } from '../../../bench/profile.js';

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
	const { us, by } = spentBy(profile);
	expect(us).toBe(150);
	expect(by.get('sell till.js:4')).toEqual({ selfUs: 30, totalUs: 70 });
	expect(by.get('write disk.js:9')).toEqual({ selfUs: 120, totalUs: 120 });
	expect(by.get('seal')).toEqual({ selfUs: 0, totalUs: 80 });
	expect(by.has('(idle)')).toBe(false);
});

test('or only while one function is at work', () => {
	const { us, by } = spentBy(profile, 'sell');
	expect(us).toBe(70);
	expect(by.get('write disk.js:9')).toEqual({ selfUs: 40, totalUs: 40 });
	expect(by.has('seal')).toBe(false);
});
