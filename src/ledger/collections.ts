import { BadArgument } from '../base/errors.js';
import type { LedgerName, PoolId } from '../base/ids.js';
import { checkName } from '../base/limits.js';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The part of Standard Schema (zod, valibot, arktype ...) that is used here; only synchronous schemas. */
export interface Schema<T> {
	readonly '~standard': {
		validate(
			value: unknown,
		): { readonly value: T } | { readonly issues: readonly { readonly message: string }[] } | Promise<unknown>;
	};
}

/** What a collection handle belongs to: handles of one replica mean nothing to another. */
export interface Place {
	readonly owner: object;
	readonly ledger: LedgerName;
	readonly name: string;
}

/** Pool ids made lately, by collection and key: one text each, hashed once, for all the maps it meets. */
const ids = new Map<string, Map<string, PoolId>>();
/** Keys kept of one collection; beyond it they are made again. */
const idsMax = 10_000;

const places = new WeakMap<object, Place>();

/** Marks `handle` as the collection `name` of a ledger of `owner`. */
export function placeCollection<H extends object>(handle: H, place: Place): H {
	places.set(handle, place);
	return handle;
}

/** Throws `unknown_collection` where the handle is none of this replica's. */
export function placeOf(handle: object, owner: object): Place {
	const place = typeof handle === 'object' && handle !== null ? places.get(handle) : undefined;
	if (place?.owner !== owner)
		throw new BadArgument('collection', 'not a collection of this replica.', 'unknown_collection');
	return place;
}

export function checkCollectionName(name: string): void {
	checkName('collection', name);
	if (name.includes('/')) throw new BadArgument('collection', `"${name}" has a slash.`);
}

export function poolId(collection: string, key: string): PoolId {
	let known = ids.get(collection);
	if (!known) {
		known = new Map();
		ids.set(collection, known);
	}
	const id = known.get(key);
	if (id !== undefined) return id;
	checkName('key', key);
	if (known.size >= idsMax) known.clear();
	const made = `${collection}/${key}`;
	known.set(key, made);
	return made;
}

/** Throws `BadArgument` where the schema says no. */
export function checkSchema<T>(path: string, schema: Schema<T> | undefined, value: T): T {
	if (!schema) return value;
	const result = schema['~standard'].validate(value);
	if (result instanceof Promise) throw new BadArgument(path, 'the schema is asynchronous.');
	if ('issues' in result) throw new BadArgument(path, result.issues.map((issue) => issue.message).join(' '));
	return result.value;
}

/** Nothing to escape in it: JSON.stringify takes longer to begin than to find that out. */
const isPlain = /^[ !#-[\]-~]*$/;
const quoted = (text: string): string => (isPlain.test(text) ? `"${text}"` : JSON.stringify(text));

/**
 * JSON with keys in one order: equal content, equal text. Throws `BadArgument` for what JSON cannot carry whole. `at` is the
 * way to the value: it becomes part of the path only where something is wrong.
 */
export function canonicalJson(path: string, value: unknown, at: (string | number)[] = []): string {
	if (typeof value === 'string') return quoted(value);
	if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return String(value);
	const prototype: unknown = typeof value === 'object' && Object.getPrototypeOf(value);
	const isList = Array.isArray(value);
	if (!isList && prototype !== Object.prototype && prototype !== null) {
		const steps = at.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
		throw new BadArgument(path + steps.join(''), `${typeof value} has no JSON form.`);
	}
	let text = '';
	for (const key of isList ? value.keys() : Object.keys(value as object).sort()) {
		const field = (value as Readonly<Record<string | number, unknown>>)[key];
		if (field === undefined && !isList) continue;
		at.push(key);
		text += (text && ',') + (isList ? '' : `${quoted(key as string)}:`) + canonicalJson(path, field, at);
		at.pop();
	}
	return isList ? `[${text}]` : `{${text}}`;
}
