import * as Y from 'yjs';
import { Costly, integrate } from './integrate.js';
import type { FreeLimits } from './limits.js';
import { PresenceTable } from './presence.js';
import { type Screened, screenUpdate } from './screen.js';
import type { FreeStore } from './store.js';
import { Malformed } from './update-reader.js';

/** The document has no room for it. */
export class Full extends Error {}

/** What the documents of one relay share. */
export interface FreeHost {
	readonly store: FreeStore;
	readonly limits: FreeLimits;
	/** Writes it down soon. */
	save(name: string, update: Uint8Array): void;
	/** Writes down now what waits. */
	flush(): void;
	warn(document: string, what: string, error: unknown): void;
}

export interface Taken {
	/** For everybody else; undefined where nothing was new. */
	readonly news: Uint8Array | undefined;
	/** Some of it named what is not here and was let go: ask its sender for all that we lack. */
	readonly lacking: boolean;
}

/** Rows of one document after which they become one snapshot, and bytes of them, where the snapshot is no larger. */
const logRowsMax = 500;
const logBytesMin = 256 * 1024;

/**
 * One document in memory. What is stored and handed on is what Yjs took in, never what a client sent: everybody who comes
 * later gets the same. An update passes the screen first; where Yjs throws all the same, the document is read back from
 * disk, as it was before.
 */
export class FreeDocument {
	readonly name: string;
	readonly presence: PresenceTable;
	readonly #host: FreeHost;
	#doc: Y.Doc;
	#emitted: Uint8Array[] = [];
	#logRows = 0;
	#logBytes = 0;
	#snapshotBytes = 0;
	/** What it took to put everything in its place. */
	#steps = 0;

	/** Throws where the stored bytes do not read back. */
	constructor(name: string, host: FreeHost) {
		this.name = name;
		this.presence = new PresenceTable(host.limits);
		this.#host = host;
		this.#doc = this.#load();
	}

	#load(): Y.Doc {
		const doc = new Y.Doc();
		const stored = this.#host.store.load(this.name);
		this.#steps = 0;
		this.#logRows = 0;
		this.#logBytes = 0;
		this.#snapshotBytes = stored?.snapshot?.length ?? 0;
		if (stored) {
			if (stored.snapshot) this.#steps += fill(doc, stored.snapshot, readStepsMax(this.#host.limits));
			for (const update of stored.updates) this.#steps += fill(doc, update, Number.POSITIVE_INFINITY);
			this.#logRows = stored.updates.length;
			for (const { length } of stored.updates) this.#logBytes += length;
		}
		doc.on('update', (update: Uint8Array) => this.#emitted.push(update));
		return doc;
	}

	/** What is here, as Yjs tells others. */
	vector(): Uint8Array {
		return Y.encodeStateVector(this.#doc);
	}

	/** What was here before `news` came in, the last that did. */
	vectorBefore(news: Uint8Array): Uint8Array {
		const vector = Y.decodeStateVector(this.vector());
		for (const [client, clock] of Y.parseUpdateMeta(news).from) vector.set(client, clock);
		return Y.encodeStateVector(vector);
	}

	/** What somebody with `vector` lacks. Throws `Malformed`. */
	difference(vector: Uint8Array): Uint8Array {
		checkVector(vector);
		return Y.encodeStateAsUpdate(this.#doc, vector);
	}

	/** Throws `Malformed`, `Full` or `Costly`; then nothing has changed. */
	take(update: Uint8Array): Taken {
		const screened = screenUpdate(update);
		this.#checkRoom(screened, update.length);
		const { limits } = this.#host;
		let lacking: boolean;
		try {
			const stepsMax = Math.min(limits.updateSteps, limits.documentSteps - this.#steps);
			const integrated = integrate(this.#doc, update, screened, stepsMax);
			lacking = integrated.lacking;
			this.#steps += integrated.steps;
			// Deletions cut pieces: a full document takes them, and they have an end too.
			if (this.#pieces > limits.documentStructs * 2) throw new Full('the document is cut in too many pieces');
		} catch (error) {
			this.#forget();
			if (error instanceof Costly || error instanceof Full) throw error;
			throw new Malformed(`Yjs could not apply it: ${error instanceof Error ? error.message : String(error)}`);
		}
		const emitted = this.#emitted;
		this.#emitted = [];
		if (emitted.length === 0) return { news: undefined, lacking };
		const [first] = emitted;
		const news = emitted.length === 1 && first ? first : Y.mergeUpdates(emitted);
		this.#host.save(this.name, news);
		this.#logRows++;
		this.#logBytes += news.length;
		if (this.#logRows >= logRowsMax || this.#logBytes > Math.max(logBytesMin, this.#snapshotBytes)) this.compact();
		return { news, lacking };
	}

	get #pieces(): number {
		let pieces = 0;
		for (const list of this.#doc.store.clients.values()) pieces += list.length;
		return pieces;
	}

	#checkRoom({ structs, deletes, clients, subdocuments }: Screened, bytes: number): void {
		const { limits } = this.#host;
		if (Math.max(structs, deletes) > limits.updateStructs) throw new Full('an update of too many pieces');
		if (structs === 0) return;
		const { clients: held } = this.#doc.store;
		if (subdocuments > limits.updateSubdocuments) throw new Full('an update of too many subdocuments');
		if (held.size + clients.filter((client) => !held.has(client)).length > limits.documentClients)
			throw new Full('too many clients have written in it');
		if (this.#pieces + structs > limits.documentStructs) throw new Full('the document has too many pieces');
		if (this.#bytes + bytes <= limits.documentBytes) return;
		this.compact();
		if (this.#bytes + bytes > limits.documentBytes) throw new Full('the document is too large');
	}

	get #bytes(): number {
		return this.#snapshotBytes + this.#logBytes;
	}

	/** The half of an update that went in. */
	#forget(): void {
		this.#host.flush();
		this.#doc.destroy();
		this.#emitted = [];
		this.#doc = this.#load();
	}

	/** Makes one snapshot of snapshot and log. One that a newcomer could not read is not written: the log stays. */
	compact(): void {
		if (this.#logRows === 0) return;
		this.#host.flush();
		const snapshot = Y.encodeStateAsUpdate(this.#doc);
		try {
			checkReadable(snapshot, readStepsMax(this.#host.limits));
		} catch (error) {
			this.#host.warn(this.name, 'the document cannot be compacted', error);
			return;
		}
		this.#host.store.compact(this.name, snapshot);
		this.#logRows = 0;
		this.#logBytes = 0;
		this.#snapshotBytes = snapshot.length;
	}

	/** Compacts it, where that is worth a write, before it leaves memory. */
	close(): void {
		if (this.#logRows > 50) this.compact();
		this.#doc.destroy();
	}
}

/** Throws `Malformed`. */
export function checkVector(vector: Uint8Array): void {
	try {
		Y.decodeStateVector(vector);
	} catch {
		throw new Malformed('a state vector cannot be read');
	}
}

/** Everything at once goes in in another order than it came, and may take more steps. */
const readStepsMax = ({ documentSteps }: FreeLimits): number => documentSteps * 4;

function checkReadable(snapshot: Uint8Array, stepsMax: number): void {
	const doc = new Y.Doc();
	try {
		fill(doc, snapshot, stepsMax);
	} finally {
		doc.destroy();
	}
}

/** Answers how many steps that took. Throws where not all of it goes in. */
function fill(doc: Y.Doc, update: Uint8Array, stepsMax: number): number {
	const { lacking, steps } = integrate(doc, update, screenUpdate(update), stepsMax);
	if (lacking) throw new Malformed('pieces are missing');
	return steps;
}
