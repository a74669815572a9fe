import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { openLoyalty } from '../../examples/simulate-your-app/app.js';
import { openFixedLoyalty } from '../../examples/simulate-your-app/app-fixed.js';
import { simulateLoyalty } from '../../examples/simulate-your-app/simulation.js';

const run = promisify(execFile);

test('the bug of examples/simulate-your-app is caught within a few seeds, in a history that a person can read', async () => {
	const { failed } = await simulateLoyalty(openLoyalty, 20);
	if (!failed) throw new Error('the simulator does not find it any more');
	expect(failed).toMatchObject({ where: 'finally free drinks were earned', repeats: true });
	expect(failed.error.message).toMatch(/^(ann|bo) paid \d+ drinks and got \d free ones$/);
	expect(failed.steps.needed).toBeLessThanOrEqual(8);
	expect(failed.history.filter((line) => line.includes('a free drink for')).length).toBeGreaterThanOrEqual(2);
	expect(failed.history.length).toBeLessThanOrEqual(16);
});

test('the same app with stamps in a pool stands the same seeds', async () => {
	const { failed, seeds } = await simulateLoyalty(openFixedLoyalty, 25);
	expect(failed?.report).toBeUndefined();
	expect(seeds).toBe(25);
});

test('the test file that a vendor would write passes under node:test, and the command shows both', async () => {
	const folder = 'examples/simulate-your-app';
	const [tested, shown] = await Promise.all([
		run(process.execPath, ['--import', 'tsx', '--test', `${folder}/loyalty.test.ts`]),
		run(process.execPath, ['--import', 'tsx', `${folder}/main.ts`]),
	]);
	expect(tested.stdout).toContain('# pass 2');
	expect(shown.stdout).toContain('a free drink for');
	expect(shown.stdout).toContain('nothing wrong');
});
