import { expect, test } from 'vitest';
import { benches } from '../../../bench/benches.js';

test('all benches together may take less than 20 minutes', () => {
	const seconds = Object.values(benches).reduce((sum, { budgetSeconds }) => sum + budgetSeconds, 0);
	expect(seconds).toBeLessThan(20 * 60);
});
