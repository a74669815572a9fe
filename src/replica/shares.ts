import { toHex } from '../base/bytes.js';
import type { LedgerName, PoolId } from '../base/ids.js';
import type { WaitOptions } from '../ledger/live.js';
import type { ShareAsk } from '../sync/frames.js';
import type { Session } from '../sync/session.js';
import type { Core } from './core.js';

const hopsMax = 4;
/** Asks answered or passed on lately: the same one coming by another way is let go. */
const seenMax = 1024;
const askEveryMs = 100;
const ensureTimeoutMs = 3000;

/** Fetches shares from whoever has them, and gives some to whoever asks: asks are messages, grants are entries. */
export class Shares {
	readonly #core: Core;
	readonly #sessions: ReadonlySet<Session>;
	readonly #seen = new Set<string>();

	constructor(core: Core, sessions: ReadonlySet<Session>) {
		this.#core = core;
		this.#sessions = sessions;
	}

	/** Resolves to what this device may spend, once that is `amount` or the time is over. */
	ensure(ledger: LedgerName, pool: PoolId, amount: number, options: WaitOptions): Promise<number> {
		const { books, platform } = this.#core;
		const { timeoutMs = ensureTimeoutMs, signal } = options;
		const mine = () => Math.max(0, books.mine(ledger, pool));
		return new Promise((resolve) => {
			if (mine() >= amount) return resolve(mine());
			let cancelAsk = () => {};
			const end = () => {
				stop();
				cancelAsk();
				cancelTimeout();
				signal?.removeEventListener('abort', end);
				resolve(mine());
			};
			const ask = () => {
				this.#ask(ledger, pool, amount - mine());
				cancelAsk = platform.timers.after(askEveryMs, ask);
			};
			const stop = books.listen(ledger, `pool/${pool}`, () => {
				if (mine() >= amount) end();
			});
			const cancelTimeout = platform.timers.after(timeoutMs, end);
			if (signal?.aborted) return end();
			signal?.addEventListener('abort', end, { once: true });
			ask();
		});
	}

	#ask(ledger: LedgerName, pool: PoolId, amount: number): void {
		if (amount <= 0) return;
		const id = toHex(this.#core.platform.random.bytes(8));
		this.#note(id);
		const ask: ShareAsk = { kind: 'ask', id, ledger, pool, amount, to: this.#core.device, hops: hopsMax };
		for (const session of this.#sessions) session.ask(ask);
	}

	#note(id: string): void {
		this.#seen.add(id);
		if (this.#seen.size <= seenMax) return;
		for (const oldest of this.#seen) {
			this.#seen.delete(oldest);
			break;
		}
	}

	/** A home gives what it has; a till keeps half. What is still missing is passed on. */
	answer(from: Session, ask: ShareAsk): void {
		const { writer, books, flagged } = this.#core;
		const { id, ledger, pool, amount, to, hops } = ask;
		if (this.#seen.has(id) || to === writer.device || !Number.isSafeInteger(amount) || amount < 1) return;
		this.#note(id);
		const maySpend = !flagged && !books.of(ledger).escrow.stopped.has(pool);
		const mine = maySpend ? Math.max(0, books.mine(ledger, pool)) : 0;
		const given = Math.min(amount, this.#core.isHome(ledger) ? mine : Math.ceil(mine / 2));
		if (given > 0) {
			const draft = writer.draft(ledger, [{ kind: 'grant', pool, amount: given, to, request: id }]);
			writer.write([draft]).catch(() => {}); // the replica has been told by its disk
		}
		if (given < amount && hops > 0)
			for (const session of this.#sessions)
				if (session !== from) session.ask({ ...ask, amount: amount - given, hops: hops - 1 });
	}
}
