import { equalBytes } from '../base/bytes.js';
import type { LedgerName } from '../base/ids.js';
import { chunkBytes } from './flights.js';
import type { Frame } from './frames.js';
import type { Point } from './host.js';

type Piece = Extract<Frame, { kind: 'point' }>;
type Took = Extract<Frame, { kind: 'took' }>;

/** A checkpoint on its way to a peer, in pieces. */
export class Sending {
	readonly ledger: LedgerName;
	readonly point: Point;
	#sent = 0;
	#took = 0;
	/** Where pieces under way end, and when they were sent. */
	#pieces: { readonly end: number; readonly sentMs: number }[] = [];

	constructor(ledger: LedgerName, point: Point) {
		this.ledger = ledger;
		this.point = point;
	}

	/** Bytes sent that are not there yet, as far as it is known. */
	get underWay(): number {
		return Math.max(0, this.#sent - this.#took);
	}

	/** All of it is there. */
	get isThere(): boolean {
		return this.#took >= this.point.bytes.length;
	}

	/** Not all of it has been sent. */
	get hasMore(): boolean {
		return this.#sent < this.point.bytes.length;
	}

	/** Bytes that are there. */
	get took(): number {
		return this.#took;
	}

	/** What has been under way for longest; the transfer itself where the receiver has said nothing after the last piece. */
	get oldest(): object {
		return this.#pieces[0] ?? this;
	}

	/** Undefined after the last. */
	next(): Piece | undefined {
		const { id, bytes } = this.point;
		if (!this.hasMore) return undefined;
		const piece = bytes.subarray(this.#sent, this.#sent + chunkBytes);
		return { kind: 'point', ledger: this.ledger, id, bytes: bytes.length, from: this.#sent, piece };
	}

	noteSent(piece: Piece, nowMs: number): void {
		this.#sent = piece.from + piece.piece.length;
		this.#pieces.push({ end: this.#sent, sentMs: nowMs });
	}

	/** Less than before is the truth too: the receiver may have begun anew. Answers how long the last piece took that is there. */
	noteTook({ bytes }: Took, nowMs: number): number | undefined {
		this.#took = bytes;
		const there = this.#pieces.filter(({ end }) => end <= bytes).pop();
		this.#pieces = this.#pieces.filter(({ end }) => end > bytes);
		return there && Math.max(0, nowMs - there.sentMs);
	}

	/** A piece was lost: goes on after what is there. */
	rewind(): void {
		this.#sent = Math.min(this.#took, this.point.bytes.length);
		this.#pieces = [];
	}
}

/** A checkpoint on its way here. */
export class Receiving {
	readonly #id: Uint8Array;
	readonly #length: number;
	/** Grows with what comes: nothing is allocated by what a header claims. */
	#bytes = new Uint8Array();
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
		const end = from + piece.length;
		if (from !== this.#took || end > this.#length) return this.#took;
		if (end > this.#bytes.length) this.#grow(end);
		this.#bytes.set(piece, from);
		this.#took = end;
		return end;
	}

	#grow(least: number): void {
		const grown = new Uint8Array(Math.min(this.#length, Math.max(least, this.#bytes.length * 2)));
		grown.set(this.#bytes);
		this.#bytes = grown;
	}

	/** The whole of it, once it is here. */
	get whole(): Uint8Array | undefined {
		return this.#took < this.#length ? undefined : this.#bytes;
	}
}
