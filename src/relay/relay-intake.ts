import type { EpochId, LedgerName, Position } from '../base/ids.js';
import { type Admission, type Admitted, admitRun } from '../journal/admission.js';
import { type GatedRun, type GateVerdict, gateUpdate } from '../journal/gate.js';
import type { LegOf } from '../journal/leg.js';
import type { Platform } from '../ports/index.js';
import type { UpdateFrame } from '../sync/frames.js';
import type { Received } from '../sync/host.js';
import type { Keeping } from './keeping.js';
import type { KeptEpoch } from './kept-epoch.js';
import { DayCounts, type RelayLimits } from './quota.js';
import type { RejectionCode, Rejections } from './rejections.js';
import type { EpochRecord, RowStore, RunRecord } from './row-store.js';
import { SealChecks } from './seal-checks.js';

export interface IntakeParts {
	readonly platform: Platform;
	readonly store: RowStore;
	readonly keeping: Keeping;
	readonly rejections: Rejections;
	readonly limits: RelayLimits;
}

/** What an update brought, and what of it is new here. */
export interface Taken extends Received {
	readonly runs: readonly { readonly epoch: EpochId; readonly from: number; readonly to: number }[];
}

interface Admitting {
	readonly epochs: EpochRecord[];
	readonly runs: RunRecord[];
	again: boolean;
	refused: boolean;
}

/** Others' rows, from the wire to disk: the gate, then what is held, then the seal, then one transaction with all else that came. */
export class RelayIntake {
	readonly #o: IntakeParts;
	readonly #seals: SealChecks;
	readonly #days = new DayCounts();
	#queue: Promise<unknown> = Promise.resolve();
	#queued = 0;

	constructor(parts: IntakeParts) {
		this.#o = parts;
		this.#seals = new SealChecks(parts.keeping, parts.platform.crypto);
	}

	/** One update after the other is admitted; many go to disk together. Resolves when what was taken is there (JRN3). */
	async receive(update: UpdateFrame): Promise<Taken> {
		const verdict = gateUpdate(update.update);
		if (verdict.ok)
			for (const run of verdict.runs) this.#seals.begin(update.ledger, update.segment, run, sealOf(update, run));
		this.#queued++;
		const admitted = this.#queue.then(() => this.#admit(update, verdict));
		this.#queue = admitted.then(this.#admitted, this.#admitted); // the caller is told
		const { epochs, runs, again, refused } = await admitted;
		// What is known may be on its way to disk: an empty batch waits for it.
		if (runs.length > 0 || this.#isLanding(update)) await this.#o.store.write({ epochs, runs, points: [], notes: [] });
		for (const run of runs) this.#land(run);
		const fresh = runs.map(({ epoch, from, entries }) => ({ epoch, from, to: from + entries.length }));
		const gated = verdict.ok ? verdict.runs : [];
		const whole = !again && !refused && sameRuns(gated, runs);
		return { acks: this.#acks(update), again, whole, runs: fresh };
	}

	readonly #admitted = (): void => {
		if (--this.#queued === 0) this.#seals.settled();
	};

	/** Takes as much as fits, again and again while runs of one update free each other. */
	async #admit(update: UpdateFrame, verdict: GateVerdict): Promise<Admitting> {
		const admitting: Admitting = { epochs: [], runs: [], again: false, refused: !verdict.ok };
		if (!verdict.ok) {
			this.#reject(verdict.code, update.ledger);
			return admitting;
		}
		let waiting: readonly GatedRun[] = verdict.runs.filter((run) => this.#isAllowed(update.ledger, run, admitting));
		for (let progress = true; progress && waiting.length > 0; ) {
			progress = false;
			const left: GatedRun[] = [];
			for (const run of waiting) {
				const { ledger, segment } = update;
				const { held } = this.#o.keeping;
				const answer = await admitRun(held, ledger, segment, run, sealOf(update, run), this.#seals.crypto);
				if (answer.verdict === 'new') progress = this.#take(ledger, answer.run, admitting) || progress;
				if (staysOpen(answer)) left.push(run);
				else if (answer.verdict !== 'new' && answer.verdict !== 'known') {
					admitting.refused = true;
					this.#reject(answer.verdict, ledger, answer.device);
				}
			}
			waiting = left;
		}
		admitting.again = waiting.length > 0;
		return admitting;
	}

	/** Limits that need no more than a look. */
	#isAllowed(ledger: LedgerName, run: GatedRun, admitting: Admitting): boolean {
		const { limits, keeping } = this.#o;
		const code = run.entries.some((entry) => entry.length > limits.entryBytes)
			? 'entry_too_large'
			: (keeping.ledger(ledger)?.bytes ?? 0) >= limits.ledgerBytes
				? 'ledger_full'
				: undefined;
		if (!code) return true;
		admitting.refused = true;
		this.#reject(code, ledger, keeping.ancestor(run.epoch)?.device ?? run.root?.device);
		return false;
	}

	#take(ledger: LedgerName, run: Admitted, admitting: Admitting): boolean {
		const { keeping, limits, platform } = this.#o;
		const device = run.name?.device ?? keeping.get(run.epoch)?.name.device ?? '';
		const nowMs = platform.clock.nowMs();
		if (this.#days.of(device, nowMs) + run.rows.length > limits.deviceEntriesPerDay) {
			admitting.refused = true;
			this.#reject('device_quota', ledger, device);
			return false;
		}
		this.#days.add(device, run.rows.length, nowMs);
		const seq = keeping.nextSeq();
		const epoch = keeping.get(run.epoch) ?? this.#open(run, seq, admitting);
		const record: RunRecord = {
			seq,
			epoch: run.epoch,
			from: run.from,
			entries: run.rows,
			hash: run.hash,
			signature: run.seal?.signature,
			bytes: run.rows.reduce((sum, row) => sum + row.length, epoch.bytes),
		};
		epoch.admit(record);
		keeping.forks.grows(epoch.record, epoch.count);
		admitting.runs.push(record);
		return true;
	}

	#open(run: Admitted, seq: number, admitting: Admitting): KeptEpoch {
		const { name } = run;
		if (!name) throw new TypeError('an admitted run without a name continues an epoch');
		const { key, prev, home, name: title } = run.entries[0]?.legs[0] as LegOf<'open'>; // admission saw to it
		const at = prev && { epoch: prev.epoch, count: prev.count };
		const record: EpochRecord = { id: run.epoch, name, key, prev: at, title, home, seq };
		admitting.epochs.push(record);
		return this.#o.keeping.add(record);
	}

	#isLanding({ seals }: UpdateFrame): boolean {
		return seals.some(({ epoch }) => {
			const kept = this.#o.keeping.get(epoch);
			return kept !== undefined && kept.count > kept.durable;
		});
	}

	#land(run: RunRecord): void {
		const { keeping } = this.#o;
		const epoch = keeping.get(run.epoch);
		if (!epoch) return;
		const ledger = keeping.open(epoch.name.ledger);
		ledger.entries += run.entries.length;
		ledger.bytes += run.entries.reduce((sum, row) => sum + row.length, 0);
		epoch.land(run);
		ledger.changed();
	}

	#acks({ ledger, seals }: UpdateFrame): Position[] {
		const kept = this.#o.keeping.ledger(ledger);
		const acks: Position[] = [];
		for (const { epoch } of seals) {
			const count = kept?.have(epoch) ?? 0;
			if (count > 0) acks.push({ epoch, count });
		}
		return acks;
	}

	#reject(code: RejectionCode, ledger: LedgerName, device?: string): void {
		this.#o.rejections.add({ code, ledger, device, atMs: this.#o.platform.clock.nowMs() });
	}
}

const sealOf = ({ seals }: UpdateFrame, run: GatedRun) => seals.find(({ epoch }) => epoch === run.epoch);

/** Only too early, or only a first part was taken: asked for again, unless the rest of the update frees it. */
function staysOpen(answer: Admission): boolean {
	if (answer.verdict === 'new') return !answer.run.seal;
	return answer.verdict === 'gap' || answer.verdict === 'lacks';
}

/** Everything that came was new: the very frame may go on. */
function sameRuns(gated: readonly GatedRun[], runs: readonly RunRecord[]): boolean {
	return (
		gated.length > 0 &&
		gated.length === runs.length &&
		runs.every((run) =>
			gated.some(
				({ epoch, from, entries }) => epoch === run.epoch && from === run.from && entries.length === run.entries.length,
			),
		)
	);
}
