import { expect, test } from 'vitest';
import { Closers } from '../../../src/journal/closure.js';
import type { Entry } from '../../../src/journal/entry.js';

test('JRN4 a `torn` ends the wait for the lost part and for what followed it in its epoch, where it was said and for nobody else', () => {
	const closers = new Closers();
	const part = { ledger: 'members/m', epoch: 2, index: 3 };
	const said: Entry = {
		time: { ms: 1, counter: 0 },
		parts: [],
		relies: [],
		key: undefined,
		legs: [
			{ kind: 'torn', part: { ...part, index: 5 } },
			{ kind: 'torn', part },
		],
	};
	const till = { device: 'till', ledger: 'stock/a' };
	closers.addEntry(till, said);
	const closed = [2, 3, 4, 5, 6].filter((index) => closers.closes(till, { ...part, index }));
	expect(closed).toEqual([3, 4, 5, 6]);
	expect(closers.closes({ ...till, device: 'other' }, part)).toBe(false);
	expect(closers.closes({ ...till, ledger: 'orders/a' }, part)).toBe(false);
	expect(closers.closes(till, { ...part, epoch: 3 })).toBe(false);
});
