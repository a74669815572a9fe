import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { Plugin } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { bundleSim } from './run/bundle.js';
import { clockAfterCrash, type NothingPlayed, playNothing, seedWith, unsteady, unwatched } from './run/planted.js';
import { sim } from './run/sim.js';

interface Said {
	readonly code: number;
	readonly lines: readonly string[];
	readonly progress: string;
}

/** The command in this process, with something planted. */
async function run(line: string, plugins: readonly Plugin[] = []): Promise<Said> {
	const lines: string[] = [];
	let progress = '';
	const code = await sim(line.split(' '), {
		env: {},
		print: (text) => lines.push(...text.split('\n')),
		progress: {
			isTerminal: false,
			write: (text) => {
				progress += text;
			},
		},
		bundle: () => bundleSim({ plugins }),
		nowMs: () => performance.now(),
	});
	return { code, lines, progress };
}

const nothing = (line: string, left: NothingPlayed = {}) => run(line, [playNothing(left)]);

/** What a line of the report gives to type. */
const commandIn = ({ lines }: Said, word: string): string =>
	lines.find((line) => line.startsWith(`${word} `))?.replace(/^\w+\s+npm run sim -- /, '') ?? `no ${word}`;

describe('npm run sim', () => {
	it('holds where everything held and was in play', async () => {
		const said = await nothing('--seeds 500 --cores 2');
		expect(said.code).toBe(0);
		expect(said.lines.at(-1)).toBe('all 33 properties held');
		expect(said.lines.join('\n')).toMatch(/^500 seeds in .* on 2 cores, .* seeds\/s: 500 steps/m);
		expect(said.lines.join('\n')).toMatch(/^clone +500 +100 % +10 %$/m);
		expect(said.lines.join('\n')).toMatch(/ 33: 500$/m);
	});

	it('fails a run in which a property or a fault was never in play, and names it', async () => {
		const said = await nothing('--seeds 500 --cores 2', { properties: [13], faults: ['clone'] });
		expect(said.code).toBe(1);
		expect(said.lines.slice(-2)).toEqual([
			'never in play: fault clone',
			'never in play: property 13, a single unit is spent at most once',
		]);
		const chinese = await nothing('--seeds 500 --cores 2 --lang zh', { properties: [13] });
		expect(chinese.code).toBe(1);
		expect(chinese.lines.at(-1)).toBe('从未触及：性质 13，仅有的一件最多卖出一次');
	});

	it('does not judge that by a few seeds', async () => {
		const said = await nothing('--seeds 499 --cores 2', { properties: [13] });
		expect(said.code).toBe(0);
		expect(said.lines.at(-1)).toBe('the 32 of 33 properties that were in play held');
	});

	it('gives the same hash for the same seeds, however they are spread', async () => {
		const hashOf = async (line: string) =>
			(JSON.parse((await run(line, [unwatched])).lines.join('')) as { hash: string }).hash;
		const hash = await hashOf('--seeds 4 --cores 2 --json');
		expect(hash).toMatch(/^[0-9a-f]{16}$/);
		expect(await hashOf('--seeds 4 --cores 1 --json')).toBe(hash);
		expect(await hashOf('--seeds 4 --from 2 --cores 2 --json')).not.toBe(hash);
	});

	it('makes a failing seed small for a person, and what it gives to type fails again', async () => {
		const seed = seedWith('crash', 'clock');
		const said = await run(`--seeds 1 --from ${seed} --cores 2`, [clockAfterCrash]);
		expect(said.code).toBe(1);
		const text = said.lines.join('\n');
		expect(text).toContain(`seed ${seed}, property 13: a single unit is spent at most once`);
		expect(text).toContain('  planted: a clock went wrong after a crash');
		expect(commandIn(said, 'replay')).toBe(`--seed ${seed}`);
		// Two steps lead there: the history tells them in order, and nothing else that people did.
		const smaller = commandIn(said, 'smaller');
		expect(smaller).toMatch(new RegExp(`^--seed ${seed} --steps \\d+,\\d+( --without [a-z,]+)?$`));
		const kept = said.lines.filter((line) => line.startsWith('-- step '));
		expect(kept.map((line) => line.replace(/\d+/, 'n'))).toEqual(['-- step n, crash', '-- step n, clock']);
		const inOrder = ['loses its power', ', clock', '! the clock of', 'VIOLATION of property 13'].map((words) =>
			said.lines.findIndex((line) => line.includes(words) && !line.startsWith('  planted')),
		);
		expect(inOrder[0]).toBeGreaterThan(said.lines.indexOf(kept[0] ?? ''));
		expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));

		const again = await run(smaller, [clockAfterCrash]);
		expect(again.code).toBe(1);
		expect(again.lines.join('\n')).toContain('VIOLATION of property 13: planted');
		const whole = await run(commandIn(said, 'replay'), [clockAfterCrash]);
		expect(whole.code).toBe(1);
		// Without what was planted there is nothing to find.
		const sound = await run(smaller, [unwatched]);
		expect(sound.lines.slice(-1)).toEqual(['all held']);
		expect(sound.code).toBe(0);
	});

	it('makes one seed small where it is asked to', async () => {
		const seed = seedWith('crash', 'clock');
		const said = await run(`--seed ${seed} --shrink --json --cores 2`, [clockAfterCrash]);
		expect(said.code).toBe(1);
		expect(JSON.parse(said.lines.join(''))).toMatchObject({
			ok: false,
			seed,
			violation: { property: 13 },
			shrunk: { isDone: true, steps: [expect.any(Number), expect.any(Number)] },
		});
	});

	it('says so where a failing seed does otherwise when played again', async () => {
		const seed = seedWith('clock');
		const said = await run(`--seeds 1 --from ${seed} --cores 1`, [unsteady]);
		expect(said.code).toBe(1);
		expect(said.lines.some((line) => line.startsWith(`seed ${seed} did otherwise when played again`))).toBe(true);
		expect(commandIn(said, 'smaller')).toBe('no smaller');
	});

	it('counts seeds a second in worlds of one size', async () => {
		const said = await run('--speed --seeds 1 --cores 1 --json', [playNothing({})]);
		expect(said.code).toBe(0);
		const speeds = JSON.parse(said.lines.join('')) as { kind: string; perSecondAndCore: number }[];
		expect(speeds.map(({ kind }) => kind)).toEqual(['mesh', 'relay', 'bare']);
		expect(speeds.every(({ perSecondAndCore }) => perSecondAndCore > 0)).toBe(true);
	});
});

/** The command as it is typed. */
function typed(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, ['--import', 'tsx', 'test/sim/run/main.ts', ...args], {
			env: { ...process.env, LANG: 'C', LC_ALL: '', LC_MESSAGES: '' },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let [out, err] = ['', ''];
		child.stdout.on('data', (data: Buffer) => {
			out += data.toString();
		});
		child.stderr.on('data', (data: Buffer) => {
			err += data.toString();
		});
		child.on('close', (code) => resolve({ code, out, err }));
	});
}

describe('npm run sim, as it is typed', () => {
	it('answers bad input with one line and exit code 2', async () => {
		expect(await typed(['--sedes', '5'])).toEqual({
			code: 2,
			out: '',
			err: 'there is no option --sedes; --seeds? See --help.\n',
		});
	});

	it('prints nothing but JSON where JSON is asked for', async () => {
		const { code, out } = await typed(['--seeds', '2', '--json', '--cores', '1']);
		const told = JSON.parse(out) as Record<string, unknown>;
		expect(told).toMatchObject({ seeds: 2, ok: code === 0, isWhole: true });
		expect(told.faults).toHaveLength(12);
		expect(told.properties).toHaveLength(33);
	});

	it('tells what happens in one seed, and helps in both languages', async () => {
		const [one, english, chinese] = await Promise.all([
			typed(['--seed', '1']),
			typed(['--help']),
			typed(['--help', '--lang', 'zh']),
		]);
		expect(one.out).toMatch(/^-- step 0, \w+$/m);
		expect(one.out).toMatch(/^seed 1: \d+ steps, hash [0-9a-f]{16}$/m);
		expect(english).toMatchObject({ code: 0, out: expect.stringContaining('Exit code: 0 all held') });
		expect(chinese).toMatchObject({ code: 0, out: expect.stringContaining('退出码：0 全部成立') });
	});
});
