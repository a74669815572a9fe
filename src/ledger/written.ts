import { fromUtf8 } from '../base/bytes.js';
import type { DeviceId, LedgerName } from '../base/ids.js';
import { checkName } from '../base/limits.js';
import { isLate } from '../escrow/late.js';
import type { Fence } from '../journal/checkpoint.js';
import { type Json, placeCollection, type Schema } from './collections.js';
import type { CellValue, LedgerFigures, LogEntry } from './figures.js';
import type { Live } from './live.js';

export interface Stamped<T> {
	readonly value: T;
	/** Milliseconds since 1970 by the writer's clock: for display order only. */
	readonly atMs: number;
	readonly device: DeviceId;
	/** Written by a device that had been given up, where that was not known to it: it counts all the same (ESC7). */
	readonly late: boolean;
}

export interface Log<T extends Json> {
	readonly name: string;
	readonly schema: Schema<T> | undefined;
	/** In order of time, the same on every device that has the same entries. */
	all(): Live<readonly Stamped<T>[]>;
	fold<S>(reducer: { readonly initial: S; step(state: S, entry: T): S }): Live<S>;
}

export interface Cell<T extends Json> {
	readonly name: string;
	readonly schema: Schema<T> | undefined;
	readonly value: Live<T | undefined>;
}

/** Logs of one name, one a key. */
export interface Logs<T extends Json> {
	readonly name: string;
	at(key: string): Log<T>;
	/** What `at(key).all().get()` gives, less the first `from` of it. */
	entries(key: string, from?: number): readonly Stamped<T>[];
	keys(): readonly string[];
}

/** Cells of one name, one a key. */
export interface Cells<T extends Json> {
	readonly name: string;
	at(key: string): Cell<T>;
	/** What `at(key).value.get()` gives. */
	get(key: string): T | undefined;
	keys(): readonly string[];
}

export type MakeLive = <T>(topic: string, version: () => unknown, read: () => T) => Live<T>;

const none: readonly never[] = [];
/** Logs of so many entries are read again and again: what was read of them stays. Of shorter ones it would only weigh. */
export const longLog = 16;
/** Whoever else looks at what came just now need not read it again. */
const latelyMax = 64;

export function createLog<T extends Json>(
	name: string,
	schema: Schema<T> | undefined,
	figures: () => LedgerFigures,
	live: MakeLive,
): Log<T> {
	const version = () => figures().logs.get(name)?.version;
	// Most handles are made to write one entry, and never read.
	let values: WeakMap<LogEntry, Stamped<T>> | undefined;
	let all: Live<readonly Stamped<T>[]> | undefined;
	const read = () => {
		const { logs, escrow } = figures();
		values ??= new WeakMap();
		const kept = values;
		return (logs.get(name)?.entries ?? none).map((entry) => {
			const known = kept.get(entry);
			const now = stamped(entry, escrow.fences, known);
			if (known !== now) kept.set(entry, now);
			return now;
		});
	};
	return {
		name,
		schema,
		all: () => (all ??= live(`log/${name}`, version, read)),
		fold: ({ initial, step }) =>
			live(`log/${name}`, version, () => read().reduce((state, entry) => step(state, entry.value), initial)),
	};
}

function stamped<T>(entry: LogEntry, fences: readonly Fence[], known: Stamped<T> | undefined): Stamped<T> {
	const { device, epoch, index, time } = entry;
	const late = fences.length > 0 && isLate(fences, device, epoch, index);
	if (known?.late === late) return known;
	return { value: known?.value ?? parse<T>(entry.value), atMs: time.ms, device, late };
}

export function createCell<T extends Json>(
	name: string,
	schema: Schema<T> | undefined,
	figures: () => LedgerFigures,
	live: MakeLive,
): Cell<T> {
	const now = () => figures().cells.get(name);
	const read = () => {
		const cell = now();
		return cell && parse<T>(cell.value);
	};
	return { name, schema, value: live(`cell/${name}`, now, read) };
}

export function createLogs<T extends Json>(
	name: string,
	ledger: LedgerName,
	owner: object,
	figures: () => LedgerFigures,
	live: MakeLive,
): Logs<T> {
	const values = new WeakMap<LogEntry, Stamped<T>>();
	const lately = new Map<LogEntry, Stamped<T>>();
	const remember = (entry: LogEntry, now: Stamped<T>) => {
		if (lately.size >= latelyMax) lately.clear();
		lately.set(entry, now);
	};
	return {
		name,
		at: (key) =>
			placeCollection(createLog<T>(member(name, key), undefined, figures, live), {
				owner,
				ledger,
				name: member(name, key),
			}),
		entries(key, from = 0) {
			const { logs, escrow } = figures();
			const all = logs.get(member(name, key))?.entries ?? none;
			const { fences } = escrow;
			return (from === 0 ? all : all.slice(from)).map((entry) => {
				const known = values.get(entry) ?? lately.get(entry);
				const now = stamped<T>(entry, fences, known);
				if (known === now) return now;
				if (all.length >= longLog) values.set(entry, now);
				else remember(entry, now);
				return now;
			});
		},
		keys: () => keysOf(figures().logs, name),
	};
}

export function createCells<T extends Json>(
	name: string,
	ledger: LedgerName,
	owner: object,
	figures: () => LedgerFigures,
	live: MakeLive,
): Cells<T> {
	const values = new WeakMap<CellValue, T>();
	return {
		name,
		at: (key) =>
			placeCollection(createCell<T>(member(name, key), undefined, figures, live), {
				owner,
				ledger,
				name: member(name, key),
			}),
		get(key) {
			const cell = figures().cells.get(member(name, key));
			if (!cell) return undefined;
			const value = values.get(cell) ?? parse<T>(cell.value);
			values.set(cell, value);
			return value;
		},
		keys: () => keysOf(figures().cells, name),
	};
}

function member(name: string, key: string): string {
	checkName('key', key);
	return `${name}/${key}`;
}

function keysOf(collections: ReadonlyMap<string, unknown>, name: string): string[] {
	const keys: string[] = [];
	for (const id of collections.keys()) if (id.startsWith(`${name}/`)) keys.push(id.slice(name.length + 1));
	return keys;
}

/** What a collection wrote reads back: `tx` made it of JSON, and the gate lets nothing else in. */
function parse<T>(bytes: Uint8Array): T {
	return JSON.parse(fromUtf8(bytes)) as T;
}
