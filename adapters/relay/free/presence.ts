import { decoding, encoding } from 'lib0';
import { checkJson, Malformed } from './update-reader.js';

/** Who speaks for a client: a connection, compared by identity. */
type Speaker = object;

interface Presence {
	readonly clock: number;
	/** JSON, as the client wrote it. */
	readonly state: string;
	readonly speaker: Speaker;
	readonly seenMs: number;
}

/** By y-protocols, a client says its state anew every 15 s, and is gone when it was silent for 30. */
export const silentMs = 30_000;

export interface PresenceLimits {
	readonly awarenessBytes: number;
	readonly awarenessClients: number;
}

/**
 * Awareness of one document: who is here, where the cursors are. Kept as texts, never on disk. A state belongs to the
 * connection that first brought it: nobody else can change or remove it while that connection is open.
 */
export class PresenceTable {
	readonly #limits: PresenceLimits;
	readonly #byClient = new Map<number, Presence>();

	constructor(limits: PresenceLimits) {
		this.#limits = limits;
	}

	/**
	 * Takes what is news and answers it as an update for everybody; undefined where nothing is. Throws `Malformed`, and has
	 * taken nothing then.
	 */
	apply(update: Uint8Array, speaker: Speaker, nowMs: number): Uint8Array | undefined {
		const news: (readonly [client: number, clock: number, state: string])[] = [];
		for (const said of readAwareness(update, this.#limits.awarenessBytes)) {
			if (this.#isNews(said, speaker)) news.push(said);
		}
		let own = this.#clientsOf(speaker).length;
		const taken: typeof news = [];
		for (const [client, clock, state] of news) {
			if (state === 'null') {
				this.#byClient.delete(client);
				taken.push([client, clock, state]);
				continue;
			}
			if (!this.#byClient.has(client) && ++own > this.#limits.awarenessClients) continue;
			this.#byClient.set(client, { clock, state, speaker, seenMs: nowMs });
			taken.push([client, clock, state]);
		}
		return taken.length > 0 ? writeAwareness(taken) : undefined;
	}

	#isNews([client, clock, state]: readonly [number, number, string], speaker: Speaker): boolean {
		const held = this.#byClient.get(client);
		if (!held) return state !== 'null';
		if (held.speaker !== speaker) return false;
		return clock > held.clock || (clock === held.clock && state === 'null');
	}

	/** For somebody who has just come; undefined where nobody is here. */
	all(): Uint8Array | undefined {
		if (this.#byClient.size === 0) return undefined;
		return writeAwareness([...this.#byClient].map(([client, { clock, state }]) => [client, clock, state]));
	}

	/** A connection has ended: answers that its clients are gone. */
	leave(speaker: Speaker): Uint8Array | undefined {
		return this.#remove(this.#clientsOf(speaker));
	}

	/** Answers that those are gone who were silent for too long. */
	expire(nowMs: number): Uint8Array | undefined {
		const silent = [...this.#byClient].filter(([, { seenMs }]) => nowMs - seenMs >= silentMs);
		return this.#remove(silent.map(([client]) => client));
	}

	#clientsOf(speaker: Speaker): number[] {
		return [...this.#byClient].filter(([, held]) => held.speaker === speaker).map(([client]) => client);
	}

	#remove(clients: readonly number[]): Uint8Array | undefined {
		if (clients.length === 0) return undefined;
		const gone = clients.map((client) => [client, this.#byClient.get(client)?.clock ?? 0, 'null'] as const);
		for (const client of clients) this.#byClient.delete(client);
		return writeAwareness(gone);
	}
}

/** Every other client parses each state and would throw: what is no JSON is passed on to nobody. */
function readAwareness(update: Uint8Array, stateBytesMax: number): [number, number, string][] {
	const said: [number, number, string][] = [];
	try {
		const decoder = decoding.createDecoder(update);
		for (let left = decoding.readVarUint(decoder); left > 0; left--) {
			const client = decoding.readVarUint(decoder);
			const clock = decoding.readVarUint(decoder);
			const state = decoding.readVarUint8Array(decoder);
			if (state.length > stateBytesMax) continue;
			said.push([client, clock, new TextDecoder('utf-8', { fatal: true }).decode(state)]);
		}
		if (decoding.hasContent(decoder)) throw new Malformed('an awareness update goes on after its end');
	} catch (error) {
		throw error instanceof Malformed ? error : new Malformed('an awareness update ends too early');
	}
	for (const [, , state] of said) checkJson(state);
	return said;
}

function writeAwareness(said: readonly (readonly [client: number, clock: number, state: string])[]): Uint8Array {
	return encoding.encode((encoder) => {
		encoding.writeVarUint(encoder, said.length);
		for (const [client, clock, state] of said) {
			encoding.writeVarUint(encoder, client);
			encoding.writeVarUint(encoder, clock);
			encoding.writeVarString(encoder, state);
		}
	});
}
