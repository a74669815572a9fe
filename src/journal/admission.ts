import { equalBytes, fromUtf8 } from '../base/bytes.js';
import type { DeviceId, EpochId, Head, LedgerName, Position } from '../base/ids.js';
import { limits } from '../base/limits.js';
import type { Crypto } from '../ports/index.js';
import { decodeEntry, type Entry } from './entry.js';
import { type EpochName, epochIdOf } from './epoch.js';
import type { GatedRun } from './gate.js';
import type { Leg, LegOf } from './leg.js';
import { chainNext, chainStart, deviceIdOf, type Seal, verifySeal } from './seal.js';
import type { Opening, Warden } from './warden.js';

/** Why a run of entries is not taken. `gap` and `lacks` ask again; the rest is refused and kept for inspection. */
export type RunRefusal =
	| 'gap' // it does not begin where we end (SYN1)
	| 'lacks' // it names a predecessor or a head that we do not hold (JRN10)
	| 'fork' // other bytes where we hold an entry already: two entries at one place
	| 'wrong_root' // the client id is not the one its root name stands for
	| 'bad_entry' // an entry that cannot be read, or whose legs break a rule
	| 'bad_seal' // no seal over exactly these entries, or not by this device
	| 'not_allowed'; // its author's credential does not prove a right to it

export interface Admitted {
	readonly epoch: EpochId;
	/** Set where the epoch is new here. */
	readonly name: EpochName | undefined;
	readonly from: number;
	readonly rows: readonly Uint8Array[];
	readonly entries: readonly Entry[];
	/** Chain hash after the last of `rows`. */
	readonly hash: Uint8Array;
	/** Undefined where only a first part of the sealed run can be taken now. */
	readonly seal: Seal | undefined;
	/** Something that they name is held by nothing but a checkpoint that waits to be adopted. */
	readonly waits: boolean;
}

export type Admission =
	| { readonly verdict: 'new'; readonly run: Admitted }
	| { readonly verdict: 'known' }
	| {
			readonly verdict: RunRefusal;
			readonly epoch: EpochId;
			readonly device: DeviceId | undefined;
			/** What is not allowed. */
			readonly reason?: string | undefined;
	  };

/** What admission asks of an epoch: `Epoch` in a replica, an index over stored runs in a relay. */
export interface HeldEpoch {
	readonly name: EpochName;
	readonly count: number;
	/** Rows under its newest seal. */
	readonly sealed: number;
	/** Of its first entry; undefined before that is here. */
	readonly open: Opening | undefined;
	/** h(count) of the hash chain (JRN8). */
	hashAt(count: number): Uint8Array;
	/** Rows `from` up to and without `to`, all of them held. */
	span(from: number, to: number): readonly Uint8Array[];
}

/** Which rows are held, and what is known of those that are not. */
export interface HeldRows {
	get(epoch: EpochId): HeldEpoch | undefined;
	ancestor(epoch: EpochId): { readonly ledger: LedgerName; readonly device: DeviceId } | undefined;
}

interface Cover {
	readonly cut: ReadonlyMap<EpochId, { readonly count: number }>;
}

/** Which rows checkpoints cover. */
export interface HeldCovers {
	/** Rows of an epoch that count as held whatever became of them. */
	at(epoch: EpochId): number;
	/** Those that wait to be adopted. */
	pending(ledger: LedgerName): readonly Cover[];
}

/** Whoever admits rows: a replica, or a relay. */
export interface Held {
	readonly journal: HeldRows;
	readonly view: HeldCovers;
	/** Who may write what; only in a chain that has a root key. */
	readonly warden?: Warden | undefined;
}

const none: readonly never[] = [];

const quarantineMax = 1024;

/** Epochs of which something is known to be wrong; those of long ago go first. */
export class Quarantine {
	readonly #epochs = new Set<EpochId>();

	add(epoch: EpochId): void {
		if (this.#epochs.size >= quarantineMax) for (const oldest of this.#epochs) if (this.#epochs.delete(oldest)) break;
		this.#epochs.add(epoch);
	}

	has(epoch: EpochId): boolean {
		return this.#epochs.has(epoch);
	}
}

/** How much of `run` may be taken: the checks of the gate that need to know what is held, and the seal. */
export async function admitRun(
	held: Held,
	ledger: LedgerName,
	segment: number,
	run: GatedRun,
	seal: Seal | undefined,
	crypto: Crypto,
): Promise<Admission> {
	const { journal } = held;
	const refuse = (verdict: RunRefusal, device?: DeviceId, reason?: string): Admission => ({
		verdict,
		epoch: run.epoch,
		device,
		reason,
	});
	const epoch = journal.get(run.epoch);
	const root = run.root ?? epoch?.name;
	if (!root) return refuse('gap');
	const { device } = root;
	const name: EpochName = { ledger, segment, device, nonce: root.nonce };
	// Of an epoch that is held the id was hashed when it came.
	const isKnown = epoch !== undefined && isSameName(epoch.name, name);
	if (!isKnown && epochIdOf(name, crypto.sha256) !== run.epoch) return refuse('wrong_root', device);
	const from = epoch?.count ?? 0;
	if (run.from > from) return refuse('gap', device);
	const overlap = Math.min(from - run.from, run.entries.length);
	const known = epoch && overlap > 0 ? epoch.span(run.from, run.from + overlap) : none;
	if (known.some((row, i) => !equalBytes(row, run.entries[i] as Uint8Array))) return refuse('fork', device); // i < overlap
	const fresh = overlap > 0 ? run.entries.slice(overlap) : run.entries;
	const rows = fresh.map((row) => row.slice());
	if (rows.length === 0) return epoch ? admitSeal(epoch, run, seal, crypto) : { verdict: 'known' };
	const entries = readEntries(rows, from, device, run.epoch);
	if (!entries) return refuse('bad_entry', device);
	const first = from === 0 ? (entries[0]?.legs[0] as LegOf<'open'>) : undefined; // readEntries saw to it
	const opening = first ?? epoch?.open;
	// Of an epoch that is held, the key was held against the name when its first entry came.
	if (!opening || (first && deviceIdOf(first.key, crypto.sha256) !== device)) return refuse('bad_seal', device);
	const hashes = chain(epoch, name, from, rows, crypto);
	const last = hashes[hashes.length - 1] as Uint8Array; // rows is not empty
	if (seal?.epoch !== run.epoch || seal.count !== from + rows.length) return refuse('bad_seal', device);
	if (!(await verifySeal(crypto, opening.key, seal, last))) return refuse('bad_seal', device);
	const no = held.warden && (await held.warden.objection(ledger, { ...opening, device }, entries));
	if (no !== undefined) return refuse('not_allowed', device, no);
	if (first?.prev && !continues(journal, ledger, device, first.prev)) return refuse('fork', device);
	const { count, waits } = supported(held, ledger, entries, from);
	if (count === 0) return refuse('lacks', device);
	const all = count === rows.length;
	return {
		verdict: 'new',
		run: {
			epoch: run.epoch,
			name: epoch ? undefined : name,
			from,
			rows: all ? rows : rows.slice(0, count),
			entries: all ? entries : entries.slice(0, count),
			hash: hashes[count - 1] as Uint8Array, // count >= 1
			seal: all ? seal : undefined,
			waits,
		},
	};
}

const isSameName = (a: EpochName, b: EpochName): boolean =>
	a.ledger === b.ledger && a.segment === b.segment && a.device === b.device && a.nonce === b.nonce;

/** Rows that are here came before without their seal: whoever has it later brings it. */
async function admitSeal(epoch: HeldEpoch, run: GatedRun, seal: Seal | undefined, crypto: Crypto): Promise<Admission> {
	const { count, sealed, open } = epoch;
	if (!seal || !open || seal.epoch !== run.epoch || seal.count <= sealed || seal.count > count)
		return { verdict: 'known' };
	if (seal.count !== run.from + run.entries.length) return { verdict: 'known' };
	if (!(await verifySeal(crypto, open.key, seal, epoch.hashAt(seal.count)))) return { verdict: 'known' };
	const nothing = { epoch: run.epoch, name: undefined, from: count, rows: [], entries: [], waits: false };
	return { verdict: 'new', run: { ...nothing, hash: epoch.hashAt(count), seal } };
}

/** An epoch goes on after its own device's journal in the same ledger, and after the very bytes that we hold of it. */
function continues(journal: HeldRows, ledger: LedgerName, device: DeviceId, prev: Head): boolean {
	const before = journal.ancestor(prev.epoch);
	if (before && (before.device !== device || before.ledger !== ledger)) return false;
	const rows = journal.get(prev.epoch);
	return !rows || rows.count < prev.count || (prev.count > 0 && equalBytes(rows.hashAt(prev.count), prev.hash));
}

function chain(
	epoch: HeldEpoch | undefined,
	name: EpochName,
	from: number,
	rows: readonly Uint8Array[],
	crypto: Crypto,
): Uint8Array[] {
	let hash = epoch ? epoch.hashAt(from) : chainStart(name, crypto.sha256);
	return rows.map((row) => {
		hash = chainNext(hash, row, crypto.sha256);
		return hash;
	});
}

/** JRN10: how many of them name nothing but what is held as rows, or covered by a checkpoint, adopted or waiting. */
function supported(held: Held, ledger: LedgerName, entries: readonly Entry[], from: number) {
	let waits = false;
	const isHeld = (at: Position): boolean => {
		if (rowsHeld(held, at.epoch) >= at.count) return true;
		const waiting = held.view.pending(ledger).some((c) => (c.cut.get(at.epoch)?.count ?? 0) >= at.count);
		waits ||= waiting;
		return waiting;
	};
	let count = 0;
	for (const { legs, relies } of entries) {
		const opening = from + count === 0 ? legs[0] : undefined;
		const prev = opening?.kind === 'open' ? opening.prev : null;
		if (!((prev === null || isHeld(prev)) && relies.every(isHeld))) break;
		count++;
	}
	return { count, waits };
}

const rowsHeld = ({ journal, view }: Held, epoch: EpochId): number =>
	Math.max(journal.get(epoch)?.count ?? 0, view.at(epoch));

function readEntries(rows: readonly Uint8Array[], from: number, author: DeviceId, epoch: EpochId): Entry[] | undefined {
	const entries: Entry[] = [];
	for (let i = 0; i < rows.length; i++) {
		const entry = decodeEntry(rows[i] as Uint8Array); // i < length
		if (!entry) return undefined;
		const opens = entry.legs[0]?.kind === 'open';
		if (opens !== (from + i === 0) || !isLawfulEntry(entry, author, { epoch, index: from + i })) return undefined;
		entries.push(entry);
	}
	return entries;
}

/** A pool's name is a collection, a slash and a key. */
const textMax = 2 * limits.nameBytes + 1;

/** What no honest author writes, whatever its state: such an entry is refused at every door (property 11). */
function isLawfulEntry({ key, legs }: Entry, author: DeviceId, place: Place): boolean {
	if (legs.length > limits.commitLegs || (key && (key.key.length > limits.nameBytes || !isJson(key.result, true))))
		return false;
	for (let at = 0; at < legs.length; at++) {
		const leg = legs[at] as Leg; // at < length
		if (hasLongText(leg) || !isLawful(leg, at, author, place)) return false;
	}
	return true;
}

function hasLongText(leg: Leg): boolean {
	for (const name in leg) {
		const field: unknown = leg[name as keyof Leg];
		if (typeof field === 'string' && field.length > textMax) return true;
	}
	return false;
}

/** Checked here once, so that readers may parse without a second thought. */
function isJson(bytes: Uint8Array, mayBeEmpty = false): boolean {
	if (bytes.length === 0) return mayBeEmpty;
	try {
		JSON.parse(fromUtf8(bytes));
		return true;
	} catch {
		// The parser says no by throwing.
		return false;
	}
}

/** Where an entry stands. */
interface Place {
	readonly epoch: EpochId;
	readonly index: number;
}

/** A hold is named by the place of its leg. */
const isAt = (hold: string, { epoch, index }: Place, at: number) => hold === `${epoch.toString(36)}.${index}.${at}`;

function isLawful(leg: Leg, at: number, author: DeviceId, place: Place): boolean {
	switch (leg.kind) {
		case 'open':
			return at === 0 && leg.key.length === 32 && (leg.prev === null || leg.prev.hash.length === 32);
		case 'mint':
		case 'spend':
		case 'overdraw':
			return leg.amount > 0;
		case 'hold':
			return leg.amount > 0 && leg.leaseMs > 0 && isAt(leg.hold, place, at);
		case 'grant':
			return leg.amount > 0 && leg.to !== author;
		case 'capture':
			return leg.amount > 0 && leg.amount <= leg.held;
		case 'release':
		case 'expire':
			return leg.held > 0;
		case 'fence':
			return leg.device !== author;
		case 'reclaim':
			return leg.from !== author && leg.share + leg.held > 0;
		case 'append':
		case 'set':
			return isJson(leg.value);
		default:
			return true;
	}
}
