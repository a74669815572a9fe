import { BadArgument, NotReachedYet } from '../base/errors.js';
import type { CommitId, DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import { createLive, type Live, type WaitOptions } from '../ledger/live.js';
import type { Ack, Tier } from '../ledger/outcome.js';
import type { Core } from './core.js';
import type { Lines } from './lines.js';

/** What this device wrote and what is not on a disk of some tier yet. */
export interface Waiting {
	readonly entries: number;
	readonly bytes: number;
	/** When the oldest of them was written, as an ISO instant. */
	readonly oldest: string | undefined;
}

export interface SyncPeer {
	readonly device: DeviceId;
	readonly name: string;
	readonly via: string;
	/** Each side knows what the other lacks. */
	readonly inSync: boolean;
	/** Milliseconds there and back; undefined before the first heartbeat. */
	readonly rttMs: number | undefined;
}

export interface SyncStatus {
	/** The farthest tier that everything written here has reached. */
	readonly at: Tier;
	readonly peers: readonly SyncPeer[];
	/** "12 sales not yet at headquarters, oldest 14:02." */
	readonly waiting: Readonly<Record<Exclude<Tier, 'device'>, Waiting>>;
	/** All of it is on a second device's disk at least. */
	readonly safeToPowerOff: boolean;
	/** The relay's clock less this device's, in milliseconds; 0 where none has been heard. */
	readonly clockOffsetMs: number;
}

export interface Sync {
	readonly status: Live<SyncStatus>;
	/** Resolves when a commit is on a disk of the tier (SYN2). Throws `NotReachedYet` in time or on abort: it stays written. */
	reached(commit: CommitId, tier: Tier, options?: WaitOptions): Promise<Ack>;
	/** Resolves when everything written here is at the tier, `store` where none is named. Throws `NotReachedYet`. */
	flush(options?: WaitOptions & { readonly tier?: Tier }): Promise<void>;
	/** Sends no rows until the answer is called; what comes is taken. */
	pause(): () => void;
}

const remote = ['copy', 'store', 'hq'] as const;

/** How far this device's writes have got, and waiting for it. */
export class ReplicaSync implements Sync {
	readonly #core: Core;
	readonly #lines: () => Lines | undefined;
	readonly #watchers = new Set<() => void>();
	#version = 0;
	#pauses = 0;
	/** Changes whenever anything did: who waits for a commit need not have the whole status read. */
	readonly #pulse: Live<number>;
	readonly status: Live<SyncStatus>;

	constructor(core: Core, lines: () => Lines | undefined) {
		this.#core = core;
		this.#lines = lines;
		this.#pulse = createLive({
			version: () => this.#version,
			read: () => this.#version,
			timers: core.platform.timers,
			listen: (watcher) => {
				this.#watchers.add(watcher);
				return () => this.#watchers.delete(watcher);
			},
		});
		// Heartbeats tell nobody, but who looks sees what they say of the clock, to the second.
		this.status = createLive({
			version: () => `${this.#version} ${Math.round(this.#clockOffsetMs() / 1000)}`,
			read: () => this.#read(),
			timers: core.platform.timers,
			listen: (watcher) => this.#pulse.subscribe(watcher),
		});
	}

	/** Something was written, a link came or went, or rows got farther. */
	changed(): void {
		this.#version++;
		for (const watcher of [...this.#watchers]) watcher();
	}

	async reached(commit: CommitId, tier: Tier, options: WaitOptions = {}): Promise<Ack> {
		const all = this.#entriesOf(commit);
		const isThere = () => all.every(({ ledger, epoch, count }) => this.#reach(tier, ledger, epoch) >= count);
		await this.#when(tier, isThere, options);
		return { tier, commit, at: this.#now() };
	}

	flush({ tier = 'store', ...options }: WaitOptions & { readonly tier?: Tier } = {}): Promise<void> {
		return this.#when(tier, () => tier === 'device' || this.status.get().waiting[tier].entries === 0, options);
	}

	pause(): () => void {
		this.#pauses++;
		this.#lines()?.peers.pause(true);
		let over = false;
		return () => {
			if (over) return;
			over = true;
			this.#pauses--;
			if (this.#pauses === 0) this.#lines()?.peers.pause(false);
		};
	}

	get isPaused(): boolean {
		return this.#pauses > 0;
	}

	async #when(tier: Tier, test: () => boolean, options: WaitOptions): Promise<void> {
		if (tier !== 'device' && !remote.includes(tier)) throw new BadArgument('tier', `"${tier}" is no tier.`);
		try {
			await this.#pulse.when(test, options);
		} catch (error) {
			throw new NotReachedYet(tier, error);
		}
	}

	#now(): string {
		return new Date(this.#core.platform.clock.nowMs()).toISOString();
	}

	/** The entries that a commit consists of; one that is gone from here was covered by a checkpoint. */
	#entriesOf(commit: CommitId): (Position & { readonly ledger: LedgerName })[] {
		if (commit === '') return []; // nothing had to be written
		const [, epochText = '', indexText = ''] = commit.split('.');
		const [id, index] = [Number.parseInt(epochText, 36), Number(indexText)];
		const { journal } = this.#core;
		const ledger = journal.get(id)?.name.ledger ?? journal.ancestor(id)?.ledger;
		if (ledger === undefined || !Number.isSafeInteger(index) || commit.split('.').length !== 3)
			throw new BadArgument('commit', `"${commit}" is not known here.`);
		const epoch = journal.get(id);
		const parts = epoch && index < epoch.count ? epoch.entry(index).parts : [];
		return [
			{ ledger, epoch: id, count: index + 1 },
			...parts.map((part) => ({ ledger: part.ledger, epoch: part.epoch, count: part.index + 1 })),
		];
	}

	#reach(tier: Tier, ledger: LedgerName, epoch: EpochId): number {
		if (tier === 'device') return this.#core.have(ledger, epoch);
		// Nothing is covered by an adopted checkpoint that two archives did not have (JRN11): who they are it does not say.
		const covered = tier === 'copy' ? (this.#core.view.base(ledger)?.cut.get(epoch)?.count ?? 0) : 0;
		return Math.max(covered, this.#lines()?.peers.tidings.reach.of(tier, epoch) ?? 0);
	}

	#read(): SyncStatus {
		const waiting = { copy: this.#waiting('copy'), store: this.#waiting('store'), hq: this.#waiting('hq') };
		const sessions = [...(this.#lines()?.peers.sessions ?? [])];
		const peers = sessions.flatMap(({ peer, via, inSync, rttMs }) =>
			peer ? [{ device: peer.device, name: peer.name, via, inSync, rttMs }] : [],
		);
		const at = [...remote].reverse().find((tier) => waiting[tier].entries === 0) ?? 'device';
		return { at, peers, waiting, safeToPowerOff: waiting.copy.entries === 0, clockOffsetMs: this.#clockOffsetMs() };
	}

	/** A till's clock is no better than this one's: only a relay's tells. */
	#clockOffsetMs(): number {
		for (const { peer, heartbeat } of this.#lines()?.peers.sessions ?? [])
			if (heartbeat.offsetMs !== undefined && peer !== undefined && peer.role !== 'device') return heartbeat.offsetMs;
		return 0;
	}

	#waiting(tier: (typeof remote)[number]): Waiting {
		let [entries, bytes, oldestMs] = [0, 0, Number.POSITIVE_INFINITY];
		for (const epoch of this.#core.journal.all()) {
			if (!this.#core.pairOf(epoch)) continue;
			const from = this.#reach(tier, epoch.name.ledger, epoch.id);
			if (from >= epoch.count) continue;
			oldestMs = Math.min(oldestMs, epoch.timeAt(from));
			for (const row of epoch.span(from, epoch.count)) {
				entries++;
				bytes += row.length;
			}
		}
		return { entries, bytes, oldest: entries > 0 ? new Date(oldestMs).toISOString() : undefined };
	}
}
