import type { EpochId, LedgerName } from '../base/ids.js';
import type { Epoch } from '../journal/journal.js';
import { seal } from '../journal/seal.js';
import type { KeyPair } from '../ports/index.js';
import type { PeerSession } from '../sync/host.js';
import type { Forward, Peers } from '../sync/peers.js';
import type { Core } from './core.js';
import type { Holdings } from './holdings.js';
import { Pace } from './pace.js';

/** One signature, one frame and one sync everywhere are for all that was sold in this time; a lone sale waits for nothing. */
const paceMs = 4;
/** Rows that peers told of are waited for while any came in the last round: so long each, and so many. */
const roundMs = 20_000;
const roundsMax = 15;

/** What leaves this replica: sealed rows that are durable here, and checkpoints; and to whom. */
export class Outbox {
	readonly #core: Core;
	readonly #peers: Peers;
	readonly #holdings: Holdings;
	readonly #changed = new Set<LedgerName>();
	/** Whether what peers told of has been waited for long enough. */
	readonly #waited = new Map<LedgerName, boolean>();
	#isSealing = false;
	readonly #pace: Pace;
	#sealing: Promise<void> = Promise.resolve();

	constructor(core: Core, peers: Peers, holdings: Holdings) {
		this.#core = core;
		this.#peers = peers;
		this.#holdings = holdings;
		this.#pace = new Pace(core.platform, paceMs);
	}

	get sessions(): ReadonlySet<PeerSession> {
		return this.#peers.sessions;
	}

	/**
	 * May this device write in a ledger by itself, with nobody having asked for it? After a restart not before some peer
	 * has told what it has and all of that is here: the disk may be an old copy, and its lost tail on the way (JRN7). What
	 * peers tell is a claim, though, and one of them may tell nothing at all: it waits for twenty seconds, and on only while more
	 * comes of what it lacks.
	 */
	settled(ledger: LedgerName): boolean {
		const { writer } = this.#core;
		return writer.fresh || writer.hasWritten(ledger) || this.caughtUp(ledger) || this.#hasWaited(ledger);
	}

	#hasWaited(ledger: LedgerName): boolean {
		if (!this.#waited.has(ledger) && [...this.#peers.sessions].some((session) => session.told(ledger))) {
			this.#waited.set(ledger, false);
			this.#wait(ledger, undefined, roundsMax);
		}
		return this.#waited.get(ledger) === true;
	}

	/** By running time: a clock that is set forward ends no wait. On as long as more comes of what was told and lacking. */
	#wait(ledger: LedgerName, before: ReadonlyMap<EpochId, number> | undefined, rounds: number): void {
		const comes = before === undefined || [...before].some(([epoch, had]) => this.#core.have(ledger, epoch) > had);
		if (!comes || rounds === 0) return void this.#waited.set(ledger, true);
		const lacking = new Map<EpochId, number>();
		for (const session of this.#peers.sessions) this.#noteLacking(lacking, session, ledger);
		this.#core.platform.timers.after(roundMs, () => this.#wait(ledger, lacking, rounds - 1), true);
	}

	#noteLacking(lacking: Map<EpochId, number>, session: PeerSession, ledger: LedgerName): void {
		if (!session.carries(ledger)) return;
		for (const [epoch, count] of session.told(ledger) ?? []) {
			const have = this.#core.have(ledger, epoch);
			if (have < count) lacking.set(epoch, have);
		}
	}

	/** Some peer has told what it has, and all that they told of is here. */
	caughtUp(ledger: LedgerName): boolean {
		let heard = false;
		for (const session of this.#peers.sessions) {
			if (!session.carries(ledger)) continue;
			const told = session.told(ledger);
			if (!told) return false;
			for (const [epoch, count] of told) if (this.#core.have(ledger, epoch) < count) return false;
			heard = true;
		}
		return heard;
	}

	/** Rows of an epoch on the disk of another archive (JRN11). */
	archived(epoch: EpochId): number {
		return this.#peers.tidings.archives.of(epoch);
	}

	/** Rows of others, sealed by them, are durable here. */
	grown(ledger: LedgerName, epochs: readonly EpochId[], forward?: Forward): void {
		this.#holdings.changed(ledger);
		this.#peers.grown(ledger, epochs, forward);
	}

	/** A new checkpoint was adopted. */
	pointed(ledger: LedgerName): void {
		this.#holdings.changed(ledger);
		this.#peers.pointed(ledger);
	}

	/** Seals what this device wrote, then sends it: one signature for all that gathered meanwhile (JRN8). */
	sealSoon(ledgers: Iterable<LedgerName>): void {
		for (const ledger of ledgers) {
			this.#holdings.changed(ledger);
			this.#changed.add(ledger);
		}
		if (this.#isSealing || this.#peers.sessions.size === 0) return;
		this.#isSealing = true;
		this.#sealing = this.#sealChanged();
	}

	async #sealChanged(): Promise<void> {
		try {
			while (this.#changed.size > 0 && !this.#core.stopped) {
				await this.#pace.next();
				const ledgers = [...this.#changed];
				this.#changed.clear();
				for (const ledger of ledgers) {
					const sealed: EpochId[] = [];
					for (const epoch of [...this.#core.journal.in(ledger)]) {
						const pair = epoch.sealed < epoch.durable && this.#core.pairOf(epoch);
						if (!pair) continue;
						await this.#seal(epoch, pair);
						sealed.push(epoch.id);
					}
					if (sealed.length > 0) this.#peers.grown(ledger, sealed);
				}
			}
		} finally {
			// In the turn of the last look at what changed: whoever comes later starts anew.
			this.#isSealing = false;
		}
	}

	/** Own seals are made anew after a restart and never stored: the key is at hand. */
	async #seal(epoch: Epoch, pair: KeyPair): Promise<void> {
		const { crypto } = this.#core.platform;
		while (epoch.sealed < epoch.durable) {
			const count = epoch.sealPoint(epoch.sealed, epoch.durable);
			const made = await seal(crypto, pair, epoch.id, count, epoch.hashAt(count));
			if (count > epoch.sealed) epoch.addSeal(made);
		}
	}

	/** Waits for a seal under way. */
	async stop(): Promise<void> {
		this.#pace.hurry();
		await this.#sealing;
	}
}
