import { toHex } from '../base/bytes.js';
import type { DeviceId, LedgerName, PoolId } from '../base/ids.js';
import {
	amountToAsk,
	amountToGive,
	askAgainMaxMs,
	fairShares,
	isBelowOneEach,
	isLow,
	mayAskAhead,
	nameDonor,
	sellsHere,
} from '../escrow/redistribution.js';
import type { WaitOptions } from '../ledger/live.js';
import type { ShareAsk } from '../sync/frames.js';
import type { PeerSession } from '../sync/host.js';
import type { Core } from './core.js';
import type { Outbox } from './outbox.js';
import { type PoolUse, PoolUses } from './pool-uses.js';
import { Rest } from './rest.js';
import { Routes } from './routes.js';
import { Stands } from './stands.js';

/** Replicas that may pass an ask on. */
const hopsMax = 4;
/** Asks answered or passed on lately: the same one coming again, or by another way, is let go. */
const seenMax = 1024;
/** How long a grant may be under way before the next peer is asked; doubles with every round of peers. */
const patienceMinMs = 200;
const hurryMs = 50;
/** An ask that is answered at all is mostly answered within this. */
const answerMs = 200;
const ensureTimeoutMs = 3000;
/** After a sale, so that a cart of many lines and a busy minute are looked at once. */
const lookAfterMs = 50;
/** Pools that ran low and were not helped, averages, and what lies idle are looked at every minute. */
const passMs = 60_000;

/** One pool that somebody here waits for: one ask at a time, to one peer, however many wait (ESC1 holds at the donor). */
interface Fetch {
	readonly wanted: Set<{ readonly amount: number }>;
	asks: number;
	/** What was here when it last asked. */
	had: number;
	cancel: () => void;
}

/**
 * Fetches shares from whoever has them, and gives some to whoever asks: asks are messages, grants are entries. A customer
 * who waits is served from whatever is in reach; and where a pool sells here, more is asked for before it has run out.
 */
export class Shares {
	readonly #core: Core;
	readonly #outbox: Outbox;
	readonly #stands: Stands;
	readonly #routes: Routes;
	readonly #uses: PoolUses;
	readonly #rest: Rest;
	readonly #seen = new Set<string>();
	#askedMs = Number.NEGATIVE_INFINITY;
	readonly #fetches = new Map<string, Fetch>();
	/** Pools spent from since the last look. */
	readonly #spent = new Set<PoolUse>();
	/** Pools that ran low, and nobody has helped yet. */
	readonly #low = new Set<PoolUse>();
	#cancelLook: (() => void) | undefined;
	#cancelPass = () => {};

	constructor(
		core: Core,
		outbox: Outbox,
		homeOf: (ledger: LedgerName) => DeviceId | undefined,
		isLinked: (peer: DeviceId, device: DeviceId) => boolean,
	) {
		this.#core = core;
		this.#outbox = outbox;
		this.#stands = new Stands(core, homeOf);
		this.#routes = new Routes(outbox.sessions, homeOf, isLinked);
		this.#uses = new PoolUses(core.platform.clock);
		this.#rest = new Rest({
			core,
			routes: this.#routes,
			uses: this.#uses,
			homeOf,
			settled: (ledger) => outbox.settled(ledger),
			isWanted: (ledger, pool) => this.#fetches.has(poolKey(ledger, pool)),
		});
		core.books.watchSpending((ledger, pool) => this.#noteSpending(ledger, pool));
		this.#pass();
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
		this.#uses.of(ledger, pool).touch();
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
				else this.#hurry(ledger, pool, mine());
			});
			const cancelTimeout = platform.timers.after(timeoutMs, end);
			signal?.addEventListener('abort', end, { once: true });
			this.#want(ledger, pool, wish);
		});
	}

	#want(ledger: LedgerName, pool: PoolId, wish: { readonly amount: number }): void {
		const key = poolKey(ledger, pool);
		const fetch = this.#fetches.get(key);
		if (fetch) {
			fetch.wanted.add(wish);
			return;
		}
		const had = Math.max(0, this.#core.books.mine(ledger, pool));
		const fresh: Fetch = { wanted: new Set([wish]), asks: 0, had, cancel: () => {} };
		this.#fetches.set(key, fresh);
		this.#fetch(ledger, pool, fresh);
	}

	#forgo(ledger: LedgerName, pool: PoolId, wish: { readonly amount: number }): void {
		const key = poolKey(ledger, pool);
		const fetch = this.#fetches.get(key);
		fetch?.wanted.delete(wish);
		if (fetch?.wanted.size !== 0) return;
		fetch.cancel();
		this.#fetches.delete(key);
	}

	/** Some of it came, and not enough: whoever is next best is asked soon, once what is under way may have come too. */
	#hurry(ledger: LedgerName, pool: PoolId, mine: number): void {
		const fetch = this.#fetches.get(poolKey(ledger, pool));
		if (!fetch || mine <= fetch.had) return;
		fetch.cancel();
		fetch.had = mine;
		fetch.asks = 0;
		fetch.cancel = this.#core.platform.timers.after(hurryMs, () => this.#fetch(ledger, pool, fetch));
	}

	/** Everything that this device holds goes home, where that is in reach. True, once on disk here, where there was any (ESC10). */
	async goHome(): Promise<boolean> {
		this.#spent.clear();
		this.#low.clear();
		this.#uses.clear();
		const { clock, timers } = this.#core.platform;
		const waitMs = answerMs - Math.abs(clock.nowMs() - this.#askedMs);
		// What was asked for lately is on its way, and would be left behind.
		if (waitMs > 0) await new Promise<void>((resolve) => timers.after(waitMs, resolve));
		return this.#rest.all();
	}

	/** Asks one peer under a fresh id; when that brought too little in time, the next one. */
	#fetch(ledger: LedgerName, pool: PoolId, fetch: Fetch): void {
		const { books, platform, device } = this.#core;
		const most = Math.max(...[...fetch.wanted].map((wish) => wish.amount));
		const mine = Math.max(0, books.mine(ledger, pool));
		const stands = this.#stands.of(ledger, pool);
		const peers = this.#routes.to(ledger, stands, device);
		const round = Math.floor(fetch.asks / Math.max(1, peers.length));
		const peer = peers[fetch.asks % Math.max(1, peers.length)];
		const need = most - mine;
		fetch.had = mine;
		if (need > 0 && peer) {
			const sells = books.restsAt(ledger, pool) === 'device' && sellsHere(this.#uses.of(ledger, pool).conduct());
			const amount = sells ? amountToAsk({ need, ...this.#own(stands) }) : need;
			this.#ask(peer, { ledger, pool, need, amount, donor: nameDonor(stands, device, round) });
		}
		const patienceMs = Math.min(askAgainMaxMs, patienceMinMs * 2 ** round);
		if (peer) fetch.asks++;
		fetch.cancel = platform.timers.after(patienceMs, () => this.#fetch(ledger, pool, fetch));
	}

	#ask(peer: PeerSession, ask: Omit<ShareAsk, 'kind' | 'id' | 'to' | 'hops'>): void {
		const id = toHex(this.#core.platform.random.bytes(8));
		this.#note(id);
		this.#askedMs = this.#core.platform.clock.nowMs();
		peer.ask({ kind: 'ask', id, ...ask, to: this.#core.device, hops: hopsMax });
	}

	/** This device's own stand, and its fair share. */
	#own(stands: ReturnType<Stands['of']>) {
		const { device } = this.#core;
		const { share = 0, recent = 0, rests = false } = stands.find((stand) => stand.device === device) ?? {};
		return { mine: share, recent, rests, fair: fairShares(stands).get(device) ?? 0 };
	}

	#noteSpending(ledger: LedgerName, pool: PoolId): void {
		if (this.#outbox.sessions.size === 0) return;
		const use = this.#uses.of(ledger, pool);
		use.sold();
		this.#stands.begin(ledger, pool);
		this.#spent.add(use);
		this.#cancelLook ??= this.#core.platform.timers.after(
			lookAfterMs,
			() => {
				this.#cancelLook = undefined;
				this.#look(this.#spent);
			},
			true,
		);
	}

	/** Asks ahead of demand where what was sold has left little, one ask a pool. */
	#look(uses: Set<PoolUse>): void {
		const looked = [...uses];
		uses.clear();
		if (this.#core.stopped) return;
		for (const use of looked) this.#lookAhead(use);
	}

	#lookAhead(use: PoolUse): void {
		const { ledger, pool } = use;
		const { books, flagged } = this.#core;
		this.#low.delete(use);
		if (flagged || this.#fetches.has(poolKey(ledger, pool)) || books.restsAt(ledger, pool) !== 'device') return;
		const stands = this.#stands.of(ledger, pool);
		const { mine, fair, recent, rests } = this.#own(stands);
		if (rests || isBelowOneEach(stands) || !isLow({ mine, fair, recent })) return;
		this.#low.add(use);
		const amount = amountToAsk({ need: 0, mine, fair, recent });
		const peer = this.#routes.to(ledger, stands, this.#core.device)[0];
		if (amount < 1 || !peer || !mayAskAhead(use.conduct())) return;
		use.asks++;
		this.#ask(peer, { ledger, pool, need: 0, amount, donor: nameDonor(stands, this.#core.device, 0) });
	}

	#pass(): void {
		this.#cancelPass = this.#core.platform.timers.after(
			Math.min(passMs, this.#core.settings.restAfterMs),
			() => {
				if (this.#core.stopped) return;
				this.#stands.sample();
				this.#look(this.#low);
				this.#rest.tend();
				this.#pass();
			},
			true,
		);
	}

	/** An entry of `device` came by `session`. */
	noteRoute(device: DeviceId, session: PeerSession): void {
		this.#routes.note(device, session);
	}

	#note(id: string): void {
		this.#seen.add(id);
		const [oldest = ''] = this.#seen;
		if (this.#seen.size > seenMax) this.#seen.delete(oldest);
	}

	/** A home gives what it has; a till what it must and what it can spare. What is still needed is passed on, to one peer. */
	answer(from: PeerSession, ask: ShareAsk): void {
		const { writer, books, flagged } = this.#core;
		const { id, ledger, pool, amount, need, to, donor, hops } = ask;
		if (this.#seen.has(rootOf(id)) || !isSound(ask)) return;
		this.#note(rootOf(id));
		const stands = this.#stands.of(ledger, pool, to);
		const { mine, fair, rests } = this.#own(stands);
		// Its own name, and not its ask: another opening of this device, which has nobody else to ask.
		const isTwin = to === writer.device;
		const maySpend = !isTwin && !flagged && this.#outbox.settled(ledger) && !books.of(ledger).escrow.stopped.has(pool);
		const given = maySpend ? amountToGive({ amount, need, mine, fair, rests }) : 0;
		if (given > 0) {
			this.#uses.of(ledger, pool).gave();
			const draft = writer.draft(ledger, [{ kind: 'grant', pool, amount: given, to, request: id }]);
			writer.write([draft]).catch(() => {}); // the disk has told the replica
		}
		// Whoever waits is served before anybody is served for later.
		if (hops < 1 || (given > 0 && given >= need)) return;
		const named = donor === writer.device ? '' : donor;
		const rest = { amount: amount - given, need: Math.max(0, need - given), donor: named, hops: hops - 1 };
		const { share = 0, held = 0, spent = 0 } = books.of(ledger).escrow.pools.get(pool)?.shares.get(to) ?? {};
		const next = this.#routes.onward(ask, stands, share + held + spent, from);
		next?.ask({ ...ask, ...rest, id: given > 0 ? `${id}.${hops}` : id });
	}

	/** Nobody is asked any more; who waits is answered with what is here. */
	stop(): void {
		this.#cancelPass();
		this.#cancelLook?.();
		for (const fetch of this.#fetches.values()) fetch.cancel();
	}
}

const poolKey = (ledger: LedgerName, pool: PoolId) => `${ledger} ${pool}`;

/** An ask keeps the first part of its id wherever it is passed on to. */
const rootOf = (id: string) => id.split('.', 1)[0] ?? id;

const isSound = ({ amount, need }: ShareAsk) =>
	Number.isSafeInteger(amount) && amount >= 1 && Number.isSafeInteger(need) && need >= 0 && need <= amount;
