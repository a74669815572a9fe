/** What V8's profiler saw of a bench and of its parts, as tables: where the time goes by itself, and with what it calls. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { basename, join } from 'node:path';
import type { Table } from './table.js';

interface ProfileNode {
	readonly id: number;
	readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
	readonly children?: readonly number[];
}

export interface Profile {
	readonly nodes: readonly ProfileNode[];
	readonly samples: readonly number[];
	/** Microseconds before each sample. */
	readonly timeDeltas: readonly number[];
}

interface Spent {
	selfUs: number;
	totalUs: number;
}

const shownMost = 25;
/** Time in which nothing ran. */
const idle = '(idle)';

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
	const at = url ? ` ${basename(url)}:${lineNumber + 1}` : '';
	return `${functionName || '(anonymous)'}${at}`;
}

/** Time by function. With `of`, only while a function of that name is at work, and in percent of that. */
export function spentBy(profile: Profile, of?: string): { readonly us: number; readonly by: Map<string, Spent> } {
	const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
	const parents = new Map<number, number>();
	for (const { id, children = [] } of profile.nodes) for (const child of children) parents.set(child, id);
	const by = new Map<string, Spent>();
	let us = 0;
	for (const [i, sample] of profile.samples.entries()) {
		const stack: ProfileNode[] = [];
		for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
			const node = nodes.get(id);
			if (node) stack.push(node);
		}
		const names = new Set(stack.map(nameOf));
		if (names.has(idle) || (of && !stack.some(({ callFrame }) => callFrame.functionName === of))) continue;
		const tookUs = profile.timeDeltas[i] ?? 0;
		us += tookUs;
		const [self] = names;
		for (const name of names) {
			const spent = by.get(name) ?? { selfUs: 0, totalUs: 0 };
			by.set(name, spent);
			spent.totalUs += tookUs;
			if (name === self) spent.selfUs += tookUs;
		}
	}
	return { us, by };
}

/** Names the folder into which every process of a bench puts its profile. */
export const profilesEnv = 'BENCH_PROFILES';

/** Where profiles are asked for, from now until this process ends. */
export function keepProfile(name: string): void {
	const folder = process.env[profilesEnv];
	if (!folder) return;
	mkdirSync(folder, { recursive: true });
	const session = new Session();
	session.connect();
	session.post('Profiler.enable');
	session.post('Profiler.setSamplingInterval', { interval: 500 });
	session.post('Profiler.start');
	process.once('SIGTERM', () => process.exit(0));
	process.once('exit', () =>
		session.post('Profiler.stop', (_, said) =>
			writeFileSync(join(folder, `${name} ${process.pid}.json`), JSON.stringify(said?.profile)),
		),
	);
}

/** One for each kind of process in the folder: of several alike, that which had most to do. */
export function profileTables(folder: string, of?: string): Table[] {
	const longest = new Map<string, string>();
	for (const file of readdirSync(folder)) {
		const name = file.split(' ')[0] as string; // a split text has a first part
		const text = readFileSync(join(folder, file), 'utf8');
		if (text.length > (longest.get(name)?.length ?? 0)) longest.set(name, text);
	}
	return [...longest].map(([name, text]) => profileTable(name, JSON.parse(text) as Profile, of));
}

function profileTable(name: string, profile: Profile, of: string | undefined): Table {
	const { us, by } = spentBy(profile, of);
	const percent = (part: number) => ((part / us) * 100).toFixed(1);
	const rows = [...by].sort(([, a], [, b]) => b.selfUs - a.selfUs).slice(0, shownMost);
	return {
		title: `${name}: where the time goes${of ? ` while ${of} is at work` : ''}`,
		note: `${(us / 1e6).toFixed(2)} s of its process; peers that run in it are in it.`,
		columns: ['function', 'by itself, %', 'with what it calls, %'],
		rows: rows.map(([what, { selfUs, totalUs }]) => [what, percent(selfUs), percent(totalUs)]),
		figures: {},
	};
}
