import type { DeviceId, LedgerName } from '../base/ids.js';
import { type Admission, type Admitted, admitRun, Quarantine } from '../journal/admission.js';
import type { GatedRun } from '../journal/gate.js';
import type { LegOf } from '../journal/leg.js';
import type { Seal } from '../journal/seal.js';
import { revokedBy } from '../journal/warden.js';
import type { Platform } from '../ports/index.js';
import type { SealedRuns } from './coalesce.js';
import type { Keeping } from './keeping.js';
import type { KeptEpoch } from './kept-epoch.js';
import { DayCounts, type RelayLimits } from './quota.js';
import type { RejectionCode, Rejections } from './rejections.js';
import type { EpochRecord, RowStore, RunRecord } from './row-store.js';
import { SealChecks } from './seal-checks.js';

export interface AdmitterParts {
	readonly platform: Platform;
	readonly store: RowStore;
	readonly keeping: Keeping;
	readonly rejections: Rejections;
	readonly limits: RelayLimits;
	/** A document ends the sessions of this device for good. */
	readonly revoked?: (device: DeviceId) => void;
}

interface Place {
	readonly ledger: LedgerName;
	readonly segment: number;
}

/** What of some runs may be stored: they are in the index already, and not on disk yet. */
export interface Admitting {
	readonly epochs: EpochRecord[];
	readonly runs: RunRecord[];
	/** Something before them, or something that they name, is missing (SYN1, JRN10). */
	again: boolean;
	/** Something was refused for good. */
	refused: boolean;
}

/** Admission by the rules that replicas have, over the index of a relay, and the limits of a relay. */
export class Admitter {
	readonly #o: AdmitterParts;
	readonly #seals: SealChecks;
	readonly #days = new DayCounts();
	readonly #quarantine = new Quarantine();
	/** Entries taken by this opening, and on disk. */
	landed = 0;

	constructor(parts: AdmitterParts) {
		this.#o = parts;
		this.#seals = new SealChecks(parts.keeping, parts.platform.crypto);
	}

	/** Begins to check the seals, beside those of others. */
	begin({ ledger, segment }: Place, { runs, seals }: SealedRuns): void {
		for (const run of runs) this.#seals.begin(ledger, segment, run, sealOf(seals, run));
	}

	/** What was begun has been admitted or refused. */
	settled(): void {
		this.#seals.clear();
	}

	/** Takes as much as fits, again and again while runs free each other. `silent`: a refusal is not counted yet. */
	async admit({ ledger, segment }: Place, { runs, seals }: SealedRuns, silent: boolean): Promise<Admitting> {
		const admitting: Admitting = { epochs: [], runs: [], again: false, refused: false };
		const refuse = (code: RejectionCode, device: string | undefined, reason?: string) => {
			admitting.refused = true;
			if (!silent) this.reject(code, ledger, device, reason);
		};
		const { held } = this.#o.keeping;
		let waiting: readonly GatedRun[] = runs.filter((run) => this.#isAllowed(ledger, run, refuse));
		for (let progress = true; progress && waiting.length > 0; ) {
			progress = false;
			const left: GatedRun[] = [];
			for (const run of waiting) {
				const answer = await admitRun(held, ledger, segment, run, sealOf(seals, run), this.#seals.crypto);
				if (answer.verdict === 'new') progress = this.#take(answer.run, admitting, refuse) || progress;
				// What follows rows that were not allowed is never asked for.
				if (answer.verdict === 'not_allowed') this.#quarantine.add(run.epoch);
				if (answer.verdict === 'gap' && this.#quarantine.has(run.epoch)) continue;
				if (staysOpen(answer)) left.push(run);
				else if (answer.verdict !== 'new' && answer.verdict !== 'known')
					refuse(answer.verdict, answer.device, answer.reason);
			}
			waiting = left;
		}
		admitting.again = waiting.length > 0;
		return admitting;
	}

	/** A run that was admitted is on disk. */
	land(run: RunRecord): void {
		const { keeping } = this.#o;
		const epoch = keeping.get(run.epoch);
		if (!epoch) return;
		const ledger = keeping.open(epoch.name.ledger);
		this.landed += run.entries.length;
		ledger.entries += run.entries.length;
		for (const row of run.entries) ledger.bytes += row.length;
		epoch.land(run);
		ledger.changed([run.epoch]);
	}

	/** Rows of these epochs are on their way to disk. */
	isLanding(seals: readonly Seal[]): boolean {
		return seals.some(({ epoch }) => {
			const kept = this.#o.keeping.get(epoch);
			return kept !== undefined && kept.count > kept.durable;
		});
	}

	reject(code: RejectionCode, ledger: LedgerName, device?: string, reason?: string): void {
		this.#o.rejections.add({ code, ledger, device, reason, atMs: this.#o.platform.clock.nowMs() });
	}

	/** Limits that need no more than a look. */
	#isAllowed(
		ledger: LedgerName,
		run: GatedRun,
		refuse: (code: RejectionCode, device: string | undefined) => void,
	): boolean {
		const { limits, keeping } = this.#o;
		const isFull = (keeping.ledger(ledger)?.bytes ?? 0) >= limits.ledgerBytes;
		const isLarge = run.entries.some((entry) => entry.length > limits.entryBytes);
		if (!isFull && !isLarge) return true;
		refuse(isLarge ? 'entry_too_large' : 'ledger_full', keeping.ancestor(run.epoch)?.device ?? run.root?.device);
		return false;
	}

	#take(
		run: Admitted,
		admitting: Admitting,
		refuse: (code: RejectionCode, device: string | undefined) => void,
	): boolean {
		if (run.rows.length === 0) return false; // a seal for rows that are here: a relay keeps seals with rows
		const { keeping, limits, platform } = this.#o;
		const device = run.name?.device ?? keeping.get(run.epoch)?.name.device ?? '';
		const nowMs = platform.clock.nowMs();
		if (this.#days.of(device, nowMs) + run.rows.length > limits.deviceEntriesPerDay) {
			refuse('device_quota', device);
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
		keeping.forks.grows(run.epoch, device, epoch.count);
		for (const { legs } of run.entries) for (const device of revokedBy(legs)) this.#o.revoked?.(device);
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
}

const sealOf = (seals: readonly Seal[], run: GatedRun) => seals.find(({ epoch }) => epoch === run.epoch);

/** Only too early, or only a first part was taken: asked for again, unless the rest of the update frees it. */
function staysOpen(answer: Admission): boolean {
	if (answer.verdict === 'new') return !answer.run.seal;
	return answer.verdict === 'gap' || answer.verdict === 'lacks';
}
