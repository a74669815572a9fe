import { format } from 'node:util';
import ts from 'typescript';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { extractBlocks, pathOf } from './blocks.js';

/** Pages whose TypeScript must compile, run, and print what its comments say. */
const pages = ['README.md', 'docs/zh-CN/README.md', 'docs/guide/changes.md'];

const { blocks, dispose } = extractBlocks(pages);
const [suites, programs] = [true, false].map((isSuite) =>
	blocks.filter(({ code }) => code.includes(`from 'vitest'`) === isSuite),
);

afterAll(dispose);

test('every page has examples', () => {
	for (const page of pages) expect(blocks.filter(({ title }) => title.startsWith(page)).length).toBeGreaterThan(2);
});

test('the examples are well typed', () => {
	const path = pathOf('tsconfig.json');
	const { config } = ts.readConfigFile(path, ts.sys.readFile);
	const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, pathOf('.'));
	const program = ts.createProgram(
		blocks.map((block) => block.path),
		{ ...options, noUnusedLocals: true },
	);
	const said = ts
		.getPreEmitDiagnostics(program)
		.map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
	expect(said).toEqual([]);
});

test.each(programs ?? [])('$title runs and prints what it says', async ({ path, folder, prints }) => {
	const printed: string[] = [];
	const log = vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(format(...values)));
	const before = process.cwd();
	process.chdir(folder);
	try {
		await import(/* @vite-ignore */ path);
	} finally {
		process.chdir(before);
		log.mockRestore();
	}
	expect(printed).toEqual(prints);
});

// A block that is a test file registers its tests here.
for (const { title, path } of suites ?? []) {
	describe(title, async () => {
		await import(/* @vite-ignore */ path);
	});
}
