import { BadArgument, Closed, type RefusalCode, TillmeshError } from '../base/errors.js';
import type { DeviceId, LedgerName, PoolId } from '../base/ids.js';
import { checkName } from '../base/limits.js';
import { keeps } from '../base/patterns.js';
import { conserve } from '../escrow/share.js';
import { type Checkpoint, encodeCheckpoint } from '../journal/checkpoint.js';
import type { Epoch } from '../journal/journal.js';
import { covers } from '../journal/view.js';
import type { Family, FamilyListener, Guard } from '../ledger/books.js';
import { type Author, type CommitOptions, Committer } from '../ledger/commit.js';
import { createLedger, type Ledger, type Pool, type PoolPolicy } from '../ledger/ledger.js';
import { createLive, type Live, type WaitOptions } from '../ledger/live.js';
import type { Holder, Outcome, Refused } from '../ledger/outcome.js';
import type { Tx } from '../ledger/tx.js';
import type { Link, LinkSource } from '../ports/index.js';
import type { Consents } from '../trust/consent.js';
import type { EnrolledKeys } from '../trust/credential.js';
import { type Changes, type ChangesOptions, createChanges } from './changes.js';
import { Core, type CoreParts } from './core.js';
import type { Enrolment } from './enrolment.js';
import type { Home } from './home.js';
import { Homes } from './homes.js';
import { Identity } from './identity.js';
import { sharesKept } from './kept.js';
import { lateEntries } from './late.js';
import type { Lines } from './lines.js';
import { checkLedgers } from './options.js';
import { keys, toRecord } from './records.js';
import type { Farewell, Replica, ShutdownOptions } from './replica.js';
import { type Finding, type Health, type LedgerStatus, plainCredential, type Status } from './status.js';
import { ReplicaSync } from './sync.js';
import { Upkeep } from './upkeep.js';
import { Writer } from './writer.js';

export interface ReplicaParts {
	/** Given where this replica is home of anything. */
	readonly Home: typeof Home | undefined;
	readonly core: Omit<CoreParts, 'disk'>;
	readonly disk: (broken: (error: TillmeshError) => void) => CoreParts['disk'];
	/** The key of this device's present name. */
	readonly pair: EnrolledKeys;
	readonly checkpoints: readonly Checkpoint[];
	readonly waiting: readonly Checkpoint[];
	/** The storage was new: this device got its name just now. */
	readonly fresh: boolean;
}

const nothingCame = { rejected: { count: 0, newest: [] }, skewed: 0 };
/** How long a commit beside which rows are written waits for somebody else's transaction at a time. */
const pauseMs = 5;
/** How long to wait until what went home is on another disk. */
const drainMsDefault = 2000;
const clonedFix = 'A copy of this device wrote too. Connect to the home: this one enrols anew.';

/** Joins the parts of an open replica; each of them is a file beside this one. */
export class OpenReplica implements Replica {
	readonly #core: Core;
	/** Loaded with the first link. */
	#lines: Lines | undefined;
	#loading: Promise<Lines | undefined> | undefined;
	readonly #home: Home | undefined;
	readonly #identity: Identity;
	readonly #upkeep: Upkeep;
	readonly #committer: Committer;
	readonly #ledgers = new Map<LedgerName, ReturnType<typeof createLedger>>();
	readonly #names = new Map<DeviceId, string>();
	readonly #homes: Homes;
	readonly #watchers = new Set<() => void>();
	#farewell: Promise<Farewell> | undefined;
	#adopting: Promise<void> = Promise.resolve();
	#health: Health = { state: 'ok' };
	readonly health: Live<Health>;
	readonly sync: ReplicaSync;

	constructor(parts: ReplicaParts) {
		const createWriter = (core: Core, pair: EnrolledKeys, fresh = true) =>
			new Writer(core, pair, fresh, (ledgers) => this.#written(ledgers));
		const disk = parts.disk((error) => this.#broken(error));
		this.#core = new Core({ ...parts.core, disk }, (core) => createWriter(core, parts.pair, parts.fresh));
		const core = this.#core;
		core.enrolment?.follow(core.books);
		this.#homes = new Homes(core);
		this.#home = parts.Home && new parts.Home(core, (epoch) => this.#lines?.outbox.archived(epoch) ?? 0);
		this.sync = new ReplicaSync(core, () => this.#lines);
		const changed = () =>
			this.#setHealth(core.flagged ? { state: 'restricted', why: 'cloned', fix: clonedFix } : { state: 'ok' });
		this.#identity = new Identity({ core, createWriter, changed, renamed: () => this.#lines?.peers.greet() });
		// Whoever never met anybody writes by itself only in what it has written before.
		const settled = (ledger: LedgerName) =>
			this.#lines?.outbox.settled(ledger) ?? (core.writer.fresh || core.writer.hasWritten(ledger));
		const mourn = () => this.#identity.mourn((ledger) => this.#lines?.outbox.caughtUp(ledger) ?? true);
		const again = (ledger: LedgerName) => this.#lines?.peers.again(ledger);
		this.#upkeep = new Upkeep({ core, settled, mourn, again, home: this.#home, adopt: () => this.#adopt() });
		this.#committer = new Committer(this.#author());
		this.health = createLive({
			version: () => this.#health,
			read: () => this.#health,
			timers: core.platform.timers,
			listen: (watcher) => {
				this.#watchers.add(watcher);
				return () => this.#watchers.delete(watcher);
			},
		});
		core.view.start(parts.checkpoints);
		for (const checkpoint of parts.waiting) core.view.offer(checkpoint);
		this.#identity.recall();
		core.view.advance([...core.journal.all()]);
		for (const epoch of core.journal.all()) this.#noteOpening(epoch);
		for (const ledger of core.ledgers()) this.#identity.follow(ledger);
		this.#identity.judge();
		this.#upkeep.start();
	}

	/** What the parts of this replica share; for those who look inside. */
	get core(): Core {
		return this.#core;
	}

	get device(): DeviceId {
		return this.#core.device;
	}

	get name(): string {
		return this.#core.settings.name;
	}

	#author(): Author {
		const core = this.#core;
		return {
			books: core.books,
			owner: this,
			get device() {
				return core.device;
			},
			sha256: core.platform.crypto.sha256,
			checkOpen: () => this.#checkOpen(),
			restriction: (): RefusalCode | undefined => (core.flagged ? 'restricted' : undefined),
			forbids: (ledger, legs) => core.enrolment?.forbids(core.device, ledger, legs),
			holders: (ledger, pool) => this.#holders(ledger, pool),
			policy: (ledger: LedgerName, pool: Pool): PoolPolicy => this.#ledgers.get(ledger)?.policy(pool) ?? 'hard',
			writing: (ledger) => core.writer.writing(ledger),
			relies: (ledger) => core.writer.relies(ledger),
			now: () => core.clock.next(),
			write: (drafts) => core.writer.write(drafts),
			writeAlongside: (drafts, alongside) => {
				if (!core.disk.transacts)
					throw new TillmeshError('unavailable', 'This storage writes nothing alongside: that takes tillmesh/sqlite.');
				return core.writer.writeAlongside(drafts, alongside);
			},
			pause: () =>
				new Promise((resolve) => {
					core.platform.timers.after(pauseMs, resolve);
				}),
			reached: (commit, tier, options) => this.sync.reached(commit, tier, options),
		};
	}

	#checkOpen(): void {
		if (this.#core.disk.failure) throw new Closed(this.#core.disk.failure);
		if (this.#core.closed) throw new Closed();
	}

	#setHealth(health: Health): void {
		if (this.#health.state === 'broken' || this.#health.state === health.state) return;
		this.#health = health;
		for (const watcher of [...this.#watchers]) watcher();
	}

	/** JRN5: nothing more is accepted, nothing more leaves; what is on disk is what counts. */
	#broken(error: TillmeshError): void {
		this.#setHealth({ state: 'broken', error });
		void Promise.all([this.#lines?.stop(), this.#upkeep.stop()]);
	}

	// ---- for the vendor ----

	ledger(name: LedgerName): Ledger {
		checkName('ledger', name);
		const known = this.#ledgers.get(name);
		if (known) return known;
		const core = this.#core;
		if (name.endsWith('*') || !keeps(core.keeps, name))
			throw new BadArgument('ledger', `"${name}" is not kept here.`, 'unknown_ledger');
		const ledger = createLedger(name, {
			books: core.books,
			owner: this,
			timers: core.platform.timers,
			holders: (of, pool) => this.#holders(of, pool),
			ensure: async (of, pool, amount, options) => {
				const lines = await this.#loading;
				// Without a link nobody is there to be asked.
				return lines?.shares.ensure(of, pool, amount, options) ?? Math.max(0, core.books.mine(of, pool));
			},
		});
		this.#ledgers.set(name, ledger);
		return ledger;
	}

	ledgers(): LedgerName[] {
		return this.#core.ledgers().filter(this.#core.holds);
	}

	async keep(ledgers: LedgerName | readonly LedgerName[], options: WaitOptions = {}): Promise<void> {
		this.#checkOpen();
		const names = checkLedgers(ledgers);
		const lines = await this.#loading;
		if (lines) return lines.wants.keep(names, options);
		if (!names.every(this.#core.holds)) throw new TillmeshError('not_reached', 'Nobody is linked.', { ledgers: names });
	}

	rehearse(work: (tx: Tx) => unknown): Refused | undefined {
		return this.#committer.rehearse(work);
	}

	watch(family: Family, changed: FamilyListener): () => void {
		const { books, holds } = this.#core;
		return books.watch(family, (ledger, keys) => {
			if (holds(ledger)) changed(ledger, keys);
		});
	}

	guard(stops: Guard): () => void {
		const { guards } = this.#core.books;
		guards.add(stops);
		return () => guards.delete(stops);
	}

	changes(options: ChangesOptions = {}): Changes {
		const core = this.#core;
		const source = {
			books: core.books,
			journal: core.journal,
			listen: (changed: () => void) => this.health.subscribe(changed),
			state: () => {
				if (core.disk.failure) throw new Closed(core.disk.failure);
				return core.ended ? 'ended' : 'open';
			},
		} as const;
		const open = async (asked: ChangesOptions) => {
			const { ChangesReader } = await import('./changes-reader.js');
			return new ChangesReader(source, asked);
		};
		return createChanges(open, options);
	}

	commit<T>(work: (tx: Tx) => T, options?: CommitOptions): Promise<Outcome<T>> {
		return this.#committer.commit(work, options);
	}

	#holders(ledger: LedgerName, pool: PoolId): Holder[] {
		const holders: Holder[] = [];
		for (const [device, { share }] of this.#core.books.of(ledger).escrow.pools.get(pool)?.shares ?? [])
			if (share > 0 && device !== this.device) holders.push({ ...this.seen(ledger, device), amount: share });
		return holders.sort((a, b) => b.amount - a.amount || (a.device < b.device ? -1 : 1));
	}

	/** What is known of another device: by links, by what peers say, by what it wrote. */
	seen(ledger: LedgerName, device: DeviceId): Omit<Holder, 'amount'> {
		const met = this.#lines?.peers.presence.of(device);
		let seenMs = met?.lastSeenMs ?? 0;
		for (const epoch of this.#core.journal.in(ledger))
			if (epoch.name.device === device) seenMs = Math.max(seenMs, epoch.timeAt(epoch.count - 1));
		const lastSeen = seenMs > 0 ? new Date(seenMs).toISOString() : undefined;
		return { device, name: this.#names.get(device) || met?.name || device, online: met?.online ?? false, lastSeen };
	}

	homeOf(ledger: LedgerName): DeviceId | undefined {
		return this.#homes.of(ledger);
	}

	status(): Status {
		const { journal, view, writer } = this.#core;
		const ledgers = this.#core.ledgers().map((ledger): LedgerStatus => {
			const epochs = [...journal.in(ledger)];
			const rows = epochs.reduce((sum, epoch) => sum + epoch.count, 0);
			const waiting = epochs.reduce((sum, epoch) => sum + Math.max(0, epoch.count - view.at(epoch.id)), 0);
			const checkpoint = view.base(ledger) !== undefined;
			const late = lateEntries(this.#core, ledger);
			return { ledger, rows, epochs: epochs.length, segment: writer.segment(ledger), waiting, late, checkpoint };
		});
		const { peers } = this.sync.status.get();
		const { rejected, skewed: skewedEntries } = this.#lines?.intake ?? nothingCame;
		const losses = this.#lines?.losses ?? [];
		const { credential } = this.#core;
		return {
			device: this.device,
			name: this.name,
			health: this.#health,
			...(credential && { credential: plainCredential(credential) }),
			ledgers,
			peers,
			rejected,
			forked: [...this.#core.journal.forked],
			losses,
			skewedEntries,
		};
	}

	bytes(): Promise<number> {
		return this.#core.disk.size();
	}

	check(): Finding[] {
		const { books } = this.#core;
		return [...books.names()].flatMap((ledger) =>
			conserve(books.of(ledger).escrow).map((finding) => ({ ledger, ...finding })),
		);
	}

	digest(ledger: LedgerName): string {
		return this.#core.books.digest(ledger, this.#core.platform.crypto.sha256);
	}

	tend({ compact = false } = {}): Promise<void> {
		return this.#upkeep.tend(compact);
	}

	async revoke(ledger: LedgerName, device: DeviceId, reason = ''): Promise<Outcome<void>> {
		return this.#enrolment.revoke(this, this.#core, ledger, device, reason);
	}

	/** Only in a chain that has a root key: others have nobody who may say so. */
	#dismiss(): void {
		const { warden } = this.#core;
		if (warden) this.#lines?.peers.dismiss(warden.isRevoked);
	}

	async renew(credential?: Uint8Array): Promise<void> {
		this.#checkOpen();
		await this.#enrolment.renew(this.#core, credential);
		this.#lines?.peers.greet();
	}

	get #enrolment(): Enrolment {
		const { enrolment } = this.#core;
		if (!enrolment) throw new BadArgument('options.trust', 'this chain has no root key.');
		return enrolment;
	}

	get consents(): Consents | undefined {
		return this.#core.enrolment?.consents(this.#core.writer.pair);
	}

	async fence(device: DeviceId): Promise<void> {
		this.#checkOpen();
		for (const ledger of this.ledgers()) if (this.#core.isHome(ledger)) await this.#home?.fence(ledger, device);
	}

	addLink(way: Link | LinkSource): () => void {
		this.#checkOpen();
		let remove: (() => void) | undefined;
		let isOff = false;
		const add = (lines: Lines | undefined) => {
			if (!isOff && !this.#core.stopped) remove = lines?.add(way);
		};
		if (this.#lines) add(this.#lines);
		else
			this.meet().then(add, (error) =>
				this.#broken(new TillmeshError('unavailable', 'A part did not load.', {}, error)),
			);
		return () => {
			isOff = true;
			remove?.();
		};
	}

	/** Loads what it takes to meet others: most of it is of no use to whoever is alone. */
	meet(): Promise<Lines | undefined> {
		this.#loading ??= import('./lines.js').then(({ Lines }) => {
			if (this.#core.stopped) return undefined;
			this.#lines = new Lines({
				core: this.#core,
				homeOf: (ledger) => this.homeOf(ledger),
				taken: (ledger, epochs) => this.#taken(ledger, epochs),
				offered: () => this.#adoptSoon(),
				changed: () => this.sync.changed(),
				kept: () => this.#kept(),
			});
			if (this.sync.isPaused) this.#lines.peers.pause(true);
			return this.#lines;
		});
		return this.#loading;
	}

	async returnShares({ drainMs = drainMsDefault }: Pick<ShutdownOptions, 'drainMs'> = {}): Promise<Farewell> {
		this.#checkOpen();
		await this.#goHome(drainMs);
		return this.#leaving();
	}

	/** Without a link there is no way home. */
	async #goHome(drainMs: number): Promise<void> {
		await (await this.#loading)?.goHome(() => this.#drain(drainMs));
	}

	/** Where the time is over, what is said in the end says so. */
	async #drain(drainMs: number): Promise<void> {
		if (drainMs > 0 && !this.#core.stopped) await this.sync.flush({ tier: 'copy', timeoutMs: drainMs }).catch(() => {});
	}

	#leaving(): Farewell {
		return { unsynced: this.sync.status.get().waiting.copy.entries, sharesKept: sharesKept(this.#core) };
	}

	shutdown(options: ShutdownOptions = {}): Promise<Farewell> {
		this.#farewell ??= this.#shutdown(options);
		return this.#farewell;
	}

	async #shutdown({ returnShares, drainMs = returnShares ? drainMsDefault : 0 }: ShutdownOptions): Promise<Farewell> {
		const core = this.#core;
		if (returnShares && !core.stopped) await this.#goHome(drainMs);
		else if (drainMs > 0) await this.#drain(drainMs);
		core.closed = true;
		await this.#upkeep.stop();
		const farewell = this.#leaving();
		await (await this.#loading)?.stop();
		try {
			await core.writer.flushed();
		} finally {
			await core.disk.close();
			core.ended = true;
			core.books.notify(); // its windows learn of it
		}
		return farewell;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.shutdown();
	}

	// ---- what was written here and what came ----

	#written(ledgers: ReadonlySet<LedgerName>): void {
		this.#core.books.notify();
		this.#lines?.outbox.sealSoon(ledgers);
		this.#dismiss();
		this.sync.changed();
	}

	#taken(ledger: LedgerName, epochs: readonly Epoch[]): void {
		const core = this.#core;
		for (const epoch of epochs) this.#noteOpening(epoch);
		core.view.advance(epochs);
		this.#adoptSoon();
		if (epochs.some((epoch) => core.isOwn(epoch))) this.#identity.follow(ledger);
		this.#identity.judge();
		this.#dismiss();
		core.books.notify();
	}

	/** More is kept: whoever watches looks at it. */
	#kept(): void {
		this.#core.books.notify();
		this.sync.changed();
	}

	#noteOpening({ name, open }: Epoch): void {
		if (!open) return;
		this.#names.set(name.device, open.name);
		if (!open.home) return;
		this.#core.writer.moveTo(name.ledger, name.segment);
		this.#homes.note(name);
	}

	#adoptSoon(): void {
		this.#adopt().catch(() => {}); // the disk has told the replica
	}

	#adopt(): Promise<void> {
		if (!this.#core.view.isAdopting) this.#adopting = this.#adoptNext();
		return this.#adopting;
	}

	/** Nobody hears of a checkpoint, and nothing of it is shown, before it is on disk (JRN3). */
	async #adoptNext(): Promise<void> {
		const core = this.#core;
		const chosen = core.stopped ? [] : core.view.choose();
		if (chosen.length === 0) return;
		const puts = chosen.map((checkpoint) => toRecord(keys.checkpoint(checkpoint.ledger), encodeCheckpoint(checkpoint)));
		const last = chosen.filter((c) => core.view.pending(c.ledger).every((other) => covers(c, other)));
		await core.writer.along(
			puts,
			last.map(({ ledger }) => keys.waiting(ledger)),
		);
		core.view.adopt();
		for (const checkpoint of chosen) {
			this.#home?.adopted(checkpoint);
			this.#identity.follow(checkpoint.ledger);
			this.#lines?.outbox.pointed(checkpoint.ledger);
		}
		this.#identity.judge();
		core.books.notify();
		this.#lines?.wants.look();
		this.sync.changed(); // what a checkpoint covers is on other disks (JRN11)
		await this.#adopt();
	}
}
