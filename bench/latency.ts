/** How long a sale takes from one till to the other, through our relay, on three disks. */
import { DiskBeside } from './disk-rounds.js';
import type { Sold } from './latency-till.js';
import { cpuSecondsOf, Held, type Part, startPart } from './part.js';
import { median, progress, quantile, round, shown, taken } from './rounds.js';
import type { BenchOptions, Table } from './table.js';

const rates = [10, 100, 1_000];
const ways = ['device', 'store', 'seen'] as const;

/** Milliseconds from the commit to each of these, sale by sale. */
type Round = Readonly<Record<(typeof ways)[number], readonly number[]>> & { readonly cpu: Cpu };

/** CPU microseconds a sale of the selling till, the relay and the other till. */
type Cpu = readonly number[];

class Pair {
	readonly #seller: Part;
	readonly #other: Part;
	readonly #all: readonly Part[];
	#sold = 0;

	constructor(seller: Part, relay: Part, other: Part) {
		this.#seller = seller;
		this.#other = other;
		this.#all = [seller, relay, other];
	}

	async run(perSecond: number, seconds: number): Promise<Round> {
		const before = await Promise.all(this.#all.map(cpuSecondsOf));
		const sold = (await this.#seller.ask('sell', { perSecond, seconds })) as unknown as Sold; // as latency-till.ts answers
		const from = this.#sold;
		this.#sold += sold.committed.length;
		const seen = (await this.#other.ask('seen', { from, to: this.#sold })).at as readonly number[]; // likewise
		const since = (times: readonly number[]) => times.map((at, i) => at - (sold.committed[i] ?? Number.NaN));
		const after = await Promise.all(this.#all.map(cpuSecondsOf));
		const cpu = after.map((value, i) => ((value - (before[i] ?? Number.NaN)) * 1e6) / sold.committed.length);
		return { device: since(sold.device), store: since(sold.store), seen: since(seen), cpu };
	}
}

export async function latency({ quick = false }: BenchOptions): Promise<Table> {
	const roundCount = quick ? 1 : 5;
	const seconds = quick ? 2 : 6;
	await using held = new Held();
	const folder = held.folder('latency');
	const relay = held.add(await startPart('relay', `${folder}/relay`));
	const till = async (name: string) =>
		held.add(await startPart('latency-till', String(relay.ready.url), `${folder}/${name}.db`, name));
	const seller = await till('till-1');
	const other = await till('till-2');
	await seller.ask('stock');
	const pair = new Pair(seller, relay, other);
	await pair.run(100, 2);
	const disk = new DiskBeside(folder);
	const results = new Map<number, Round[]>(rates.map((rate) => [rate, []]));
	for (let i = 0; i < roundCount; i++) {
		disk.take();
		for (const rate of rates) {
			progress(`round ${i + 1} of ${roundCount}: ${rate} sales/s`);
			results.get(rate)?.push(await pair.run(rate, seconds));
		}
	}
	return tableOf(results, disk, roundCount, seconds);
}

function tableOf(
	results: ReadonlyMap<number, readonly Round[]>,
	disk: DiskBeside,
	roundCount: number,
	seconds: number,
): Table {
	const figures: Record<string, number> = {};
	const rows = rates.map((rate) => {
		const of = results.get(rate) ?? [];
		const cells = ways.flatMap((way) => {
			const p50 = taken(of.map((round_) => median(round_[way])));
			const p99 = taken(of.map((round_) => quantile(round_[way], 0.99)));
			figures[`${way}${rate}.p50Ms`] = round(p50.median, 2);
			figures[`${way}${rate}.p99Ms`] = round(p99.median, 2);
			return [shown(p50), shown(p99)];
		});
		const cpu = ['seller', 'relay', 'other'].map((who, i) => {
			const us = median(of.map((round_) => round_.cpu[i] ?? Number.NaN));
			figures[`${who}${rate}.cpuUs`] = round(us, 0);
			return us.toFixed(0);
		});
		return [rate, ...cells, cpu.join(' · ')];
	});
	return {
		title: 'latency: till to till through the relay',
		note: [
			`Milliseconds from the call of \`commit\`: p50 and p99 of each round, median (least-most) of ${roundCount} alternating rounds of`,
			`${seconds} s. A sale spends from one of 500 SKUs, appends a ticket and counts itself: two ledgers. One till sells at a steady`,
			'rate, waiting for nothing. Both tills and the relay are processes of their own on one machine, each with a SQLite file on the',
			'same disk, synchronous=FULL, over WebSocket on loopback. On its disk: the promise of `commit`. At the store: `reached("store")`.',
			'At the other till: in its view, and on its disk before that. CPU: microseconds a sale of the selling till, the relay with its',
			'home, and the other till.',
			disk.said(figures),
		].join(' '),
		columns: [
			'sales/s',
			...['on its disk', 'at the store', 'at the other till'].flatMap((what) => [`${what}, p50`, `p99`]),
			'CPU, µs',
		],
		rows,
		figures,
	};
}
