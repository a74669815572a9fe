import type { LedgerName } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import { createLive, type Live } from '../../ledger/live.js';
import { longLog, type Stamped } from '../../ledger/written.js';
import type { Timers } from '../../ports/index.js';
import type { Host } from './host.js';
import type { LedgerKind } from './ledgers.js';

export interface IndexParts<E, S> {
	readonly host: Host;
	readonly timers: Timers;
	readonly ledgers: LedgerKind;
	/** Name of the family of logs, one log a thing. */
	readonly logs: string;
	/** What the entries of one thing come to: a pure function of them, in the order of the log. */
	fold(id: string, entries: readonly Stamped<E>[], ledger: LedgerName): S | undefined;
	/**
	 * What `fold` gives for the entries of `before` and these after them, where that can be told without them: for logs that
	 * grow as long as the shop is there.
	 */
	extend?(before: S, entries: readonly Stamped<E>[]): S;
}

/** So many entries were folded, and which was the last: a log only grows, in one order. */
interface Folded {
	readonly count: number;
	readonly last: unknown;
}

export interface Change<S> {
	readonly ledger: LedgerName;
	readonly id: string;
	readonly before: S | undefined;
	readonly after: S | undefined;
}

/**
 * Things that are told by a log each: orders, transfers, tasks. Whatever comes late or in another order, only the thing
 * that it belongs to is folded again. States are values: the same one as long as nothing changed.
 */
export class Index<E, S> {
	readonly #parts: IndexParts<E, S>;
	readonly #states = new Map<LedgerName, Map<string, S>>();
	/** Of long logs, where the index can extend. */
	readonly #folded = new Map<LedgerName, Map<string, Folded>>();
	readonly #listeners = new Set<(changes: readonly Change<S>[]) => void>();
	readonly #watchers = new Set<() => void>();
	#version = {};

	constructor(parts: IndexParts<E, S>) {
		this.#parts = parts;
		const { host, ledgers, logs } = parts;
		for (const ledger of host.ledgers()) if (ledger.startsWith(`${ledgers}/`)) this.#refold(ledger, this.#all(ledger));
		host.watch({ ledgers, of: 'log', name: logs }, (ledger, keys) =>
			this.#tell(this.#refold(ledger, keys ?? this.#all(ledger))),
		);
	}

	/** A thing by its id, wherever it is; in a ledger, where one is named. */
	get(id: string, ledger?: LedgerName): S | undefined {
		if (ledger !== undefined) return this.#states.get(ledger)?.get(id);
		for (const states of this.#states.values()) {
			const state = states.get(id);
			if (state !== undefined) return state;
		}
		return undefined;
	}

	ledgerOf(id: string): LedgerName | undefined {
		for (const [ledger, states] of this.#states) if (states.has(id)) return ledger;
		return undefined;
	}

	*values(ledger?: LedgerName): Generator<S> {
		if (ledger !== undefined) yield* this.#states.get(ledger)?.values() ?? [];
		else for (const states of this.#states.values()) yield* states.values();
	}

	/** Told once a batch, after the index shows it. */
	onChange(listener: (changes: readonly Change<S>[]) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	live(id: string): Live<S | undefined> {
		return this.read(() => this.get(id));
	}

	/** A live value that is made of this index. Where it must stay the same object, `read` sees to it. */
	read<T>(read: () => T): Live<T> {
		return createLive({
			version: () => this.#version,
			read,
			timers: this.#parts.timers,
			listen: (changed) => {
				const watcher = () => changed();
				this.#watchers.add(watcher);
				return () => this.#watchers.delete(watcher);
			},
		});
	}

	#all(ledger: LedgerName): Iterable<string> {
		const known = this.#states.get(ledger)?.keys() ?? [];
		return new Set([...this.#parts.host.ledger(ledger).logs(this.#parts.logs).keys(), ...known]);
	}

	#refold(ledger: LedgerName, ids: Iterable<string>): Change<S>[] {
		const states = this.#states.get(ledger) ?? new Map<string, S>();
		this.#states.set(ledger, states);
		const changes: Change<S>[] = [];
		for (const id of ids) {
			const before = states.get(id);
			const after = this.#fold(id, ledger, before);
			if (after === undefined) states.delete(id);
			else states.set(id, after);
			changes.push({ ledger, id, before, after });
		}
		return changes;
	}

	#fold(id: string, ledger: LedgerName, before: S | undefined): S | undefined {
		const { host, logs, fold, extend } = this.#parts;
		const log = host.ledger(ledger).logs<Json>(logs);
		const from = (at?: number) => log.entries(id, at) as unknown as readonly Stamped<E>[];
		if (!extend) return fold(id, from(), ledger);
		const known = this.#folded.get(ledger) ?? new Map<string, Folded>();
		this.#folded.set(ledger, known);
		const { count = 0, last } = known.get(id) ?? {};
		const [same, ...more] = before === undefined || count === 0 ? [] : from(count - 1);
		const isLonger = before !== undefined && same !== undefined && same === last;
		const entries = isLonger ? more : from();
		const total = isLonger ? count + more.length : entries.length;
		// Of a short log the next read gives other objects: it is folded anew.
		if (total >= longLog) known.set(id, { count: total, last: entries.at(-1) ?? last });
		return isLonger ? extend(before, more) : fold(id, entries, ledger);
	}

	#tell(changes: readonly Change<S>[]): void {
		if (changes.length === 0) return;
		this.#version = {};
		for (const listener of [...this.#listeners]) listener(changes);
		for (const watcher of [...this.#watchers]) watcher();
	}
}
