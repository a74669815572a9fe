/** One sender to fifty receivers, through our relay and through the servers that people use for it. */
import { mkdirSync } from 'node:fs';
import { DiskBeside } from './disk-rounds.js';
import { bare, type Dialect, hocuspocus, type Load, yWebsocket } from './fanout-peers.js';
import { inFlight, Room } from './fanout-room.js';
import { tillmesh } from './fanout-tillmesh.js';
import { cpuSecondsOf, Held, memoryBytesOf, type Part, startPart } from './part.js';
import { median, progress, round, shown, taken } from './rounds.js';
import type { BenchOptions, Table } from './table.js';

const receivers = 50;
const idle = 500;
const roundMs = 400;

interface Contestant {
	readonly key: string;
	readonly what: string;
	readonly dialect: Dialect;
	/** When an entry is on disk. */
	readonly durable: string;
	/** Never more entries in a round: what each costs grows with their number. */
	readonly entriesMax?: number;
}

const contestants: readonly Contestant[] = [
	{ key: 'bare', what: 'bare ws loop', dialect: bare, durable: 'never' },
	{ key: 'tillmesh', what: 'tillmesh relay', dialect: tillmesh, durable: 'before it was sent' },
	{ key: 'y-websocket', what: '@y/websocket-server', dialect: yWebsocket, durable: 'never' },
	{ key: 'hocuspocus', what: 'Hocuspocus', dialect: hocuspocus, durable: '2 to 10 s later' },
	{
		key: 'hocuspocus-each',
		what: 'Hocuspocus, debounce 0',
		dialect: hocuspocus,
		durable: 'after it was sent',
		entriesMax: 2_048,
	},
];

const loads: readonly Load[] = [
	{ bytes: 64, each: 1 },
	{ bytes: 300, each: 1 },
	{ bytes: 64, each: 32 },
	{ bytes: 300, each: 32 },
];

interface Round {
	readonly perSecond: number;
	readonly cpuSeconds: number;
}

class Runner {
	readonly #servers: ReadonlyMap<string, Part>;
	/** Entries of a round that takes about `roundMs`, found by the warm-up. */
	readonly #counts = new Map<string, number>();
	#rooms = 0;
	/** By server: the last room that was filled, and with how many entries. */
	readonly last = new Map<string, { readonly room: string; readonly count: number }>();

	constructor(servers: ReadonlyMap<string, Part>) {
		this.#servers = servers;
	}

	async run({ key, dialect, entriesMax = 65_536 }: Contestant, load: Load): Promise<Round> {
		const server = this.#servers.get(key) as Part; // one for each
		const id = `${key} ${load.bytes} ${load.each}`;
		const count = this.#counts.get(id) ?? 1_024;
		const name = `bench-${++this.#rooms}`;
		const room = new Room(dialect, name);
		await room.join(server.ready.url as string, receivers + 1);
		const before = await cpuSecondsOf(server);
		const ms = await room.send(count, load);
		const cpu = (await cpuSecondsOf(server)) - before;
		room.leave();
		this.last.set(key, { room: name, count });
		const wanted = Math.min(entriesMax, Math.max(1_024, (count * roundMs) / ms));
		this.#counts.set(id, Math.floor(wanted / load.each) * load.each);
		// What a server still does for the last room must not fall on the next one.
		await new Promise((resolve) => setTimeout(resolve, 100));
		const deliveries = count * receivers;
		return { perSecond: (deliveries * 1000) / ms, cpuSeconds: (cpu * 1e6) / deliveries };
	}

	async idleKb({ key, dialect }: Contestant): Promise<{ before: number; after: number }> {
		const server = this.#servers.get(key) as Part; // one for each
		const room = new Room(dialect, 'bench-idle');
		const before = await memoryBytesOf(server);
		await room.join(server.ready.url as string, idle);
		await new Promise((resolve) => setTimeout(resolve, 2_000));
		const after = await memoryBytesOf(server);
		room.leave();
		return { before: before / 1000, after: after / 1000 };
	}
}

const startServer = (key: string, folder: string): Promise<Part> =>
	key === 'tillmesh' ? startPart('relay', folder) : startPart('fanout-server', key, folder);

/** Fresh servers, so that what earlier rounds left in their heaps is nobody's. */
async function measureIdle(folder: string) {
	const found = new Map<string, { before: number; after: number }>();
	for (const contestant of contestants) {
		mkdirSync(`${folder}/idle-${contestant.key}`);
		await using server = await startServer(contestant.key, `${folder}/idle-${contestant.key}`);
		found.set(contestant.key, await new Runner(new Map([[contestant.key, server]])).idleKb(contestant));
	}
	return found;
}

/** Our relay was killed at once after its last round: all that it sent must be there when it starts again. */
async function checkKept(folder: string, last: { readonly room: string; readonly count: number } | undefined) {
	if (!last) return;
	progress(`the relay is started again: ${last.count} entries`);
	await using server = await startServer('tillmesh', folder);
	const room = new Room(tillmesh, last.room);
	await room.join(server.ready.url as string, 1);
	await room.receive(last.count);
	room.leave();
}

async function measure(folder: string, disk: DiskBeside, roundCount: number) {
	const results = new Map<string, Round[]>();
	const servers = new Map<string, Part>();
	await using held = new Held();
	for (const { key } of contestants) {
		mkdirSync(`${folder}/${key}`);
		servers.set(key, held.add(await startServer(key, `${folder}/${key}`)));
	}
	const ours = servers.get('tillmesh');
	const runner = new Runner(servers);
	for (let i = -1; i < roundCount; i++) {
		progress(i < 0 ? 'warm-up' : `round ${i + 1} of ${roundCount}`);
		if (i >= 0) disk.take();
		for (const load of loads)
			for (const contestant of contestants) {
				const result = await runner.run(contestant, load);
				const id = `${contestant.key}${load.bytes}x${load.each}`;
				if (i >= 0) results.set(id, [...(results.get(id) ?? []), result]);
			}
	}
	await ours?.stop();
	await checkKept(`${folder}/tillmesh`, runner.last.get('tillmesh'));
	return results;
}

export async function fanout({ quick = false }: BenchOptions): Promise<Table> {
	await using held = new Held();
	const folder = held.folder('fanout');
	const roundCount = quick ? 2 : 7;
	const disk = new DiskBeside(folder);
	const idles = await measureIdle(folder);
	return tableOf(await measure(folder, disk, roundCount), idles, disk, roundCount);
}

function tableOf(
	results: ReadonlyMap<string, readonly Round[]>,
	idles: ReadonlyMap<string, { before: number; after: number }>,
	disk: DiskBeside,
	roundCount: number,
): Table {
	const figures: Record<string, number> = {};
	const rows = contestants.map(({ key, what, durable }) => {
		const cells = loads.map(({ bytes, each }) => {
			const of = results.get(`${key}${bytes}x${each}`) ?? [];
			const speed = taken(of.map(({ perSecond }) => perSecond / 1000));
			figures[`${key}.${bytes}x${each}.perSecond`] = round(speed.median * 1000, 0);
			const cpu = median(of.map(({ cpuSeconds }) => cpuSeconds));
			figures[`${key}.${bytes}x${each}.cpuSeconds`] = round(cpu, 3);
			return `${shown(speed, 0)} · ${cpu.toFixed(2)}`;
		});
		const { before = Number.NaN, after = Number.NaN } = idles.get(key) ?? {};
		figures[`${key}.idleMb`] = round(after / 1000, 1);
		figures[`${key}.idleKbEach`] = round((after - before) / idle, 1);
		return [what, durable, ...cells, `${(after / 1000).toFixed(0)} (${((after - before) / idle).toFixed(1)} KB)`];
	});
	return {
		title: `fanout: 1 sender to ${receivers} receivers`,
		note: [
			`Thousands of deliveries a second, median (least-most) of ${roundCount} alternating rounds of about 0.4 s, and CPU seconds of`,
			`the server for each million deliveries. Entries of 64 and 300 bytes, one or 32 to a message of the sender, ${inFlight} under way at`,
			'most. Servers run in processes of their own; sender and receivers are bare TCP clients in one process, the same for all,',
			'that read of each message how many entries it brings, in order and none twice. On disk: when the server has an entry on',
			'disk; ours has it before anybody sees it, in SQLite with synchronous=FULL, and after the rounds it is killed, started again, and must give all entries of its last one to a new client. Hocuspocus writes the whole document with its',
			'database extension into the same SQLite, by default 2 s after a change and 10 s at the latest; debounce 0 makes it write at every',
			`change, so that its rounds end at 2048 entries. Idle: resident memory of a fresh server with ${idle} connections that have said`,
			'their greeting, and what each adds.',
			disk.said(figures),
		].join(' '),
		columns: ['server', 'on disk', ...loads.map(({ bytes, each }) => `${bytes} B, ${each} each`), `${idle} idle, MB`],
		rows,
		figures,
	};
}
