/** What V8's profilers saw of a bench and of its parts, as tables: where time or memory goes by itself, and with what it calls. */
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
	/** Ids of nodes. */
	readonly samples: readonly number[];
	/** Microseconds before each sample, or what it stands for in bytes. */
	readonly timeDeltas: readonly number[];
}

/** As the heap's profiler tells it: what each function allocated itself. */
export interface HeapNode extends Omit<ProfileNode, 'children'> {
	readonly selfSize: number;
	readonly children: readonly HeapNode[];
}

/** Microseconds or bytes. */
interface Spent {
	self: number;
	total: number;
}

const shownMost = 25;
/** Time in which nothing ran. */
const idle = '(idle)';

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
	const at = url ? ` ${basename(url)}:${lineNumber + 1}` : '';
	return `${functionName || '(anonymous)'}${at}`;
}

/** The same as samples: one a node, which stands for all that it allocated. */
export function fromHeap(head: HeapNode): Profile {
	const all: HeapNode[] = [head];
	for (const { children } of all) all.push(...children);
	return {
		nodes: all.map(({ id, callFrame, children }) => ({ id, callFrame, children: children.map((child) => child.id) })),
		samples: all.map(({ id }) => id),
		timeDeltas: all.map(({ selfSize }) => selfSize),
	};
}

/** Time or memory by function. With `of`, only while a function of that name is at work, and in percent of that. */
export function spentBy(profile: Profile, of?: string): { readonly all: number; readonly by: Map<string, Spent> } {
	const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
	const parents = new Map<number, number>();
	for (const { id, children = [] } of profile.nodes) for (const child of children) parents.set(child, id);
	const by = new Map<string, Spent>();
	let all = 0;
	for (const [i, sample] of profile.samples.entries()) {
		const stack: ProfileNode[] = [];
		for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
			const node = nodes.get(id);
			if (node) stack.push(node);
		}
		const names = new Set(stack.map(nameOf));
		if (names.has(idle) || (of && !stack.some(({ callFrame }) => callFrame.functionName === of))) continue;
		const took = profile.timeDeltas[i] ?? 0;
		all += took;
		const [self] = names;
		for (const name of names) {
			const spent = by.get(name) ?? { self: 0, total: 0 };
			by.set(name, spent);
			spent.total += took;
			if (name === self) spent.self += took;
		}
	}
	return { all, by };
}

/** Names the folder into which every process of a bench puts its profile. */
export const profilesEnv = 'BENCH_PROFILES';
/** Set where they are of what is allocated: all of it, what was collected again too. */
export const memoryEnv = 'BENCH_PROFILES_MEMORY';
const heapIntervalBytes = 4_096;

/** Where profiles are asked for, from now until this process ends. */
export function keepProfile(name: string): void {
	const folder = process.env[profilesEnv];
	if (!folder) return;
	mkdirSync(folder, { recursive: true });
	const session = new Session();
	session.connect();
	const keep = (profile: Profile) =>
		writeFileSync(join(folder, `${name} ${process.pid}.json`), JSON.stringify(profile));
	process.once('SIGTERM', () => process.exit(0));
	if (process.env[memoryEnv]) profileMemory(session, keep);
	else profileTime(session, keep);
}

function profileTime(session: Session, keep: (profile: Profile) => void): void {
	session.post('Profiler.enable');
	session.post('Profiler.setSamplingInterval', { interval: 500 });
	session.post('Profiler.start');
	process.once('exit', () => session.post('Profiler.stop', (_, said) => keep(said.profile as Profile))); // as the protocol has it
}

function profileMemory(session: Session, keep: (profile: Profile) => void): void {
	const asked = { includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true };
	session.post('HeapProfiler.startSampling', { samplingInterval: heapIntervalBytes, ...asked });
	process.once('exit', () =>
		session.post('HeapProfiler.stopSampling', (_, said) => keep(fromHeap(said.profile.head as unknown as HeapNode))),
	);
}

/** One for each kind of process in the folder, by its name: of several alike, that which had most to do. */
export function profilesIn(folder: string): Map<string, Profile> {
	const longest = new Map<string, string>();
	for (const file of readdirSync(folder)) {
		const name = file.split(' ')[0] as string; // a split text has a first part
		const text = readFileSync(join(folder, file), 'utf8');
		if (text.length > (longest.get(name)?.length ?? 0)) longest.set(name, text);
	}
	return new Map([...longest].map(([name, text]) => [name, JSON.parse(text) as Profile])); // as `keep` wrote it
}

export function profileTable(name: string, profile: Profile, of?: string): Table {
	const { all, by } = spentBy(profile, of);
	const percent = (part: number) => ((part / all) * 100).toFixed(1);
	const rows = [...by].sort(([, a], [, b]) => b.self - a.self).slice(0, shownMost);
	const isMemory = process.env[memoryEnv] !== undefined;
	const much = (all / 1e6).toFixed(isMemory ? 1 : 2);
	return {
		title: `${name}: where the ${isMemory ? 'memory' : 'time'} goes${of ? ` while ${of} is at work` : ''}`,
		note: `${much} ${isMemory ? 'MB' : 's'} of its process; peers that run in it are in it.`,
		columns: ['function', 'by itself, %', 'with what it calls, %'],
		rows: rows.map(([what, { self, total }]) => [what, percent(self), percent(total)]),
		figures: {},
	};
}
