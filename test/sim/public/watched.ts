import type { Counter, Ledger, Pool } from '../../../src/ledger/ledger.js';
import type { Live } from '../../../src/ledger/live.js';
import type { Cell, Cells, Log, Logs } from '../../../src/ledger/written.js';
import type { Changes } from '../../../src/replica/changes.js';
import type { Replica } from '../../../src/replica/replica.js';
import type { Sync } from '../../../src/replica/sync.js';
import type { ProcessWaits } from './flow.js';

type Verb = (...args: unknown[]) => unknown;
type Part = Record<PropertyKey, unknown>;
/** Changes one part of an object in place, so that handles stay what they are for a commit's `tx`. */
type Change = (target: Part, name: PropertyKey, waits: ProcessWaits) => void;
/** What to do with every part of an interface; the compiler refuses a gap. */
type Table<T> = { readonly [K in keyof T]-?: Change };

const asIs: Change = () => {};

const verb =
	(around: (call: Verb, waits: ProcessWaits) => Verb): Change =>
	(target, name, waits) => {
		const call = target[name] as Verb; // the tables name methods only here
		Object.defineProperty(target, name, { value: around(call.bind(target), waits), configurable: true });
	};

/** A promise that settles by itself, sooner or later. */
const settles = verb(
	(call, waits) =>
		(...args) =>
			waits.wait(call(...args) as Promise<unknown>),
);

/** A promise that may wait for ever, unless the options at `place` say for how long. */
const settlesInTime = (place: number): Change =>
	verb((call, waits) => (...args) => {
		const { timeoutMs } = (args[place] ?? {}) as { timeoutMs?: number };
		return waits.wait(call(...args) as Promise<unknown>, timeoutMs === undefined);
	});

const known = new WeakSet<object>();

function change(target: object, table: Readonly<Record<PropertyKey, Change>>, waits: ProcessWaits): void {
	if (known.has(target)) return;
	known.add(target);
	for (const name of Reflect.ownKeys(table)) table[name]?.(target as Part, name, waits);
}

/** A property, or what a method answers, is changed too. */
const holds =
	<T>(table: () => Table<T>): Change =>
	(target, name, waits) =>
		change(target[name] as object, table(), waits);
const gives = <T>(table: () => Table<T>): Change =>
	verb((call, waits) => (...args) => {
		const given = call(...args) as object;
		change(given, table(), waits);
		return given;
	});

const waitsForNext = verb((call, waits) => () => {
	const iterator = call() as AsyncIterator<unknown>;
	const next = iterator.next.bind(iterator);
	iterator.next = () => waits.wait(next(), true);
	return iterator;
});

const live: Table<Live<unknown>> = {
	get: asIs,
	subscribe: asIs,
	on: asIs,
	when: settlesInTime(1),
	stream: asIs,
	map: gives(() => live),
	[Symbol.asyncIterator]: waitsForNext,
};
const changes: Table<Changes> = { stream: asIs, [Symbol.asyncIterator]: waitsForNext };

const pool: Table<Pool> = {
	name: asIs,
	mine: asIs,
	keys: asIs,
	total: gives(() => live),
	now: asIs,
	holders: gives(() => live),
	ensure: settles,
};
const log: Table<Log<never>> = { name: asIs, schema: asIs, all: gives(() => live), fold: gives(() => live) };
const cell: Table<Cell<never>> = { name: asIs, schema: asIs, value: holds(() => live) };
const counter: Table<Counter> = { name: asIs, value: holds(() => live) };

const logs: Table<Logs<never>> = { name: asIs, at: gives(() => log), entries: asIs, keys: asIs };
const cells: Table<Cells<never>> = { name: asIs, at: gives(() => cell), get: asIs, keys: asIs };

const ledger: Table<Ledger> = {
	name: asIs,
	pools: asIs,
	exceptions: asIs,
	pool: gives(() => pool),
	log: gives(() => log),
	cell: gives(() => cell),
	counter: gives(() => counter),
	logs: gives(() => logs),
	cells: gives(() => cells),
	claim: settles,
};

const sync: Table<Sync> = {
	status: holds(() => live),
	reached: settlesInTime(2),
	flush: settlesInTime(0),
	pause: asIs,
};

/** What a commit answers can be waited for further. */
const commits = verb((call, waits) => (...args) => {
	const outcome = call(...args) as Promise<{ readonly ok: boolean }>;
	return waits.wait(
		outcome.then((answer) => {
			if (answer.ok) change(answer, { reached: settlesInTime(1) }, waits);
			return answer;
		}),
	);
});

const replica: Table<Replica> = {
	device: asIs,
	name: asIs,
	health: holds(() => live),
	sync: holds(() => sync),
	ledger: gives(() => ledger),
	ledgers: asIs,
	watch: asIs,
	guard: asIs,
	changes: gives(() => changes),
	commit: commits,
	rehearse: asIs,
	status: asIs,
	consents: asIs,
	homeOf: asIs,
	bytes: settles,
	check: asIs,
	digest: asIs,
	keep: settles,
	tend: settles,
	fence: settles,
	renew: settles,
	revoke: settles,
	addLink: asIs,
	returnShares: settles,
	shutdown: settles,
	[Symbol.asyncDispose]: settles,
};

/** Every promise that this replica gives from here on is noted: while somebody waits for one, time goes on. */
export function watch(opened: Replica, waits: ProcessWaits): void {
	change(opened, replica, waits);
}
