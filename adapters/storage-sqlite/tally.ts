/**
 * How many records a table holds and the sum of their keys' hashes: one row that changes in the transaction of the records.
 * A damaged b-tree that SQLite still finds well formed, with a key changed or a leaf gone, no longer agrees with it.
 * Stored as text under the empty key, which no record has: `<format> <count> <sum>`.
 */
export class Tally {
	#count = 0;
	#sum = 0;

	get count(): number {
		return this.#count;
	}

	add(key: string): void {
		this.#count++;
		this.#sum = (this.#sum + hashOf(key)) >>> 0;
	}

	remove(key: string): void {
		this.#count--;
		this.#sum = (this.#sum - hashOf(key)) >>> 0;
	}

	equals(other: Tally): boolean {
		return this.#count === other.#count && this.#sum === other.#sum;
	}

	copy(): Tally {
		const copy = new Tally();
		copy.#count = this.#count;
		copy.#sum = this.#sum;
		return copy;
	}

	toString(): string {
		return `${format} ${this.#count} ${this.#sum}`;
	}
}

/** Of the table and this row; a higher number than ours was written by a newer version. */
export const format = 1;

export function formatOf(text: unknown): number | undefined {
	const match = typeof text === 'string' ? /^(\d{1,9}) \d+ \d+$/.exec(text) : null;
	return match === null ? undefined : Number(match[1]);
}

/** FNV-1a, 32 bits: against accidents, not against intent. */
function hashOf(key: string): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
	return hash >>> 0;
}
