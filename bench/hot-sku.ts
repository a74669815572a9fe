/** Eight tills sell one product until none is left: ours by their shares, the others by asking a database for each sale. */
import { DiskBeside } from './disk-rounds.js';
import {
	type Counter,
	leftInPostgres,
	leftInRedis,
	postgresStatement,
	postgresTransaction,
	redisScript,
	sellOut,
	stockPostgres,
	stockRedis,
} from './hot-sku-peers.js';
import { type Database, startPostgres, startRedis } from './hot-sku-servers.js';
import { cpuSecondsOf, Held, type Part, startPart } from './part.js';
import { median, progress, round, rounds, shown, taken } from './rounds.js';
import type { BenchOptions, Table } from './table.js';
import { customerMs, nowMs, type Trade } from './trade.js';

const tills = 8;
const delayMs = 10;

interface Result {
	readonly perSecond: number;
	/** Customers sent away while there was stock. */
	readonly wrong: number;
	readonly oversold: number;
	/** Of the relay and all tills together, microseconds a sale. */
	readonly cpuUs?: number;
}

function resultOf(stock: number, startMs: number, trades: readonly Trade[], left: number): Result {
	const sales = trades.flatMap((trade) => trade.sales);
	const lastMs = sales.reduce((last, at) => Math.max(last, at), 0);
	// Whoever was sent away before somebody began to buy the last unit could have had it.
	const lastBegunMs = trades.flatMap(({ begun }) => begun).reduce((last, at) => Math.max(last, at), 0);
	const wrong = trades.flatMap(({ refusals }) => refusals).filter((at) => at < lastBegunMs).length;
	if (sales.length + left !== stock && sales.length <= stock)
		throw new Error(`${sales.length} sold and ${left} left of ${stock}: units are missing.`);
	return {
		perSecond: (sales.length * 1000) / (lastMs - startMs),
		wrong,
		oversold: Math.max(0, sales.length - stock),
	};
}

interface Peer {
	readonly database: Database;
	stock(port: number, units: number): Promise<void>;
	left(port: number): Promise<number>;
	open(port: number): Promise<Counter>;
}

async function askDatabase({ database, stock, left, open }: Peer, units: number): Promise<Result> {
	await stock(database.port, units);
	await using line = await startPart('net-proxy', String(database.port), String(delayMs));
	const counters = await Promise.all(Array.from({ length: tills }, () => open(Number(line.ready.port))));
	const startMs = nowMs();
	const trades = await Promise.all(counters.map(sellOut));
	for (const counter of counters) await counter.close();
	return resultOf(units, startMs, trades, await left(database.port));
}

/** The relay and eight tills, each a process; a fresh product each round. */
class Shop {
	readonly #relay: Part;
	readonly #tills: readonly Part[];
	#round = 0;

	constructor(relay: Part, all: readonly Part[]) {
		this.#relay = relay;
		this.#tills = all;
	}

	async sell(units: number): Promise<Result> {
		const key = `HOT-${++this.#round}`;
		const first = this.#tills[0] as Part; // eight of them
		await first.ask('mint', { key, units });
		await this.#all('see', { key, units });
		const before = await this.#cpuSeconds();
		const startMs = nowMs();
		const trades = (await this.#all('sell', { key })) as unknown as Trade[]; // as hot-sku-till.ts answers
		const spent = trades.reduce((sum, { sales }) => sum + sales.length, 0);
		const after = await this.#all('settle', { key, spent });
		const cpuUs = (((await this.#cpuSeconds()) - before) * 1e6) / spent;
		if (after.some(({ findings }) => findings !== 0)) throw new Error('the books do not balance.');
		return { ...resultOf(units, startMs, trades, Math.max(0, Number(after[0]?.level))), cpuUs };
	}

	async #cpuSeconds(): Promise<number> {
		const all = await Promise.all([this.#relay, ...this.#tills].map(cpuSecondsOf));
		return all.reduce((sum, seconds) => sum + seconds, 0);
	}

	#all(question: string, said: Record<string, unknown>) {
		return Promise.all(this.#tills.map((till) => till.ask(question, said)));
	}
}

interface Line {
	readonly key: string;
	readonly what: string;
	/** Undefined where it is not installed. */
	readonly sell: ((units: number) => Promise<Result>) | undefined;
	/** Part of the units, where all would take minutes. */
	readonly share?: number;
}

function linesOf(shop: Shop, postgres: Database | undefined, redis: Database | undefined, share: number): Line[] {
	const ask = (database: Database | undefined, peer: Omit<Peer, 'database'>) =>
		database && ((units: number) => askDatabase({ database, ...peer }, units));
	const inPostgres = { stock: stockPostgres, left: leftInPostgres };
	return [
		{ key: 'tillmesh', what: 'tillmesh', sell: (units) => shop.sell(units) },
		{
			key: 'postgres',
			what: `Postgres ${postgres?.version ?? ''}: UPDATE … WHERE qty >= n`,
			sell: ask(postgres, { ...inPostgres, open: postgresStatement }),
			share,
		},
		{
			key: 'postgresTx',
			what: 'the same between BEGIN and COMMIT',
			sell: ask(postgres, { ...inPostgres, open: postgresTransaction }),
			share: share * 0.05,
		},
		{
			key: 'redis',
			what: `Redis ${redis?.version ?? ''}: a script, appendfsync always`,
			sell: ask(redis, { stock: stockRedis, left: leftInRedis, open: redisScript }),
			share,
		},
	];
}

export async function hotSku({ quick = false }: BenchOptions): Promise<Table> {
	const units = quick ? 1_000 : 8_000;
	const roundCount = quick ? 1 : 5;
	// Clients of a database wait most of the time: a seventh of the units tells as much of them.
	const ofDatabases = quick ? 1 : 0.15;
	await using held = new Held();
	const folder = held.folder('hot-sku');
	const relay = held.add(await startPart('relay', `${folder}/relay`));
	const all: Part[] = [];
	for (let i = 1; i <= tills; i++)
		all.push(held.add(await startPart('hot-sku-till', String(relay.ready.url), `${folder}/till-${i}.db`, `till-${i}`)));
	const databases = [await startPostgres(), await startRedis()] as const;
	for (const database of databases) if (database) held.add(database);
	const disk = new DiskBeside(folder);
	const lines = linesOf(new Shop(relay, all), ...databases, ofDatabases);
	const results = await rounds(
		lines.map(({ what, sell, share = 1 }) => async () => {
			progress(`${what}${sell ? '' : ': not present'}`);
			disk.take();
			return sell?.(Math.round(units * share));
		}),
		roundCount,
		quick ? 0 : 1,
	);
	return tableOf(lines, results, disk, units, roundCount);
}

function tableOf(
	lines: readonly Line[],
	results: readonly (readonly (Result | undefined)[])[],
	disk: DiskBeside,
	units: number,
	roundCount: number,
): Table {
	const figures: Record<string, number> = {};
	const rows = lines.map(({ key, what, share = 1 }, i) => {
		const of = (results[i] ?? []).filter((result) => result !== undefined);
		if (of.length === 0) return [what, 'not present', '', '', '', ''];
		const speed = taken(of.map(({ perSecond }) => perSecond));
		const sum = (pick: (result: Result) => number) => of.reduce((total, result) => total + pick(result), 0);
		figures[`${key}.perSecond`] = round(speed.median, 0);
		figures[`${key}.wrong`] = sum(({ wrong }) => wrong);
		figures[`${key}.oversold`] = sum(({ oversold }) => oversold);
		const cpuUs = median(of.map((result) => result.cpuUs ?? Number.NaN));
		if (!Number.isNaN(cpuUs)) figures[`${key}.cpuUs`] = round(cpuUs, 0);
		return [
			what,
			shown(speed, 0),
			Math.round(units * share),
			sum(({ wrong }) => wrong),
			sum(({ oversold }) => oversold),
			Number.isNaN(cpuUs) ? '' : cpuUs.toFixed(0),
		];
	});
	const apart = 'Y.Map, YKeyValue, automerge, loro-crdt, TinyBase, RxDB';
	rows.push([`${apart}: tills sell apart, and none knows whose the last unit is`, 'cannot', '', '', '', '']);
	return {
		title: `hot-sku: ${tills} tills, one product`,
		note: [
			`Sales a second until the last unit is sold, median (least-most) of ${roundCount} alternating rounds; each till serves one customer`,
			'after the other. Ours: eight processes with a SQLite file each and a relay, on one machine; one till takes the delivery and',
			'the library moves the shares; a sale counts once it is on its disk. A customer for whom no unit is here waits up to',
			`${customerMs / 1000} s for one from elsewhere. Databases: on the same machine behind a TCP proxy that adds ${delayMs} ms each way, every commit`,
			'synced (fsync as it comes; appendfsync always). Sent away: customers refused before the last unit was taken, in all rounds.',
			'Oversold: units sold beyond the stock, in all rounds. CPU: of the relay and all tills together; each sale comes to lie on ten',
			'disks, which here are one, and is checked by each of the ten on the same cores.',
			disk.said(figures),
		].join(' '),
		columns: ['what', 'sales/s', 'units', 'sent away in error', 'oversold', 'CPU, µs a sale'],
		rows,
		figures,
	};
}
