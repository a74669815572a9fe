/** What a page pays for an import, minified and gzipped, yjs aside. */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { round } from './rounds.js';
import type { Table } from './table.js';

const peers = ['yjs', '@photostructure/sqlite'];
/** Loaded where a replica is home of something, and with the first link. */
const lazy = ['./home.js', './lines.js'];

const imports: readonly (readonly [key: string, what: string, entry: string, without: readonly string[]])[] = [
	['import', "import 'tillmesh', beside yjs and the lib0 that yjs brings", 'src/index.ts', ['lib0/*', ...lazy]],
	['importWithLib0', 'the same, its part of lib0 counted', 'src/index.ts', lazy],
	['importAll', 'the same, with all that loads for links and on a home', 'src/index.ts', ['lib0/*']],
	['websocket', "import 'tillmesh/websocket'", 'adapters/link-websocket/index.ts', ['ws']],
	['memory', "import 'tillmesh/memory'", 'adapters/storage-memory/index.ts', []],
	['idb', "import 'tillmesh/idb'", 'adapters/storage-idb/index.ts', []],
	['sqlite', "import 'tillmesh/sqlite'", 'adapters/storage-sqlite/index.ts', []],
];

async function weigh(entry: string, without: readonly string[]): Promise<{ min: number; gzip: number }> {
	const { outputFiles } = await build({
		entryPoints: [entry],
		bundle: true,
		minify: true,
		write: false,
		format: 'esm',
		target: 'es2022',
		platform: entry.includes('sqlite') ? 'node' : 'browser',
		external: [...peers, ...without],
	});
	const code = outputFiles[0]?.contents ?? new Uint8Array();
	return { min: code.length, gzip: gzipSync(code, { level: 9 }).length };
}

export async function size(): Promise<Table> {
	const figures: Record<string, number> = {};
	const rows: (string | number)[][] = [];
	for (const [key, what, entry, without] of imports) {
		const { min, gzip } = await weigh(entry, without);
		figures[`${key}Kb`] = round(gzip / 1000, 2);
		rows.push([what, min, gzip]);
	}
	return {
		title: 'size: what an import weighs',
		note: 'Bytes of everything the entry exports with its dependencies, by esbuild and zlib level 9; yjs and the SQLite driver are peers. `npm run size` holds the first line to 30 kB in CI.',
		columns: ['what', 'minified', 'gzipped'],
		rows,
		figures,
	};
}
