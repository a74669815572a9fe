/** Operations on the disk, timed one by one: what a durable figure stands beside. */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import type { DatabaseSync } from '@photostructure/sqlite';
import { median, quantile, round, shown, taken } from './rounds.js';

/** About what the rows of one checkout take. */
export const rowBytes = 400;

export type Database = InstanceType<typeof DatabaseSync>;

/** Milliseconds of each operation of one round. */
export type Round = () => number[] | Promise<number[]>;

function timed(count: number, run: (i: number) => void): number[] {
	return Array.from({ length: count }, (_, i) => {
		const start = performance.now();
		run(i);
		return performance.now() - start;
	});
}

/** Appends 4 KiB and syncs. */
export function rawDisk(folder: string, count: number): Round {
	const file = openSync(`${folder}/raw`, 'w');
	return () => appendAndSync(file, count);
}

const block = new Uint8Array(4096).fill(0x5a);

const appendAndSync = (file: number, count: number): number[] =>
	timed(count, () => {
		writeSync(file, block);
		fdatasyncSync(file);
	});

/** One row, or fifty rows, in a transaction of its own: WAL and synchronous=FULL, as our storage has it. */
export function bareSqlite(database: Database, rowsEach: number, count: number): Round {
	database.exec('PRAGMA journal_mode = WAL');
	database.exec('PRAGMA synchronous = FULL');
	database.exec('CREATE TABLE sale (id INTEGER PRIMARY KEY, body BLOB NOT NULL)');
	const insert = database.prepare('INSERT INTO sale (body) VALUES (?)');
	const [begin, commit] = [database.prepare('BEGIN IMMEDIATE'), database.prepare('COMMIT')];
	const body = new Uint8Array(rowBytes).fill(0x5a);
	return () =>
		timed(count, () => {
			begin.run();
			for (let i = 0; i < rowsEach; i++) insert.run(body);
			commit.run();
		});
}

/** One after the other. */
export async function each(checkout: () => Promise<void>, count: number): Promise<number[]> {
	const times: number[] = [];
	for (let i = 0; i < count; i++) {
		const start = performance.now();
		await checkout();
		times.push(performance.now() - start);
	}
	return times;
}

/** The bare disk beside figures that are durable and no single operation: taken between their rounds, on the same disk. */
export class DiskBeside {
	readonly #file: string;
	readonly #rounds: number[][] = [];

	constructor(folder: string) {
		this.#file = `${folder}/raw`;
	}

	/** Another round of it. */
	take(count = 100): void {
		const file = openSync(this.#file, 'w');
		this.#rounds.push(appendAndSync(file, count));
		closeSync(file);
	}

	/** Puts its figures to those of the bench, and answers a sentence for people. */
	said(figures: Record<string, number>): string {
		const p50 = taken(this.#rounds.map((times) => median(times)));
		const p99 = taken(this.#rounds.map((times) => quantile(times, 0.99)));
		figures.rawP50Ms = round(p50.median);
		figures.rawP99Ms = round(p99.median);
		return `The disk itself between the rounds, 4 KiB appended and fdatasync: p50 ${shown(p50, 3)} ms, p99 ${shown(p99, 3)} ms.`;
	}
}
