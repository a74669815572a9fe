/** A host of sessions that is neither replica nor relay: rows in memory, "on disk" when the test's clock says so. */

import type { MemoryLinkOptions } from '../../../adapters/link-memory/index.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../../../src/base/ids.js';
import { keeps } from '../../../src/base/patterns.js';
import { decodeEntry, encodeEntry } from '../../../src/journal/entry.js';
import { type EpochName, epochIdOf } from '../../../src/journal/epoch.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { Epoch, Journal } from '../../../src/journal/journal.js';
import type { Leg } from '../../../src/journal/leg.js';
import { deviceIdOf, seal } from '../../../src/journal/seal.js';
import type { KeyPair, Link, Platform } from '../../../src/ports/index.js';
import { type Chains, digestOf } from '../../../src/replica/holdings.js';
import { type Batch, nextBatch } from '../../../src/sync/batches.js';
import type { Introduction, LedgerHeads, Reach, Role, ShareAsk, UpdateFrame } from '../../../src/sync/frames.js';
import type { FrameRefusal, Holding, PeerSession, Point, Received, SyncHost } from '../../../src/sync/host.js';
import { markOf, marksOf } from '../../../src/sync/marks.js';
import type { Span } from '../../../src/sync/outgoing.js';
import { type Forward, Peers } from '../../../src/sync/peers.js';
import { sha256, type World } from '../../property/escrow-world.js';

export const startMs = Date.UTC(2026, 0, 1);
const nothing = new Uint8Array();

export interface HandHostOptions {
	readonly role?: Role;
	readonly archive?: boolean;
	readonly keeps?: readonly string[];
	readonly chain?: string;
}

/** Takes rows without a look at seals or causes: what is tried here is how they travel. */
export class HandHost implements SyncHost {
	readonly platform: Platform;
	readonly journal = new Journal();
	readonly peers: Peers;
	readonly points = new Map<LedgerName, Point>();
	/** Codes of what was refused. */
	readonly refusals: FrameRefusal[] = [];
	readonly losses: { ledger: LedgerName; positions: readonly Position[]; theirs: boolean }[] = [];
	readonly reach: { tier: Reach; ledger: LedgerName; positions: Position[] }[] = [];
	readonly asks: ShareAsk[] = [];
	readonly checkpoints: Uint8Array[] = [];
	/** Epochs of which a peer holds other rows. */
	readonly forks: EpochId[] = [];
	/** How long a row is on its way to disk. */
	diskMs = 0;
	/** Updates that came, and rows in them. */
	readonly came = { updates: 0, rows: 0 };
	pair: KeyPair;
	readonly #world: World;
	readonly #o: Required<HandHostOptions>;
	readonly #own = new Map<LedgerName, Epoch>();
	readonly #holdings = new Map<LedgerName, Holding>();

	constructor(
		world: World,
		readonly name: string,
		{ role = 'device', archive = false, keeps: patterns = ['*'], chain = 'chain' }: HandHostOptions = {},
	) {
		this.#world = world;
		this.#o = { role, archive, keeps: patterns, chain };
		this.platform = world.platform();
		this.pair = keyPair(world);
		this.peers = new Peers(this);
	}

	get device(): DeviceId {
		return deviceIdOf(this.pair.publicKey, sha256);
	}

	/** Goes on under another name, and says so. */
	rename(): void {
		this.pair = keyPair(this.#world);
		this.#own.clear();
		this.peers.greet();
	}

	introduce(): Introduction {
		return { ...this.#o, device: this.device, name: this.name, key: this.pair.publicKey };
	}

	sign(data: Uint8Array): Promise<Uint8Array> {
		return this.#world.crypto.sign(this.pair, data);
	}

	ledgers(): Iterable<LedgerName> {
		return [...new Set([...this.journal.ledgers(), ...this.points.keys()])];
	}

	holding(ledger: LedgerName): Holding {
		const known = this.#holdings.get(ledger);
		if (known) return known;
		const counts = new Map<EpochId, number>();
		const point = this.points.get(ledger);
		for (const at of point?.covers.values() ?? []) counts.set(at.epoch, at.count);
		for (const { id, durable } of this.journal.in(ledger)) counts.set(id, Math.max(durable, counts.get(id) ?? 0));
		const holding = { counts, digest: digestOf(counts, this.#chains(ledger), point?.id ?? nothing, sha256) };
		this.#holdings.set(ledger, holding);
		return holding;
	}

	#chains(ledger: LedgerName): Chains {
		return { mark: (at) => this.mark(ledger, at), prev: (epoch) => this.journal.ancestor(epoch)?.prev };
	}

	heads(ledger: LedgerName): LedgerHeads {
		const rows = [...this.journal.in(ledger)].map(({ id, durable }) => ({ epoch: id, count: durable }));
		const point = this.points.get(ledger);
		const covered = [...(point?.covers.values() ?? [])].filter(({ epoch }) => !this.journal.get(epoch));
		const marks = marksOf(rows, (at) => this.mark(ledger, at) ?? nothing);
		return { ledger, rows, covered, checkpoint: point?.id ?? nothing, marks };
	}

	mark(_ledger: LedgerName, { epoch, count }: Position): Uint8Array | undefined {
		const held = this.journal.get(epoch);
		return held && held.count >= count ? markOf(held.hashAt(count)) : undefined;
	}

	forked(_session: PeerSession, _ledger: LedgerName, epoch: EpochId): void {
		this.forks.push(epoch);
	}

	have(ledger: LedgerName, epoch: EpochId): number {
		return this.holding(ledger).counts.get(epoch) ?? 0;
	}

	authorOf(_ledger: LedgerName, epoch: EpochId): DeviceId | undefined {
		return this.journal.get(epoch)?.name.device;
	}

	checkpoint(ledger: LedgerName): Point | undefined {
		return this.points.get(ledger);
	}

	lacking(
		ledger: LedgerName,
		sent: (epoch: EpochId) => number,
		bytes: number,
		among?: ReadonlySet<EpochId>,
	): Batch | undefined {
		const epochs = among ? [...among].flatMap((id) => this.journal.get(id) ?? []) : this.journal.in(ledger);
		return nextBatch(epochs, sent, bytes);
	}

	async receive(
		from: PeerSession,
		{ ledger, segment, update, seals }: UpdateFrame,
		frame: Uint8Array,
	): Promise<Received> {
		this.came.updates++;
		const verdict = gateUpdate(update);
		if (!verdict.ok || !keeps(this.#o.keeps, ledger)) return { acks: [], again: false };
		const [spans, grown]: [Span[], Set<Epoch>] = [[], new Set()];
		let again = false;
		for (const run of verdict.runs) {
			this.came.rows += run.entries.length;
			const epoch = this.journal.get(run.epoch) ?? (run.root && this.#add(run.epoch, { ...run.root, ledger, segment }));
			if (!epoch || run.from > epoch.count) {
				again = true;
				continue;
			}
			const news = run.entries.slice(epoch.count - run.from);
			if (news.length === 0) continue;
			spans.push({ epoch: epoch.id, from: epoch.count, to: epoch.count + news.length });
			for (const row of news) this.journal.push(epoch, row, decodeEntry(row));
			const sealed = seals.find((each) => each.epoch === epoch.id);
			if (sealed && sealed.count > epoch.sealed && sealed.count <= epoch.count) epoch.addSeal(sealed);
			grown.add(epoch);
		}
		if (this.diskMs > 0 && grown.size > 0)
			await new Promise<void>((done) => this.platform.timers.after(this.diskMs, done));
		for (const epoch of grown) epoch.durable = epoch.count;
		this.#holdings.delete(ledger);
		const acks = seals.flatMap(({ epoch }) => {
			const count = this.journal.get(epoch)?.durable ?? 0;
			return count > 0 ? [{ epoch, count }] : [];
		});
		const whole = spans.length === verdict.runs.length;
		if (grown.size > 0)
			this.peers.grown(
				ledger,
				[...grown].map(({ id }) => id),
				whole ? { from, frame, runs: spans } : (undefined as Forward | undefined),
			);
		return { acks, again };
	}

	async receiveCheckpoint(_from: PeerSession, bytes: Uint8Array): Promise<void> {
		this.checkpoints.push(bytes);
	}

	receiveAsk(_from: PeerSession, ask: ShareAsk): void {
		this.asks.push(ask);
	}

	changed(): void {}

	reached(tier: Reach, ledger: LedgerName, positions: Iterable<Position>): void {
		this.reach.push({ tier, ledger, positions: [...positions] });
	}

	lost(_session: PeerSession, ledger: LedgerName, positions: readonly Position[], theirs: boolean): void {
		this.losses.push({ ledger, positions, theirs });
	}

	refused(_session: PeerSession, code: FrameRefusal): void {
		this.refusals.push(code);
	}

	// ---- what a test does with it ----

	#add(id: EpochId, name: EpochName): Epoch {
		const epoch = new Epoch(id, name, sha256);
		this.journal.add(epoch);
		return epoch;
	}

	/** Writes so many entries, seals them and tells its peers; answers where its journal stands then. */
	async write(ledger: LedgerName, count = 1, textBytes = 0): Promise<Position> {
		let epoch = this.#own.get(ledger);
		if (!epoch) {
			const nonce = Math.floor(1 + this.#world.chance() * 2 ** 40).toString(36);
			const name = { ledger, segment: 0, device: this.device, nonce };
			epoch = this.#add(epochIdOf(name, sha256), name);
			this.#own.set(ledger, epoch);
			this.#push(epoch, [{ kind: 'open', prev: null, key: this.pair.publicKey, name: this.name, home: false }]);
		}
		const log = 'x'.repeat(textBytes + 1);
		for (let i = 0; i < count; i++) this.#push(epoch, [{ kind: 'add', counter: log, amount: 1 }]);
		epoch.durable = epoch.count;
		while (epoch.sealed < epoch.count) {
			const to = epoch.sealPoint(epoch.sealed, epoch.count);
			epoch.addSeal(await seal(this.#world.crypto, this.pair, epoch.id, to, epoch.hashAt(to)));
		}
		this.#holdings.delete(ledger);
		this.peers.grown(ledger, [epoch.id]);
		return { epoch: epoch.id, count: epoch.count };
	}

	#push(epoch: Epoch, legs: readonly Leg[]): void {
		const time = { ms: startMs + Math.floor(this.#world.nowMs), counter: epoch.count };
		const row = encodeEntry({ time, parts: [], relies: [], key: undefined, legs });
		this.journal.push(epoch, row, decodeEntry(row));
	}

	/** Puts a checkpoint here that covers nothing, to see how it travels. */
	point(ledger: LedgerName, bytes: Uint8Array, covers: readonly Position[] = []): Point {
		const point = { id: sha256(bytes), bytes, covers: new Map(covers.map((at) => [at.epoch, at])) };
		this.points.set(ledger, point);
		this.#holdings.delete(ledger);
		this.peers.pointed(ledger);
		return point;
	}

	/** Its disk has forgotten these rows. */
	lose(ledger: LedgerName, epochId: EpochId): void {
		const epoch = this.journal.get(epochId);
		if (epoch) this.journal.drop(epoch);
		this.#own.delete(ledger);
		this.#holdings.delete(ledger);
	}

	count(epoch: EpochId): number {
		return this.journal.get(epoch)?.durable ?? 0;
	}

	link(other: HandHost, options: Omit<MemoryLinkOptions, 'timers'> = {}) {
		const line = this.#world.line(options);
		const offs = [this.peers.connect(line.a), other.peers.connect(line.b)];
		return Object.assign(line, { off: () => offs.map((off) => off()) });
	}

	connect(link: Link): () => void {
		return this.peers.connect(link);
	}
}

function keyPair(world: World): KeyPair {
	const publicKey = world.bytes(32);
	return { publicKey, secret: publicKey };
}
