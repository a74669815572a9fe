/** How long a till takes to catch up with what its chain did while it was away, and what that costs on the line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import type { ChainInput } from '../examples/chain-day/input.js';
import { DiskBeside } from './disk-rounds.js';
import { Held, type Part, type Said, startPart } from './part.js';
import { readWeek, sellers } from './resume-input.js';
import { type Closings, closingsOf } from './resume-till.js';
import { playYjs, uploadYjs } from './resume-yjs.js';
import { progress, round, rounds, shown, taken } from './rounds.js';
import type { BenchOptions, Table } from './table.js';

interface Result {
	readonly ms: number;
	readonly bytes: number;
}

/** Runs `catchUp` of a part behind a line that counts. */
async function measure(url: string, start: (url: string) => Promise<Part>, said: Said) {
	await using line = await startPart('net-proxy', new URL(url).port, '0');
	await using part = await start(`ws://127.0.0.1:${line.ready.port}`);
	const answer = await part.ask('catchUp', said);
	const { up, down } = (await line.ask('bytes')) as { up: number; down: number };
	return { answer, result: { ms: answer.ms as number, bytes: up + down } };
}

/** Tills that went away after the first day, one for each round, and a relay that saw the whole week. */
class Ours {
	readonly #url: string;
	readonly #folder: string;
	readonly #outlet: string;
	readonly #closings: Closings;
	readonly #digests: Said;
	#round = 0;

	constructor(url: string, folder: string, outlet: string, closings: Closings, digests: Said) {
		this.#url = url;
		this.#folder = folder;
		this.#outlet = outlet;
		this.#closings = closings;
		this.#digests = digests;
	}

	readonly resume = () => this.#catchUp(`away-${++this.#round}`);
	readonly fresh = () => this.#catchUp(`new-${this.#round}`);

	async #catchUp(name: string): Promise<Result> {
		const start = (url: string) => startPart('resume-till', url, `${this.#folder}/${name}.db`, name, this.#outlet);
		const { answer, result } = await measure(this.#url, start, {
			closings: this.#closings,
			digests: this.#digests,
		});
		for (const [ledger, digest] of Object.entries(answer.digests as Record<string, string>))
			if (digest !== this.#digests[ledger]) throw new Error(`${name} came to something else in ${ledger}.`);
		return result;
	}
}

async function prepareOurs(held: Held, folder: string, input: ChainInput, away: number, quick: boolean): Promise<Ours> {
	const [outlet = ''] = input.outlets;
	const [first = '', ...rest] = input.days;
	const relay = held.add(await startPart('relay', `${folder}/relay`));
	const url = String(relay.ready.url);
	const fill = held.add(await startPart('resume-fill', url, ...(quick ? ['quick'] : [])));
	progress(`tillmesh: ${first}`);
	await fill.ask('play', { day: first });
	const closings = (days: readonly string[]) => closingsOf(outlet, days, sellers, input.outlets.length);
	for (let i = 1; i <= away; i++) {
		await using till = await startPart('resume-till', url, `${folder}/away-${i}.db`, `away-${i}`, outlet);
		await till.ask('catchUp', { closings: closings([first]) });
	}
	for (const day of rest) {
		progress(`tillmesh: ${day}`);
		await fill.ask('play', { day });
	}
	// Checkpoints and segments are the work of the store's home, once a second.
	await new Promise((resolve) => setTimeout(resolve, 3_000));
	const digests = await fill.ask('digests', { outlet });
	await fill.ask('end');
	return new Ours(url, folder, outlet, closings(input.days), digests);
}

/** A server in whose memory the whole week is, and clients with a file that ends after the first day. */
async function prepareYjs(held: Held, folder: string, input: ChainInput) {
	const [outlet = ''] = input.outlets;
	progress('yjs: the whole week');
	const { first, last } = await playYjs(input, outlet);
	const server = held.add(await startPart('fanout-server', 'y-websocket', folder));
	const url = String(server.ready.url);
	for (const [room, state] of Object.entries(last)) await uploadYjs(url, room, state);
	const tickets = input.tickets.filter((ticket) => ticket.outlet === outlet).length;
	let count = 0;
	const catchUp = async (files: Readonly<Record<string, Uint8Array>>): Promise<Result> => {
		const own = `${folder}/yjs-${++count}`;
		mkdirSync(own);
		for (const [room, state] of Object.entries(files)) writeFileSync(`${own}/${room}`, state);
		const { answer, result } = await measure(url, (via) => startPart('resume-yjs', via, own, outlet), {});
		if (answer.tickets !== tickets) throw new Error(`${answer.tickets} tickets came of ${tickets}.`);
		return result;
	};
	return { resume: () => catchUp(first), fresh: () => catchUp({}) };
}

export async function resume({ quick = false }: BenchOptions): Promise<Table> {
	const roundCount = quick ? 2 : 5;
	await using held = new Held();
	const folder = held.folder('resume');
	const input = readWeek(quick);
	const ours = await prepareOurs(held, folder, input, roundCount, quick);
	const yjs = await prepareYjs(held, folder, input);
	const disk = new DiskBeside(folder);
	const oursAfterDisk = () => {
		disk.take();
		return ours.resume();
	};
	const results = await rounds([oursAfterDisk, yjs.resume, ours.fresh, yjs.fresh], roundCount, 0);
	return tableOf(results, disk, input, roundCount);
}

const lines = [
	['tillmesh', 'tillmesh, away'],
	['yjs', 'y-websocket, away'],
	['tillmeshNew', 'tillmesh, new'],
	['yjsNew', 'y-websocket, new'],
] as const;

function tableOf(
	results: readonly (readonly Result[])[],
	disk: DiskBeside,
	input: ChainInput,
	roundCount: number,
): Table {
	const figures: Record<string, number> = {};
	const rows = lines.map(([key, what], i) => {
		const of = results[i] ?? [];
		const kb = taken(of.map(({ bytes }) => bytes / 1000));
		const seconds = taken(of.map(({ ms }) => ms / 1000));
		figures[`${key}.kb`] = round(kb.median, 1);
		figures[`${key}.seconds`] = round(seconds.median, 3);
		return [what, shown(kb, 0), shown(seconds, 3)];
	});
	const [outlet = ''] = input.outlets;
	const away = input.tickets.filter(({ day }) => day !== input.days[0]);
	const own = away.filter((ticket) => ticket.outlet === outlet).length;
	const members = away.filter(({ member }) => member !== undefined).length;
	return {
		title: `resume: a till that was away for ${input.days.length - 1} days`,
		note: [
			`Bytes of TCP both ways and seconds from opening until all is here and on disk, median (least-most) of ${roundCount} alternating rounds,`,
			`on loopback. A coffee chain of ${input.outlets.length} stores; the till keeps its store's stock and orders and all members: ${own} tickets of its`,
			`store and points of ${members} tickets of the chain came while it was away. New: a till with an empty file, one day more. Ours: a`,
			'SQLite file, the relay and its home; everything is checked as it comes (gate, hashes, seals) and the figures are equal in the',
			'end. y-websocket: @y/websocket-server with the week in its memory, one document for the store (an array of tickets a day, a map',
			'of what is on the shelf) and one for the members (a map of points), each loaded from a file, synced and written back; it',
			'checks nothing, and last writes win over others.',
			disk.said(figures),
		].join(' '),
		columns: ['what', 'KB on the line', 'seconds'],
		rows,
		figures,
	};
}
