/**
 * Reads a V1 update before Yjs does, for Yjs believes what it is sent: it takes a piece of length zero, which nobody who
 * joins later can read, and throws in the middle of an update that names what cannot be, with the first half applied.
 *
 *     update   := count client* deletes
 *     client   := pieces id clock piece*            one section a client
 *     piece    := 00 length                         collected
 *               | 0a length                         a gap
 *               | info [origin] [right] [parent] [key] content
 *     deletes  := count (id count (clock length)*)*
 */
import { Malformed, UpdateReader } from './update-reader.js';

export interface Screened {
	readonly structs: number;
	readonly clients: readonly number[];
	readonly subdocuments: number;
	/** Where the deletions begin, and how many ranges they are: each may cut a piece in three. */
	readonly deletesAt: number;
	readonly deletes: number;
}

/** Far above what any document reaches, far below where numbers lose their last digit. */
const clockMax = 2 ** 48;

const hasOrigin = 0x80;
const hasRight = 0x40;
const hasKey = 0x20;
const kindBits = 0x1f;

/** Throws `Malformed`. What passes is read to the last byte and can be applied, or waits for what it names. */
export function screenUpdate(update: Uint8Array): Screened {
	const reader = new UpdateReader(update);
	const counts = { structs: 0, subdocuments: 0 };
	const clients = new Set<number>();
	for (let left = reader.count(); left > 0; left--) {
		let pieces = reader.count();
		const client = reader.count();
		if (clients.has(client)) throw new Malformed('a client has two sections');
		clients.add(client);
		let clock = reader.count();
		counts.structs += pieces;
		for (; pieces > 0; pieces--) {
			const length = readPiece(reader, client, clock, counts);
			if (length === 0) throw new Malformed('a piece is empty');
			clock += length;
			if (clock > clockMax) throw new Malformed('a clock is too large');
		}
	}
	const deletesAt = reader.at;
	const deletes = readDeletes(reader);
	if (!reader.atEnd) throw new Malformed('it goes on after its end');
	return { ...counts, clients: [...clients], deletesAt, deletes };
}

function readPiece(reader: UpdateReader, client: number, clock: number, counts: { subdocuments: number }): number {
	const info = reader.byte();
	const kind = info & kindBits;
	if (kind === 0 || kind === 10) return reader.count();
	if (info & hasOrigin) readId(reader, client, clock);
	if (info & hasRight) readId(reader, client, clock);
	if (!(info & (hasOrigin | hasRight))) {
		// The name of a root, or the piece that the parent lies in.
		if (reader.count() === 1) reader.text();
		else readId(reader, client, clock);
		if (info & hasKey) reader.text();
	}
	if (kind === 9) counts.subdocuments++;
	return readContent(reader, kind);
}

/** Yjs looks up a name in its own client's pieces without asking whether it is there yet. */
function readId(reader: UpdateReader, client: number, clock: number): void {
	const namedClient = reader.count();
	const namedClock = reader.count();
	if (namedClient === client && namedClock >= clock) throw new Malformed('a piece names a later one of its own client');
}

/** Answers the length. */
function readContent(reader: UpdateReader, kind: number): number {
	switch (kind) {
		case 1: // deleted
			return reader.count();
		case 2: // JSON
			return readEach(reader, () => reader.json(true));
		case 3: // binary
			reader.bytes();
			return 1;
		case 4: // text
			return reader.text().length;
		case 5: // embedded
			reader.json();
			return 1;
		case 6: // format
			reader.text();
			reader.json();
			return 1;
		case 7:
			readType(reader);
			return 1;
		case 8: // any
			return readEach(reader, () => reader.any());
		case 9: // subdocument
			reader.text();
			reader.any();
			return 1;
		default:
			throw new Malformed('a piece is of no known kind');
	}
}

function readEach(reader: UpdateReader, read: () => void): number {
	const length = reader.count();
	for (let left = length; left > 0; left--) read();
	return length;
}

/** Array, map, text, XML element (3, named), fragment, hook (5, named), XML text. */
function readType(reader: UpdateReader): void {
	const type = reader.count();
	if (type > 6) throw new Malformed('a type is unknown');
	if (type === 3 || type === 5) reader.text();
}

function readDeletes(reader: UpdateReader): number {
	let deletes = 0;
	for (let left = reader.count(); left > 0; left--) {
		reader.count();
		for (let ranges = reader.count(); ranges > 0; ranges--) {
			const clock = reader.count();
			const length = reader.count();
			deletes++;
			if (length === 0 || clock + length > clockMax) throw new Malformed('a deletion is empty or too large');
		}
	}
	return deletes;
}
