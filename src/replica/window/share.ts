import { BadArgument, Closed } from '../../base/errors.js';
import type { Tier } from '../../ledger/outcome.js';
import type { Core } from '../core.js';
import type { OpenReplica } from '../open-replica.js';
import type { Replica } from '../replica.js';
import { aboutOf } from './about.js';
import { Feed } from './feed.js';
import { type Answer, type CallName, type Calls, isMessage, type Message, type ToWindow, tagged } from './messages.js';
import { toPlain } from './plain-error.js';
import { replay } from './replay.js';
import type { Wire } from './wire.js';

/** Messages of news that a window may have before it, not worked off yet; beyond it the next one waits and grows. */
const newsMax = 32;
/** How far what is known beside the books may be behind. */
const aboutMs = 200;
/** A window that was silent for so long is gone, though its port did not say so: a hidden page still pings every minute. */
const silenceMs = 5 * 60_000;
/** How many microtasks pass until the answers to what has just become durable are there, to go along with its rows. */
const answerTurns = 16;

type Answering = { readonly [C in CallName]: (args: Parameters<Calls[C]>, signal: AbortSignal) => unknown };

/**
 * Shares an open replica with a window at the other end of `wire`: that one reads what this one's view shows and commits
 * through it, so that the device has one writer (JRN1). Answers how to end it, upon which the window's replica is closed.
 * Shutting the replica down does so too.
 */
export function shareReplica(till: Replica, wire: Wire): () => void {
	if (!('core' in till) || !('seen' in till))
		throw new BadArgument('till', 'expected a replica that was opened here, not a window of one.');
	const share = new Share(till as OpenReplica, wire); // no other replica has a core
	return () => share.stop();
}

class Share {
	readonly #till: OpenReplica;
	readonly #core: Core;
	readonly #wire: Wire;
	readonly #running = new Map<number, AbortController>();
	readonly #quiet: (() => void)[];
	#window: string | undefined;
	#feed: Feed | undefined;
	#answers: Answer[] = [];
	#sent = 0;
	#took = 0;
	/** How many ledgers the window was told that are kept beside those named at the opening. */
	#kept = 0;
	/** What is known beside the books has changed and is to be told with the next news. */
	#aboutDue = true;
	#cancelAbout: (() => void) | undefined;
	#cancelSilence: (() => void) | undefined;
	#silent = false;
	#soon = false;
	#ended = false;

	constructor(till: OpenReplica, wire: Wire) {
		this.#till = till;
		this.#core = till.core;
		this.#wire = wire;
		const { followers } = this.#core.books;
		const changed = () => this.#changed();
		followers.add(changed);
		this.#quiet = [
			() => followers.delete(changed),
			till.health.subscribe(() => this.#tellAbout()),
			till.sync.status.subscribe(changed),
		];
		wire.listen(
			(value) => isMessage(value) && this.#heard(value),
			() => this.stop(),
		);
		if (this.#core.closed) this.stop();
		else this.#post({ kind: 'shared' });
	}

	stop(): void {
		if (this.#ended) return;
		this.#flush(true);
		this.#forget();
		this.#post({ kind: 'closed' });
		this.#ended = true;
		for (const quiet of this.#quiet) quiet();
		this.#wire.close();
	}

	/** The window there was is gone; nobody waits for what it asked. */
	#forget(): void {
		this.#cancelSilence?.();
		this.#cancelAbout?.();
		this.#cancelAbout = undefined;
		for (const controller of this.#running.values()) controller.abort();
		this.#running.clear();
		this.#answers = [];
		this.#feed = undefined;
		this.#window = undefined;
	}

	#heard(message: Message): void {
		if (this.#ended) return;
		this.#silent = false;
		switch (message.kind) {
			case 'hello':
				if (message.window !== this.#window) this.#begin(message.window);
				break;
			case 'took':
				if (message.n > this.#took && message.n <= this.#sent) this.#took = message.n;
				this.#flush();
				break;
			case 'ping':
				this.#post({ kind: 'pong' });
				break;
			case 'call':
				this.#call(message.id, message.call, message.args);
				break;
			case 'abort':
				this.#running.get(message.id)?.abort();
				break;
			case 'bye':
				this.stop();
		}
	}

	#begin(window: string): void {
		this.#forget();
		this.#window = window;
		this.#feed = new Feed(this.#core);
		this.#sent = 0;
		this.#took = 0;
		this.#aboutDue = true;
		this.#watchSilence();
		this.#flush();
	}

	#watchSilence(): void {
		const look = () => {
			if (this.#silent) this.stop();
			else this.#watchSilence();
		};
		this.#silent = true;
		this.#cancelSilence = this.#core.platform.timers.after(silenceMs, look, true);
	}

	/** The books, or something beside them. */
	#changed(): void {
		if (this.#core.ended) {
			this.stop();
			return;
		}
		this.#cancelAbout ??= this.#core.platform.timers.after(aboutMs, () => this.#tellAbout(), true);
		if (this.#soon || !this.#feed) return;
		this.#soon = true;
		void this.#flushSoon();
	}

	async #flushSoon(): Promise<void> {
		for (let turn = 0; turn < answerTurns; turn++) await undefined;
		this.#soon = false;
		this.#flush();
	}

	#tellAbout(): void {
		this.#cancelAbout?.();
		this.#cancelAbout = undefined;
		this.#aboutDue = true;
		this.#flush();
	}

	/** An answer never comes before the rows that it speaks of: they leave in one message. */
	#flush(atLast = false): void {
		if (!this.#feed || this.#ended || (this.#sent - this.#took >= newsMax && !atLast)) return;
		if (this.#kept !== this.#core.kept.size) this.#aboutDue = true; // no row of a ledger comes before the word that it is kept
		this.#kept = this.#core.kept.size;
		const changes = this.#feed.take();
		const { ledgers, rows, rebased } = changes;
		const answers = this.#answers;
		if (ledgers.length + rows.length + rebased.length + answers.length === 0 && !this.#aboutDue) return;
		const about = this.#aboutDue ? aboutOf(this.#till) : undefined;
		this.#aboutDue = false;
		this.#answers = [];
		this.#sent++;
		this.#post({ kind: 'news', n: this.#sent, ...changes, about, answers });
	}

	#post(message: ToWindow): void {
		try {
			this.#wire.post(tagged(message));
		} catch {
			// The port is closed: its owner knows, or will be told.
		}
	}

	#call(id: number, call: CallName, args: readonly unknown[]): void {
		const window = this.#window;
		const controller = new AbortController();
		this.#running.set(id, controller);
		const answer = (said: Answer) => {
			if (this.#window !== window) return; // another window knows nothing of it
			this.#running.delete(id);
			this.#answers.push(said);
			this.#flush();
		};
		this.#run(call, args, controller.signal).then(
			(value) => answer({ id, value }),
			(error) => answer({ id, error: toPlain(error) }),
		);
	}

	async #run(call: CallName, args: readonly unknown[], signal: AbortSignal): Promise<unknown> {
		if (this.#core.closed) throw new Closed();
		if (!Object.hasOwn(this.#calls, call)) throw new BadArgument('call', `"${call}" is none.`);
		return this.#calls[call](args as never, signal); // what they call looks at each of them
	}

	readonly #calls: Answering = {
		commit: ([call]) => replay(this.#till, call),
		ensure: ([ledger, pool, options, key, amount, timeoutMs], signal) =>
			this.#till.ledger(ledger).pool(pool, options).ensure(key, amount, waiting(signal, timeoutMs)),
		keep: ([ledgers, timeoutMs], signal) => this.#till.keep(ledgers, waiting(signal, timeoutMs)),
		claim: ([ledger, exception, timeoutMs], signal) =>
			this.#till.ledger(ledger).claim(exception, waiting(signal, timeoutMs)),
		reached: ([commit, tier, timeoutMs], signal) =>
			this.#till.sync.reached(commit, tier as Tier, waiting(signal, timeoutMs)), // checked there
		flush: ([tier, timeoutMs], signal) => this.#till.sync.flush({ tier: tier as Tier, ...waiting(signal, timeoutMs) }), // likewise
		pause: (_, signal) => this.#pause(signal),
		bytes: () => this.#till.bytes(),
		tend: ([compact]) => this.#till.tend({ compact }),
		fence: ([device]) => this.#till.fence(device),
		giveConsent: ([terms]) => this.#till.consents?.give(terms),
		takeConsent: ([terms, signed]) => this.#till.consents?.take(terms, signed),
		returnShares: ([drainMs]) => this.#till.returnShares(drainMs === undefined ? {} : { drainMs }),
	};

	#pause(signal: AbortSignal): Promise<void> {
		const resume = this.#till.sync.pause();
		return new Promise((resolve) => {
			signal.addEventListener('abort', () => {
				resume();
				resolve();
			});
		});
	}
}

const waiting = (signal: AbortSignal, timeoutMs: number | undefined) =>
	timeoutMs === undefined ? { signal } : { signal, timeoutMs };
