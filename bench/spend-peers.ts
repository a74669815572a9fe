import * as Automerge from '@automerge/automerge';
import { LoroCounter, LoroDoc } from 'loro-crdt';
import { YKeyValue } from 'y-utility/y-keyvalue';
import * as Y from 'yjs';

/** The same work for everybody: for each sale, look whether the balance covers it, then take it off. */
export interface Sales {
	readonly skus: readonly string[];
	/** Index into `skus`, sale by sale. */
	readonly picks: Uint16Array;
	/** Units of every SKU to begin with. */
	readonly stock: number;
	/** Sales of one commit. */
	readonly each: number;
}

/** Sells everything and answers the microseconds that it took a sale. */
export type Seller = (sales: Sales) => number | Promise<number>;

/** Whoever sells other than was asked is not measured. */
export function checkSold(left: number, { skus, stock, picks }: Sales): void {
	const expected = skus.length * stock - picks.length;
	if (left !== expected) throw new Error(`sold otherwise: ${left} units are left, expected ${expected}`);
}

/** Nothing that lasts, nothing that merges: no library can be faster. */
export const sellMap: Seller = (sales) => {
	const { skus, picks, stock } = sales;
	const left = new Map(skus.map((sku) => [sku, stock]));
	const start = performance.now();
	for (const pick of picks) {
		const sku = skus[pick] as string; // a pick is one of them
		const now = left.get(sku) ?? 0;
		if (now >= 1) left.set(sku, now - 1);
	}
	const us = ((performance.now() - start) * 1000) / picks.length;
	checkSold(
		[...left.values()].reduce((sum, units) => sum + units, 0),
		sales,
	);
	return us;
};

/** What a Y.Map and a YKeyValue have in common. */
interface Counts {
	get(key: string): number | undefined;
	set(key: string, value: number): unknown;
}

/** A key for each SKU and device with what that device took; the balance is what came in less that. */
const sellYjs =
	(open: (doc: Y.Doc, name: string) => Counts, bytes: boolean): Seller =>
	(sales) => {
		const { skus, picks, stock, each } = sales;
		const doc = new Y.Doc();
		const [spent, received] = [open(doc, 'spent'), open(doc, 'received')];
		doc.transact(() => {
			for (const sku of skus) received.set(sku, stock);
		});
		const kept: Uint8Array[] = [];
		if (bytes) doc.on('update', (update: Uint8Array) => kept.push(update));
		const keys = skus.map((sku) => `${sku}:till-1`);
		const start = performance.now();
		for (let at = 0; at < picks.length; at += each)
			doc.transact(() => {
				for (let i = at; i < at + each; i++) {
					const pick = picks[i] as number; // i < length: `each` divides it
					const key = keys[pick] as string;
					const taken = spent.get(key) ?? 0;
					if ((received.get(skus[pick] as string) ?? 0) - taken >= 1) spent.set(key, taken + 1);
				}
			});
		const us = ((performance.now() - start) * 1000) / picks.length;
		let left = 0;
		for (const [i, sku] of skus.entries()) left += (received.get(sku) ?? 0) - (spent.get(keys[i] as string) ?? 0);
		checkSold(left, sales);
		return us;
	};

export const sellYMap = (bytes: boolean): Seller => sellYjs((doc, name) => doc.getMap<number>(name), bytes);

/** As its author advises for keys that change in turns. */
export const sellYKeyValue = (bytes: boolean): Seller =>
	sellYjs((doc, name) => new YKeyValue<number>(doc.getArray(name)), bytes);

export const sellAutomerge =
	(bytes: boolean): Seller =>
	(sales) => {
		const { skus, picks, stock, each } = sales;
		let doc = Automerge.from({ stock: Object.fromEntries(skus.map((sku) => [sku, new Automerge.Counter(stock)])) });
		const kept: (Uint8Array | undefined)[] = [];
		const start = performance.now();
		for (let at = 0; at < picks.length; at += each) {
			doc = Automerge.change(doc, (draft) => {
				for (let i = at; i < at + each; i++) {
					const counter = draft.stock[skus[picks[i] as number] as string] as Automerge.Counter;
					if (counter.value >= 1) counter.decrement(1);
				}
			});
			if (bytes) kept.push(Automerge.getLastLocalChange(doc));
		}
		const us = ((performance.now() - start) * 1000) / picks.length;
		checkSold(
			Object.values(doc.stock).reduce((sum, counter) => sum + counter.value, 0),
			sales,
		);
		return us;
	};

export const sellLoro =
	(bytes: boolean): Seller =>
	(sales) => {
		const { skus, picks, stock, each } = sales;
		const doc = new LoroDoc();
		const map = doc.getMap('stock');
		const counters = skus.map((sku) => map.setContainer(sku, new LoroCounter()));
		for (const counter of counters) counter.increment(stock);
		doc.commit();
		const kept: Uint8Array[] = [];
		if (bytes) doc.subscribeLocalUpdates((update) => kept.push(update));
		const start = performance.now();
		for (let at = 0; at < picks.length; at += each) {
			for (let i = at; i < at + each; i++) {
				const counter = counters[picks[i] as number] as LoroCounter;
				if (counter.value >= 1) counter.decrement(1);
			}
			doc.commit();
		}
		const us = ((performance.now() - start) * 1000) / picks.length;
		checkSold(
			counters.reduce((sum, counter) => sum + counter.value, 0),
			sales,
		);
		doc.free();
		return us;
	};
