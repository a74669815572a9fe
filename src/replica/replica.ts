import { HybridClock } from '../base/clock.js';
import { BadArgument, Closed, type RefusalCode, type TillmeshError } from '../base/errors.js';
import type { DeviceId, EpochId, LedgerName, PoolId, Position } from '../base/ids.js';
import { conserve, type Imbalance } from '../escrow/share.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint, verifyCheckpoint } from '../journal/checkpoint.js';
import type { Epoch, Journal } from '../journal/journal.js';
import { deviceIdOf, seal } from '../journal/seal.js';
import { View } from '../journal/view.js';
import { Books } from '../ledger/books.js';
import { type CommitOptions, Committer } from '../ledger/commit.js';
import { createLedger, type Ledger } from '../ledger/ledger.js';
import { createLive, type Live } from '../ledger/live.js';
import type { Holder, Outcome } from '../ledger/outcome.js';
import type { Tx } from '../ledger/tx.js';
import type { KeyPair, Link, Platform, StoredRecord } from '../ports/index.js';
import type { LedgerHeads } from '../sync/frames.js';
import { keeps } from '../sync/keeps.js';
import { Session, type SyncHost } from '../sync/session.js';
import { type Disk, epochKeys } from './disk.js';
import { Home } from './home.js';
import { Intake, type Rejection } from './intake.js';
import { deviceRecord, keys, toRecord } from './records.js';
import { Shares } from './shares.js';
import { Writer } from './writer.js';

export type Health =
	| { readonly state: 'ok' }
	/** Reads and appends go on; nothing scarce is spent. */
	| { readonly state: 'restricted'; readonly why: 'cloned'; readonly fix: string }
	| { readonly state: 'broken'; readonly error: TillmeshError };

export interface LedgerStatus {
	readonly ledger: LedgerName;
	readonly rows: number;
	readonly epochs: number;
	readonly segment: number;
	/** Rows that wait for something that is not here yet. */
	readonly waiting: number;
	readonly checkpoint: boolean;
}

export interface PeerStatus {
	readonly device: DeviceId;
	readonly name: string;
	readonly via: string;
	/** Both sides know what the other lacks. */
	readonly inSync: boolean;
}

export interface Status {
	readonly device: DeviceId;
	readonly name: string;
	readonly health: Health;
	readonly ledgers: readonly LedgerStatus[];
	readonly peers: readonly PeerStatus[];
	/** Updates from peers that were not taken, and the newest of them. */
	readonly rejected: { readonly count: number; readonly newest: readonly Rejection[] };
	/** Entries whose writer's clock ran far ahead. */
	readonly skewedEntries: number;
}

export interface Finding extends Imbalance {
	readonly ledger: LedgerName;
}

/** One device's copy of the ledgers it keeps: sells against it alone, and merges with whoever it is linked to. */
export interface Replica extends AsyncDisposable {
	readonly device: DeviceId;
	readonly name: string;
	readonly health: Live<Health>;
	/** Throws `unknown_ledger` where this replica does not keep it. */
	ledger(name: LedgerName): Ledger;
	/** Ledgers with anything in them. */
	ledgers(): readonly LedgerName[];
	/** See `Tx`. The decision is taken at once; the promise resolves when the commit is on this device's disk. */
	commit<T>(work: (tx: Tx) => T, options?: CommitOptions): Promise<Outcome<T>>;
	status(): Status;
	/** The device that is home of a ledger, once it has been heard of. */
	homeOf(ledger: LedgerName): DeviceId | undefined;
	/** Bytes that this replica keeps on disk. */
	bytes(): Promise<number>;
	/** ESC2 over every ledger in view: empty when sound. */
	check(): readonly Finding[];
	/** SHA-256 over the canonical figures of a ledger: equal on every device that has seen the same. */
	digest(ledger: LedgerName): string;
	/** Housekeeping now instead of within the second: checkpoints, fences, segments, dropping. */
	tend(options?: { readonly compact?: boolean }): Promise<void>;
	/** Retires a device for good in the ledgers this replica is home of, and takes its shares back (ESC6). */
	fence(device: DeviceId): Promise<void>;
	addLink(link: Link): () => void;
	/** Writes what is pending, ends the links, lets go of the storage. Idempotent. */
	shutdown(): Promise<void>;
}

export interface ReplicaParts {
	readonly chain: string;
	readonly name: string;
	readonly keeps: readonly string[];
	readonly home: readonly string[];
	readonly archive: boolean;
	readonly segmentRows: number;
	readonly checkpointRows: number;
	readonly platform: Platform;
	readonly disk: (broken: (error: TillmeshError) => void) => Disk;
	readonly journal: Journal;
	readonly checkpoints: readonly Checkpoint[];
	readonly pair: KeyPair;
}

const tendEveryMs = 1000;

export class OpenReplica implements Replica, SyncHost {
	readonly #o: ReplicaParts;
	readonly #disk: Disk;
	readonly #journal: Journal;
	readonly #view: View;
	readonly #books: Books;
	readonly #clock: HybridClock;
	readonly #intake: Intake;
	readonly #home: Home;
	readonly #shares: Shares;
	readonly #committer: Committer;
	readonly #sessions = new Set<Session>();
	readonly #ledgers = new Map<LedgerName, ReturnType<typeof createLedger>>();
	readonly #points = new Map<LedgerName, { of: Checkpoint; id: Uint8Array; bytes: Uint8Array }>();
	readonly #expiries = new Map<string, () => void>();
	readonly #names = new Map<DeviceId, string>();
	readonly #homes = new Map<LedgerName, { device: DeviceId; segment: number }>();
	readonly #toSeal = new Set<LedgerName>();
	readonly #watchers = new Set<() => void>();
	#writer: Writer;
	#flagged = false;
	#health: Health = { state: 'ok' };
	#closed = false;
	#sealing: Promise<void> | undefined;
	#tending: Promise<void> = Promise.resolve();
	#cancelTend = () => {};
	readonly health: Live<Health>;

	constructor(parts: ReplicaParts) {
		this.#o = parts;
		const { platform, journal } = parts;
		const { sha256 } = platform.crypto;
		this.#journal = journal;
		this.#disk = parts.disk((error) => this.#break(error));
		this.#clock = new HybridClock(() => platform.clock.nowMs());
		this.#books = new Books(deviceIdOf(parts.pair.publicKey, sha256), (at, tip) => journal.precedes(at, tip));
		const holds = (ledger: LedgerName) => keeps(parts.keeps, ledger);
		this.#view = new View({ journal, fold: this.#books, holds, limit: (epoch) => epoch.durable });
		this.#writer = this.#createWriter(parts.pair);
		const writer = () => this.#writer;
		this.#intake = new Intake({
			journal,
			view: this.#view,
			books: this.#books,
			disk: this.#disk,
			clock: this.#clock,
			crypto: platform.crypto,
			device: () => this.device,
			taken: (ledger, epochs) => this.#taken(ledger, epochs),
		});
		this.#home = new Home({
			journal,
			view: this.#view,
			books: this.#books,
			writer,
			crypto: platform.crypto,
			holds,
			archived: (epoch) => this.#archived(epoch),
			segmentRows: parts.segmentRows,
			checkpointRows: parts.checkpointRows,
		});
		this.#shares = new Shares({
			books: this.#books,
			writer,
			platform,
			sessions: () => this.#sessions,
			isHome: (ledger) => this.#isHome(ledger),
			maySpend: (ledger, pool) => this.#restriction() === undefined && !this.#books.of(ledger).escrow.stopped.has(pool),
		});
		this.#committer = new Committer(this.#author(sha256));
		this.health = createLive({
			version: () => this.#health,
			read: () => this.#health,
			timers: platform.timers,
			listen: (changed) => {
				this.#watchers.add(changed);
				return () => this.#watchers.delete(changed);
			},
		});
		this.#start();
	}

	get device(): DeviceId {
		return this.#writer.device;
	}

	get name(): string {
		return this.#o.name;
	}

	get timers() {
		return this.#o.platform.timers;
	}

	#author(sha256: (data: Uint8Array) => Uint8Array) {
		const replica = this;
		return {
			books: this.#books,
			owner: this,
			get device() {
				return replica.device;
			},
			sha256,
			checkOpen: () => this.#checkOpen(),
			restriction: () => this.#restriction(),
			holders: (ledger: LedgerName, pool: PoolId) => this.#holders(ledger, pool),
			policy: (ledger: LedgerName, pool: Parameters<ReturnType<typeof createLedger>['policy']>[0]) =>
				this.#ledgers.get(ledger)?.policy(pool) ?? 'hard',
			writing: (ledger: LedgerName) => this.#writer.writing(ledger),
			relies: (ledger: LedgerName) => this.#writer.relies(ledger),
			now: () => this.#clock.next(),
			write: (drafts: Parameters<Writer['write']>[0]) => this.#writer.write(drafts),
		};
	}

	#createWriter(pair: KeyPair): Writer {
		const { platform, name, journal } = this.#o;
		return new Writer({
			device: deviceIdOf(pair.publicKey, platform.crypto.sha256),
			pair,
			name,
			isHome: (ledger) => this.#isHome(ledger),
			journal,
			view: this.#view,
			books: this.#books,
			disk: this.#disk,
			clock: this.#clock,
			platform,
			written: (ledgers) => this.#written(ledgers),
		});
	}

	/** Figures from checkpoints and rows; where this device's journals end; what its disk lost (JRN4). */
	#start(): void {
		const journal = this.#journal;
		this.#view.start(this.#o.checkpoints);
		for (const epoch of journal.all()) {
			this.#noteOpening(epoch);
			if (epoch.name.device !== this.device) continue;
			for (let i = 0; i < epoch.count; i++) {
				const entry = epoch.entry(i);
				this.#clock.restore(entry.time);
				if (i >= this.#view.at(epoch.id)) this.#books.wrote(epoch.name.ledger, entry);
			}
		}
		this.#view.advance([...journal.all()].map((epoch) => epoch.id));
		for (const ledger of this.ledgers()) this.#followOwn(ledger);
		this.#mourn();
		this.#judge();
		this.#scheduleTend();
	}

	/** Says of own commits whose other parts this disk lost that they are not coming: `torn` (JRN4). */
	#mourn(): void {
		for (let round = 0; round < 1000; round++) {
			let found = false;
			for (const id of [...this.#view.blocked.keys()]) {
				const epoch = this.#journal.get(id);
				if (epoch?.name.device !== this.device) continue;
				const lost = epoch
					.entry(this.#view.at(id))
					.parts.filter(
						(part) =>
							keeps(this.#o.keeps, part.ledger) &&
							(this.#journal.get(part.epoch)?.count ?? 0) <= part.index &&
							this.#view.at(part.epoch) <= part.index,
					);
				if (lost.length === 0 || this.#mourned.has(`${id} ${this.#view.at(id)}`)) continue;
				this.#mourned.add(`${id} ${this.#view.at(id)}`);
				const legs = lost.map((part) => ({ kind: 'torn' as const, part }));
				this.#writer.write([this.#writer.draft(epoch.name.ledger, legs, [])]).catch(() => {}); // told by the disk
				found = true;
			}
			if (!found) return;
		}
	}
	readonly #mourned = new Set<string>();

	#isHome(ledger: LedgerName): boolean {
		return keeps(this.#o.home, ledger);
	}

	#checkOpen(): void {
		if (this.#disk.failure) throw new Closed(this.#disk.failure);
		if (this.#closed) throw new Closed();
	}

	#restriction(): RefusalCode | undefined {
		return this.#flagged ? 'restricted' : undefined;
	}

	/** JRN5: nothing more is accepted; what is on disk is what counts. */
	#break(error: TillmeshError): void {
		this.#setHealth({ state: 'broken', error });
		for (const session of this.#sessions) session.stop();
		this.#sessions.clear();
		this.#cancelTend();
	}

	#setHealth(health: Health): void {
		if (this.#health.state === health.state) return;
		this.#health = health;
		for (const watcher of [...this.#watchers]) watcher();
	}

	ledger(name: LedgerName): Ledger {
		if (!keeps(this.#o.keeps, name)) throw new BadArgument('ledger', `"${name}" is not kept here.`, 'unknown_ledger');
		const known = this.#ledgers.get(name);
		if (known) return known;
		const ledger = createLedger(name, {
			books: this.#books,
			owner: this,
			timers: this.#o.platform.timers,
			holders: (of, pool) => this.#holders(of, pool),
			ensure: (of, pool, amount, options) => this.#shares.ensure(of, pool, amount, options),
		});
		this.#ledgers.set(name, ledger);
		return ledger;
	}

	ledgers(): LedgerName[] {
		const names = new Set(this.#journal.ledgers());
		for (const checkpoint of this.#o.checkpoints) names.add(checkpoint.ledger);
		for (const name of this.#points.keys()) names.add(name);
		return [...names].sort();
	}

	commit<T>(work: (tx: Tx) => T, options?: CommitOptions): Promise<Outcome<T>> {
		return this.#committer.commit(work, options);
	}

	#holders(ledger: LedgerName, pool: PoolId): Holder[] {
		const holders: Holder[] = [];
		for (const [device, { share }] of this.#books.of(ledger).escrow.pools.get(pool)?.shares ?? [])
			if (share > 0 && device !== this.device)
				holders.push({ device, name: this.#names.get(device) ?? device, amount: share });
		return holders.sort((a, b) => b.amount - a.amount || (a.device < b.device ? -1 : 1));
	}

	homeOf(ledger: LedgerName): DeviceId | undefined {
		return this.#isHome(ledger) ? this.device : this.#homes.get(ledger)?.device;
	}

	status(): Status {
		const ledgers = this.ledgers().map((ledger): LedgerStatus => {
			const epochs = [...this.#journal.in(ledger)];
			const rows = epochs.reduce((sum, epoch) => sum + epoch.count, 0);
			const waiting = epochs.reduce((sum, epoch) => sum + Math.max(0, epoch.count - this.#view.at(epoch.id)), 0);
			const segment = this.#writer.segment(ledger);
			return {
				ledger,
				rows,
				epochs: epochs.length,
				segment,
				waiting,
				checkpoint: this.#view.base(ledger) !== undefined,
			};
		});
		const peers = [...this.#sessions].flatMap(({ peer, via, inSync }) =>
			peer ? [{ device: peer.device, name: peer.name, via, inSync }] : [],
		);
		const { device, name } = this;
		return {
			device,
			name,
			health: this.#health,
			ledgers,
			peers,
			rejected: this.#intake.rejected,
			skewedEntries: this.#intake.skewed,
		};
	}

	bytes(): Promise<number> {
		return this.#disk.size();
	}

	check(): Finding[] {
		const findings: Finding[] = [];
		for (const ledger of this.#books.names())
			for (const finding of conserve(this.#books.of(ledger).escrow)) findings.push({ ledger, ...finding });
		return findings;
	}

	digest(ledger: LedgerName): string {
		return this.#books.digest(ledger, this.#o.platform.crypto.sha256);
	}

	// ---- what was written and what came ----

	#written(ledgers: ReadonlySet<LedgerName>): void {
		this.#books.notify();
		if (this.#sessions.size > 0) this.#sealSoon(ledgers);
	}

	#taken(ledger: LedgerName, epochs: readonly Epoch[]): void {
		this.#view.advance(epochs.map((epoch) => epoch.id));
		this.#adopt();
		for (const epoch of epochs) this.#noteOpening(epoch);
		if (epochs.some((epoch) => epoch.name.device === this.device)) this.#followOwn(ledger);
		this.#judge();
		this.#books.notify();
		for (const session of this.#sessions) session.push([ledger]);
	}

	#noteOpening({ name, open }: Epoch): void {
		if (!open) return;
		this.#names.set(name.device, open.name);
		if (!open.home) return;
		this.#writer.moveTo(name.ledger, name.segment);
		const known = this.#homes.get(name.ledger);
		if (!known || known.segment <= name.segment)
			this.#homes.set(name.ledger, { device: name.device, segment: name.segment });
	}

	/**
	 * What do rows and checkpoints say of this device's own journal (JRN7)? The end of it as known here; or a lost tail,
	 * taken back where nothing was written in this opening; or another branch: this device, or its copy, is a clone.
	 */
	#followOwn(ledger: LedgerName): void {
		const writer = this.#writer;
		const own: Position[] = [];
		for (const epoch of this.#journal.in(ledger))
			if (epoch.name.device === writer.device) own.push({ epoch: epoch.id, count: epoch.count });
		for (const { epoch, count, device } of this.#view.base(ledger)?.cut.values() ?? [])
			if (device === writer.device) own.push({ epoch, count });
		const length = (at: Position | undefined) => (at ? (this.#journal.lengthTo(at) ?? 0) : 0);
		let tip = writer.tip(ledger);
		if (!writer.hasWritten(ledger)) for (const at of own) if (length(at) > length(tip)) tip = at;
		if (tip && tip !== writer.tip(ledger)) writer.continueAfter(ledger, tip);
		if (!own.every((at) => this.#journal.precedes(at, tip ?? null))) this.#flagged = true;
	}

	/** Looks at what the view says of this device: cloned, fenced, or sound. */
	#judge(): void {
		if (this.#journal.forked.has(this.device)) this.#flagged = true;
		if (this.#flagged)
			this.#setHealth({
				state: 'restricted',
				why: 'cloned',
				fix: 'A copy of this device wrote too. Connect to the home: it takes the shares back and this device enrols anew by itself.',
			});
		for (const ledger of this.#books.names())
			if (this.#books.of(ledger).escrow.fenced(this.device)) {
				this.#enrolSoon();
				return;
			}
	}

	#enrolling = false;
	#enrolSoon(): void {
		if (this.#enrolling) return;
		this.#enrolling = true;
		this.#enrol().then(
			() => {
				this.#enrolling = false;
			},
			() => {}, // the replica has been told by its disk
		);
	}

	/** A fenced device goes on under a new name (JRN7). What it wrote stays, sealed by the old one. */
	async #enrol(): Promise<void> {
		await this.#writer.flushed();
		await this.#sealOwn([...this.#journal.ledgers()]);
		const { platform, name } = this.#o;
		const pair = await platform.crypto.generateKeyPair();
		await this.#disk.write({ puts: [deviceRecord(pair, name)], deletes: [] });
		const old = this.#writer;
		this.#writer = this.#createWriter(pair);
		for (const ledger of this.#journal.ledgers()) this.#writer.moveTo(ledger, old.segment(ledger));
		this.#books.rename(this.device);
		this.#flagged = false;
		this.#setHealth({ state: 'ok' });
	}

	// ---- checkpoints ----

	#adopt(): void {
		const changed = this.#view.adopt();
		if (changed.length === 0) return;
		const puts: StoredRecord[] = [];
		for (const ledger of changed) {
			const base = this.#view.base(ledger);
			if (base) puts.push(toRecord(keys.checkpoint(ledger), encodeCheckpoint(base)));
			this.#followOwn(ledger);
		}
		this.#writer.along(puts, []);
		this.#books.notify();
		for (const session of this.#sessions) session.push(changed);
	}

	async receiveCheckpoint(bytes: Uint8Array): Promise<void> {
		const checkpoint = decodeCheckpoint(bytes);
		const { crypto } = this.#o.platform;
		const ledger = checkpoint?.ledger ?? '';
		const device = checkpoint && deviceIdOf(checkpoint.key, crypto.sha256);
		if (!checkpoint || !keeps(this.#o.keeps, ledger) || !(await verifyCheckpoint(crypto, checkpoint)))
			return this.#intake.reject({ ledger, code: 'bad_checkpoint', device });
		this.#view.offer(checkpoint);
		this.#adopt();
		if (this.#view.base(ledger) === checkpoint) this.#home.adopted(ledger);
		this.#judge();
	}

	checkpoint(ledger: LedgerName): { readonly id: Uint8Array; readonly bytes: Uint8Array } | undefined {
		const base = this.#view.base(ledger);
		if (!base) return undefined;
		const known = this.#points.get(ledger);
		if (known?.of === base) return known;
		const { sha256 } = this.#o.platform.crypto;
		const point = { of: base, id: sha256(base.content), bytes: encodeCheckpoint(base) };
		this.#points.set(ledger, point);
		return point;
	}

	/** Rows of an epoch on the disk of another archive. */
	#archived(epoch: EpochId): number {
		let count = 0;
		for (const session of this.#archives) count = Math.max(count, session.ackedBy(epoch));
		return count;
	}

	readonly #archives = new Set<Session>();

	// ---- sessions ----

	hello() {
		const { chain, keeps: patterns, archive } = this.#o;
		return { chain, device: this.device, name: this.name, archive, keeps: patterns };
	}

	epochs(ledger: LedgerName): Iterable<Epoch> {
		return this.#journal.in(ledger);
	}

	heads(ledger: LedgerName): LedgerHeads {
		const rows: Position[] = [];
		for (const epoch of this.#journal.in(ledger))
			if (epoch.durable > 0) rows.push({ epoch: epoch.id, count: epoch.durable });
		const covered: Position[] = [];
		for (const { epoch, count } of this.#view.base(ledger)?.cut.values() ?? [])
			if (!this.#journal.get(epoch)) covered.push({ epoch, count });
		return { ledger, rows, covered, checkpoint: this.checkpoint(ledger)?.id ?? new Uint8Array() };
	}

	receive(
		_from: Session,
		frame: {
			ledger: LedgerName;
			segment: number;
			update: Uint8Array;
			seals: readonly import('../journal/seal.js').Seal[];
		},
	) {
		if (!keeps(this.#o.keeps, frame.ledger)) return Promise.resolve({ acks: [], again: false });
		return this.#intake.receive(frame.ledger, frame.segment, frame.update, frame.seals);
	}

	receiveAsk(from: Session, ask: Parameters<Shares['answer']>[1]): void {
		if (keeps(this.#o.keeps, ask.ledger) && !this.#closed) this.#shares.answer(from, ask);
	}

	peerChanged(session: Session): void {
		if (session.peer?.archive) this.#archives.add(session);
		if (session.inSync) this.#sealSoon(this.#journal.ledgers());
	}

	addLink(link: Link): () => void {
		this.#checkOpen();
		const session = new Session(this, link);
		this.#sessions.add(session);
		return () => {
			session.stop();
			this.#sessions.delete(session);
		};
	}

	/** Seals what this device wrote, then sends it: one signature for all that gathered meanwhile (JRN8). */
	#sealSoon(ledgers: Iterable<LedgerName>): void {
		for (const ledger of ledgers) this.#toSeal.add(ledger);
		this.#sealing ??= this.#sealAll().finally(() => {
			this.#sealing = undefined;
		});
	}

	async #sealAll(): Promise<void> {
		while (this.#toSeal.size > 0 && !this.#closed && !this.#disk.failure) {
			const ledgers = [...this.#toSeal];
			this.#toSeal.clear();
			await this.#sealOwn(ledgers);
			for (const session of this.#sessions) session.push(ledgers);
		}
	}

	async #sealOwn(ledgers: readonly LedgerName[]): Promise<void> {
		const { crypto } = this.#o.platform;
		const { device, pair } = this.#writer;
		const puts: StoredRecord[] = [];
		const deletes: string[] = [];
		for (const ledger of ledgers)
			for (const epoch of [...this.#journal.in(ledger)]) {
				if (epoch.name.device !== device) continue;
				while (epoch.sealed < epoch.durable) {
					const count = epoch.sealPoint(epoch.sealed, epoch.durable);
					const made = await seal(crypto, pair, epoch.id, count, epoch.hashAt(count));
					puts.push(toRecord(keys.seal(epoch.id, count), made.signature));
					for (const needless of epoch.addSeal(made)) deletes.push(keys.seal(epoch.id, needless.count));
				}
			}
		if (puts.length > 0 && !this.#closed) this.#writer.along(puts, deletes);
	}

	// ---- housekeeping ----

	#scheduleTend(): void {
		this.#cancelTend = this.#o.platform.timers.after(tendEveryMs, () => {
			this.tend().then(
				() => this.#scheduleTend(),
				() => {}, // a failed write has closed the replica already
			);
		});
	}

	tend({ compact = false } = {}): Promise<void> {
		this.#tending = this.#tending.then(() => this.#tend(compact));
		const done = this.#tending;
		this.#tending = done.catch(() => {}); // the caller is told
		return done;
	}

	async #tend(compact: boolean): Promise<void> {
		if (this.#closed || this.#disk.failure) return;
		for (const ledger of this.ledgers()) {
			if (this.#isHome(ledger) && !this.#flagged) await this.#tendHome(ledger, compact);
			this.#followSegment(ledger);
			this.#expireHolds(ledger);
			if (!this.#o.archive) this.#dropCovered(ledger);
		}
		await this.#writer.flushed();
	}

	async #tendHome(ledger: LedgerName, compact: boolean): Promise<void> {
		const { escrow } = this.#books.of(ledger);
		for (const device of this.#journal.forked) await this.#home.fence(ledger, device);
		for (const { device } of escrow.fences) await this.#home.reclaim(ledger, device);
		await this.#home.mintRights(ledger);
		this.#home.openSegment(ledger);
		const checkpoint = await this.#home.checkpoint(ledger, compact ? 1 : undefined);
		if (!checkpoint) return;
		this.#view.offer(checkpoint);
		this.#adopt();
	}

	/** An epoch left behind in an old segment gets its successor, so that its rows can go. */
	#followSegment(ledger: LedgerName): void {
		const tip = this.#writer.tip(ledger);
		const epoch = tip && this.#journal.get(tip.epoch);
		if (epoch && epoch.name.segment < this.#writer.segment(ledger)) this.#writer.open(ledger);
	}

	/** Each open hold of this device expires when its lease has run while this process ran, whatever the clock says. */
	#expireHolds(ledger: LedgerName): void {
		for (const [id, hold] of this.#books.of(ledger).escrow.holds) {
			if (hold.device !== this.device || this.#expiries.has(id)) continue;
			const cancel = this.#o.platform.timers.after(hold.leaseMs, () => {
				this.#expiries.delete(id);
				const open = this.#books.openHold(ledger, id);
				if (!open || this.#closed || this.#disk.failure) return;
				const leg = { kind: 'expire' as const, pool: open.pool, hold: id, held: open.amount };
				this.#writer.write([this.#writer.draft(ledger, [leg])]).catch(() => {}); // told by the disk
			});
			this.#expiries.set(id, cancel);
		}
	}

	/** JRN11: covered by the adopted checkpoint, and gone on from or fenced. */
	#dropCovered(ledger: LedgerName): void {
		const base = this.#view.base(ledger);
		if (!base) return;
		const deletes: string[] = [];
		const followed = new Set<string>();
		for (const { prev } of base.cut.values()) if (prev) followed.add(`${prev.epoch} ${prev.count}`);
		const { escrow } = this.#books.of(ledger);
		for (const epoch of [...this.#journal.in(ledger)]) {
			const covered = (base.cut.get(epoch.id)?.count ?? 0) >= epoch.count;
			if (!covered || this.#writer.isWriting(epoch) || this.#writer.tip(ledger)?.epoch === epoch.id) continue;
			if (!followed.has(`${epoch.id} ${epoch.count}`) && !escrow.fenced(epoch.name.device)) continue;
			deletes.push(...epochKeys(epoch));
			this.#journal.drop(epoch);
			this.#view.dropped(epoch.id);
		}
		if (deletes.length > 0) this.#writer.along([], deletes);
	}

	async fence(device: DeviceId): Promise<void> {
		this.#checkOpen();
		for (const ledger of this.ledgers()) if (this.#isHome(ledger)) await this.#home.fence(ledger, device);
	}

	async shutdown(): Promise<void> {
		if (this.#closed) return;
		this.#cancelTend();
		await this.#tending;
		await this.#sealing;
		this.#closed = true;
		for (const cancel of this.#expiries.values()) cancel();
		for (const session of this.#sessions) session.stop();
		this.#sessions.clear();
		await this.#writer.flushed();
		await this.#disk.close();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.shutdown();
	}
}
