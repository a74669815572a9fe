import { BadArgument } from '../../base/errors.js';
import type { DeviceId, LedgerName } from '../../base/ids.js';
import { checkSchema, type Json } from '../../ledger/collections.js';
import type { Live } from '../../ledger/live.js';
import type { Stamped } from '../../ledger/written.js';
import { checkName } from '../shop/check.js';
import { ledgers } from '../shop/ledgers.js';
import type { Outcome } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { Verb } from '../shop/verbs.js';
import type { Head, MaybeKeyed, StaffId, Writing } from '../shop/writing.js';
import { checkModule } from './check-module.js';
import type { EntryDef, ModuleDef } from './define.js';
import { Stops } from './stops.js';

export interface ModuleWriteOptions extends MaybeKeyed {
	/** Where it is written; the store's desk by default. It must be kept here: see `keeps.ledgers`. */
	readonly ledger?: LedgerName;
	/** Writes more in the same commit: spends from a pool, sets a cell. May refuse. */
	readonly also?: (writing: Writing) => void;
}

export interface ModuleEntry<T> {
	readonly data: T;
	/** In which it was written. */
	readonly version: number;
	readonly atMs: number;
	readonly device: DeviceId;
	readonly by: StaffId | undefined;
	readonly note: string | undefined;
	/** See `Stamped`. */
	readonly late: boolean;
}

/** What lies in the log `<module>.<kind>/<id>`. Its verb, which is its kind in `changes()`, is `<module>.<kind>`. */
interface ModuleDocument extends Omit<Head, 'v' | 'verb'> {
	readonly v: number;
	readonly data: Json;
}

/** Documents of a vendor's own kinds, in the shop's ledgers or in his own. */
export class VendorModule<E extends Record<string, Json>> {
	readonly #shop: Shop;
	readonly #def: ModuleDef<E>;
	readonly #stops: Stops;

	/** Throws `BadArgument` that names what does not fit. */
	constructor(shop: Shop, def: ModuleDef<E>) {
		checkModule(def);
		this.#shop = shop;
		this.#def = def;
		this.#stops = Stops.of(shop);
		this.#stops.know(def.name, def.version);
	}

	/** Adds a document to those of one thing. Throws `BadArgument` where the schema says no. */
	async write<K extends keyof E & string>(
		kind: K,
		id: string,
		data: E[K],
		{ ledger = ledgers.desk(this.#shop.store), also, ...options }: ModuleWriteOptions = {},
	): Promise<Outcome<void>> {
		const { name, version } = this.#def;
		const { schema, pool } = this.#entry(kind);
		checkName('id', id);
		const checked: Json = checkSchema('data', schema, data);
		const logs = `${name}.${kind}`;
		return this.#shop.write('module.write', { logs, id, ledger, data: checked }, options, (writing) => {
			also?.(writing);
			const document = { ...writing.head, verb: logs, v: version, data: checked };
			writing.append(ledger, logs, id, document as unknown as Head & { readonly verb: Verb }); // a verb of the vendor's
			if (pool !== undefined) this.#stops.declare(writing, ledger, name, pool, version);
		});
	}

	/**
	 * Documents of one thing in order of time, older ones brought up to this version. Those of a newer version are left out, and
	 * those that do not fit the schema; see `leftOut`.
	 */
	entries<K extends keyof E & string>(kind: K, id: string, ledger?: LedgerName): readonly ModuleEntry<E[K]>[] {
		return this.#read(kind, this.#logs(kind, ledger).entries(id));
	}

	live<K extends keyof E & string>(kind: K, id: string, ledger?: LedgerName): Live<readonly ModuleEntry<E[K]>[]> {
		return this.#logs(kind, ledger)
			.at(id)
			.all()
			.map((documents) => this.#read(kind, documents));
	}

	/** How many documents of one thing this version cannot read. */
	leftOut(kind: keyof E & string, id: string, ledger?: LedgerName): number {
		const documents = this.#logs(kind, ledger).entries(id);
		return documents.length - this.#read(kind, documents).length;
	}

	/** Things with any document of this kind. */
	ids(kind: keyof E & string, ledger?: LedgerName): readonly string[] {
		return this.#logs(kind, ledger).keys();
	}

	#entry<K extends keyof E & string>(kind: K): EntryDef<E[K]> {
		if (!Object.hasOwn(this.#def.entries, kind)) throw new BadArgument('kind', `${this.#def.name} has no "${kind}".`);
		return this.#def.entries[kind];
	}

	#logs(kind: keyof E & string, ledger = ledgers.desk(this.#shop.store)) {
		this.#entry(kind);
		return this.#shop.ledger(ledger).logs<Json>(`${this.#def.name}.${kind}`);
	}

	#read<K extends keyof E & string>(kind: K, documents: readonly Stamped<Json>[]): ModuleEntry<E[K]>[] {
		const entries: ModuleEntry<E[K]>[] = [];
		for (const { value, atMs, device, late } of documents) {
			const { v, data, by, note } = value as unknown as ModuleDocument; // what `write` wrote, here or elsewhere
			const known = this.#upcast(kind, data, v);
			if (known) entries.push({ data: known.data, version: v, atMs, device, by, note, late });
		}
		return entries;
	}

	/** Undefined where it cannot be read: what others wrote must not keep a till from showing the rest. */
	#upcast<K extends keyof E & string>(kind: K, data: Json, from: number): { readonly data: E[K] } | undefined {
		const { version } = this.#def;
		const { schema, upcast } = this.#entry(kind);
		if (!(from <= version)) return undefined;
		try {
			return { data: checkSchema('data', schema, from < version && upcast ? upcast(data, from) : (data as E[K])) };
		} catch {
			return undefined;
		}
	}
}
