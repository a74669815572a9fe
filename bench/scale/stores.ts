/** Ever more stores on one relay process: simulated tills, two a store, of which one sells once a second. */
import { Room } from '../fanout-room.js';
import { tillmesh } from '../fanout-tillmesh.js';
import { cpuSecondsOf, Held, loopMsOf, memoryBytesOf, type Part, startPart } from '../part.js';
import { median, progress, quantile, round } from '../rounds.js';
import type { BenchOptions, Table } from '../table.js';

/** Stores, and sales a second of each. The last ones look for where it bends, and are no part of the plot. */
const loads = [
	[1, 1],
	[8, 1],
	[64, 1],
	[250, 1],
	[1_000, 1],
	[1_000, 2],
	[1_000, 4],
] as const;
const entryBytes = 300;
/** Rows that come later than this have waited for somebody: it bends. */
const bentMs = 1_000;

interface Measured {
	readonly stores: number;
	readonly salesEach: number;
	readonly p50Ms: number;
	readonly p99Ms: number;
	/** Of one core. */
	readonly cpuPercent: number;
	/** Of the time; more than of the core where its turn waits for the disk. */
	readonly loopPercent: number;
	/** Of this process, which is all tills. */
	readonly clientPercent: number;
	readonly memoryMb: number;
}

class Stores {
	readonly #relay: Part;
	#rooms = 0;

	constructor(relay: Part) {
		this.#relay = relay;
	}

	async run(stores: number, salesEach: number, seconds: number): Promise<Measured> {
		const rooms = Array.from({ length: stores }, () => new Room(tillmesh, `sh-${++this.#rooms}`));
		for (const room of rooms) await room.join(String(this.#relay.ready.url), 2);
		const everyMs = 1_000 / salesEach;
		const cpu = [await cpuSecondsOf(this.#relay), process.cpuUsage()] as const;
		const loopMs = await loopMsOf(this.#relay);
		const startMs = performance.now();
		const took = await Promise.all(
			rooms.map((room, i) => room.trickle(seconds * salesEach, entryBytes, everyMs, 1_000 + (everyMs * i) / stores)),
		);
		const ms = performance.now() - startMs;
		const { user, system } = process.cpuUsage(cpu[1]);
		const relaySeconds = (await cpuSecondsOf(this.#relay)) - cpu[0];
		const loopPercent = (((await loopMsOf(this.#relay)) - loopMs) * 100) / ms;
		const memoryMb = (await memoryBytesOf(this.#relay)) / 1e6;
		for (const room of rooms) room.leave();
		const all = took.flat();
		return {
			stores,
			salesEach,
			p50Ms: median(all),
			p99Ms: quantile(all, 0.99),
			cpuPercent: (relaySeconds * 1e5) / ms,
			loopPercent,
			clientPercent: (user + system) / 10 / ms,
			memoryMb,
		};
	}
}

/** What gave way, as far as figures say. */
function verdict({ p99Ms, cpuPercent, loopPercent, clientPercent }: Measured): string {
	if (p99Ms < bentMs) return '';
	if (clientPercent > 90) return 'the bench: all tills in one process';
	if (loopPercent < 90) return 'the line';
	return cpuPercent > 80 ? "the relay's core" : "the relay's turn, which waits for the disk or for a core";
}

export async function stores({ quick = false }: BenchOptions): Promise<Table> {
	await using held = new Held();
	const relay = held.add(await startPart('relay', `${held.folder('stores')}/relay`));
	const all = new Stores(relay);
	const seconds = quick ? 2 : 8;
	await all.run(8, 1, 2);
	const measured: Measured[] = [];
	for (const [count, salesEach] of quick ? loads.slice(0, 4) : loads) {
		const one = await all.run(count, salesEach, seconds);
		measured.push(one);
		progress(
			`${count} stores, ${salesEach}/s each: p99 ${one.p99Ms.toFixed(1)} ms, CPU ${one.cpuPercent.toFixed(0)} %`,
		);
		if (verdict(one) !== '') break;
	}
	const figures: Record<string, number> = {};
	for (const { stores: count, salesEach, ...one } of measured) {
		if (salesEach > 1) continue;
		for (const key of ['p50Ms', 'p99Ms', 'cpuPercent', 'memoryMb'] as const)
			figures[`${count}.${key}`] = round(one[key], 2);
	}
	const bent = measured.find((one) => verdict(one) !== '');
	return {
		title: 'stores: how many one relay process carries',
		note: [
			`Two simulated tills a store, each a connection of its own with what a session says, of which one sells an entry of ${entryBytes} bytes`,
			`so often for ${seconds} seconds; one relay process, SQLite with synchronous=FULL, the home of every store beside it. Milliseconds from the`,
			'sale to the other till, over all stores; CPU of the relay, how much of the time its event loop had no turn free, its memory, and CPU of the process that plays all tills.',
			bent
				? `It bends at ${bent.stores} stores with ${bent.salesEach} sales a second each: ${verdict(bent)}.`
				: 'It did not bend.',
		].join(' '),
		columns: [
			'stores',
			'sales/s each',
			'p50, ms',
			'p99, ms',
			"relay's CPU, %",
			"tills' CPU, %",
			'memory, MB',
			'what bends',
		],
		rows: measured.map((one) => [
			one.stores,
			one.salesEach,
			one.p50Ms.toFixed(2),
			one.p99Ms.toFixed(2),
			one.cpuPercent.toFixed(0),
			one.loopPercent.toFixed(0),
			one.clientPercent.toFixed(0),
			one.memoryMb.toFixed(0),
			verdict(one),
		]),
		figures,
	};
}
