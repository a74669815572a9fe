/** What a page pays for an import, minified and gzipped, yjs aside. */
import { gzipSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { round } from './rounds.js';
import type { Table } from './table.js';

const peers = ['yjs', '@photostructure/sqlite'];

interface Import {
	readonly key: string;
	readonly what: string;
	readonly entry: string;
	/** Packages that are not counted, beside the peers. */
	readonly without?: readonly string[];
	/** What loads later counts as well. */
	readonly lazy?: true;
}

const lib0 = ['lib0/*'];
const imports: readonly Import[] = [
	{
		key: 'import',
		what: "import 'tillmesh', beside yjs and the lib0 that yjs brings",
		entry: 'src/index.ts',
		without: lib0,
	},
	{ key: 'importWithLib0', what: 'the same, its part of lib0 counted', entry: 'src/index.ts' },
	{
		key: 'importAll',
		what: 'the same beside lib0, with all that loads later: links, homes, rights, the shop',
		entry: 'src/index.ts',
		without: lib0,
		lazy: true,
	},
	{ key: 'websocket', what: "import 'tillmesh/websocket'", entry: 'adapters/link-websocket/index.ts', without: ['ws'] },
	{ key: 'memory', what: "import 'tillmesh/memory'", entry: 'adapters/storage-memory/index.ts' },
	{ key: 'idb', what: "import 'tillmesh/idb'", entry: 'adapters/storage-idb/index.ts' },
	{ key: 'sqlite', what: "import 'tillmesh/sqlite'", entry: 'adapters/storage-sqlite/index.ts' },
];

/** Left out as it would be where it is never needed. */
const loadedLater: Plugin = {
	name: 'loaded-later',
	setup: ({ onResolve }) =>
		onResolve({ filter: /.*/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined)),
};

async function weigh({ entry, without = [], lazy }: Import): Promise<{ min: number; gzip: number }> {
	const { outputFiles } = await build({
		entryPoints: [entry],
		bundle: true,
		minify: true,
		write: false,
		format: 'esm',
		target: 'es2022',
		platform: entry.includes('sqlite') ? 'node' : 'browser',
		external: [...peers, ...without],
		plugins: lazy ? [] : [loadedLater],
	});
	const code = outputFiles[0]?.contents ?? new Uint8Array();
	return { min: code.length, gzip: gzipSync(code, { level: 9 }).length };
}

/** Bytes of each import as a page pays them. */
export async function weighed(): Promise<Record<string, number>> {
	const all = imports.map(async (one) => [`${one.key}.gzipBytes`, (await weigh(one)).gzip]);
	return Object.fromEntries(await Promise.all(all));
}

export async function size(): Promise<Table> {
	const figures: Record<string, number> = {};
	const rows: (string | number)[][] = [];
	for (const one of imports) {
		const { key, what } = one;
		const { min, gzip } = await weigh(one);
		figures[`${key}Kb`] = round(gzip / 1000, 2);
		rows.push([what, min, gzip]);
	}
	return {
		title: 'size: what an import weighs',
		note: 'Bytes of what an import loads at once, with its dependencies, by esbuild and zlib level 9; yjs and the SQLite driver are peers. `npm run size` holds the first line to its limit in CI.',
		columns: ['what', 'minified', 'gzipped'],
		rows,
		figures,
	};
}
