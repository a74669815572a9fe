/**
 * Puts a screened update into a document piece by piece, as Yjs does it, and counts what that costs. Where a piece goes
 * among those written at the same time, Yjs looks at all of them: 120 KB that are made for it keep a process busy for half a
 * minute. Here the looking is counted first, and an update that needs more than its share is not applied.
 */
import * as Y from 'yjs';
import type { Screened } from './screen.js';

/** The update is made to keep us busy. Some of it is in: the document must be forgotten. */
export class Costly extends Error {}

/** Says `from` in Yjs' events. */
const origin = 'free';

type Piece = Y.Item | Y.GC;

export interface Integrated {
	/** Parts were left out because they name what is not here. */
	readonly lacking: boolean;
	readonly steps: number;
}

/** Throws `Costly`, and whatever Yjs throws; the document is half changed then. */
export function integrate(doc: Y.Doc, update: Uint8Array, { deletesAt }: Screened, stepsMax: number): Integrated {
	const { structs } = Y.decodeUpdate(update);
	let lacking = false;
	let steps = 0;
	Y.transact(
		doc,
		(transaction) => {
			transaction.local = false;
			const integration = new Integration(doc, transaction, stepsMax);
			lacking = integration.run(structs);
			steps = integration.steps;
			const deletes = new Uint8Array(1 + update.length - deletesAt);
			deletes.set(update.subarray(deletesAt), 1);
			// An update of no pieces and these deletions.
			Y.applyUpdate(doc, deletes, origin);
		},
		origin,
		false,
	);
	const { store } = doc;
	// Yjs would keep what names unknown pieces, for ever if they never come, and hand it to everybody.
	if (store.pendingStructs !== null || store.pendingDs !== null) lacking = true;
	store.pendingStructs = null;
	store.pendingDs = null;
	return { lacking, steps };
}

class Integration {
	readonly #doc: Y.Doc;
	readonly #transaction: Y.Transaction;
	readonly #stepsMax: number;
	steps = 0;
	readonly #queues = new Map<number, { readonly pieces: Piece[]; next: number }>();

	constructor(doc: Y.Doc, transaction: Y.Transaction, stepsMax: number) {
		this.#doc = doc;
		this.#transaction = transaction;
		this.#stepsMax = stepsMax;
	}

	run(structs: readonly (Piece | Y.Skip)[]): boolean {
		for (const struct of structs) {
			if (struct instanceof Y.Skip) continue;
			const queue = this.#queues.get(struct.id.client);
			if (queue) queue.pieces.push(struct);
			else this.#queues.set(struct.id.client, { pieces: [struct], next: 0 });
		}
		let lacking = false;
		for (const client of this.#queues.keys()) while (this.#pull(client)) {}
		for (const { pieces, next } of this.#queues.values()) lacking ||= next < pieces.length;
		return lacking;
	}

	/** Puts in the next piece of `first`, after what it names. False where it has none left, or none that can go in. */
	#pull(first: number): boolean {
		const stack = [first];
		const onStack = new Set(stack);
		for (let client = stack.at(-1); client !== undefined; client = stack.at(-1)) {
			const needs = this.#put(client);
			if (needs === 'in') {
				stack.pop();
				onStack.delete(client);
			} else if (needs === 'stuck' || onStack.has(needs) || !this.#queues.has(needs)) return this.#block(stack);
			else {
				stack.push(needs);
				onStack.add(needs);
			}
		}
		return true;
	}

	/** Those who wait for each other, or for somebody who is not here, end here. */
	#block(stack: readonly number[]): false {
		for (const client of stack) {
			const queue = this.#queues.get(client);
			if (queue && queue.next < queue.pieces.length) this.#blocked.add(client);
		}
		return false;
	}

	readonly #blocked = new Set<number>();

	#put(client: number): 'in' | 'stuck' | number {
		const queue = this.#queues.get(client);
		const piece = queue?.pieces[queue.next];
		if (!queue || !piece || this.#blocked.has(client)) return 'stuck';
		const offset = Y.getState(this.#doc.store, client) - piece.id.clock;
		if (offset < 0) return 'stuck';
		if (offset < piece.length) {
			if (piece instanceof Y.Item && typeof piece.parent === 'string') piece.parent = this.#doc.get(piece.parent);
			const missing = piece.getMissing(this.#transaction, this.#doc.store);
			if (missing !== null) return missing;
			if (piece instanceof Y.Item) this.#spend(piece, offset);
			piece.integrate(this.#transaction, offset);
		}
		queue.next++;
		return 'in';
	}

	/** Walks as Yjs will, and changes nothing. */
	#spend(item: Y.Item, offset: number): void {
		const { store } = this.#doc;
		const { parent, parentSub, right } = item;
		if (!(parent instanceof Y.AbstractType)) return;
		const left = offset > 0 ? Y.getItem(store, Y.createID(item.id.client, item.id.clock + offset - 1)) : item.left;
		if (left === null ? right !== null && right.left === null : left.right === right) return;
		let other: Y.Item | null;
		if (left !== null) other = left.right;
		else if (parentSub === null) other = parent._start;
		else other = this.#leftmost(parent._map.get(parentSub) ?? null);
		const before = new Set<Y.Item>();
		while (other !== null && other !== right) {
			this.#step();
			before.add(other);
			if (Y.compareIDs(item.origin, other.origin)) {
				if (other.id.client >= item.id.client && Y.compareIDs(item.rightOrigin, other.rightOrigin)) return;
			} else if (other.origin === null || !before.has(Y.getItem(store, other.origin))) return;
			other = other.right;
		}
	}

	#leftmost(item: Y.Item | null): Y.Item | null {
		let found = item;
		while (found?.left) {
			this.#step();
			found = found.left;
		}
		return found;
	}

	#step(): void {
		if (++this.steps > this.#stepsMax) throw new Costly('the update is made to keep us busy');
	}
}
