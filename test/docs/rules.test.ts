import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pathOf, readDoc } from './blocks.js';
import { guide, readmes } from './pages.js';

const architecture = readDoc('docs/ARCHITECTURE.md');

const rules = [...architecture.matchAll(/^\| ((?:JRN|ESC|SYN)\d+) \| (.*) \| (.*) \| (.*) \|$/gm)].map(
	([, id = '', , code = '', proof = '']) => ({ id, code, proof }),
);

const numbered = (prefix: string, count: number): string[] =>
	Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

const pathsIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);

test('every rule has one row', () => {
	expect(rules.map(({ id }) => id)).toEqual([...numbered('JRN', 12), ...numbered('ESC', 10), ...numbered('SYN', 5)]);
});

describe('rules', () => {
	test.each(rules)('$id lives and is proved where the table says', ({ id, code, proof }) => {
		if (code === 'not built') {
			expect(proof).toBe('-');
			return;
		}
		expect(pathsIn(code).length).toBeGreaterThan(0);
		for (const path of pathsIn(code)) expect(`${path} ${existsSync(pathOf(path))}`).toBe(`${path} true`);
		const proofs = [...proof.matchAll(/`([^`]+)`(?: \((P\d+)\))?/g)];
		expect(proofs.length > 0).toBe(proof !== '-');
		for (const [, path = '', property = id] of proofs) {
			// A title begins with ids: `JRN3 JRN4 P7 what holds`.
			const title = new RegExp(`['"\`](?:[A-Z]+\\d+ )*${property} `);
			expect(`${path} ${property} ${title.test(readFileSync(pathOf(path), 'utf8'))}`).toBe(`${path} ${property} true`);
		}
	});
});

const pages = [
	...readmes,
	...guide,
	'docs/ARCHITECTURE.md',
	'docs/SECURITY.md',
	'docs/zh-CN/SECURITY.md',
	'docs/FORMAT.md',
	'docs/PROTOCOL.md',
	'docs/codes.md',
	'docs/decisions/README.md',
	...readdirSync(pathOf('docs/decisions'))
		.filter((file) => /^\d/.test(file))
		.map((file) => `docs/decisions/${file}`),
];

test.each(pages)('%s links to what is there', (page) => {
	const targets = [...readDoc(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
	for (const target of targets.filter(Boolean))
		expect(`${target} ${existsSync(pathOf(join(dirname(page), target)))}`).toBe(`${target} true`);
});

test.each(pages)('%s names files that are there', (page) => {
	const paths = pathsIn(readDoc(page)).filter((path) =>
		/^(src|adapters|test|bench|docs|scripts)\/[\w./-]+$/.test(path),
	);
	for (const path of paths) expect(`${path} ${existsSync(pathOf(path))}`).toBe(`${path} true`);
});

test('every decision is in the list, in order, with context, decision and figures', () => {
	const decisions = readdirSync(pathOf('docs/decisions')).filter((file) => /^\d/.test(file));
	const listed = [...readDoc('docs/decisions/README.md').matchAll(/\]\((\d{4}-[\w-]+\.md)\) \| (.*) \|/g)];
	expect(listed.map(([, file]) => file)).toEqual(decisions);
	for (const [, file = '', title = ''] of listed) {
		const page = readDoc(`docs/decisions/${file}`);
		expect(page.split('\n')[0]).toBe(`# ${file.slice(0, 4)} ${title}`);
		for (const part of ['Context', 'Decision', 'Figures'])
			expect(`${file} ${page.includes(`**${part}.**`)}`).toBe(`${file} true`);
	}
});

test('every page of the guide is in its list', () => {
	for (const folder of ['docs/guide', 'docs/zh-CN/guide']) {
		const list = readDoc(`${folder}/README.md`);
		for (const page of guide.filter((file) => file.startsWith(`${folder}/`) && !file.endsWith('README.md')))
			expect(`${page} ${list.includes(`](${page.slice(folder.length + 1)})`)}`).toBe(`${page} true`);
	}
});
