const wordBits = 32;
const words = 128;
/** How far a frame may come behind the newest one: a line may reorder what it carries. */
export const windowFrames = (words - 1) * wordBits;

/** Which numbers have been seen, each once, in memory that does not grow (RFC 6479). */
export class ReplayWindow {
	readonly #seen = new Uint32Array(words);
	#newest = -1;

	/** Not seen yet, and not so old that nobody knows any more. */
	admits(counter: number): boolean {
		if (counter > this.#newest) return true;
		if (this.#newest - counter >= windowFrames) return false;
		return ((this.#seen[this.#word(counter)] as number) & bitOf(counter)) === 0; // `words` of them
	}

	mark(counter: number): void {
		const from = this.#newest < 0 ? -1 : Math.floor(this.#newest / wordBits);
		const to = Math.floor(counter / wordBits);
		// What lay a whole round before is forgotten.
		for (let word = Math.max(from + 1, to - words + 1); word <= to; word++) this.#seen[word % words] = 0;
		const at = this.#word(counter);
		this.#seen[at] = (this.#seen[at] as number) | bitOf(counter); // `words` of them
		this.#newest = Math.max(this.#newest, counter);
	}

	#word(counter: number): number {
		return Math.floor(counter / wordBits) % words;
	}
}

const bitOf = (counter: number): number => 1 << (counter % wordBits);
