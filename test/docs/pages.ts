import { readdirSync } from 'node:fs';
import { pathOf } from './blocks.js';

/** Pages whose TypeScript must compile, run, and print what its comments say. */
export const readmes = ['README.md', 'docs/zh-CN/README.md'];
export const guide = ['docs/guide', 'docs/zh-CN/guide'].flatMap((folder) =>
	readdirSync(pathOf(folder))
		.filter((file) => file.endsWith('.md'))
		.map((file) => `${folder}/${file}`),
);
