import type { Json, Schema } from '../../ledger/collections.js';

/** One kind of a vendor's documents. */
export interface EntryDef<T extends Json> {
	/** Zod, valibot, arktype or your own: checked when a document is written, and again when it is read. */
	readonly schema: Schema<T>;
	/**
	 * What a device does with documents of a version that it does not know, or of a module that it does not have: `ignore` leaves
	 * them out. `stop-this-pool` refuses besides, with `upgrade_required`, to spend from `pool`: for documents that change what
	 * may be spent.
	 */
	readonly ifUnknown: 'ignore' | 'stop-this-pool';
	/** Collection of pools, in the ledger that the document is written to. Demanded by `stop-this-pool`. */
	readonly pool?: string;
	/** Makes a document of an older version one of this version. Without it those are left out that do not fit the schema. */
	readonly upcast?: (old: Json, from: number) => T;
}

export interface ModuleDef<E extends Record<string, Json>> {
	/** `vendor.thing`. */
	readonly name: `${string}.${string}`;
	/** Of its documents, from 1: raise it with every change of a schema. */
	readonly version: number;
	readonly entries: { readonly [K in keyof E]: EntryDef<E[K]> };
}

/** Declares kinds of documents of a vendor's own, with their types, for `till.module`, which checks it. */
export const defineModule = <E extends Record<string, Json>>(def: ModuleDef<E>): ModuleDef<E> => def;
