/**
 * Yjs updates as a structure that can say what no honest writer says: headers that lie, structs of every kind, origins
 * into foreign journals, numbers in too many bytes.
 */

import { utf8 } from '../../src/base/bytes.js';
import { rootName } from '../../src/journal/epoch.js';
import type { Run } from '../../src/journal/update.js';

export type Id = readonly [client: number | bigint, clock: number | bigint];

export interface ItemModel {
	/** Says which fields are written. */
	info: number;
	/** The info byte as written, when it lies about the fields. */
	infoByte?: number | undefined;
	origin?: Id | undefined;
	rightOrigin?: Id | undefined;
	/** A root's name, or the item that holds a nested type. Written where Yjs expects it, or wherever `info` says. */
	parent?: Uint8Array | Id | undefined;
	/** What stands for "the parent is a root" when it is neither 1 nor 0. */
	parentInfo?: number | undefined;
	parentKey?: string | undefined;
	/** Length of the binary content as claimed, when it is not the true one; for a skip or GC struct, its range. */
	length?: number | bigint | undefined;
	content: Uint8Array;
	/** Written in place of length and content: content of another kind. */
	raw?: Uint8Array | undefined;
}

export interface GroupModel {
	/** Items as claimed, when not the true number. */
	count?: number | bigint | undefined;
	client: number | bigint;
	clock: number | bigint;
	items: ItemModel[];
}

export interface UpdateModel {
	/** Groups as claimed, when not the true number. */
	count?: number | bigint | undefined;
	groups: GroupModel[];
	deletes: { client: number | bigint; ranges: [number | bigint, number | bigint][] }[];
	/** Which varint, in order of writing, gets one byte more than it needs. */
	widen?: number | undefined;
}

export function honestModel(runs: readonly Run[]): UpdateModel {
	const sorted = [...runs].filter((run) => run.entries.length > 0).sort((a, b) => b.epoch - a.epoch);
	const groups = sorted.map((run): GroupModel => {
		const items = run.entries.map((content, i): ItemModel => {
			const clock = run.from + i;
			if (clock > 0) return { info: 0x83, origin: [run.epoch, clock - 1], content };
			return { info: 0x03, parent: utf8(run.name === undefined ? '' : rootName(run.name)), content };
		});
		return { client: run.epoch, clock: run.from, items };
	});
	return { groups, deletes: [] };
}

export function writeUpdate(model: UpdateModel): Uint8Array {
	const bytes: number[] = [];
	let varints = 0;
	const number = (value: number | bigint): void => {
		let rest = BigInt(value);
		while (rest > 127n) {
			bytes.push(Number(rest & 127n) | 128);
			rest >>= 7n;
		}
		if (varints++ === model.widen) bytes.push(Number(rest) | 128, 0);
		else bytes.push(Number(rest));
	};
	const blob = (value: Uint8Array, length: number | bigint = value.length): void => {
		number(length);
		for (const byte of value) bytes.push(byte);
	};
	const id = ([client, clock]: Id): void => {
		number(client);
		number(clock);
	};
	number(model.count ?? model.groups.length);
	for (const group of model.groups) {
		number(group.count ?? group.items.length);
		number(group.client);
		number(group.clock);
		for (const item of group.items) {
			bytes.push(item.infoByte ?? item.info);
			if (item.info === 10 || (item.info & 31) === 0) {
				number(item.length ?? 1);
				continue;
			}
			if ((item.info & 0x80) !== 0) id(item.origin ?? [group.client, 0]);
			if ((item.info & 0x40) !== 0) id(item.rightOrigin ?? [group.client, 0]);
			if ((item.info & 0xc0) === 0) {
				if (item.parent instanceof Uint8Array || item.parent === undefined) {
					number(item.parentInfo ?? 1);
					blob(item.parent ?? new Uint8Array());
				} else {
					number(0);
					id(item.parent);
				}
				if ((item.info & 0x20) !== 0) blob(utf8(item.parentKey ?? ''));
			}
			if (item.raw === undefined) blob(item.content, item.length);
			else for (const byte of item.raw) bytes.push(byte);
		}
	}
	number(model.deletes.length);
	for (const { client, ranges } of model.deletes) {
		number(client);
		number(ranges.length);
		for (const range of ranges) id(range);
	}
	return Uint8Array.from(bytes);
}

/** One seed, one sequence (mulberry32). */
export class Dice {
	#state: number;
	constructor(seed: number) {
		this.#state = seed >>> 0;
	}
	/** From 0 up to, not including, `end`. */
	below(end: number): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) % end;
	}
	chance(percent: number): boolean {
		return this.below(100) < percent;
	}
	pick<T>(from: readonly T[]): T {
		return from[this.below(from.length)] as T; // callers never pass an empty list
	}
	bytes(length: number): Uint8Array {
		return Uint8Array.from({ length }, () => this.below(256));
	}
}
