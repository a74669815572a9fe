import { describe, expect, it } from 'vitest';
import { properties } from './properties/list.js';
import { BadArguments, wishOf } from './run/arguments.js';
import { commandOf } from './run/command.js';
import type { Order } from './run/order.js';
import { texts } from './run/texts.js';

/** What somebody is told who types this. */
function told(line: string, env: Record<string, string> = {}): string {
	try {
		wishOf(line.split(' '), env);
	} catch (error) {
		if (error instanceof BadArguments) return error.message;
		throw error;
	}
	return 'nothing';
}

describe('arguments of npm run sim', () => {
	it('are seeds, a seed and its parts, speed or mutants', () => {
		expect(wishOf([])).toMatchObject({ what: 'seeds', seeds: 500, from: 1 });
		expect(wishOf('--seeds 2_000 --from 7 --json --keep-going'.split(' '))).toMatchObject({
			what: 'seeds',
			seeds: 2_000,
			from: 7,
			json: true,
			keepGoing: true,
		});
		expect(wishOf('--seed 4711 --steps 3,17,20 --without delay,crash'.split(' '))).toMatchObject({
			what: 'seed',
			seed: 4_711,
			steps: [3, 17, 20],
			without: ['delay', 'crash'],
		});
		expect(wishOf('--seed 0 --steps none'.split(' '))).toMatchObject({ what: 'seed', seed: 0, steps: [] });
		expect(wishOf(['--mutants'])).toMatchObject({ what: 'mutants', seeds: 2_000 });
		expect(wishOf(['--speed', '--cores=3'])).toMatchObject({ what: 'speed', cores: 3 });
		expect(wishOf(['-h'])).toMatchObject({ what: 'help' });
	});

	it.each([
		['--sedes 5', 'there is no option --sedes; --seeds?'],
		['--colour', 'there is no option --colour. See --help.'],
		['100', '"100" belongs to no option. Options come after "--": npm run sim -- --seeds 100'],
		['--seeds', '--seeds needs a value.'],
		['--seeds --json', '--seeds needs a value.'],
		['--json=yes', '--json takes no value.'],
		['--seeds 0', '--seeds 0: a whole number from 1 to 10000000, please.'],
		['--seeds -5', '--seeds -5: a whole number'],
		['--seeds 1.5', '--seeds 1.5: a whole number'],
		['--seeds many', '--seeds many: a whole number'],
		['--seed 4294967296', '--seed 4294967296: a whole number'],
		['--seed 1 --steps 3,x', '--steps 3,x: numbers of steps with commas between them'],
		['--seed 1 --steps 9-3', '--steps 9-3: numbers of steps'],
		['--seed 1 --without rain', '--without rain: no such fault. There are partition, delay,'],
		['--steps 1,2', '--steps is about one seed: add --seed X.'],
		['--seed 1 --seeds 2', '--seeds does not go with --seed.'],
		['--seed 1 --record', '--record does not go with --seed.'],
		['--mutants --speed', '--speed does not go with --mutants.'],
		['--lang fr', '--lang fr: there are en and zh.'],
		['--constructor', 'there is no option --constructor.'],
	])('%s: is answered in one line', (line, answer) => {
		expect(told(line)).toContain(answer);
		expect(told(line)).not.toContain('\n');
	});

	it.each<Order>([
		{ seed: 7 },
		{ seed: 7, steps: [] },
		{ seed: 7, steps: [0, 1, 2, 3, 5, 6, 8, 9, 10] },
		{ seed: 4_294_967_295, steps: [3, 17], without: ['delay', 'relay-lost'] },
	])('take what a replay line says: %j', (order) => {
		const line = commandOf(order);
		expect(line).toMatch(/^npm run sim -- /);
		expect(wishOf(line.split(' ').slice(4))).toMatchObject({ what: 'seed', ...order });
	});

	it('are short where many steps in a row are kept', () => {
		expect(commandOf({ seed: 7, steps: [0, 1, 2, 3, 5, 6, 8, 9, 10, 12] })).toBe(
			'npm run sim -- --seed 7 --steps 0-3,5,6,8-10,12',
		);
	});

	it('are answered in the language of whoever asks', () => {
		expect(told('--seeds x', { LANG: 'zh_CN.UTF-8' })).toContain('之间的整数');
		expect(told('--seeds x --lang zh')).toContain('之间的整数');
		expect(told('--lang=zh --nothing')).toContain('没有选项');
		expect(told('--seeds x --lang en', { LANG: 'zh_CN.UTF-8' })).toContain('a whole number');
		expect(told('--seeds x', { LANG: 'zh_CN.UTF-8', LC_ALL: 'C' })).toContain('a whole number');
	});
});

describe('what the command says', () => {
	it('names the same options in both languages', () => {
		const optionsIn = (help: string) => [...help.matchAll(/--[a-z-]+/g)].map(([option]) => option);
		expect(optionsIn(texts.zh.help)).toEqual(optionsIn(texts.en.help));
	});

	it('has a line for each of the 33 properties in both', () => {
		expect([...properties.keys()]).toEqual(Array.from({ length: 33 }, (_, i) => i + 1));
		for (const { en, zh } of properties.values()) {
			expect(en).toMatch(/^[a-z].{10,}[a-z]$/s);
			expect(zh).toMatch(/^\p{Script=Han}.{4,}$/su);
		}
	});
});
