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

/** Beyond it moving keys one by one costs more than a sort. */
const keysByHandMax = 32;
/** Nothing to escape in it: JSON.stringify takes longer to begin than to find that out. */
const isPlain = /^[ !#-[\]-~]*$/;
const quoted = (text: string): string => (isPlain.test(text) ? `"${text}"` : JSON.stringify(text));

/** Keys as they stand in the text behind other fields: documents have the same ones over and over. */
const labels = new Map<string, string>();
const labelsMax = 1_000;

/** JSON with keys in one order: equal content, equal text. Throws `BadArgument` for what JSON cannot carry whole. */
export function canonicalJson(path: string, value: unknown): string {
	const writer = new CanonicalWriter(path);
	writer.write(value);
	return writer.text;
}

/** A sale writes a dozen documents: what is made on the way to their text is what a till collects later. */
class CanonicalWriter {
	text = '';
	readonly #path: string;
	/** The way to the value: it becomes part of the path only where something is wrong. */
	readonly #at: (string | number)[] = [];

	constructor(path: string) {
		this.#path = path;
	}

	write(value: unknown): void {
		if (typeof value === 'string') this.text += quoted(value);
		else if (value === null || typeof value === 'boolean' || Number.isFinite(value)) this.text += String(value);
		else if (Array.isArray(value)) this.#writeList(value);
		else this.#writeObject(value);
	}

	#writeList(list: readonly unknown[]): void {
		this.text += '[';
		for (let i = 0; i < list.length; i++) {
			if (i > 0) this.text += ',';
			this.#at.push(i);
			this.write(list[i]);
			this.#at.pop();
		}
		this.text += ']';
	}

	#writeObject(value: unknown): void {
		const prototype: unknown = typeof value === 'object' && Object.getPrototypeOf(value);
		if (prototype !== Object.prototype && prototype !== null) {
			const steps = this.#at.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
			throw new BadArgument(this.#path + steps.join(''), `${typeof value} has no JSON form.`);
		}
		const fields = value as Readonly<Record<string, unknown>>; // a plain object
		let isFirst = true;
		for (const key of sortInPlace(Object.keys(fields))) {
			const field = fields[key];
			if (field === undefined) continue;
			const label = labelOf(key);
			this.text += isFirst ? `{${label.slice(1)}` : label;
			isFirst = false;
			this.#at.push(key);
			this.write(field);
			this.#at.pop();
		}
		this.text += isFirst ? '{}' : '}';
	}
}

function labelOf(key: string): string {
	const known = labels.get(key);
	if (known !== undefined) return known;
	if (labels.size >= labelsMax) labels.clear();
	const label = `,${quoted(key)}:`;
	labels.set(key, label);
	return label;
}

/** By UTF-16 code unit. The few keys of a document are in order, mostly; `sort` makes copies of them first. */
function sortInPlace(keys: string[]): string[] {
	if (keys.length > keysByHandMax) return keys.sort();
	for (let i = 1; i < keys.length; i++) {
		const key = keys[i] as string; // i < length
		let at = i;
		for (; at > 0 && (keys[at - 1] as string) > key; at--) keys[at] = keys[at - 1] as string; // at > 0
		keys[at] = key;
	}
	return keys;
}
