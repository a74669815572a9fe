import { assert } from '../base/assert.js';
import type { EpochId, LedgerName, Position } from '../base/ids.js';
import type { Epoch } from '../journal/journal.js';
import type { Leg, Part } from '../journal/leg.js';
import type { EnrolledKeys } from '../trust/credential.js';
import type { Core } from './core.js';
import { deviceRecord } from './records.js';
import type { Writer } from './writer.js';

export interface IdentityOptions {
	readonly core: Core;
	readonly createWriter: (core: Core, pair: EnrolledKeys) => Writer;
	/** `core.flagged` may have changed. */
	readonly changed: () => void;
	/** The device goes on under another name. */
	readonly renamed: () => void;
}

/** This device among its own journals: where they end, whether there is a second of it, and what name it goes on under. */
export class Identity {
	readonly #o: IdentityOptions;
	/** Lost parts, by the epoch that waits for them: each ledger that waits must be told. */
	readonly #declared = new Set<string>();
	#enrolling = false;

	constructor(options: IdentityOptions) {
		this.#o = options;
	}

	/** On opening: time goes on after what this device wrote, and its debits count until the view shows them (ESC1). */
	recall(): void {
		const { core } = this.#o;
		for (const epoch of core.journal.all()) {
			if (!core.isOwn(epoch)) continue;
			core.clock.restore(epoch.entry(epoch.count - 1).time);
			for (let i = core.view.at(epoch.id); i < epoch.count; i++) core.books.wrote(epoch.name.ledger, epoch.entry(i));
		}
	}

	/**
	 * What rows and checkpoints say of this device's own journal (JRN7): its end as known here; or a lost tail, taken
	 * back where nothing was written in this opening; or another branch: this device or a copy of it is a clone.
	 */
	follow(ledger: LedgerName): void {
		const { core } = this.#o;
		const { writer, journal } = core;
		const own = this.#takeUp(writer, ledger);
		if (core.flagged || journal.allPrecede(own, writer.tip(ledger) ?? null)) return;
		core.flagged = true;
		// A branch that nothing was written after shows in no rows yet, and a flagged device spends no more: say it.
		if (!journal.forked.has(core.device)) writer.branch(ledger);
	}

	/** Has the writer go on after the longest branch of its name, where it has not written yet; answers the ends of its epochs. */
	#takeUp(writer: Writer, ledger: LedgerName): Position[] {
		const { journal, view } = this.#o.core;
		const ends = new Map<EpochId, number>();
		for (const { epoch, count, device } of view.base(ledger)?.cut.values() ?? [])
			if (device === writer.device) ends.set(epoch, count);
		for (const { id, name, count } of journal.in(ledger))
			if (name.device === writer.device) ends.set(id, Math.max(count, ends.get(id) ?? 0));
		const own = [...ends].map(([epoch, count]) => ({ epoch, count }));
		const length = (at: Position | undefined) => (at ? (journal.lengthTo(at) ?? 0) : 0);
		let tip = writer.tip(ledger);
		if (!writer.hasWritten(ledger)) for (const at of own) if (length(at) > length(tip)) tip = at;
		if (tip && tip !== writer.tip(ledger)) writer.continueAfter(ledger, tip);
		return own;
	}

	/**
	 * Says of own commits whose other parts this disk lost that those are not coming: `torn` (JRN4). Only in ledgers in which
	 * nobody in reach has more: what is still on its way back is not lost. Under the name of the commit, be it a former one:
	 * nobody else's word counts, and a fence elsewhere may have come before the commit did.
	 */
	mourn(caughtUp: (ledger: LedgerName) => boolean): void {
		const { core } = this.#o;
		for (const id of [...core.view.blocked.keys()]) {
			const epoch = core.journal.get(id);
			const pair = epoch && core.pairOf(epoch);
			if (!pair || !caughtUp(epoch.name.ledger)) continue;
			const legs: Leg[] = this.#lostParts(epoch, caughtUp).map((part) => ({ kind: 'torn', part }));
			if (legs.length === 0) continue;
			const writer = this.#writerAs(pair, epoch.name.ledger);
			writer.write([writer.draft(epoch.name.ledger, legs, [])]).catch(() => {}); // the disk has told the replica
		}
	}

	/** Under a former name each word is an epoch of its own. */
	#writerAs(pair: EnrolledKeys, ledger: LedgerName): Writer {
		const { core, createWriter } = this.#o;
		if (pair === core.pair) return core.writer;
		const writer = createWriter(core, pair);
		this.#takeUp(writer, ledger);
		writer.moveTo(ledger, core.writer.segment(ledger));
		return writer;
	}

	/**
	 * And the first row that was lost before such a part, be it no part itself: a home that does not keep that ledger counted
	 * the part in good faith, and its checkpoints would go on to need what was there before it.
	 */
	#lostParts(epoch: Epoch, caughtUp: (ledger: LedgerName) => boolean): Part[] {
		const { core } = this.#o;
		const lost: Part[] = [];
		for (let i = core.view.at(epoch.id); i < epoch.count; i++)
			for (const part of epoch.entry(i).parts) {
				const have = core.have(part.ledger, part.epoch);
				if (!core.holds(part.ledger) || have > part.index || !caughtUp(part.ledger)) continue;
				for (const index of [have, part.index]) {
					const key = `${epoch.id} ${part.epoch} ${index}`;
					if (this.#declared.has(key)) continue;
					this.#declared.add(key);
					lost.push({ ...part, index });
				}
			}
		return lost;
	}

	/** Looks at what the view says of this device: forked, fenced, or sound. */
	judge(): void {
		const { core, changed } = this.#o;
		if (core.journal.forked.has(core.device)) core.flagged = true;
		if (core.flagged) changed();
		if (this.#enrolling || !(this.#isFenced() || (core.flagged && this.#isHome()))) return;
		this.#enrolling = true;
		this.#enrol().catch(() => {
			// A failed write has told the replica; whoever gave no credential is asked again when something else comes.
			this.#enrolling = false;
		});
	}

	#isFenced(): boolean {
		const { core } = this.#o;
		for (const ledger of core.books.names()) if (core.books.of(ledger).escrow.fenced(core.device)) return true;
		return false;
	}

	/** Nobody fences a home but itself under its next name (ESC9). */
	#isHome(): boolean {
		const { core } = this.#o;
		return core.ledgers().some((ledger) => core.isHome(ledger));
	}

	/** A fenced device, or a home that has two branches, goes on under a new name (JRN7). What it wrote stays its own, sealed by the old key. */
	async #enrol(): Promise<void> {
		const { core, createWriter, changed, renamed } = this.#o;
		const old = core.writer;
		core.flagged = true;
		await old.flushed();
		const made = await core.platform.crypto.generateKeyPair();
		// In a chain with a root key the new one needs a credential; until it is there the device stays restricted.
		const enrolled = core.enrolment && (await core.enrolment.settle(made, old.pair.publicKey));
		const pair = enrolled?.pair ?? made;
		await core.disk.write({ puts: [deviceRecord([...core.pairs, pair])], deletes: [] });
		assert(core.writer === old, 'JRN7', 'two enrolments at once');
		core.pairs.push(pair);
		if (core.enrolment) core.enrolment.own = enrolled?.credential;
		core.writer = createWriter(core, pair);
		for (const ledger of core.journal.ledgers()) core.writer.moveTo(ledger, old.segment(ledger));
		core.books.rename(core.device);
		core.flagged = false;
		this.#enrolling = false;
		changed();
		renamed();
	}
}
