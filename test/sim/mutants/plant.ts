import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import type { Edit, Mutant } from './mutant.js';

const sources = fileURLToPath(new URL('../../../src/', import.meta.url));

/** The file of an edit as it stands today. */
export const readSource = (file: string): Promise<string> => readFile(sources + file, 'utf8');

/** Throws where the text is not there exactly once: then the code has changed, and the mutant says nothing any more. */
export function plantIn(source: string, { file, find, replace }: Edit, name: string): string {
	const [before, after, ...more] = source.split(find);
	if (before === undefined || after === undefined || more.length > 0)
		throw new Error(`${name}: ${file} has ${after === undefined ? 'nowhere' : 'more than once'}: ${find}`);
	return before + replace + after;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Puts the bug in while the simulator is bundled; nothing on disk is changed. */
export function plant({ name, edits }: Mutant): Plugin {
	const files = [...new Set(edits.map(({ file }) => file))];
	return {
		name: `plant ${name}`,
		setup(build) {
			for (const file of files)
				build.onLoad({ filter: new RegExp(`^${escaped(sources + file)}$`) }, async () => {
					let contents = await readSource(file);
					for (const edit of edits) if (edit.file === file) contents = plantIn(contents, edit, name);
					return { contents, loader: 'ts' };
				});
		},
	};
}
