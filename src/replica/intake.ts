import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { type Admitted as AdmittedRun, admitRun, Quarantine, type RunRefusal } from '../journal/admission.js';
import { type GatedRun, type GateRefusal, gateUpdate } from '../journal/gate.js';
import { Epoch } from '../journal/journal.js';
import { RefusedNotes, type RefusedRows } from '../journal/refused.js';
import type { Seal } from '../journal/seal.js';
import type { StoredRecord, WriteBatch } from '../ports/index.js';
import type { UpdateFrame } from '../sync/frames.js';
import type { FrameRefusal, Received } from '../sync/host.js';
import type { Span } from '../sync/outgoing.js';
import type { Core } from './core.js';
import { Pace } from './pace.js';
import { epochRecord, keys, toRecord, waitingRecord } from './records.js';

/** Something a peer sent that was not taken: counted, and the newest of them kept for inspection. */
export interface Rejection {
	readonly ledger: LedgerName;
	/** `false_checkpoint`: well sealed, and other figures than its rows give (JRN11). */
	readonly code: GateRefusal | RunRefusal | 'bad_checkpoint' | 'false_checkpoint' | FrameRefusal;
	/** Whose journal it claimed to be of, where that could be read. */
	readonly device: DeviceId | undefined;
	/** What was not allowed, `verb order.refund`; or who holds other rows. */
	readonly reason?: string | undefined;
	/** What went wrong on the way, where it was not foreseen. */
	readonly error?: unknown;
}

const rejectionsKept = 64;
/** Others' rows go to disk at most this often, all that have come by then; the first of them at once. */
const paceMs = 3;

/** What became of an update; all of it is on disk. */
export interface Intook extends Received {
	/** Everything in the update was new and taken: its very frame may go on to others. */
	readonly whole: boolean;
	/** Those that have grown. */
	readonly epochs: readonly Epoch[];
	/** What was taken, where that is the whole update. */
	readonly runs: readonly Span[];
}

interface Waiting {
	readonly frame: UpdateFrame;
	resolve(intook: Intook): void;
	reject(error: unknown): void;
}

/** An epoch, and how many of its rows are on disk once this is. */
interface Grown {
	readonly epoch: Epoch;
	count: number;
}

/** What of an update may go to disk. */
interface Admitting {
	readonly grown: readonly Grown[];
	readonly puts: readonly StoredRecord[];
	readonly deletes: readonly string[];
	readonly again: boolean;
	readonly whole: boolean;
	readonly runs: readonly Span[];
}

interface Admitted {
	readonly waiting: Waiting;
	readonly admitting: Admitting;
}

/** Others' entries, from the wire to disk and view: the gate, then what is held, then the seal, then one batch. */
export class Intake {
	readonly #core: Core;
	#waiting: Waiting[] = [];
	#draining = false;
	readonly #pace: Pace;
	readonly #quarantine = new Quarantine();
	readonly #forked = new Quarantine();
	readonly #refused: RefusedNotes;
	#rejected = 0;
	readonly #rejections: Rejection[] = [];
	/** Entries whose clock was too far ahead to follow. They count; only their time is not believed. */
	skewed = 0;

	constructor(core: Core) {
		this.#core = core;
		this.#refused = new RefusedNotes(core.platform.crypto);
		this.#pace = new Pace(core.platform, paceMs);
	}

	get rejected(): { readonly count: number; readonly newest: readonly Rejection[] } {
		return { count: this.#rejected, newest: this.#rejections };
	}

	reject(rejection: Rejection): void {
		this.#rejected++;
		this.#rejections.push(rejection);
		if (this.#rejections.length > rejectionsKept) this.#rejections.shift();
	}

	/** A peer holds other rows of an epoch than are here (JRN8): said once. */
	forked(ledger: LedgerName, epoch: EpochId, device: DeviceId | undefined, at = ''): void {
		if (this.#forked.has(epoch)) return;
		this.#forked.add(epoch);
		this.reject({ ledger, code: 'fork', device, reason: `other rows at ${at}` });
	}

	/** Resolves when what was taken is on disk (JRN3). */
	receive(frame: UpdateFrame): Promise<Intook> {
		return new Promise((resolve, reject) => {
			this.#waiting.push({ frame, resolve, reject });
			if (!this.#draining) void this.#drain();
		});
	}

	/** One update after the other is admitted. What came while rows were on their way to disk goes there together. */
	async #drain(): Promise<void> {
		this.#draining = true;
		while (this.#waiting.length > 0) {
			// Own sales wait for the same disk. Before anything is admitted: what is in the journal must not wait while others rest on it.
			await this.#pace.next();
			const group: Admitted[] = [];
			const came = this.#waiting;
			this.#waiting = [];
			for (const waiting of came) {
				try {
					group.push({ waiting, admitting: await this.#admit(waiting.frame) });
				} catch (error) {
					waiting.reject(error);
				}
			}
			await this.#store(group);
		}
		this.#draining = false;
	}

	/** Never rejects: whoever waits hears of it. */
	async #store(group: readonly Admitted[]): Promise<void> {
		try {
			const batch = batchOf(group);
			if (batch.puts.length > 0) await this.#core.disk.write(batch);
		} catch (error) {
			for (const { waiting } of group) waiting.reject(error);
			return;
		}
		for (const { waiting, admitting } of group) waiting.resolve(this.#intook(waiting.frame, admitting));
	}

	#intook(frame: UpdateFrame, { grown, again, whole, runs }: Admitting): Intook {
		const changed: Epoch[] = [];
		for (const { epoch, count } of grown) {
			changed.push(epoch);
			epoch.durable = Math.max(epoch.durable, count);
		}
		const acks = this.#acks(frame.ledger, frame.seals);
		return { acks, again, whole: whole && changed.length > 0, epochs: changed, runs };
	}

	#acks(ledger: LedgerName, seals: readonly Seal[]): Position[] {
		const acks: Position[] = [];
		for (const { epoch } of seals) {
			const count = this.#core.have(ledger, epoch);
			if (count > 0) acks.push({ epoch, count });
		}
		return acks;
	}

	/** Takes as much as fits, again and again while runs of one update free each other. */
	async #admit({ ledger, segment, update, seals }: UpdateFrame): Promise<Admitting> {
		const grown: Grown[] = [];
		const puts: StoredRecord[] = [];
		const deletes: string[] = [];
		const runs: Span[] = [];
		let whole = true;
		const verdict = gateUpdate(update);
		if (!verdict.ok) {
			this.reject({ ledger, code: verdict.code, device: undefined });
			return { grown, puts, deletes, again: false, whole: false, runs };
		}
		const { crypto } = this.#core.platform;
		let waiting: readonly GatedRun[] = verdict.runs;
		let again = false;
		for (let progress = true; progress && waiting.length > 0; ) {
			progress = false;
			const left: GatedRun[] = [];
			for (const run of waiting) {
				const seal = seals.find((s) => s.epoch === run.epoch);
				const answer = await admitRun(this.#core, ledger, segment, run, seal, crypto);
				if (answer.verdict === 'new') {
					const { epoch, from, rows, seal } = answer.run;
					note(grown, this.#take(answer.run, puts, deletes));
					runs.push({ epoch, from, to: from + rows.length });
					progress = true;
					if (!seal) left.push(run);
					if (!seal || rows.length < run.entries.length) whole = false;
					continue;
				}
				whole = false;
				if (answer.verdict === 'known') continue;
				const { verdict, device, reason } = answer;
				if (verdict === 'not_allowed') {
					this.#quarantine.add(run.epoch);
					puts.push(...this.#noted({ ledger, device: device ?? '', reason: reason ?? '' }));
				}
				// What follows rows that were not allowed is never asked for.
				if (verdict === 'gap' && this.#quarantine.has(run.epoch)) continue;
				if (verdict === 'gap' || verdict === 'lacks') left.push(run);
				else this.reject({ ledger, code: verdict, device, reason });
			}
			waiting = left;
			again = left.length > 0;
		}
		return { grown, puts, deletes, again, whole, runs };
	}

	/** What a doctor is told of later. */
	#noted(refused: Omit<RefusedRows, 'atMs'>): StoredRecord[] {
		const noted = this.#refused.note({ ...refused, atMs: this.#core.platform.clock.nowMs() });
		return noted ? [toRecord(keys.refused(noted.slot), noted.value)] : [];
	}

	#take(run: AdmittedRun, puts: StoredRecord[], deletes: string[]): Epoch {
		const { journal, platform, books, clock, view } = this.#core;
		let epoch = journal.get(run.epoch);
		if (!epoch && run.name) {
			epoch = new Epoch(run.epoch, run.name, platform.crypto.sha256);
			journal.add(epoch);
			puts.push(epochRecord(run.epoch, run.name));
		}
		if (!epoch) throw new TypeError('an admitted run without a name continues an epoch');
		// Else these rows would outlive what they go on after.
		if (run.waits) puts.push(waitingRecord(epoch.name.ledger, view.pending(epoch.name.ledger)));
		const own = this.#core.isOwn(epoch);
		for (let i = 0; i < run.rows.length; i++) {
			const [row, entry] = [run.rows[i], run.entries[i]];
			if (!row || !entry) break;
			puts.push(toRecord(keys.row(epoch.id, epoch.count), row));
			journal.push(epoch, row, entry);
			// What a checkpoint has shown already is no debit that the view does not show yet (ESC1).
			if (own && epoch.count > view.at(epoch.id)) books.wrote(epoch.name.ledger, entry);
			if (!clock.observe(entry.time)) this.skewed++;
		}
		epoch.noteHash(epoch.count, run.hash);
		// An own epoch that comes back may have been sealed here meanwhile.
		if (run.seal && run.seal.count > epoch.sealed) {
			puts.push(toRecord(keys.seal(epoch.id, run.seal.count), run.seal.signature));
			for (const needless of epoch.addSeal(run.seal)) deletes.push(keys.seal(epoch.id, needless.count));
		}
		return epoch;
	}
}

function note(grown: Grown[], epoch: Epoch): void {
	const known = grown.find((each) => each.epoch === epoch);
	if (known) known.count = epoch.count;
	else grown.push({ epoch, count: epoch.count });
}

/** All of a group in one batch. A record put and deleted within one batch is not there after it. */
function batchOf(group: readonly Admitted[]): WriteBatch {
	const [only] = group;
	const deletes =
		only && group.length === 1 ? only.admitting.deletes : group.flatMap(({ admitting }) => admitting.deletes);
	const puts = only && group.length === 1 ? only.admitting.puts : group.flatMap(({ admitting }) => admitting.puts);
	if (deletes.length === 0) return { puts, deletes };
	const gone = new Set(deletes);
	return { puts: puts.filter(({ key }) => !gone.has(key)), deletes };
}
