/** docs/SECURITY.md and its Chinese twin say the same, and what tests have counted. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pathOf, readDoc } from './blocks.js';

const pages = ['docs/SECURITY.md', 'docs/zh-CN/SECURITY.md'] as const;

/** Cells of each row, between the marks that `npm run attacks -- --write` writes between. */
function attacksIn(page: string): string[][] {
	const [, table = ''] = /<!-- attacks -->([\s\S]*)<!-- \/attacks -->/.exec(readDoc(page)) ?? [];
	const rows = table.split('\n').filter((line) => line.startsWith('| '));
	return rows.slice(1).map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

test('the table of attacks was written by a run with a million frames, in both languages by the same', () => {
	const [english, chinese] = pages.map(attacksIn) as [string[][], string[][]]; // two
	expect(english.length).toBeGreaterThan(20);
	expect(chinese.map((row) => row.slice(1))).toEqual(english.map((row) => row.slice(1)));
	for (const page of pages) expect(readDoc(page)).toContain('npm run attacks -- --frames 1000000 --write');
	const frames = english.filter(([threat]) => threat === 'mutated frames');
	expect(frames.reduce((sum, [, , acts = '']) => sum + Number(acts.replaceAll(',', '')), 0)).toBe(1_000_000);
});

test('every threat in the table is one that a test tells of, and no test tells of another', () => {
	const folder = 'test/scenario/attacks';
	const files = readdirSync(pathOf(folder)).map((file) => `${folder}/${file}`);
	const sources = [...files, 'test/scenario/passer-by.test.ts'].map((file) => readFileSync(pathOf(file), 'utf8'));
	const told = (threat: string) => sources.some((text) => text.includes(`'${threat}'`) || text.includes(`"${threat}"`));
	const threats = new Set(attacksIn('docs/SECURITY.md').map(([threat = '']) => threat));
	for (const threat of threats) expect(`${threat} ${told(threat)}`).toBe(`${threat} true`);
	const named = sources.flatMap((text) =>
		[...text.matchAll(/threat: (['"])(.*?)\1/g)].map(([, , threat = '']) => threat),
	);
	for (const threat of named) expect([...threats]).toContain(threat);
});

test('both pages have the same parts and the same rows', () => {
	const [english, chinese] = pages.map(readDoc) as [string, string]; // two
	for (const part of [/^## /gm, /^\| /gm, /^- \*\*/gm, /^\d+\. /gm])
		expect(chinese.match(part)?.length, String(part)).toBe(english.match(part)?.length);
});
