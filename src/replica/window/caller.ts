import { Closed } from '../../base/errors.js';
import type { Answer, CallName, Calls, ToOwner } from './messages.js';
import { fromPlain } from './plain-error.js';

interface Asked {
	/** Called when the answer is here, before anybody is told of the news that it came with. */
	readonly settled: () => void;
	resolve(value: unknown): void;
	reject(error: unknown): void;
}

export interface CallOptions {
	readonly signal?: AbortSignal | undefined;
	readonly settled?: () => void;
}

/** Asks the owner, and brings its answers to whoever waits for them. */
export class Caller {
	readonly #post: (message: ToOwner) => void;
	readonly #asked = new Map<number, Asked>();
	readonly #closing = new Set<() => void>();
	#last = 0;
	/** Why nothing can be asked any more. */
	#closed: Closed | undefined;

	constructor(post: (message: ToOwner) => void) {
		this.#post = post;
	}

	get closed(): Closed | undefined {
		return this.#closed;
	}

	/** Calls back once nothing can be asked any more; answers how to stop that. */
	onClose(closed: () => void): () => void {
		this.#closing.add(closed);
		return () => this.#closing.delete(closed);
	}

	/** An aborted wait is ended by the owner: the answer says how. */
	call<C extends CallName>(
		call: C,
		args: Parameters<Calls[C]>,
		{ signal, settled = () => {} }: CallOptions = {},
	): Promise<ReturnType<Calls[C]>> {
		if (this.#closed) {
			settled();
			return Promise.reject(this.#closed);
		}
		const id = ++this.#last;
		const abort = () => this.abort(id);
		const answered = new Promise<unknown>((resolve, reject) => {
			const done = () => {
				signal?.removeEventListener('abort', abort);
				settled();
			};
			this.#asked.set(id, { settled: done, resolve, reject });
		});
		this.#post({ kind: 'call', id, call, args });
		if (signal?.aborted) abort();
		else signal?.addEventListener('abort', abort, { once: true });
		return answered as Promise<ReturnType<Calls[C]>>; // by the same table on the other side
	}

	/** The number of the call made last. */
	get last(): number {
		return this.#last;
	}

	abort(id: number): void {
		if (this.#asked.has(id)) this.#post({ kind: 'abort', id });
	}

	answered(answer: Answer): void {
		const asked = this.#asked.get(answer.id);
		if (!asked) return;
		this.#asked.delete(answer.id);
		asked.settled();
		if ('error' in answer) asked.reject(fromPlain(answer.error));
		else asked.resolve(answer.value);
	}

	/** The owner is gone, or this window is. */
	close(cause?: unknown): void {
		if (this.#closed) return;
		this.#closed = new Closed(cause);
		for (const { settled, reject } of this.#asked.values()) {
			settled();
			reject(this.#closed);
		}
		this.#asked.clear();
		for (const closed of this.#closing) closed();
	}
}
