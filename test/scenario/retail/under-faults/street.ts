import { expect } from 'vitest';
import type { Replica } from '../../../../src/replica/replica.js';
import { openRetail, type Retail, type RetailOptions } from '../../../../src/retail/retail.js';
import type { Exception } from '../../../../src/retail/shop/exceptions.js';
import type { Outcome } from '../../../../src/retail/shop/outcome.js';
import type { Place } from '../../../sim/public/place.js';
import { type SimulateOptions, simulate } from '../../../sim/public/simulate.js';

/** Worlds that are played of each kind: raise it by SHOP_SEEDS. */
export const seeds = Number(process.env.SHOP_SEEDS ?? 12);
/** The first of them, by SHOP_FROM. */
const from = Number(process.env.SHOP_FROM ?? 1);
const leastFaults = 3;

/** A till, and what the street knows: `place.outside`, which no crash of a till can make forget. */
export interface App<Street> {
	readonly till: Retail;
	readonly place: Place<Street>;
}

interface World<Street> extends Pick<SimulateOptions<App<Street>, Street>, 'actions' | 'always' | 'finally'> {
	readonly outside: () => Street;
	/** What the first till does before anything goes wrong. */
	readonly opening: (app: App<Street>) => Promise<unknown>;
	readonly retail?: RetailOptions;
	readonly stores?: number;
	readonly tillsPerStore?: number;
	readonly steps?: number;
	/** Where midnight is; `Asia/Shanghai` by default. */
	readonly zone?: string;
}

/** Plays shops under all usual faults; fails with the history of the first seed in which anything is wrong. */
export async function playShops<Street>({
	opening,
	retail = {},
	zone = 'Asia/Shanghai',
	outside,
	...world
}: World<Street>): Promise<void> {
	const opened = new WeakSet<object>();
	const { failed, faults } = await simulate<App<Street>, Street>({
		seeds,
		from,
		steps: 50,
		tillsPerStore: 3,
		...world,
		keeps: world.stores === undefined ? ['*/*'] : ['members/*', 'catalog/*', 'transfers/*'],
		outside,
		start: async (replica: Replica, place: Place<Street>) => {
			const settings = {
				chain: 'simulated',
				store: place.store,
				zone,
				currency: { code: 'CNY', decimals: 2 },
				rounding: 'half-up',
				locale: 'en',
			} as const;
			const app = { till: openRetail(replica, place.platform, settings, retail), place };
			const street = place.outside as object;
			if (place.till === 0 && !opened.has(street)) {
				opened.add(street);
				await opening(app);
			}
			return app;
		},
	});
	expect(failed?.report).toBeUndefined();
	if (seeds > 1 && !process.env.TILLMESH_SEED) expect(Object.keys(faults).length).toBeGreaterThan(leastFaults);
}

/**
 * What somebody asked a till for. `done` and `refused` is what he was told; where the till died before it said anything
 * nobody knows, until the books can be read: they have its note, or not.
 */
export interface Deed<What, Told> {
	readonly what: What;
	readonly note: string;
	/** Number of the till. */
	readonly till: number;
	/** The till's clock when it was asked. */
	readonly atMs: number;
	state: 'asked' | 'done' | 'refused';
	told: Told | undefined;
	/** The refusal's code. */
	code?: string;
}

interface Written {
	readonly idempotencyKey: string;
	readonly note: string;
}

/** Everything of one kind that people asked tills for, in order. */
export class Deeds<What, Told = unknown> {
	readonly all: Deed<What, Told>[] = [];

	/** Answers what the till said, as a code. */
	async ask(
		{ place }: { readonly place: Place<unknown> },
		what: What,
		work: (options: Written) => Promise<Outcome<Told>>,
	): Promise<string> {
		const note = `note ${place.unique()}`;
		const deed: Deed<What, Told> = { what, note, till: place.till, atMs: place.now(), state: 'asked', told: undefined };
		this.all.push(deed);
		const outcome = await work({ idempotencyKey: place.unique(), note });
		deed.state = outcome.ok ? 'done' : 'refused';
		if (outcome.ok) deed.told = outcome.value;
		else deed.code = outcome.code;
		return outcome.ok ? 'yes' : outcome.code;
	}

	/** What somebody was told has happened. */
	get done(): (Deed<What, Told> & { readonly told: Told })[] {
		return this.all.filter((deed): deed is Deed<What, Told> & { readonly told: Told } => deed.state === 'done');
	}

	/** What may have happened: nobody was told that it has not. */
	get possible(): Deed<What, Told>[] {
		return this.all.filter(({ state }) => state !== 'refused');
	}

	/** What has happened, by the notes in the books. */
	in(notes: ReadonlySet<string>): Deed<What, Told>[] {
		return this.all.filter(({ note }) => notes.has(note));
	}
}

/** The books have all that somebody was told is done, and nothing that he was told is not. */
export function expectTold(
	deeds: readonly { readonly all: readonly Deed<unknown, unknown>[] }[],
	notes: ReadonlySet<string>,
): void {
	for (const { all } of deeds)
		for (const { state, note, what } of all) {
			if (state === 'done') expect(notes.has(note), `done and not in the books: ${JSON.stringify(what)}`).toBe(true);
			if (state === 'refused') expect(notes.has(note), `refused and in the books: ${JSON.stringify(what)}`).toBe(false);
		}
}

const families: Readonly<Record<string, readonly string[]>> = {
	orders: ['order'],
	stock: ['move', 'resolved'],
	transfers: ['transfer', 'resolved'],
	members: ['member', 'contact', 'resolved'],
	desk: ['z', 'approval', 'risk', 'resolved'],
};

interface Document {
	readonly verb: string;
	readonly date: string;
	readonly note?: string;
}

export interface Entry {
	readonly ledger: string;
	readonly family: string;
	readonly id: string;
	readonly atMs: number;
	readonly device: string;
	readonly value: Document;
}

/** Everything that one till has of its shop's documents. */
export function* entriesOf({ shop }: Retail, kinds = Object.keys(families)): Generator<Entry> {
	for (const name of shop.host.ledgers()) {
		const kind = name.slice(0, name.indexOf('/'));
		if (!kinds.includes(kind)) continue;
		for (const family of families[kind] ?? []) {
			const logs = shop.ledger(name).logs(family);
			for (const id of logs.keys())
				for (const { value, atMs, device } of logs.entries(id))
					yield { ledger: name, family, id, atMs, device, value: value as unknown as Document }; // what a verb of the shop wrote
		}
	}
}

/** The notes of all documents that anybody has. */
export function notesOf(apps: readonly { readonly till: Retail }[]): ReadonlySet<string> {
	const notes = new Set<string>();
	for (const { till } of apps)
		for (const { value } of entriesOf(till)) if (value.note !== undefined) notes.add(value.note);
	return notes;
}

export const cash = (amount: number) => ({ kind: 'cash', amount }) as const;

export function key<Street>({ place }: App<Street>) {
	return { idempotencyKey: place.unique() };
}

/** One of the list; undefined where there is none. */
export function oneOf<T>(list: readonly T[], pick: (n: number) => number): T | undefined {
	return list.length === 0 ? undefined : list[pick(list.length)];
}

/**
 * One of the list; one that the street knows to be over where this till has not heard so: there it comes to contradictions,
 * which chance alone brings about too seldom.
 */
export function staleOf<T>(
	list: readonly T[],
	isOver: (item: T) => boolean,
	pick: (n: number) => number,
): T | undefined {
	const stale = list.filter(isOver);
	return oneOf(stale.length > 0 ? stale : list, pick);
}

const strokeMs = 10_000;

/** Waits for the next stroke of the clock, as others do: then several people do the same thing in one moment. */
export async function atTheStroke<Street>({ place }: App<Street>): Promise<void> {
	await place.sleep(strokeMs - (place.now() % strokeMs));
}

/** Those that stand in the list more than once. */
export function twice<T>(list: readonly T[]): T[] {
	return list.filter((item, i) => list.indexOf(item) < i);
}

export function sumOf<T>(list: Iterable<T>, of: (item: T) => number): number {
	let sum = 0;
	for (const item of list) sum += of(item);
	return sum;
}

/** What people must look at, or have. */
export function exceptionsOf({ shop }: Retail, kind?: string): Exception[] {
	return [...shop.exceptions]
		.flatMap((source) => source.exceptions.get())
		.filter((exception) => exception.kind === (kind ?? exception.kind))
		.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Resolves one that this till knows to be open. */
export async function resolveOne<Street>(
	app: App<Street>,
	resolved: Deeds<string, void>,
	outcome: string,
	pick: (n: number) => number,
	kind?: string,
): Promise<string> {
	const { till } = app;
	await atTheStroke(app);
	const over = new Set(resolved.possible.map(({ what }) => what));
	const known = exceptionsOf(till, kind).filter(({ state }) => state === 'open');
	const [first] = known;
	const open = pick(3) > 0 ? first : staleOf(known, ({ id }) => over.has(id), pick);
	if (!open) return 'nothing open';
	return resolved.ask(app, open.id, (options) => till.tasks.resolve(open.id, { outcome }, options));
}

/** All tills say the same. */
export function expectSame<Street>(apps: readonly App<Street>[], says: (till: Retail) => unknown): void {
	const [first, ...others] = apps.map(({ till }) => says(till));
	for (const other of others) expect(other).toEqual(first);
}
