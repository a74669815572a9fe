import { assert } from '../base/assert.js';
import { StorageError } from '../base/errors.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { decodeEntry, type Entry, entryMs } from './entry.js';
import type { EpochName } from './epoch.js';
import { type Beginning, Forks } from './forks.js';
import type { LegOf } from './leg.js';
import { chainNext, chainStart, type Seal, type Sha256 } from './seal.js';

/** Bytes of entries that one seal closes at most, unless it closes only one: what travels must end at a seal. */
const sealSpanBytes = 64 * 1024;

/** What one opening of one device wrote in one segment, as far as this replica holds it. */
export class Epoch {
	readonly id: EpochId;
	readonly name: EpochName;
	/** Rows in order. Own rows are here before they are durable; nothing may leave past `durable` (JRN3). */
	readonly rows: Uint8Array[] = [];
	/** Rows that the storage has synced. */
	durable = 0;
	/** Ascending by count, none beyond the rows held; close enough together that what lies between fits an update. */
	readonly seals: Seal[] = [];
	/** The `open` leg of entry 0. */
	open: LegOf<'open'> | undefined;
	readonly #decoded: (Entry | undefined)[] = [];
	#hash: Uint8Array;
	#hashed = 0;
	readonly #sha256: Sha256;

	constructor(id: EpochId, name: EpochName, sha256: Sha256) {
		this.id = id;
		this.name = name;
		this.#sha256 = sha256;
		this.#hash = chainStart(name, sha256);
	}

	get count(): number {
		return this.rows.length;
	}

	push(row: Uint8Array, entry: Entry | undefined): void {
		if (this.rows.length === 0) {
			const first = entry?.legs[0];
			assert(first?.kind === 'open', 'JRN7', `${this.id} does not begin with open`);
			this.open = first;
		}
		this.#decoded.push(entry);
		this.rows.push(row);
	}

	span(from: number, to: number): readonly Uint8Array[] {
		return this.rows.slice(from, to);
	}

	entry(index: number): Entry {
		const known = this.#decoded[index];
		if (known) return known;
		const row = this.rows[index];
		const entry = row && decodeEntry(row);
		// Every row was read before it was stored, and passed its checksum since.
		if (!entry) throw new StorageError('storage_corrupt', `Entry ${index} of epoch ${this.id} cannot be read.`);
		return entry;
	}

	/** Kept until it is folded: for whoever is about to fold it. */
	unfolded(index: number): Entry {
		this.#decoded[index] ??= this.entry(index);
		return this.#decoded[index];
	}

	/** When a row was written, in milliseconds by its writer's clock. */
	timeAt(index: number): number {
		const row = this.rows[index];
		return row ? entryMs(row) : 0;
	}

	/** The decoded form is not needed any more. */
	forget(index: number): void {
		if (index < this.#decoded.length) this.#decoded[index] = undefined;
	}

	/** h(count) of the hash chain. */
	hashAt(count: number): Uint8Array {
		assert(count <= this.rows.length, 'JRN8', `no row ${count} to hash`);
		if (count < this.#hashed) return this.#chain(chainStart(this.name, this.#sha256), 0, count);
		this.#hash = this.#chain(this.#hash, this.#hashed, count);
		this.#hashed = count;
		return this.#hash;
	}

	/** Rows that may travel: those under the newest seal (JRN8). */
	get sealed(): number {
		return this.seals[this.seals.length - 1]?.count ?? 0;
	}

	/** Adds a seal; answers those that it makes needless. */
	addSeal(seal: Seal): Seal[] {
		assert(seal.count > this.sealed && seal.count <= this.rows.length, 'JRN8', `seal ${seal.count}`);
		const before = this.seals[this.seals.length - 2]?.count ?? 0;
		const needless =
			this.seals.length > 0 && this.#bytes(before, seal.count) <= sealSpanBytes ? this.seals.splice(-1) : [];
		this.seals.push(seal);
		return needless;
	}

	/** Where the next seal must stand at the latest, going on from row `from`. */
	sealPoint(from: number, to: number): number {
		let bytes = 0;
		for (let i = from; i < to; i++) {
			bytes += (this.rows[i] as Uint8Array).length; // i < rows.length
			if (bytes > sealSpanBytes && i > from) return i;
		}
		return to;
	}

	#bytes(from: number, to: number): number {
		let sum = 0;
		for (let i = from; i < to; i++) sum += (this.rows[i] as Uint8Array).length; // i < rows.length
		return sum;
	}

	/** Takes a hash that a reader computed on the way in. */
	noteHash(count: number, hash: Uint8Array): void {
		this.#hashed = count;
		this.#hash = hash;
	}

	#chain(hash: Uint8Array, from: number, to: number): Uint8Array {
		let h = hash;
		for (let i = from; i < to; i++) h = chainNext(h, this.rows[i] as Uint8Array, this.#sha256); // i < rows.length
		return h;
	}
}

/**
 * What is known of an epoch whose rows may be gone: enough to walk a device's journal back. There is one for every epoch
 * there ever was, made again whenever a till opens.
 */
interface Course extends Beginning {
	/** Entries along the device's journal before it. */
	start: number | undefined;
	/** Rows that adopted checkpoints cover, though they may never have been here. */
	covered: number;
}

/** All journals that a replica holds: append-only rows, one writer each (JRN1, JRN2). Reads are synchronous. */
export class Journal {
	readonly #epochs = new Map<EpochId, Epoch>();
	readonly #ledgers = new Map<LedgerName, Map<EpochId, Epoch>>();
	readonly #ancestors = new Map<EpochId, Course>();
	readonly #forks = new Forks();
	/** Devices of which some entry has two successors (JRN7). */
	readonly forked: ReadonlySet<DeviceId> = this.#forks.devices;

	get(id: EpochId): Epoch | undefined {
		return this.#epochs.get(id);
	}

	/** Ledgers with rows here. */
	ledgers(): Iterable<LedgerName> {
		return this.#ledgers.keys();
	}

	in(ledger: LedgerName): Iterable<Epoch> {
		return this.#ledgers.get(ledger)?.values() ?? [];
	}

	/** Every epoch, in the order it came here. */
	all(): Iterable<Epoch> {
		return this.#epochs.values();
	}

	add(epoch: Epoch): void {
		const { id, name } = epoch;
		assert(!this.#epochs.has(id), 'JRN6', `epoch ${id} is there already`);
		this.#epochs.set(id, epoch);
		const ledger = this.#ledgers.get(name.ledger);
		if (ledger) ledger.set(id, epoch);
		else this.#ledgers.set(name.ledger, new Map([[id, epoch]]));
	}

	/** Adds the next row; the row is not durable yet. Without its entry it is decoded when somebody asks. */
	push(epoch: Epoch, row: Uint8Array, entry: Entry | undefined): void {
		epoch.push(row, entry);
		if (epoch.count === 1) this.noteAncestor(epoch.id, { ...epoch.name, prev: epoch.open?.prev ?? null });
		this.#forks.grows(epoch.id, epoch.name.device, epoch.count);
	}

	/** Forgets rows that a checkpoint covers (JRN11). What is known of the journal's course stays. */
	drop(epoch: Epoch): void {
		this.#epochs.delete(epoch.id);
		const ledger = this.#ledgers.get(epoch.name.ledger);
		ledger?.delete(epoch.id);
		if (ledger?.size === 0) this.#ledgers.delete(epoch.name.ledger);
	}

	/** An adopted checkpoint covers so many rows of an epoch whose ancestor is noted. */
	noteCovered(id: EpochId, count: number): void {
		const course = this.#ancestors.get(id);
		if (!course) return;
		course.covered = Math.max(count, course.covered);
		this.#forks.grows(id, course.device, count);
	}

	/** How many rows of an epoch adopted checkpoints cover. */
	covered(id: EpochId): number {
		return this.#ancestors.get(id)?.covered ?? 0;
	}

	/** Takes over what an `open` or a checkpoint tells of an epoch. */
	noteAncestor(id: EpochId, { ledger, device, prev }: Beginning): void {
		const known = this.#ancestors.get(id);
		if (known) {
			known.start ??= this.#startAfter(prev);
			return;
		}
		const course: Course = { ledger, device, prev, start: this.#startAfter(prev), covered: 0 };
		this.#ancestors.set(id, course);
		const grown = prev ? Math.max(this.#epochs.get(prev.epoch)?.count ?? 0, this.covered(prev.epoch)) : 0;
		this.#forks.begins(course, grown);
	}

	#startAfter(prev: Position | null): number | undefined {
		if (prev === null) return 0;
		const start = this.#ancestors.get(prev.epoch)?.start;
		return start === undefined ? undefined : start + prev.count;
	}

	ancestor(id: EpochId): Beginning | undefined {
		return this.#ancestors.get(id);
	}

	/** Entries along the device's journal up to and with this position. */
	lengthTo(at: Position): number | undefined {
		const start = this.startOf(at.epoch);
		return start === undefined ? undefined : start + at.count;
	}

	/** Entries along the device's journal before this epoch; found by walking back, and remembered. */
	startOf(id: EpochId): number | undefined {
		const path: EpochId[] = [];
		const seen = new Set<EpochId>();
		let at: EpochId | undefined = id;
		let start: number | undefined;
		while (at !== undefined) {
			const a = this.#ancestors.get(at);
			if (a === undefined) return undefined;
			if (a.start !== undefined) {
				start = a.start;
				break;
			}
			if (seen.has(at)) return undefined;
			path.push(at);
			seen.add(at);
			at = a.prev?.epoch;
		}
		for (const step of path.reverse()) {
			const a = this.#ancestors.get(step) as Course; // found on the way back
			start = a.prev === null ? 0 : (start as number) + a.prev.count; // the walk ended at a known start or a root
			a.start = start;
		}
		return start;
	}

	/** Are all of these on the way that led to `tip`? One walk, however many they are. */
	allPrecede(positions: readonly Position[], tip: Position | null): boolean {
		const left = new Map(positions.map((at) => [at.epoch, at.count]));
		let step: Position | null | undefined = tip;
		for (let bound = this.#ancestors.size + 1; step && left.size > 0 && bound > 0; bound--) {
			const count = left.get(step.epoch);
			if (count !== undefined && count > step.count) return false;
			left.delete(step.epoch);
			step = this.#ancestors.get(step.epoch)?.prev;
		}
		return left.size === 0;
	}

	/** Is `at` on the way that led to `tip`, `tip` itself included? */
	precedes(at: Position, tip: Position | null): boolean {
		return this.allPrecede([at], tip);
	}
}
