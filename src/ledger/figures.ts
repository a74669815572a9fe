import { createDecoder, hasContent } from 'lib0/decoding';
import { compareStrings } from '../base/bytes.js';
import { compareTime, type Time } from '../base/clock.js';
import { bytes, encoded, fixed, list, mapOf, number, record, signed, text } from '../base/codec.js';
import type { DeviceId, EpochId, Position } from '../base/ids.js';
import { add } from '../base/number.js';
import { EscrowFigures, type LegPlace, nextVersion } from '../escrow/share.js';
import { readEscrow, writeEscrow } from '../escrow/snapshot.js';
import { digestBytes, type Entry } from '../journal/entry.js';
import type { LegOf } from '../journal/leg.js';
import type { Row } from '../journal/view.js';

export interface CellValue {
	readonly priority: number;
	readonly time: Time;
	readonly device: DeviceId;
	readonly epoch: EpochId;
	readonly value: Uint8Array;
}

export interface LogEntry {
	readonly time: Time;
	readonly device: DeviceId;
	readonly epoch: EpochId;
	readonly index: number;
	readonly leg: number;
	readonly value: Uint8Array;
}

/** A log's entries in order of time, then device, then place: the same everywhere, whatever came first. */
export class LogFigures {
	readonly #entries: LogEntry[] = [];
	#sorted = true;
	version = nextVersion();

	add(entry: LogEntry): void {
		const last = this.#entries[this.#entries.length - 1];
		if (last && compareLogEntries(last, entry) > 0) this.#sorted = false;
		this.#entries.push(entry);
		this.version = nextVersion();
	}

	get entries(): readonly LogEntry[] {
		if (!this.#sorted) {
			this.#entries.sort(compareLogEntries);
			this.#sorted = true;
		}
		return this.#entries;
	}
}

function compareLogEntries(a: LogEntry, b: LogEntry): number {
	const byDevice = a.device < b.device ? -1 : a.device > b.device ? 1 : 0;
	return compareTime(a.time, b.time) || byDevice || a.epoch - b.epoch || a.index - b.index || a.leg - b.leg;
}

/** A commit that carried an idempotency key (ESC8). */
export interface KeyedCommit {
	readonly time: Time;
	readonly device: DeviceId;
	readonly epoch: EpochId;
	readonly index: number;
	readonly digest: Uint8Array;
	readonly result: Uint8Array;
}

export const collectionKinds = ['pool', 'log', 'cell', 'counter'] as const;
type CollectionKind = (typeof collectionKinds)[number];

/** Names of collections that changed, by what they are. */
export class Touched {
	pool: Set<string> | undefined;
	log: Set<string> | undefined;
	cell: Set<string> | undefined;
	counter: Set<string> | undefined;

	add(kind: CollectionKind, name: string): void {
		this[kind] ??= new Set();
		this[kind].add(name);
	}
}

/** Everything that the entries of one ledger add up to. Every part of it is free of the entries' order. */
export class LedgerFigures {
	readonly escrow: EscrowFigures;
	readonly cells = new Map<string, CellValue>();
	readonly counters = new Map<string, number>();
	readonly logs = new Map<string, LogFigures>();
	/** By key; more than one commit where two devices used a key before they saw each other's. */
	readonly keys = new Map<string, KeyedCommit[]>();
	/** Commits before this time (milliseconds since 1970) have lost their keys: the ledger's retention (ESC8). */
	keysSinceMs = 0;
	/** The newest time seen. */
	newestMs = 0;

	constructor(precedes: (at: Position, tip: Position) => boolean) {
		this.escrow = new EscrowFigures(precedes);
	}

	/** Adds to `touched` what changed. */
	apply(row: Row, touched: Touched | undefined): void {
		const { entry, epoch, index } = row;
		const { device } = epoch.name;
		if (entry.time.ms > this.newestMs) this.newestMs = entry.time.ms;
		if (entry.key && entry.time.ms >= this.keysSinceMs) this.#noteKey(entry, row);
		for (let leg = 0; leg < entry.legs.length; leg++) {
			const what = entry.legs[leg];
			if (what === undefined) continue;
			const place = { device, epoch: epoch.id, index, leg };
			switch (what.kind) {
				case 'append':
					this.#log(what.log).add({ device, epoch: epoch.id, index, leg, time: entry.time, value: what.value });
					touched?.add('log', what.log);
					break;
				case 'set':
					this.#set(what, entry.time, place);
					touched?.add('cell', what.cell);
					break;
				case 'add':
					this.counters.set(what.counter, add(this.counters.get(what.counter) ?? 0, what.amount));
					touched?.add('counter', what.counter);
					break;
				case 'fence':
					this.escrow.apply(what, place);
					this.#markLate(touched);
					break;
				default: {
					const pool = this.escrow.apply(what, place);
					if (pool !== undefined) touched?.add('pool', pool);
				}
			}
		}
	}

	/** Lets go of keys that are older than the retention that the home's checkpoint keeps. */
	forgetKeysBefore(ms: number): void {
		if (ms <= this.keysSinceMs) return;
		this.keysSinceMs = ms;
		for (const [key, commits] of this.keys) {
			const kept = commits.filter((commit) => commit.time.ms >= ms);
			if (kept.length === 0) this.keys.delete(key);
			else if (kept.length < commits.length) this.keys.set(key, kept);
		}
	}

	/** What was in the logs before may be late now (ESC7). */
	#markLate(touched: Touched | undefined): void {
		for (const [name, log] of this.logs) {
			log.version = nextVersion();
			touched?.add('log', name);
		}
	}

	#log(name: string): LogFigures {
		let log = this.logs.get(name);
		if (!log) {
			log = new LogFigures();
			this.logs.set(name, log);
		}
		return log;
	}

	/** Higher priority wins, then later time, then the greater device, then (two clones at one time) the greater epoch. */
	#set(leg: LegOf<'set'>, time: Time, { device, epoch }: LegPlace): void {
		const { priority, value } = leg;
		const now = this.cells.get(leg.cell);
		if (now) {
			const order = priority - now.priority || compareTime(time, now.time);
			if ((order || compareStrings(device, now.device) || epoch - now.epoch) < 0) return;
		}
		this.cells.set(leg.cell, { priority, time, device, epoch, value });
	}

	#noteKey(entry: Entry, { epoch, index }: Row): void {
		const key = entry.key;
		if (key === undefined) return;
		const commit = {
			time: entry.time,
			device: epoch.name.device,
			epoch: epoch.id,
			index,
			digest: key.digest,
			result: key.result,
		};
		const known = this.keys.get(key.key);
		if (known === undefined) {
			this.keys.set(key.key, [commit]);
			return;
		}
		known.push(commit);
		known.sort((a, b) => compareTime(a.time, b.time) || a.epoch - b.epoch || a.index - b.index);
		const id = `key ${key.key}`;
		const devices = [...new Set(known.map((k) => k.device))].sort();
		const amount = known.length - 1;
		this.escrow.exceptions.set(id, {
			id,
			kind: 'double-key',
			subject: key.key,
			amount,
			devices,
			operator: '',
			reason: '',
		});
	}
}

const time = record<Time>({ ms: number, counter: number });
const cells = mapOf(text, record<CellValue>({ priority: number, time, device: text, epoch: number, value: bytes }));
const sums = mapOf(text, signed);
const logs = mapOf(
	text,
	list(record<LogEntry>({ time, device: text, epoch: number, index: number, leg: number, value: bytes })),
);
const keys = mapOf(
	text,
	list(
		record<KeyedCommit>({
			time,
			device: text,
			epoch: number,
			index: number,
			digest: fixed(digestBytes),
			result: bytes,
		}),
	),
);

/** Since when a checkpoint's figures keep idempotency keys. */
export function keysSinceOf(figures: Uint8Array): number {
	return number.read(createDecoder(figures));
}

/**
 * Canonical: equal figures give equal bytes.
 *
 *   figures = keysSinceMs:varuint newestMs:varuint escrow cells counters logs keys [ends]     (docs/FORMAT.md)
 */
export function writeFigures(f: LedgerFigures): Uint8Array {
	return encoded((to) => {
		number.write(to, f.keysSinceMs);
		number.write(to, f.newestMs);
		writeEscrow(to, f.escrow);
		cells.write(to, f.cells);
		sums.write(to, f.counters);
		logs.write(to, new Map([...f.logs].map(([name, log]) => [name, log.entries])));
		keys.write(to, f.keys);
		if (f.escrow.ends.size > 0) sums.write(to, f.escrow.ends);
	});
}

/** Throws where the bytes are no figures. */
export function readFigures(figures: Uint8Array, into: LedgerFigures): void {
	const from = createDecoder(figures);
	into.keysSinceMs = number.read(from);
	into.newestMs = number.read(from);
	readEscrow(from, into.escrow);
	for (const [name, cell] of cells.read(from)) into.cells.set(name, cell);
	for (const [name, value] of sums.read(from)) into.counters.set(name, value);
	for (const [name, entries] of logs.read(from)) {
		const log = new LogFigures();
		for (const entry of entries) log.add(entry);
		into.logs.set(name, log);
	}
	for (const [key, commits] of keys.read(from)) into.keys.set(key, [...commits]);
	if (hasContent(from)) for (const [key, count] of sums.read(from)) into.escrow.ends.set(key, count);
}
