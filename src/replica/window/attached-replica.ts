import { BadArgument, TillmeshError } from '../../base/errors.js';
import type { DeviceId, LedgerName, PoolId } from '../../base/ids.js';
import { checkName } from '../../base/limits.js';
import { keeps } from '../../base/patterns.js';
import { conserve } from '../../escrow/share.js';
import type { Family, FamilyListener, Guard } from '../../ledger/books.js';
import type { CommitOptions } from '../../ledger/commit.js';
import { createLedger, type Ledger, type Pool, type PoolOptions } from '../../ledger/ledger.js';
import { createLive, type Live, type WaitOptions } from '../../ledger/live.js';
import type { Ack, Outcome, Refused, Tier } from '../../ledger/outcome.js';
import type { Tx } from '../../ledger/tx.js';
import type { Platform } from '../../ports/index.js';
import type { Consents } from '../../trust/consent.js';
import { type Changes, type ChangesOptions, createChanges } from '../changes.js';
import { sharesKept } from '../kept.js';
import { checkLedgers } from '../options.js';
import type { Farewell, Replica, ShutdownOptions } from '../replica.js';
import type { Finding, Health, Status } from '../status.js';
import type { Sync } from '../sync.js';
import type { Caller } from './caller.js';
import type { Follower } from './follower.js';
import type { PlainHealth } from './messages.js';
import { fromPlain } from './plain-error.js';
import { WindowCommits } from './window-commits.js';

export interface AttachedReplicaParts {
	readonly follower: Follower;
	readonly caller: Caller;
	readonly platform: Pick<Platform, 'timers' | 'crypto'>;
	readonly window: string;
	readonly leave: () => void;
}

/** A replica that another one writes for: reads are its own, by the owner's view; everything else the owner does. */
export class AttachedReplica implements Replica {
	readonly #parts: AttachedReplicaParts;
	readonly #follower: Follower;
	readonly #caller: Caller;
	readonly #commits: WindowCommits;
	readonly #ledgers = new Map<LedgerName, ReturnType<typeof createLedger>>();
	readonly #declared = new WeakMap<Pool, PoolOptions>();
	readonly #watchers = new Set<() => void>();
	#health: { readonly of: PlainHealth; readonly health: Health };
	readonly health: Live<Health>;
	readonly sync: Sync;

	constructor(parts: AttachedReplicaParts) {
		this.#parts = parts;
		const { follower, caller } = parts;
		this.#follower = follower;
		this.#caller = caller;
		this.#health = healthOf(follower.about.health);
		this.health = this.#live(
			() => this.#health,
			() => this.#health.health,
		);
		this.sync = {
			status: this.#live(
				() => follower.about.sync,
				() => follower.about.sync,
			),
			reached: (commit, tier, options) => this.#reached(commit, tier, options),
			flush: async ({ tier = 'store', timeoutMs, signal } = {}) => {
				await caller.call('flush', [tier, timeoutMs], { signal });
			},
			pause: () => this.#pause(),
		};
		this.#commits = new WindowCommits({
			follower,
			caller,
			owner: this,
			window: parts.window,
			declared: (pool) => this.#declared.get(pool),
			policy: (ledger, pool) => this.#ledgers.get(ledger)?.policy(pool) ?? 'hard',
			holders: (ledger, pool) => follower.holders(ledger, pool),
			restriction: () => (this.#health.health.state === 'restricted' ? 'restricted' : undefined),
			reached: (commit, tier, options) => this.#reached(commit, tier, options),
		});
	}

	#live<T>(version: () => unknown, read: () => T): Live<T> {
		const listen = (changed: () => void) => {
			this.#watchers.add(changed);
			return () => this.#watchers.delete(changed);
		};
		return createLive({ version, read, listen, timers: this.#parts.platform.timers });
	}

	/** The owner said something of itself. */
	changed(): void {
		const { health } = this.#follower.about;
		if (JSON.stringify(health) !== JSON.stringify(this.#health.of)) this.#health = healthOf(health);
		for (const watcher of [...this.#watchers]) watcher();
	}

	get device(): DeviceId {
		return this.#follower.about.device;
	}

	get name(): string {
		return this.#follower.about.name;
	}

	ledger(name: LedgerName): Ledger {
		checkName('ledger', name);
		const known = this.#ledgers.get(name);
		if (known) return known;
		if (name.endsWith('*') || !keeps(this.#follower.about.keeps, name))
			throw new BadArgument('ledger', `"${name}" is not kept here.`, 'unknown_ledger');
		const made = createLedger(name, {
			books: this.#follower.books,
			owner: this,
			timers: this.#parts.platform.timers,
			holders: (of, pool) => this.#follower.holders(of, pool),
			ensure: (of, pool, amount, options) => this.#ensure(of, pool, amount, options),
		});
		const ledger = {
			...made,
			pool: (collection: string, options: PoolOptions = {}) => {
				const pool = made.pool(collection, options);
				this.#declared.set(pool, { ...this.#declared.get(pool), ...options });
				return pool;
			},
			claim: (exception: string, { timeoutMs, signal }: WaitOptions = {}) =>
				this.#caller.call('claim', [name, exception, timeoutMs], { signal }),
		};
		this.#ledgers.set(name, ledger);
		return ledger;
	}

	#ensure(ledger: LedgerName, id: PoolId, amount: number, { timeoutMs, signal }: WaitOptions): Promise<number> {
		const [collection, key] = [id.slice(0, id.indexOf('/')), id.slice(id.indexOf('/') + 1)];
		const options = this.#declared.get(this.ledger(ledger).pool(collection)) ?? {};
		return this.#caller.call('ensure', [ledger, collection, options, key, amount, timeoutMs], { signal });
	}

	async keep(ledgers: LedgerName | readonly LedgerName[], { timeoutMs, signal }: WaitOptions = {}): Promise<void> {
		await this.#caller.call('keep', [checkLedgers(ledgers), timeoutMs], { signal });
	}

	ledgers(): readonly LedgerName[] {
		return this.#follower.ledgers();
	}

	rehearse(work: (tx: Tx) => unknown): Refused | undefined {
		return this.#commits.rehearse(work);
	}

	watch(family: Family, changed: FamilyListener): () => void {
		return this.#follower.books.watch(family, changed);
	}

	/** For this window's work; the owner decides for itself. */
	guard(stops: Guard): () => void {
		const { guards } = this.#follower.books;
		guards.add(stops);
		return () => guards.delete(stops);
	}

	/** By what this window has been shown. */
	changes(options: ChangesOptions = {}): Changes {
		const { books, journal } = this.#follower;
		const source = {
			books,
			journal,
			listen: (changed: () => void) => this.#caller.onClose(changed),
			state: () => (this.#caller.closed ? 'ended' : 'open'),
		} as const;
		const open = async (asked: ChangesOptions) => {
			const { ChangesReader } = await import('../changes-reader.js');
			return new ChangesReader(source, asked);
		};
		return createChanges(open, options);
	}

	commit<T>(work: (tx: Tx) => T, options: CommitOptions = {}): Promise<Outcome<T>> {
		return this.#commits.commit(work, options);
	}

	#reached(commit: string, tier: Tier, { timeoutMs, signal }: WaitOptions = {}): Promise<Ack> {
		return this.#caller.call('reached', [commit, tier, timeoutMs], { signal }) as Promise<Ack>; // what the owner's gives
	}

	#pause(): () => void {
		this.#caller.call('pause', []).catch(() => {}); // an owner that is gone sends nothing either
		const id = this.#caller.last;
		return () => this.#caller.abort(id);
	}

	status(): Status {
		return { ...this.#follower.about.status, health: this.#health.health };
	}

	homeOf(ledger: LedgerName): DeviceId | undefined {
		return this.#follower.about.homes.find(([name]) => name === ledger)?.[1];
	}

	bytes(): Promise<number> {
		return this.#caller.call('bytes', []);
	}

	check(): readonly Finding[] {
		const { books } = this.#follower;
		return [...books.names()].flatMap((ledger) =>
			conserve(books.of(ledger).escrow).map((finding) => ({ ledger, ...finding })),
		);
	}

	digest(ledger: LedgerName): string {
		return this.#follower.books.digest(ledger, this.#parts.platform.crypto.sha256);
	}

	async tend({ compact = false }: { readonly compact?: boolean } = {}): Promise<void> {
		await this.#caller.call('tend', [compact]);
	}

	async fence(device: DeviceId): Promise<void> {
		await this.#caller.call('fence', [device]);
	}

	async returnShares({ drainMs }: Pick<ShutdownOptions, 'drainMs'> = {}): Promise<Farewell> {
		return this.#caller.call('returnShares', drainMs === undefined ? [] : [drainMs]);
	}

	get consents(): Consents | undefined {
		const { credential } = this.#follower.about.status;
		return (
			credential && {
				grants: credential.grants,
				give: (terms) => this.#caller.call('giveConsent', [terms]),
				take: (terms, signed) => this.#caller.call('takeConsent', [terms, signed]),
			}
		);
	}

	revoke(): Promise<never> {
		return this.renew();
	}

	renew(): Promise<never> {
		const no = 'A window has no credential: ask where the replica was opened.';
		return Promise.reject(new TillmeshError('unavailable', no));
	}

	addLink(): never {
		throw new TillmeshError('unavailable', 'A window has no links: add them where the replica was opened.');
	}

	/** Leaves the owner to itself: that one goes on, and keeps its shares. */
	async shutdown(): Promise<Farewell> {
		const { books, about } = this.#follower;
		this.#parts.leave();
		const isHome = (ledger: LedgerName) => this.homeOf(ledger) === this.device;
		const kept = sharesKept({ books, isHome, ledgers: () => this.#follower.ledgers() });
		return { unsynced: about.sync.waiting.copy.entries, sharesKept: kept };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.shutdown();
	}
}

function healthOf(of: PlainHealth): { readonly of: PlainHealth; readonly health: Health } {
	if (of.state !== 'broken') return { of, health: of };
	const error = fromPlain(of.error);
	if (error instanceof TillmeshError) return { of, health: { state: 'broken', error } };
	return { of, health: { state: 'broken', error: new TillmeshError('storage_failed', error.message) } };
}
