import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { exceptionPool, fencePool } from '../escrow/share.js';
import { type Checkpoint, type CutEpoch, type Need, sealCheckpoint } from '../journal/checkpoint.js';
import { Closers, closeCut } from '../journal/closure.js';
import type { Epoch } from '../journal/journal.js';
import type { Leg, Part } from '../journal/leg.js';
import { LedgerFigures, readFigures, writeFigures } from '../ledger/figures.js';
import type { Core } from './core.js';

/** New rows are worth a checkpoint when they are at least this part of the last one's bytes. */
const freshShare = 4;
/** Legs of one entry of a reclaim: well under the limit of an entry. */
const reclaimLegsMax = 100;
/** Heads that a fence names. */
const fenceHeadsMax = 1000;

/** What the home of some ledgers does for them: checkpoints, segments, fences, rights to resolve. */
export class Home {
	readonly #core: Core;
	/** Rows of an epoch that a second archive has on disk (JRN11). */
	readonly #archived: (epoch: EpochId) => number;
	/** The greatest closed cut of what two archives hold, and the figures at it. Both only grow. */
	readonly #cut = new Map<EpochId, number>();
	readonly #closers = new Closers();
	readonly #written = new WeakSet<Checkpoint>();
	readonly #figures = new Map<LedgerName, LedgerFigures>();
	readonly #needs = new Map<LedgerName, Map<LedgerName, Map<EpochId, Need>>>();
	/** Fences and reclaims, one after the other: each begins when what the one before took is in view. */
	#queue: Promise<void> = Promise.resolve();

	constructor(core: Core, archived: (epoch: EpochId) => number) {
		this.#core = core;
		this.#archived = archived;
	}

	/** One round for a ledger that it is home of; `compact` writes a checkpoint for anything new at all. */
	async tend(ledger: LedgerName, compact: boolean): Promise<void> {
		const { books, writer, settings, view } = this.#core;
		for (const device of this.#givenUp(ledger)) await this.fence(ledger, device);
		for (const { device } of books.of(ledger).escrow.fences) await this.reclaim(ledger, device);
		await this.#mintRights(ledger);
		// Its `open` tells who is home here: before that nobody knows where shares rest (ESC10).
		if (!writer.tip(ledger)) writer.open(ledger);
		this.#openSegment(ledger);
		if (compact) this.advance();
		const checkpoint = await this.checkpoint(ledger, compact ? 1 : settings.checkpointRows);
		if (checkpoint) view.offer(checkpoint);
	}

	/**
	 * Writes a checkpoint of the ledger's closed, twice archived cut, as far as `advance` has found it; undefined where it would
	 * say too little new.
	 */
	async checkpoint(ledger: LedgerName, rowsMin: number): Promise<Checkpoint | undefined> {
		const { view, journal, pair, platform, settings } = this.#core;
		const base = view.base(ledger);
		if (!this.#isWorth(ledger, base, rowsMin)) return undefined;
		const cut = this.#describe(ledger, base);
		const figures = this.#figuresOf(ledger);
		figures.forgetKeysBefore(Math.min(this.#agreedMs(ledger), platform.clock.nowMs()) - settings.keyRetentionMs);
		const needs = new Map<LedgerName, readonly Need[]>();
		for (const [other, known] of this.#needs.get(ledger) ?? []) {
			const tips = this.#tips([...known.values()]);
			needs.set(other, tips);
			this.#needs.get(ledger)?.set(other, new Map(tips.map((at) => [at.epoch, at])));
		}
		const content = {
			ledger,
			cut,
			needs,
			fences: figures.escrow.fences.map(({ device, heads }) => ({ device, heads })),
			figures: writeFigures(figures),
		};
		const checkpoint = await sealCheckpoint(platform.crypto, pair, content, (epoch) => journal.startOf(epoch) ?? 0);
		this.#written.add(checkpoint);
		return checkpoint;
	}

	/** A time that two devices have come to: two clocks must be wrong for a key to go too early. */
	#agreedMs(ledger: LedgerName): number {
		const newest = new Map<DeviceId, number>();
		for (const epoch of this.#core.journal.in(ledger)) {
			const { device } = epoch.name;
			newest.set(device, Math.max(newest.get(device) ?? 0, epoch.timeAt(epoch.count - 1)));
		}
		const [, second = 0] = [...newest.values()].sort((a, b) => b - a);
		return second;
	}

	/** New rows enough, and not few beside the checkpoint that every replica would have to fetch for them. */
	#isWorth(ledger: LedgerName, base: Checkpoint | undefined, rowsMin: number): boolean {
		let rows = 0;
		let bytes = 0;
		for (const epoch of this.#core.journal.in(ledger)) {
			const to = this.#at(epoch);
			for (let i = base?.cut.get(epoch.id)?.count ?? 0; i < to; i++) {
				rows++;
				bytes += epoch.rows[i]?.length ?? 0;
			}
		}
		return rows >= Math.max(1, rowsMin) && (rowsMin <= 1 || bytes * freshShare >= (base?.content.length ?? 0));
	}

	#at(epoch: Epoch): number {
		return Math.max(
			this.#cut.get(epoch.id) ?? 0,
			this.#core.view.base(epoch.name.ledger)?.cut.get(epoch.id)?.count ?? 0,
		);
	}

	/** Takes the cut of all ledgers as far as it is closed and archived twice by now. */
	advance(): void {
		const { journal, view, names: holds } = this.#core;
		const goal = new Map<EpochId, number>();
		for (const epoch of journal.all()) {
			const limit = Math.min(epoch.durable, this.#archived(epoch.id), view.at(epoch.id));
			if (limit > this.#at(epoch)) goal.set(epoch.id, limit);
		}
		const floor = (id: EpochId) => {
			const epoch = journal.get(id);
			return epoch ? this.#at(epoch) : view.at(id);
		};
		const from = new Map([...goal.keys()].map((id) => [id, floor(id)]));
		closeCut({ journal, holds, floor, closers: [this.#closers] }, goal);
		for (const [id, to] of goal) {
			const epoch = journal.get(id);
			const start = from.get(id) ?? 0;
			if (!epoch || to <= start) continue;
			const { ledger } = epoch.name;
			const figures = this.#figuresOf(ledger);
			for (let i = start; i < to; i++) {
				const entry = epoch.entry(i);
				figures.apply({ epoch, index: i, entry }, undefined);
				for (const leg of entry.legs) if (leg.kind === 'torn') this.#forgoNeed(ledger, leg.part);
				this.#closers.addEntry(epoch.name, entry);
				for (const part of entry.parts)
					this.#noteNeed(ledger, part.ledger, { ...needOf(part), device: epoch.name.device }, goal, floor);
			}
			this.#cut.set(id, to);
		}
	}

	#noteNeed(
		ledger: LedgerName,
		other: LedgerName,
		at: Need,
		goal: ReadonlyMap<EpochId, number>,
		floor: (id: EpochId) => number,
	): void {
		if (this.#core.names(other) && (goal.get(at.epoch) ?? floor(at.epoch)) < at.count) return; // closed, not counted
		const needs = this.#needs.get(ledger) ?? new Map<LedgerName, Map<EpochId, Need>>();
		this.#needs.set(ledger, needs);
		const known = needs.get(other) ?? new Map<EpochId, Need>();
		if (at.count > (known.get(at.epoch)?.count ?? 0)) known.set(at.epoch, at);
		needs.set(other, known);
	}

	/** A part in a ledger that is not kept here was noted in good faith; its author says that it was lost. */
	#forgoNeed(ledger: LedgerName, part: Part): void {
		const needs = this.#core.names(part.ledger) ? undefined : this.#needs.get(ledger)?.get(part.ledger);
		const known = needs?.get(part.epoch);
		if (!needs || known === undefined || known.count <= part.index) return;
		if (part.index === 0) needs.delete(part.epoch);
		else needs.set(part.epoch, { ...known, count: part.index });
	}

	/** Figures at the cut: begun from the base that this home adopted or wrote, and carried on from there. */
	#figuresOf(ledger: LedgerName): LedgerFigures {
		const known = this.#figures.get(ledger);
		if (known) return known;
		const { journal, view } = this.#core;
		const figures = new LedgerFigures((at, tip) => journal.precedes(at, tip));
		this.#figures.set(ledger, figures);
		const base = view.base(ledger);
		if (!base) return figures;
		readFigures(base.figures, figures);
		this.#needs.set(
			ledger,
			new Map([...base.needs].map(([other, at]) => [other, new Map(at.map((need) => [need.epoch, need]))])),
		);
		for (const { device, heads } of base.fences) this.#closers.addFence(ledger, device, heads);
		return figures;
	}

	/** A checkpoint that this opening did not write was adopted: figures begin again from it. */
	adopted(checkpoint: Checkpoint): void {
		if (this.#written.has(checkpoint)) return;
		const { ledger } = checkpoint;
		this.#figures.delete(ledger);
		this.#needs.delete(ledger);
		for (const epoch of this.#core.journal.in(ledger)) this.#cut.delete(epoch.id);
	}

	#describe(ledger: LedgerName, base: Checkpoint | undefined): Map<EpochId, CutEpoch> {
		const { journal } = this.#core;
		const cut = new Map<EpochId, CutEpoch>(base?.cut);
		for (const epoch of journal.in(ledger)) {
			const count = this.#at(epoch);
			if (count === 0 || !epoch.open) continue;
			const before = epoch.open.prev;
			const prev = before && { epoch: before.epoch, count: before.count };
			cut.set(epoch.id, { epoch: epoch.id, count, device: epoch.name.device, prev, hash: undefined });
		}
		const followed = new Set<EpochId>();
		for (const { prev } of cut.values())
			if (prev && cut.get(prev.epoch)?.count === prev.count) followed.add(prev.epoch);
		for (const [id, at] of cut) {
			const { epoch, count, device, prev } = at;
			const isFollowed = followed.has(id);
			// Most of a cut are epochs that ended long ago.
			if (isFollowed && at.hash === undefined) continue;
			const rows = journal.get(id);
			// Rows under the last checkpoint may be gone from a disk that lied; the checkpoint has their hash.
			const known = rows && rows.count >= count ? rows.hashAt(count) : at.hash;
			cut.set(id, { epoch, count, device, prev, hash: isFollowed ? undefined : known });
		}
		return cut;
	}

	/** Positions on the way to another of them say nothing more. */
	#tips<P extends Position>(positions: readonly P[]): P[] {
		const { journal } = this.#core;
		return positions.filter((at) => !positions.some((tip) => tip.epoch !== at.epoch && journal.precedes(at, tip)));
	}

	/** Opens the next segment when the present one is full (JRN11). */
	#openSegment(ledger: LedgerName): void {
		const { journal, settings, writer } = this.#core;
		const segment = writer.segment(ledger);
		let rows = 0;
		for (const epoch of journal.in(ledger)) // What only opened does not fill a segment.
			if (epoch.name.segment === segment) rows += epoch.count - 1;
		if (rows < settings.segmentRows) return;
		writer.moveTo(ledger, segment + 1);
		writer.open(ledger);
	}

	/**
	 * Devices to fence in a ledger: those that forked, and those that were fenced in another one: who is given up in one is
	 * given up in all, those that come later too (ESC9).
	 */
	#givenUp(ledger: LedgerName): DeviceId[] {
		const { books, isHome, journal } = this.#core;
		const devices = new Set(journal.forked);
		for (const other of books.names())
			if (isHome(other)) for (const { device } of books.of(other).escrow.fences) devices.add(device);
		const { escrow } = books.of(ledger);
		return [...devices].filter(
			(device) => !escrow.fenced(device) && (this.#knows(ledger, device) || this.#isAwaited(ledger, device)),
		);
	}

	/** Did the device write in this ledger, or does it have anything of it? */
	#knows(ledger: LedgerName, device: DeviceId): boolean {
		const { journal, books } = this.#core;
		for (const epoch of journal.in(ledger)) if (epoch.name.device === device) return true;
		for (const { shares } of books.of(ledger).escrow.pools.values()) if (shares.has(device)) return true;
		return false;
	}

	/** Does a commit of the device wait for its part in this ledger? */
	#isAwaited(ledger: LedgerName, device: DeviceId): boolean {
		const { journal, view } = this.#core;
		for (const id of view.blocked.keys()) {
			const epoch = journal.get(id);
			if (epoch?.name.device !== device) continue;
			for (const part of epoch.entry(view.at(id)).parts) if (part.ledger === ledger) return true;
		}
		return false;
	}

	/** Retires a lost, cloned or dead device in one ledger, and takes its shares and holds back (ESC6). */
	fence(ledger: LedgerName, device: DeviceId): Promise<void> {
		return this.#inTurn(() => this.#fence(ledger, device));
	}

	async #fence(ledger: LedgerName, device: DeviceId): Promise<void> {
		const { journal, books, writer, view } = this.#core;
		const { escrow } = books.of(ledger);
		if (escrow.fenced(device) || device === writer.device) return;
		const right = fencePool(device);
		const legs: Leg[] = [];
		if (!books.hasMinted(ledger, right, right)) legs.push({ kind: 'mint', pool: right, amount: 1, document: right });
		else if (books.mine(ledger, right) < 1) return;
		const heads: Position[] = [];
		for (const { epoch, count, device: of } of view.base(ledger)?.cut.values() ?? [])
			if (of === device) heads.push({ epoch, count });
		for (const epoch of journal.in(ledger)) {
			if (epoch.name.device !== device) continue;
			const at = heads.findIndex((head) => head.epoch === epoch.id);
			if (at >= 0) heads.splice(at, 1);
			heads.push({ epoch: epoch.id, count: epoch.durable });
		}
		legs.push({ kind: 'spend', pool: right, amount: 1 }, { kind: 'fence', device, heads: heads.slice(-fenceHeadsMax) });
		await writer.write([writer.draft(ledger, legs)]);
		await this.#reclaim(ledger, device);
	}

	/** Again whenever grants to the fenced device surface. */
	reclaim(ledger: LedgerName, device: DeviceId): Promise<void> {
		return this.#inTurn(() => this.#reclaim(ledger, device));
	}

	#inTurn(work: () => Promise<void>): Promise<void> {
		const done = this.#queue.then(work);
		this.#queue = done.catch(() => {}); // the caller is told
		return done;
	}

	async #reclaim(ledger: LedgerName, device: DeviceId): Promise<void> {
		const { books, writer } = this.#core;
		const legs: Leg[] = [];
		for (const [pool, figures] of books.of(ledger).escrow.pools) {
			const { share = 0, held = 0 } = figures.shares.get(device) ?? {};
			// A clone may have left one of the two below zero: what is reclaimed is the rest, and what stays sums to zero.
			const rest = share + held;
			if (rest <= 0) continue;
			const [fromShare, fromHeld] = held < 0 ? [rest, 0] : share < 0 ? [0, rest] : [share, held];
			legs.push({ kind: 'reclaim', pool, from: device, share: fromShare, held: fromHeld });
		}
		const relies = this.#reliesOn(ledger, device);
		for (let i = 0; i < legs.length; i += reclaimLegsMax) {
			const draft = writer.draft(ledger, legs.slice(i, i + reclaimLegsMax), i === 0 ? relies : []);
			await writer.write([draft]);
		}
	}

	/** A reclaim rests on all that made the device's shares: its own entries and grants to it. */
	#reliesOn(ledger: LedgerName, device: DeviceId): Position[] {
		const { journal, books, view } = this.#core;
		const heads: Position[] = [];
		for (const epoch of journal.in(ledger)) {
			const count = view.at(epoch.id);
			if (epoch.name.device === device && count > 0) heads.push({ epoch: epoch.id, count });
		}
		for (const [epoch, count] of books.of(ledger).escrow.grantsTo.get(device) ?? []) heads.push({ epoch, count });
		return this.#tips(heads);
	}

	/** Exceptions that the fold found have no author: their home mints the one right to resolve them. */
	#mintRights(ledger: LedgerName): Promise<void> {
		const { books, writer } = this.#core;
		const { escrow } = books.of(ledger);
		const legs: Leg[] = [];
		for (const { id, kind } of escrow.exceptions.values()) {
			const pool = exceptionPool(id);
			if (kind === 'oversell' || books.hasMinted(ledger, pool, pool) || (escrow.pools.get(pool)?.minted ?? 0) > 0)
				continue;
			legs.push({ kind: 'mint', pool, amount: 1, document: pool });
			if (legs.length === reclaimLegsMax) break;
		}
		return legs.length === 0 ? Promise.resolve() : writer.write([writer.draft(ledger, legs)]);
	}
}

const needOf = ({ epoch, index }: Part): Position => ({ epoch, count: index + 1 });
