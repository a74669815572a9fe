import { format } from 'node:util';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { extractBlocks } from './blocks.js';

/** Registers one test for each block of these pages: it runs, and prints what its comments say. */
export function runBlocks(pages: readonly string[]): void {
	const { blocks, dispose } = extractBlocks(pages);
	const [suites = [], programs = []] = [true, false].map((isSuite) =>
		blocks.filter(({ code }) => code.includes(`from 'vitest'`) === isSuite),
	);

	afterAll(dispose);

	test.each(pages)('%s has examples', (page) => {
		expect(blocks.some(({ title }) => title.startsWith(`${page} `))).toBe(true);
	});

	test.each(programs)('$title runs and prints what it says', async ({ path, folder, prints }) => {
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
	for (const { title, path } of suites) {
		describe(title, async () => {
			await import(/* @vite-ignore */ path);
		});
	}
}
