import { BadArgument } from '../../base/errors.js';
import { checkAmount } from '../../base/limits.js';
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

const nameForm = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const kindForm = /^[a-z0-9_-]+$/;

/** Declares kinds of documents of a vendor's own, for `till.module`. Throws `BadArgument` that names what does not fit. */
export function defineModule<E extends Record<string, Json>>(def: ModuleDef<E>): ModuleDef<E> {
	if (!nameForm.test(def.name)) throw new BadArgument('name', `expected a name such as vendor.thing, got ${def.name}.`);
	checkAmount('version', def.version);
	for (const kind of Object.keys(def.entries)) {
		const entry = def.entries[kind as keyof E];
		const path = `entries.${kind}`;
		if (!kindForm.test(kind)) throw new BadArgument(path, 'expected a name of small letters, digits, - and _.');
		if (typeof entry.schema?.['~standard']?.validate !== 'function')
			throw new BadArgument(`${path}.schema`, 'expected a standard schema.');
		if (entry.ifUnknown !== 'ignore' && entry.ifUnknown !== 'stop-this-pool')
			throw new BadArgument(`${path}.ifUnknown`, 'expected ignore or stop-this-pool.');
		if ((entry.ifUnknown === 'stop-this-pool') !== (typeof entry.pool === 'string'))
			throw new BadArgument(`${path}.pool`, 'goes with stop-this-pool, and with nothing else.');
	}
	return def;
}
