/** Opens what a device kept, in a process of its own: once as it comes, then again and again. */
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import * as Y from 'yjs';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import { openReplica } from '../src/index.js';
import { countInYKeyValue, countInYMap } from './growth-ymap.js';
import { collect, median } from './rounds.js';
import type { BenchOptions } from './table.js';

export interface Opened {
	readonly firstMs: number;
	readonly againMs: number;
	/** What the open copy takes of the heap and of buffers beside it. */
	readonly heapKb: number;
}

const again = 9;
/** Whoever takes longer than this for all of them is opened less often. */
const againBudgetMs = 3_000;

async function openTillmesh(file: string): Promise<() => Promise<void>> {
	const replica = await openReplica({ chain: 'bench', name: 'till-1', storage: sqlite(file), keeps: ['stock/*'] });
	if (replica.ledgers().length !== 1 || replica.check().length > 0) throw new Error('this is not what was kept');
	return async () => {
		await replica.shutdown();
	};
}

async function openYjs(file: string, kind: string): Promise<() => Promise<void>> {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, readFileSync(file));
	const { size } = (kind === 'ykeyvalue' ? countInYKeyValue : countInYMap)(doc);
	if (size === 0) throw new Error('this is not what was kept');
	return async () => doc.destroy();
}

function bytesInUse(): number {
	collect();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

/** The file is opened as a copy, so that every opening finds the same. */
export async function open(_options: BenchOptions, [kind = '', file]: readonly string[]): Promise<Opened> {
	if (file === undefined) throw new Error('open tillmesh|ymap|ykeyvalue FILE');
	const copy = `${file}.open`;
	const once = async (): Promise<{ ms: number; close: () => Promise<void> }> => {
		copyFileSync(file, copy);
		collect();
		const start = performance.now();
		const close = kind === 'tillmesh' ? await openTillmesh(copy) : await openYjs(copy, kind);
		return { ms: performance.now() - start, close };
	};
	if (kind === 'tillmesh') {
		// Loads the SQLite library, which is the process's and not the file's.
		const empty = `${file}.empty`;
		const replica = await openReplica({ chain: 'bench', name: 'x', storage: sqlite(empty), keeps: ['stock/*'] });
		await replica.shutdown();
		for (const end of ['', '.lock']) rmSync(empty + end, { force: true });
	}
	const before = bytesInUse();
	const first = await once();
	const heapKb = (bytesInUse() - before) / 1000;
	await first.close();
	const times: number[] = [];
	const begun = performance.now();
	for (let i = 0; i < again && performance.now() - begun < againBudgetMs; i++) {
		const { ms, close } = await once();
		times.push(ms);
		await close();
	}
	for (const end of ['', '.lock']) rmSync(copy + end, { force: true });
	return { firstMs: first.ms, againMs: median(times), heapKb };
}
