import { expect, test } from 'vitest';
import { benches } from '../../../bench/benches.js';

test('all benches that run together may take less than 20 minutes', () => {
	const together = Object.values(benches).filter(({ isLong }) => !isLong);
	const seconds = together.reduce((sum, { budgetSeconds }) => sum + budgetSeconds, 0);
	expect(seconds).toBeLessThan(20 * 60);
});
