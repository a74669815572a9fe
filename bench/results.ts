import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { agreementOf, agreementTable } from './agreement.js';
import { type Bar, barsOf } from './bars.js';
import type { Machine } from './machine.js';
import { type Table, toMarkdown } from './table.js';

export interface Results {
	readonly command: string;
	readonly date: string;
	readonly machine: Machine;
	readonly tables: Readonly<Record<string, Table>>;
	/** What each took. */
	readonly seconds?: Readonly<Record<string, number>>;
}

/** A table, and the run it is of. */
interface Kept {
	readonly table: Table;
	readonly seconds?: number | undefined;
	/** Of the run before this one. */
	readonly before?: Table['figures'] | undefined;
	readonly command: string;
	readonly date: string;
	readonly machine: Machine;
}

/** Keeps what this run measured; a bench that did not run keeps its last figures, with the run they are of. */
export function write(folder: string, { command, date, machine, tables, seconds }: Results): void {
	const file = `${folder}results.json`;
	const kept: Record<string, Kept> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
	for (const [name, table] of Object.entries(tables)) {
		const before = kept[name]?.table.figures;
		kept[name] = { table, seconds: seconds?.[name], before, command, date, machine };
	}
	writeFileSync(file, `${JSON.stringify(kept, undefined, '\t')}\n`);
	// As the repository's lint wants it.
	execFileSync('node_modules/.bin/biome', ['format', '--write', file], { stdio: 'ignore' });
	writeFileSync(`${folder}RESULTS.md`, page(kept));
}

/** The page as it follows from what is kept. */
export function keptPage(folder: string): string {
	return page(JSON.parse(readFileSync(`${folder}results.json`, 'utf8')));
}

function page(kept: Readonly<Record<string, Kept>>): string {
	const bars = Object.entries(kept).flatMap(([name, { table }]) => barsOf(name, table.figures));
	const agreements = Object.entries(kept).flatMap(([name, { table, before }]) =>
		before ? agreementOf(name, table.figures, before) : [],
	);
	const parts = [
		'# Figures',
		'`npm run bench` prints and writes this page; `npm run bench -- NAME --json` runs one bench. What begins with sim is of `npm run sim -- --record`. Every figure stands beside its peers of the same run on the same machine: read ratios, not microseconds.',
		runs(Object.values(kept)),
		barTable(bars),
		...agreementTable(agreements),
		...Object.values(kept).map(({ table }) => toMarkdown(table)),
	];
	return `${parts.join('\n\n')}\n`;
}

/** Each run once, with what its benches took together. */
function runs(kept: readonly Kept[]): string {
	const took = new Map<string, number>();
	for (const { command, date, machine: m, seconds = 0 } of kept) {
		const versions = Object.entries(m.versions).map(([name, version]) => `${name} ${version}`);
		const line = `- \`${command}\`, ${date}, on ${m.cpu}, ${m.cores} cores, ${m.memoryGb} GB, ${m.system}, Node ${m.node}, load ${m.load} before; ${versions.join(', ')}`;
		took.set(line, (took.get(line) ?? 0) + seconds);
	}
	const minutes = (seconds: number) => (seconds > 0 ? `; took ${(seconds / 60).toFixed(1)} minutes` : '');
	return [...took].map(([line, seconds]) => `${line}${minutes(seconds)}.`).join('\n');
}

function barTable(bars: readonly Bar[]): string {
	const rows = bars.map(
		({ figure, bar, measured = '', verdict }) => `| ${figure} | ${bar} | ${measured} | ${verdict} |`,
	);
	const note =
		'Of DESIGN section 7 and of what was asked since. A missed bar says how far from it, and which decision has the reason; where a peer wins, it is named.';
	return ['## Bars', '', note, '', '| bench | bar | measured | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
