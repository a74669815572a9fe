import { BadArgument, Closed, type RefusalCode, type TillmeshError } from '../base/errors.js';
import type { DeviceId, LedgerName, PoolId } from '../base/ids.js';
import { checkName } from '../base/limits.js';
import { conserve } from '../escrow/share.js';
import { type Checkpoint, encodeCheckpoint } from '../journal/checkpoint.js';
import type { Epoch } from '../journal/journal.js';
import { type Author, type CommitOptions, Committer } from '../ledger/commit.js';
import { createLedger, type Ledger, type Pool, type PoolPolicy } from '../ledger/ledger.js';
import { createLive, type Live } from '../ledger/live.js';
import type { Holder, Outcome } from '../ledger/outcome.js';
import type { Tx } from '../ledger/tx.js';
import type { KeyPair, Link } from '../ports/index.js';
import { Core, type CoreParts } from './core.js';
import { Doorway } from './doorway.js';
import type { Home } from './home.js';
import { Identity } from './identity.js';
import { Intake } from './intake.js';
import { Outbox } from './outbox.js';
import { keys, toRecord } from './records.js';
import type { Replica } from './replica.js';
import { Shares } from './shares.js';
import type { Finding, Health, LedgerStatus, Status } from './status.js';
import { Upkeep } from './upkeep.js';
import { Writer } from './writer.js';

export interface ReplicaParts {
	/** Given where this replica is home of anything. */
	readonly Home: typeof Home | undefined;
	readonly core: Omit<CoreParts, 'disk'>;
	readonly disk: (broken: (error: TillmeshError) => void) => CoreParts['disk'];
	/** The key of this device's present name. */
	readonly pair: KeyPair;
	readonly checkpoints: readonly Checkpoint[];
	/** The storage was new: this device got its name just now. */
	readonly fresh: boolean;
}

const clonedFix = 'A copy of this device wrote too. Connect to the home: this one enrols anew.';

/** Joins the parts of an open replica; each of them is a file beside this one. */
export class OpenReplica implements Replica {
	readonly #core: Core;
	readonly #outbox: Outbox;
	readonly #intake: Intake;
	readonly #home: Home | undefined;
	readonly #identity: Identity;
	readonly #shares: Shares;
	/** What the sessions of this replica see of it. */
	readonly doorway: Doorway;
	readonly #upkeep: Upkeep;
	readonly #committer: Committer;
	readonly #ledgers = new Map<LedgerName, ReturnType<typeof createLedger>>();
	readonly #names = new Map<DeviceId, string>();
	readonly #homes = new Map<LedgerName, { readonly device: DeviceId; readonly segment: number }>();
	readonly #watchers = new Set<() => void>();
	#health: Health = { state: 'ok' };
	readonly health: Live<Health>;

	constructor(parts: ReplicaParts) {
		const createWriter = (core: Core, pair: KeyPair, fresh = true) =>
			new Writer(core, pair, fresh, (ledgers) => this.#written(ledgers));
		const disk = parts.disk((error) => this.#broken(error));
		this.#core = new Core({ ...parts.core, disk }, (core) => createWriter(core, parts.pair, parts.fresh));
		const core = this.#core;
		this.#outbox = new Outbox(core);
		this.#intake = new Intake(core, (ledger, epochs) => this.#taken(ledger, epochs));
		this.#home = parts.Home && new parts.Home(core, (epoch) => this.#outbox.archived(epoch));
		const changed = () =>
			this.#setHealth(core.flagged ? { state: 'restricted', why: 'cloned', fix: clonedFix } : { state: 'ok' });
		this.#identity = new Identity({ core, createWriter, changed, renamed: () => this.#outbox.greet() });
		this.#shares = new Shares(core, this.#outbox, (ledger) => this.homeOf(ledger));
		const offered = () => {
			this.#adopt();
			this.#identity.judge();
		};
		this.doorway = new Doorway({ core, outbox: this.#outbox, intake: this.#intake, shares: this.#shares, offered });
		this.#upkeep = new Upkeep({ core, outbox: this.#outbox, home: this.#home, adopt: () => this.#adopt() });
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
		this.#identity.recall();
		this.#shares.recall();
		core.view.advance([...core.journal.all()]);
		for (const epoch of core.journal.all()) this.#noteOpening(epoch);
		for (const ledger of core.ledgers()) this.#identity.follow(ledger);
		this.#identity.mourn();
		this.#identity.judge();
		this.#upkeep.start();
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
			holders: (ledger, pool) => this.#holders(ledger, pool),
			policy: (ledger: LedgerName, pool: Pool): PoolPolicy => this.#ledgers.get(ledger)?.policy(pool) ?? 'hard',
			writing: (ledger) => core.writer.writing(ledger),
			relies: (ledger) => core.writer.relies(ledger),
			now: () => core.clock.next(),
			write: (drafts) => core.writer.write(drafts),
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
		void Promise.all([this.#outbox.stop(), this.#upkeep.stop()]);
	}

	// ---- for the vendor ----

	ledger(name: LedgerName): Ledger {
		checkName('ledger', name);
		const known = this.#ledgers.get(name);
		if (known) return known;
		const core = this.#core;
		if (name.endsWith('*') || !core.holds(name))
			throw new BadArgument('ledger', `"${name}" is not kept here.`, 'unknown_ledger');
		const ledger = createLedger(name, {
			books: core.books,
			owner: this,
			timers: core.platform.timers,
			holders: (of, pool) => this.#holders(of, pool),
			ensure: (of, pool, amount, options) => this.#shares.ensure(of, pool, amount, options),
		});
		this.#ledgers.set(name, ledger);
		return ledger;
	}

	ledgers(): LedgerName[] {
		return this.#core.ledgers();
	}

	commit<T>(work: (tx: Tx) => T, options?: CommitOptions): Promise<Outcome<T>> {
		return this.#committer.commit(work, options);
	}

	#holders(ledger: LedgerName, pool: PoolId): Holder[] {
		const holders: Holder[] = [];
		for (const [device, { share }] of this.#core.books.of(ledger).escrow.pools.get(pool)?.shares ?? [])
			if (share > 0 && device !== this.device)
				holders.push({ device, name: this.#names.get(device) ?? device, amount: share });
		return holders.sort((a, b) => b.amount - a.amount || (a.device < b.device ? -1 : 1));
	}

	homeOf(ledger: LedgerName): DeviceId | undefined {
		return this.#core.isHome(ledger) ? this.device : this.#homes.get(ledger)?.device;
	}

	status(): Status {
		const { journal, view, writer } = this.#core;
		const ledgers = this.ledgers().map((ledger): LedgerStatus => {
			const epochs = [...journal.in(ledger)];
			const rows = epochs.reduce((sum, epoch) => sum + epoch.count, 0);
			const waiting = epochs.reduce((sum, epoch) => sum + Math.max(0, epoch.count - view.at(epoch.id)), 0);
			const checkpoint = view.base(ledger) !== undefined;
			return { ledger, rows, epochs: epochs.length, segment: writer.segment(ledger), waiting, checkpoint };
		});
		const peers = [...this.#outbox.sessions].flatMap(({ peer, via, inSync }) =>
			peer ? [{ device: peer.device, name: peer.name, via, inSync }] : [],
		);
		const { rejected, skewed: skewedEntries } = this.#intake;
		return { device: this.device, name: this.name, health: this.#health, ledgers, peers, rejected, skewedEntries };
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

	async fence(device: DeviceId): Promise<void> {
		this.#checkOpen();
		for (const ledger of this.ledgers()) if (this.#core.isHome(ledger)) await this.#home?.fence(ledger, device);
	}

	addLink(link: Link): () => void {
		this.#checkOpen();
		return this.#outbox.connect(this.doorway, link);
	}

	async shutdown(): Promise<void> {
		const core = this.#core;
		if (core.closed) return;
		core.closed = true;
		this.#shares.stop();
		await this.#upkeep.stop();
		await this.#outbox.stop();
		try {
			await core.writer.flushed();
		} finally {
			await core.disk.close();
		}
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.shutdown();
	}

	// ---- what was written here and what came ----

	#written(ledgers: ReadonlySet<LedgerName>): void {
		this.#core.books.notify();
		this.#outbox.sealSoon(ledgers);
	}

	#taken(ledger: LedgerName, epochs: readonly Epoch[]): void {
		const core = this.#core;
		for (const epoch of epochs) this.#noteOpening(epoch);
		core.view.advance(epochs);
		this.#adopt();
		if (epochs.some((epoch) => core.isOwn(epoch))) this.#identity.follow(ledger);
		this.#identity.judge();
		core.books.notify();
		this.#outbox.push([ledger]);
	}

	#noteOpening({ name, open }: Epoch): void {
		if (!open) return;
		this.#names.set(name.device, open.name);
		if (!open.home) return;
		this.#core.writer.moveTo(name.ledger, name.segment);
		const { ledger, device, segment } = name;
		if ((this.#homes.get(ledger)?.segment ?? 0) <= segment) this.#homes.set(ledger, { device, segment });
	}

	#adopt(): void {
		const core = this.#core;
		const changed = core.view.adopt();
		if (changed.length === 0) return;
		for (const ledger of changed) {
			const base = core.view.base(ledger);
			if (base) {
				core.books.adopted(ledger, base.figures);
				this.#home?.adopted(base);
				core.writer.along([toRecord(keys.checkpoint(ledger), encodeCheckpoint(base))], []);
			}
			this.#identity.follow(ledger);
		}
		core.books.notify();
		this.#outbox.push(changed);
	}
}
