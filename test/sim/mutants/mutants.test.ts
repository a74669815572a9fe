import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { mutants } from './list/index.js';
import type { Mutant } from './mutant.js';
import { plant, plantIn, readSource } from './plant.js';
import { runMutants } from './run.js';
import { mutantsMarkdown, summaryOf } from './table.js';

const named = (name: string): Mutant => {
	const mutant = mutants.find((each) => each.name === name);
	if (!mutant) throw new Error(`no mutant ${name}`);
	return mutant;
};

/** The sources that a mutant changes, bundled with it and without it. */
async function bundled(mutant: Mutant, plugins = [plant(mutant)]): Promise<string> {
	const entryPoints = [...new Set(mutant.edits.map(({ file }) => `src/${file}`))];
	const { outputFiles } = await build({
		entryPoints,
		outdir: 'bundled',
		bundle: true,
		write: false,
		format: 'esm',
		platform: 'neutral',
		external: ['yjs', 'lib0/*'],
		logLevel: 'silent',
		plugins,
	});
	return outputFiles.map(({ text }) => text).join('\n');
}

describe('planted bugs', () => {
	it('are told apart by name, name the rules that they break, and speak both languages', () => {
		expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
		expect(mutants.length).toBeGreaterThanOrEqual(24);
		for (const { name, rules, en, zh } of mutants) {
			expect(rules, name).not.toEqual([]);
			for (const rule of rules) expect(rule, name).toMatch(/^(JRN|ESC|SYN)\d+$/);
			expect(en, name).toMatch(/^[a-z].*[^.]$/);
			expect(zh, name).toMatch(/\p{Script=Han}/u);
		}
	});

	it.each(mutants)('$name changes text that stands exactly once in today’s code', async ({ name, edits }) => {
		const sources = new Map<string, string>();
		for (const edit of edits) {
			const source = sources.get(edit.file) ?? (await readSource(edit.file));
			const planted = plantIn(source, edit, name);
			expect(planted).not.toBe(source);
			sources.set(edit.file, planted);
		}
	});

	it('are refused where the code has moved on', () => {
		const edit = { file: 'a.ts', find: 'b', replace: 'c' };
		expect(plantIn('abd', edit, 'm')).toBe('acd');
		expect(() => plantIn('ad', edit, 'm')).toThrow('nowhere');
		expect(() => plantIn('abbd', edit, 'm')).toThrow('more than once');
	});

	it('are in the bundle, and the code that is bundled without them is as it was', async () => {
		for (const mutant of mutants) {
			const [planted, sound] = await Promise.all([bundled(mutant), bundled(mutant, [])]);
			expect(planted, mutant.name).not.toBe(sound);
		}
	}, 120_000);

	it('are found by a property that holds without them, and told for people', async () => {
		const only = ['self-grant-mints', 'mint-forgets-document'].map(named);
		const lines: string[] = [];
		let markdown = '';
		const code = await runMutants({
			cores: 2,
			seedsMax: 60,
			lang: 'zh',
			only,
			print: (line) => lines.push(line),
			done: (results) => {
				markdown = mutantsMarkdown(results);
				for (const { found, mutant } of results) expect(found?.property, mutant.name).toBeGreaterThan(0);
			},
		});
		expect(code).toBe(0);
		expect(lines).toHaveLength(3);
		expect(lines.at(-1)).toContain('植入 2 个缺陷，发现 2 个');
		expect(markdown.split('\n')).toHaveLength(4);
	}, 120_000);

	it('fail the run where one of them survives', async () => {
		const harmless: Mutant = {
			name: 'harmless',
			rules: ['JRN1'],
			en: 'nothing is wrong',
			zh: '没有错',
			edits: [{ file: 'base/patterns.ts', find: 'export function matches', replace: 'export  function matches' }],
		};
		const lines: string[] = [];
		const print = (line: string) => lines.push(line);
		expect(await runMutants({ cores: 1, seedsMax: 2, lang: 'en', only: [harmless], print })).toBe(1);
		expect(lines[0]).toContain('SURVIVED');
		expect(lines.at(-1)).toContain('harmless');
		expect(summaryOf([], 60, 'en')).toEqual([
			'0 of 0 planted bugs found in 1.0 min, half of them within 0 seeds, the last one -.',
		]);
	}, 120_000);
});
