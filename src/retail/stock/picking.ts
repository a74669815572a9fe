import type { IsoDate } from '../shop/business-day.js';

/** A lot that this till may take from, or what came without one. */
export interface Shelf {
	readonly key: string;
	readonly expiresOn: IsoDate | undefined;
	readonly available: number;
}

export interface Picked {
	readonly key: string;
	readonly qty: number;
}

/** A lot may be sold through its last day. */
export function isExpired(expiresOn: IsoDate | undefined, today: IsoDate): boolean {
	return expiresOn !== undefined && expiresOn < today;
}

/** First expired, first out; what never expires comes last, what came without a lot at the very end. */
export function compareShelves(a: Pick<Shelf, 'key' | 'expiresOn'>, b: Pick<Shelf, 'key' | 'expiresOn'>): number {
	const last = (shelf: typeof a) =>
		shelf.expiresOn !== undefined ? shelf.expiresOn : shelf.key.includes('@') ? '~' : '~~';
	const [x, y] = [last(a), last(b)];
	if (x !== y) return x < y ? -1 : 1;
	return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** Takes `qty` from the shelves in order; `missing` is what they do not have. */
export function pick(shelves: readonly Shelf[], qty: number): { readonly picked: Picked[]; readonly missing: number } {
	const picked: Picked[] = [];
	let missing = qty;
	for (const { key, available } of shelves.length > 1 ? [...shelves].sort(compareShelves) : shelves) {
		if (missing === 0) break;
		const taken = Math.min(missing, Math.max(0, available));
		if (taken === 0) continue;
		picked.push({ key, qty: taken });
		missing -= taken;
	}
	return { picked, missing };
}
