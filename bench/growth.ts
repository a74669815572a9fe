/** What a till keeps and how it opens after ever more spends, beside a Y.Map that counts the same. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { Mesh } from './growth-mesh.js';
import type { Opened } from './growth-open.js';
import { countInYKeyValue, countInYMap, MapMesh } from './growth-ymap.js';
import { median, progress, round } from './rounds.js';
import type { BenchOptions, Table } from './table.js';

/** Processes that open a file; the median of their first openings counts. */
const openings = 5;
/** A peer that has not got further in this time has got as far as it is asked to. */
const mapBudgetMs = 40_000;

const peers = [
	{ key: 'ymap', what: 'Y.Map', counting: countInYMap },
	{ key: 'ykeyvalue', what: 'YKeyValue', counting: countInYKeyValue },
] as const;

interface Line {
	readonly what: string;
	readonly size: string;
	readonly spends: number;
	readonly keptKb: number;
	readonly opened: Opened;
	readonly perSecond: number;
}

const short = (n: number): string => (n >= 1_000_000 ? `${n / 1_000_000}M` : `${n / 1_000}k`);

function openElsewhere(kind: string, file: string): Opened {
	const all = Array.from({ length: openings }, (): Opened => {
		const main = process.argv[1] ?? '';
		const said = execFileSync(process.execPath, ['--expose-gc', main, 'open', kind, file, '--child'], {
			encoding: 'utf8',
		});
		return JSON.parse(said.trimEnd().split('\n').pop() ?? '') as Opened;
	});
	const middle = (key: keyof Opened) => median(all.map((one) => one[key]));
	return { firstMs: middle('firstMs'), againMs: middle('againMs'), heapKb: middle('heapKb') };
}

async function growTills(folder: string, sizes: readonly number[], lines: Line[]): Promise<void> {
	const mesh = new Mesh(`${folder}/till-1.db`);
	await mesh.start();
	for (const spends of sizes) {
		const { file, spendsPerSecond, equal } = await mesh.grow(spends);
		if (!equal) throw new Error(`the replicas differ after ${spends} spends: ${mesh.status()}`);
		const keptKb = statSync(file).size / 1000;
		const opened = openElsewhere('tillmesh', file);
		lines.push({ what: 'tillmesh', size: short(spends), spends, keptKb, opened, perSecond: spendsPerSecond });
		progress(`tillmesh ${short(spends)}: ${Math.round(keptKb)} KB, opens in ${opened.firstMs.toFixed(1)} ms`);
	}
	await mesh.stop();
}

function growPeer(peer: (typeof peers)[number], folder: string, sizes: readonly number[], lines: Line[]): void {
	const { key, what, counting } = peer;
	const mesh = new MapMesh(counting, mapBudgetMs);
	for (const size of sizes) {
		const { spends, file, spendsPerSecond } = mesh.grow(size, `${folder}/${key}.${size}`);
		const keptKb = statSync(file).size / 1000;
		const opened = openElsewhere(key, file);
		lines.push({ what, size: short(size), spends, keptKb, opened, perSecond: spendsPerSecond });
		progress(`${what} ${short(spends)}: ${Math.round(keptKb)} KB, opens in ${opened.firstMs.toFixed(1)} ms`);
		if (spends < size) return;
	}
}

function row({ what, size, spends, keptKb, opened, perSecond }: Line): (string | number)[] {
	const asked = Number.parseInt(size, 10) * (size.endsWith('M') ? 1_000_000 : 1_000);
	const count = spends < asked * 0.99 ? `${size}: cannot, stopped at ${spends}` : size;
	const { firstMs, againMs, heapKb } = opened;
	return [
		what,
		count,
		Math.round(keptKb),
		firstMs.toFixed(1),
		againMs.toFixed(1),
		Math.round(heapKb),
		Math.round(perSecond),
	];
}

export const growth = ({ quick = false }: BenchOptions): Promise<Table> =>
	grown('growth: what a till keeps', quick ? [20_000] : [100_000, 1_000_000]);

/** What takes longer than all other benches together. */
export const growth10m = ({ quick = false }: BenchOptions): Promise<Table> =>
	grown('growth-10m: what a till keeps after ten million', quick ? [20_000] : [10_000_000]);

async function grown(title: string, sizes: readonly number[]): Promise<Table> {
	mkdirSync('bench/.data', { recursive: true });
	const folder = mkdtempSync('bench/.data/growth-');
	const lines: Line[] = [];
	await growTills(folder, sizes, lines);
	for (const peer of peers) growPeer(peer, folder, sizes, lines);
	const figures: Record<string, number> = {};
	for (const { what, size, spends, keptKb, opened, perSecond } of lines) {
		const name = `${peers.find((peer) => peer.what === what)?.key ?? ''}.${size}`.replace(/^\./, '');
		figures[`${name}.spends`] = spends;
		figures[`${name}.keptKb`] = round(keptKb, 1);
		figures[`${name}.openMs`] = round(opened.firstMs, 2);
		figures[`${name}.openAgainMs`] = round(opened.againMs, 2);
		figures[`${name}.heapKb`] = round(opened.heapKb, 0);
		figures[`${name}.spendsPerSecond`] = round(perSecond, 0);
	}
	if (!process.env.KEEP) rmSync(folder, { recursive: true, force: true });
	return {
		title,
		note: [
			'Spends of 500 SKUs by four tills with a commit each, through a home that opens segments and writes checkpoints and an',
			'archive that acknowledges, all in one process on memory links; the measured till is on SQLite. Kept: its database',
			'after shutdown. First opening: `openReplica` in a fresh process with the SQLite library loaded, median of',
			`${openings}; again: median of up to 9 more in each. Heap: what the open replica adds, buffers included. Spends a second are of`,
			'the whole mesh on one core, sync and upkeep included, median over steps of 2,048. Y.Map and YKeyValue: four documents that exchange merged updates, one key for each',
			`SKU and device, stored as one update; stopped after ${mapBudgetMs / 1000} s each. They check no balance and store no update as it comes.`,
		].join(' '),
		columns: ['what', 'spends', 'kept, KB', 'first opening, ms', 'again, ms', 'heap, KB', 'spends/s'],
		rows: lines.map(row),
		figures,
	};
}
