import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export const pathOf = (file: string): string => join(root, file);

export function readDoc(file: string): string {
	return readFileSync(pathOf(file), 'utf8');
}

/** One fenced block of TypeScript in a page, as a file that can be imported. */
export interface Block {
	/** `README.md block 2`. */
	readonly title: string;
	readonly code: string;
	readonly path: string;
	/** An empty folder for the files that it makes. */
	readonly folder: string;
	/** What its `console.log(...); // value` lines say they print. */
	readonly prints: readonly string[];
}

export interface Blocks {
	readonly blocks: readonly Block[];
	dispose(): void;
}

const fence = /^```ts\n(.*?)^```$/gms;
const print = /\bconsole\.log\(.*; \/\/ (.+)$/gm;

/** Writes every block of these pages beside this file, where imports by public name are resolved as in any test. */
export function extractBlocks(files: readonly string[]): Blocks {
	const made = mkdtempSync(join(root, 'test/docs/tmp-'));
	const blocks = files.flatMap((file) =>
		[...readDoc(file).matchAll(fence)].map(([, code = ''], i): Block => {
			const title = `${file} block ${i + 1}`;
			const folder = join(made, title.replace(/\W+/g, '-'));
			const path = join(folder, 'block.ts');
			mkdirSync(folder);
			writeFileSync(path, code);
			return { title, code, path, folder, prints: [...code.matchAll(print)].map(([, value = '']) => value) };
		}),
	);
	return { blocks, dispose: () => rmSync(made, { recursive: true, force: true }) };
}
