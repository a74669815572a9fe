import { toHex } from '../base/bytes.js';
import type { DeviceId, LedgerName, PoolId } from '../base/ids.js';
import type { WaitOptions } from '../ledger/live.js';
import type { ShareAsk } from '../sync/frames.js';
import type { PeerSession } from '../sync/host.js';
import type { Core } from './core.js';
import type { Outbox } from './outbox.js';

/** Replicas that may pass an ask on. */
const hopsMax = 4;
/** Asks answered or passed on lately: the same one coming again, or by another way, is let go. */
const seenMax = 1024;
/** How long a grant may be under way before the next peer is asked; doubles with every ask. */
const patienceMinMs = 100;
const patienceMaxMs = 2000;
const ensureTimeoutMs = 3000;

/** One pool that somebody here waits for: one ask at a time, to one peer, however many wait (ESC1 holds at the donor). */
interface Fetch {
	readonly wanted: Set<{ readonly amount: number }>;
	asks: number;
	cancel: () => void;
}

/** Fetches shares from whoever has them, and gives some to whoever asks: asks are messages, grants are entries. */
export class Shares {
	readonly #core: Core;
	readonly #sessions: ReadonlySet<PeerSession>;
	readonly #homeOf: (ledger: LedgerName) => DeviceId | undefined;
	readonly #outbox: Outbox;
	readonly #seen = new Set<string>();
	/** By which session a device's entries came: the way to ask it. */
	readonly #routes = new Map<DeviceId, PeerSession>();
	readonly #fetches = new Map<string, Fetch>();

	constructor(core: Core, outbox: Outbox, homeOf: (ledger: LedgerName) => DeviceId | undefined) {
		this.#core = core;
		this.#outbox = outbox;
		this.#sessions = outbox.sessions;
		this.#homeOf = homeOf;
	}

	/** On opening: asks that this device's rows show as answered stay answered. */
	recall(): void {
		for (const epoch of this.#core.journal.all())
			if (this.#core.isOwn(epoch))
				for (let i = this.#core.view.at(epoch.id); i < epoch.count; i++)
					for (const leg of epoch.entry(i).legs)
						if (leg.kind === 'grant' && leg.request) this.#note(rootOf(leg.request));
	}

	/** Resolves to what this device may spend, once that is `amount` or the time is over. */
	ensure(ledger: LedgerName, pool: PoolId, amount: number, options: WaitOptions): Promise<number> {
		const { books, platform } = this.#core;
		const { timeoutMs = ensureTimeoutMs, signal } = options;
		const mine = () => Math.max(0, books.mine(ledger, pool));
		if (mine() >= amount || signal?.aborted) return Promise.resolve(mine());
		const wish = { amount };
		return new Promise((resolve) => {
			const end = () => {
				stop();
				cancelTimeout();
				signal?.removeEventListener('abort', end);
				this.#forgo(ledger, pool, wish);
				resolve(mine());
			};
			const stop = books.listen(ledger, `pool/${pool}`, () => {
				if (mine() >= amount) end();
			});
			const cancelTimeout = platform.timers.after(timeoutMs, end);
			signal?.addEventListener('abort', end, { once: true });
			this.#want(ledger, pool, wish);
		});
	}

	#want(ledger: LedgerName, pool: PoolId, wish: { readonly amount: number }): void {
		const key = `${ledger} ${pool}`;
		const fetch = this.#fetches.get(key);
		if (fetch) {
			fetch.wanted.add(wish);
			return;
		}
		const fresh: Fetch = { wanted: new Set([wish]), asks: 0, cancel: () => {} };
		this.#fetches.set(key, fresh);
		this.#fetch(ledger, pool, fresh);
	}

	#forgo(ledger: LedgerName, pool: PoolId, wish: { readonly amount: number }): void {
		const key = `${ledger} ${pool}`;
		const fetch = this.#fetches.get(key);
		fetch?.wanted.delete(wish);
		if (fetch?.wanted.size !== 0) return;
		fetch.cancel();
		this.#fetches.delete(key);
	}

	/** Asks one peer under a fresh id; when that brought too little in time, the next one. */
	#fetch(ledger: LedgerName, pool: PoolId, fetch: Fetch): void {
		const { books, platform, device } = this.#core;
		const most = Math.max(...[...fetch.wanted].map((wish) => wish.amount));
		const missing = most - Math.max(0, books.mine(ledger, pool));
		const peers = this.#peers(ledger, pool);
		const peer = peers[fetch.asks % Math.max(1, peers.length)];
		if (missing > 0 && peer) {
			const id = toHex(platform.random.bytes(8));
			this.#note(id);
			peer.ask({ kind: 'ask', id, ledger, pool, amount: missing, need: missing, to: device, hops: hopsMax });
		}
		const patienceMs = Math.min(patienceMaxMs, patienceMinMs * 2 ** Math.floor(fetch.asks / Math.max(1, peers.length)));
		if (peer) fetch.asks++;
		fetch.cancel = platform.timers.after(patienceMs, () => this.#fetch(ledger, pool, fetch));
	}

	/** First the home, then whoever holds most in view, then any other way on. */
	#peers(ledger: LedgerName, pool: PoolId, but?: PeerSession): PeerSession[] {
		const shares = this.#core.books.of(ledger).escrow.pools.get(pool)?.shares;
		const home = this.#homeOf(ledger);
		const ranks = new Map<PeerSession, number>();
		const rank = (device: DeviceId, value: number) => {
			for (const session of this.#sessions)
				if (session.peer?.device === device || this.#routes.get(device) === session)
					ranks.set(session, Math.max(value, ranks.get(session) ?? 0));
		};
		for (const [device, { share }] of shares ?? []) if (device !== this.#core.device) rank(device, share);
		// A home that has some comes first; one that has nothing in view may still know more than we do.
		if (home) rank(home, (shares?.get(home)?.share ?? 0) > 0 ? Number.POSITIVE_INFINITY : 0.5);
		const of = (session: PeerSession) => ranks.get(session) ?? 0;
		return [...this.#sessions].filter((s) => s !== but && s.carries(ledger)).sort((a, b) => of(b) - of(a));
	}

	/** An entry of `device` came by `session`. */
	noteRoute(device: DeviceId, session: PeerSession): void {
		this.#routes.set(device, session);
	}

	#note(id: string): void {
		this.#seen.add(id);
		if (this.#seen.size <= seenMax) return;
		for (const oldest of this.#seen) {
			this.#seen.delete(oldest);
			break;
		}
	}

	/** A home gives what it has; a till keeps half. What is still missing is passed on, to one peer, under an id of its own. */
	answer(from: PeerSession, ask: ShareAsk): void {
		const { writer, books, flagged } = this.#core;
		const { id, ledger, pool, amount, to, hops } = ask;
		if (this.#seen.has(rootOf(id)) || to === writer.device || !Number.isSafeInteger(amount) || amount < 1) return;
		this.#note(rootOf(id));
		const maySpend = !flagged && this.#outbox.settled(ledger) && !books.of(ledger).escrow.stopped.has(pool);
		const mine = maySpend ? Math.max(0, books.mine(ledger, pool)) : 0;
		const given = Math.min(amount, this.#core.isHome(ledger) ? mine : Math.ceil(mine / 2));
		if (given > 0) {
			const draft = writer.draft(ledger, [{ kind: 'grant', pool, amount: given, to, request: id }]);
			writer.write([draft]).catch(() => {}); // the disk has told the replica
		}
		if (given === amount || hops < 1) return;
		const onward = { ...ask, id: given > 0 ? `${id}.${hops}` : id, amount: amount - given, hops: hops - 1 };
		this.#peers(ledger, pool, from)[0]?.ask(onward);
	}

	/** Nobody is asked any more; who waits is answered with what is here. */
	stop(): void {
		for (const fetch of this.#fetches.values()) fetch.cancel();
	}
}

/** An ask keeps the first part of its id wherever it is passed on to. */
const rootOf = (id: string) => id.split('.', 1)[0] ?? id;
