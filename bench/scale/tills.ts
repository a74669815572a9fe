/** What a sale costs a store of ever more tills: each of them, its home and an archive take every row. */
import { fourTills, Mesh } from '../growth-mesh.js';
import { Held } from '../part.js';
import { progress, round, rounds, shown, taken } from '../rounds.js';
import type { BenchOptions, Table } from '../table.js';

const counts = [1, 4, 16, 64];
const skus = 50;
/** Commits of one till in one turn: what is sold in a second or two, and not a day at once. */
const chunk = 8;

/** CPU microseconds of all devices for each sale. */
async function measure(file: string, tills: number, spends: number): Promise<number> {
	const mesh = new Mesh(file, { ...fourTills, tills, skus, chunk });
	await mesh.start();
	const before = process.cpuUsage();
	const { equal } = await mesh.grow(spends);
	const { user, system } = process.cpuUsage(before);
	if (!equal) throw new Error(`the replicas of ${tills} tills differ: ${mesh.status()}`);
	await mesh.stop();
	return (user + system) / spends;
}

export async function tills({ quick = false }: BenchOptions): Promise<Table> {
	await using held = new Held();
	const folder = held.folder('tills');
	const roundCount = quick ? 1 : 5;
	let files = 0;
	const results = await rounds(
		counts.map((count) => () => {
			progress(`${count} tills`);
			return measure(`${folder}/${++files}.db`, count, 512);
		}),
		roundCount,
		0,
	);
	const figures: Record<string, number> = {};
	const rows = counts.map((count, i) => {
		const whole = taken(results[i] ?? []);
		const devices = count + 2;
		figures[`${count}.wholeUs`] = round(whole.median, 1);
		figures[`${count}.eachUs`] = round(whole.median / devices, 1);
		return [count, devices, shown(whole, 0), (whole.median / devices).toFixed(1)];
	});
	return {
		title: 'tills: what a sale costs a store',
		note: [
			`CPU microseconds for each sale of one unit, of all devices of a store in one process, median (least-most) of ${roundCount} alternating`,
			`rounds: so many tills that sell in turns of ${chunk} commits, a home that opens segments and writes checkpoints, and an archive,`,
			`on memory links; ${skus} SKUs, one till on SQLite. Every device checks, keeps and shows every row.`,
		].join(' '),
		columns: ['tills', 'devices', 'all, µs a sale', 'each, µs a sale'],
		rows,
		figures,
	};
}
