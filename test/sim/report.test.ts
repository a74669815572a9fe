import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { barsOf } from '../../bench/bars.js';
import { toMarkdown } from '../../bench/table.js';
import { bundleSim } from './run/bundle.js';
import { kindOf } from './run/kind.js';
import { type Played, unfinished } from './run/order.js';
import { partOf } from './run/part.js';
import { Progress } from './run/progress.js';
import { recordSeeds, recordSpeed } from './run/record.js';
import { clipped, coverageLines, withoutRoot } from './run/report.js';
import { speedPlan } from './run/speed-plan.js';
import { Tally } from './run/tally.js';
import { texts } from './run/texts.js';
import { planOf } from './story/plan.js';

function played(seed: number, inPlay: Played['inPlay'] = {}): Played {
	return { seed, hash: `h${seed}`, steps: 10, virtualMs: 86_400_000, inPlay, history: [], realMs: 50, cpuMs: 40 };
}

function tallyOf(...all: readonly Played[]): Tally {
	const tally = new Tally();
	for (const one of all) tally.add(one);
	return tally;
}

describe('adding up seeds', () => {
	it('counts times and seeds of each fault and property', () => {
		const tally = tallyOf(
			played(1, { 'fault crash': 3, 'property 13': 5, 'property 14': 0 }),
			played(2, { 'fault crash': 4 }),
			played(3),
			played(4),
		);
		expect(tally).toMatchObject({ seeds: 4, steps: 40, virtualMs: 4 * 86_400_000, coreMs: 200 });
		expect(tally.faults().find(({ name }) => name === 'crash')).toEqual({
			name: 'crash',
			times: 7,
			seeds: 2,
			percent: 50,
			wantedPercent: 60,
		});
		expect(tally.properties()[12]).toEqual({ property: 13, times: 5, seeds: 1 });
		expect(tally.properties()[13]).toEqual({ property: 14, times: 0, seeds: 0 });
	});

	it('gives one hash whatever the order they came in, and another where one of them did otherwise', () => {
		const [one, two, ten] = [played(1), played(2), played(10)];
		const hash = tallyOf(one, two, ten).hash();
		expect(tallyOf(ten, one, two).hash()).toBe(hash);
		expect(tallyOf(one, two, { ...ten, hash: 'other' }).hash()).not.toBe(hash);
	});

	it('keeps the first seed of each way to fail', () => {
		const share = (seed: number, till: string, n: number) =>
			unfinished(seed, `sh-1/${till} believes it has ${n} of stock/cup in stock/sh-1, it has 0`, 1);
		const tally = tallyOf(
			share(7, 'till-1', 3),
			share(4, 'till-2', 12),
			unfinished(9, 'TypeError: x is not\n at y', 1),
		);
		expect([...tally.kinds.values()].map(({ seed }) => seed)).toEqual([7, 9]);
		expect(tally.failures).toHaveLength(3);
	});

	it('tells kinds apart by property and words', () => {
		const violation = { property: 3, step: 4, message: 'sh-1/till-2 believes it has 3' };
		const kind = kindOf(violation);
		expect(kindOf({ ...violation, step: 9, message: 'sh-2/till-1 believes it has 44' })).toBe(kind);
		expect(kindOf({ ...violation, property: 2 })).not.toBe(kind);
		expect(kindOf({ ...violation, message: 'sh-1/till-2 sees 3' })).not.toBe(kind);
	});
});

describe('a part of a plan', () => {
	it('leaves out steps and faults, and changes nothing else', () => {
		const plan = planOf(5);
		const part = partOf(plan, { steps: [1, 3, 4], without: ['delay'] });
		expect(part.steps).toEqual(plan.steps.filter(({ index }) => [1, 3, 4].includes(index)));
		expect(part.line).toEqual({ ...plan.line, delayMsMax: 2, reorderPercent: 0 });
		expect(partOf(plan, {})).toEqual(plan);
		const [{ kind } = { kind: 'act' }] = plan.steps.filter((step) => plan.faults.has(step.kind as 'crash'));
		expect(partOf(plan, { without: [kind as 'crash'] }).steps.some((step) => step.kind === kind)).toBe(false);
		expect(partOf(plan, { without: ['duplicate'] }).line).toEqual({
			...plan.line,
			dropPercent: 0,
			duplicatePercent: 0,
		});
	});
});

describe('worlds that speeds are compared at', () => {
	it.each(['mesh', 'relay', 'bare'] as const)('are one store, four tills and a hundred actions: %s', (kind) => {
		for (let seed = 1; seed < 50; seed++) {
			const { topology, steps, faults, line } = speedPlan(seed, kind);
			expect(topology).toMatchObject({ stores: 1, tillsPerStore: 4, hq: false, relay: kind === 'relay' });
			expect(steps.filter((step) => step.kind === 'act')).toHaveLength(100);
			expect(steps.map(({ index }) => index)).toEqual(steps.map((_, index) => index));
			expect(kind === 'mesh' && faults.has('relay-lost')).toBe(false);
			expect(kind === 'bare' && (faults.size > 0 || line.dropPercent > 0)).toBe(false);
		}
		expect(speedPlan(1, kind)).toEqual(speedPlan(1, kind));
	});
});

describe('progress', () => {
	it.each([
		{ isTerminal: true, told: '\r400\u001b[K\r600\u001b[K\r\u001b[K' },
		{ isTerminal: false, told: '5200\n' },
	])('is one line written over on a terminal, a line every few seconds elsewhere: %j', ({ isTerminal, told }) => {
		let said = '';
		let nowMs = 0;
		const teller = {
			isTerminal,
			write: (text: string) => {
				said += text;
			},
		};
		const progress = new Progress(teller, () => nowMs);
		for (nowMs of isTerminal ? [100, 400, 500, 600] : [100, 4_900, 5_200, 6_000]) progress.tell(() => `${nowMs}`);
		progress.end();
		expect(said).toBe(told);
	});
});

describe('the table of faults', () => {
	it.each(['en', 'zh'] as const)('stands in columns, whatever the letters are wide: %s', (lang) => {
		const lines = coverageLines(tallyOf(played(1, { 'fault crash': 3 })), texts[lang]).slice(1, 14);
		const width = (line: string) =>
			[...line].reduce((sum, letter) => sum + (/\p{Script=Han}/u.test(letter) ? 2 : 1), 0);
		expect(new Set(lines.map(width))).toEqual(new Set([48]));
	});
});

describe('temporary bundles', () => {
	it('are taken away where their maker was killed', async () => {
		const { pid } = spawnSync(process.execPath, ['-e', '']);
		const left = mkdtempSync(join(tmpdir(), `tillmesh-sim-${pid}-`));
		const path = await bundleSim();
		expect(existsSync(path)).toBe(true);
		expect(existsSync(left)).toBe(false);
	});
});

describe('what is kept of a run', () => {
	it('is a table of counts, one of properties, and bars', () => {
		const tally = tallyOf(played(1, { 'fault crash': 1_234, 'property 2': 7, frames: 5_000 }), unfinished(2, 'no', 1));
		const wish = { from: 1, seeds: 2, cores: 2 } as Parameters<typeof recordSeeds>[1];
		const tables = recordSeeds(tally, wish, 1_000);
		const page = Object.values(tables).map(toMarkdown).join('\n');
		expect(page).toContain('| seeds, 1 to 2 | 2 |');
		expect(page).toContain('| seeds with a violation | 1 |');
		expect(page).toContain('| fault: crash | 1,234 | 50.0 | 60 |');
		expect(page).toContain('| 2, no share, stock or hard balance below its floor | 1 | 7 |');
		expect(barsOf('sim', tables.sim?.figures ?? {}).map(({ holds }) => holds)).toEqual([false, false]);
		expect(barsOf('sim', { violations: 0, seeds: 100_000 }).every(({ holds }) => holds)).toBe(true);
		const speeds = recordSpeed([
			{ kind: 'mesh', tally, perSecondAndCore: 120.04 },
			{ kind: 'relay', tally, perSecondAndCore: 80 },
		]);
		const figures = speeds['sim-speed']?.figures ?? {};
		expect(barsOf('sim-speed', figures).map(({ holds }) => holds)).toEqual([true, false]);
	});

	it('names sources as in the repository, and keeps both ends of a long history', () => {
		const stack = new Error('here').stack ?? '';
		expect(withoutRoot(stack)).toContain('test/sim/report.test.ts');
		expect(withoutRoot(stack)).not.toContain(`${process.cwd()}/`);
		const lines = Array.from({ length: 300 }, (_, i) => `line ${i}`);
		const shown = clipped(lines, texts.en);
		expect(shown).toHaveLength(111);
		expect(shown[0]).toBe('line 0');
		expect(shown[70]).toBe('(190 lines left out; the replay tells all)');
		expect(shown.at(-1)).toBe('line 299');
	});
});
