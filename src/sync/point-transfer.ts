import { equalBytes } from '../base/bytes.js';
import type { LedgerName } from '../base/ids.js';
import { chunkBytes } from './flights.js';
import type { Frame } from './frames.js';
import type { Point } from './host.js';

type Piece = Extract<Frame, { kind: 'point' }>;
type Took = Extract<Frame, { kind: 'took' }>;

/** Pieces that may be under way at once. */
const ahead = 4;

/** A checkpoint on its way to a peer, in pieces. */
export class Sending {
	readonly ledger: LedgerName;
	readonly point: Point;
	#sent = 0;
	#took = 0;

	constructor(ledger: LedgerName, point: Point) {
		this.ledger = ledger;
		this.point = point;
	}

	/** The next piece; undefined while enough is under way. */
	next(): Piece | undefined {
		const { id, bytes } = this.point;
		if (this.#sent >= Math.min(bytes.length, this.#took + ahead * chunkBytes)) return undefined;
		const piece = bytes.subarray(this.#sent, this.#sent + chunkBytes);
		return { kind: 'point', ledger: this.ledger, id, bytes: bytes.length, from: this.#sent, piece };
	}

	noteSent(piece: Piece): void {
		this.#sent = piece.from + piece.piece.length;
	}

	/** True where it is there as a whole. */
	noteTook({ bytes }: Took): boolean {
		this.#took = Math.max(this.#took, bytes);
		return this.#took >= this.point.bytes.length;
	}

	/** A piece was lost: goes on after what is there. */
	rewind(): void {
		this.#sent = this.#took;
	}
}

/** A checkpoint on its way here. */
export class Receiving {
	readonly #id: Uint8Array;
	readonly #length: number;
	/** Kept as they come: nothing is allocated by what a header claims. */
	readonly #pieces: Uint8Array[] = [];
	#took = 0;

	constructor({ id, bytes }: Piece) {
		this.#id = id;
		this.#length = bytes;
	}

	isOf({ id, bytes }: Piece): boolean {
		return bytes === this.#length && equalBytes(id, this.#id);
	}

	/** How much of it is here. Pieces that do not go on where we end are let go: the sender goes back. */
	take({ from, piece }: Piece): number {
		if (from === this.#took && from + piece.length <= this.#length) {
			this.#pieces.push(piece);
			this.#took += piece.length;
		}
		return this.#took;
	}

	/** The whole of it, once it is here. */
	get whole(): Uint8Array | undefined {
		if (this.#took < this.#length) return undefined;
		const whole = new Uint8Array(this.#length);
		let at = 0;
		for (const piece of this.#pieces) {
			whole.set(piece, at);
			at += piece.length;
		}
		return whole;
	}
}
