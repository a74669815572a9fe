/** What it takes a till to come back after an hour, or after a month, in which both it and its store went on selling. */
import { memoryLink } from '../../adapters/link-memory/index.js';
import { sqlite } from '../../adapters/storage-sqlite/index.js';
import { openReplica, type Replica } from '../../src/index.js';
import { DiskBeside } from '../disk-rounds.js';
import { countedLink, type Sent } from '../guard/counted.js';
import { sellerOf } from '../ledger-shop.js';
import { Held } from '../part.js';
import { progress, round, rounds, shown, taken } from '../rounds.js';
import type { BenchOptions, Table } from '../table.js';

/** Hours by the calendar; half of those of a whole day are open. */
const spans = [
	[1, '1 hour'],
	[4, '4 hours'],
	[24, '1 day'],
	[168, '7 days'],
	[720, '30 days'],
] as const;
/** Tickets an open hour, of the till itself and of the others of its store. */
const own = 10;
const others = 30;
const kinds = ['stock/*', 'members/*', 'orders/*'];
const ledgers = ['stock/sh-014', 'members/sh-014', 'orders/sh-014'];
const patienceMs = 60_000;

interface Back {
	readonly ms: number;
	readonly bytes: number;
}

const openHours = (hours: number): number => (hours < 24 ? hours : hours / 2);

async function sell(checkout: () => Promise<void>, count: number): Promise<void> {
	for (let at = 0; at < count; at += 50)
		await Promise.all(Array.from({ length: Math.min(50, count - at) }, () => checkout()));
}

async function untilEqual(one: Replica, other: Replica): Promise<void> {
	const giveUpMs = performance.now() + patienceMs;
	while (ledgers.some((ledger) => one.digest(ledger) !== other.digest(ledger))) {
		if (performance.now() > giveUpMs) throw new Error('till and store did not agree within a minute');
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
}

/** From the line's return until both have all of it on disk and show the same. */
async function comeBack(folder: string, hours: number): Promise<Back> {
	const open = (name: string, home: boolean) =>
		openReplica({
			chain: 'bench',
			name,
			storage: sqlite(`${folder}-${name}.db`),
			keeps: kinds,
			links: [],
			...(home && { home: kinds }),
		});
	const [store, till] = [await open('store', true), await open('till-1', false)];
	const sent: Sent = { frames: 0, bytes: 0 };
	const line = memoryLink();
	store.addLink(countedLink(line.a, sent));
	till.addLink(countedLink(line.b, sent));
	const sellers = [await sellerOf(till, 'till-1 '), await sellerOf(store, 'store ')] as const;
	await untilEqual(store, till);
	line.cut();
	await sell(sellers[0], own * openHours(hours));
	await sell(sellers[1], others * openHours(hours));
	const before = sent.bytes;
	const startMs = performance.now();
	line.heal();
	await untilEqual(store, till);
	const back = { ms: performance.now() - startMs, bytes: sent.bytes - before };
	for (const replica of [till, store]) {
		if (replica.check().length > 0) throw new Error('the books do not balance');
		await replica.shutdown();
	}
	return back;
}

export async function offline({ quick = false }: BenchOptions): Promise<Table> {
	await using held = new Held();
	const folder = held.folder('offline');
	const disk = new DiskBeside(folder);
	const roundCount = quick ? 1 : 5;
	let tried = 0;
	const results = await rounds(
		spans.map(([hours, span]) => () => {
			progress(span);
			if (hours === 1) disk.take();
			return comeBack(`${folder}/${++tried}`, hours);
		}),
		roundCount,
		quick ? 0 : 1,
	);
	const figures: Record<string, number> = {};
	const rows = spans.map(([hours, span], i) => {
		const ms = taken((results[i] ?? []).map((back) => back.ms));
		const kb = taken((results[i] ?? []).map(({ bytes }) => bytes / 1000));
		const tickets = (own + others) * openHours(hours);
		figures[`${hours}.ms`] = round(ms.median, 1);
		figures[`${hours}.kb`] = round(kb.median, 1);
		return [span, tickets, shown(kb, 0), ((kb.median * 1000) / tickets).toFixed(0), shown(ms, 0)];
	});
	return {
		title: 'offline: a till that comes back',
		note: [
			`A till and the home of its store, both on SQLite, sell apart: ${own} tickets an open hour at the till, ${others} at the store, each of three`,
			'lines, points and a ticket in three ledgers. Then the line, in memory, is whole again. KB of frames both ways and',
			`milliseconds until both have all of it on disk and show the same, median (least-most) of ${roundCount} alternating rounds.`,
			disk.said(figures),
		].join(' '),
		columns: ['offline', 'tickets', 'KB on the line', 'bytes a ticket', 'ms'],
		rows,
		figures,
	};
}
