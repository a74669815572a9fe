import type { DeviceId, LedgerName } from '../base/ids.js';
import type { Epoch } from '../journal/journal.js';
import type { Link, LinkSource } from '../ports/index.js';
import { type Forward, Peers } from '../sync/peers.js';
import type { Core } from './core.js';
import { Doorway } from './doorway.js';
import { Holdings } from './holdings.js';
import { Intake } from './intake.js';
import { Outbox } from './outbox.js';
import { Shares } from './shares.js';
import { Wants } from './wants.js';

export interface LinesOptions {
	readonly core: Core;
	readonly homeOf: (ledger: LedgerName) => DeviceId | undefined;
	/** Rows of others are durable. */
	readonly taken: (ledger: LedgerName, epochs: readonly Epoch[]) => void;
	/** A sound checkpoint was offered to the view. */
	readonly offered: () => void;
	/** Links, or how far rows have got, have changed. */
	readonly changed: () => void;
	/** These ledgers are kept from now on. */
	readonly kept: (ledgers: readonly LedgerName[]) => void;
}

/** Rows that were on a disk and are there no more: a disk was lost, or an old copy of it came back. */
export interface Loss {
	readonly device: DeviceId;
	/** `theirs`: the peer's disk, by what it had acknowledged here. `ours`: this one, by what it had acknowledged there. */
	readonly disk: 'theirs' | 'ours';
	readonly ledger: LedgerName;
	readonly epochs: number;
	/** When this was found, as an ISO instant. */
	readonly at: string;
}

const lossesKept = 16;

/** All that a replica needs to meet others; loaded with the first link. */
export class Lines {
	readonly peers: Peers;
	readonly outbox: Outbox;
	readonly intake: Intake;
	readonly shares: Shares;
	readonly wants: Wants;
	/** The newest of them; what was lost comes back from whoever has it. */
	readonly losses: Loss[] = [];
	readonly #core: Core;

	constructor(options: LinesOptions) {
		const { core, homeOf, changed } = options;
		this.#core = core;
		const holdings = new Holdings(core);
		this.intake = new Intake(core);
		const doorway = new Doorway({
			...options,
			holdings,
			intake: this.intake,
			taken: (ledger, epochs, forward) => this.#taken(options, ledger, epochs, forward),
			routed: (device, by) => this.shares.noteRoute(device, by),
			asked: (by, ask) => this.shares.answer(by, ask),
			linksChanged: (session) => {
				if (session.inSync) this.outbox.sealSoon(core.ledgers());
				changed();
			},
			reached: changed,
			sessions: () => this.peers.sessions,
			toldAll: () => this.wants.look(),
			lost: ({ peer }, ledger, positions, theirs) => {
				const at = new Date(core.platform.clock.nowMs()).toISOString();
				const device = peer?.device ?? '';
				if (theirs && peer) this.peers.tidings.lost(peer, positions);
				this.losses.push({ device, disk: theirs ? 'theirs' : 'ours', ledger, epochs: positions.length, at });
				if (this.losses.length > lossesKept) this.losses.shift();
				changed();
			},
		});
		this.peers = new Peers(doorway);
		this.wants = new Wants(core, this.peers, options.kept);
		this.outbox = new Outbox(core, this.peers, holdings);
		const isLinked = (peer: DeviceId, device: DeviceId) => this.peers.presence.isLinkedTo(peer, device);
		this.shares = new Shares(core, this.outbox, homeOf, isLinked);
		this.shares.recall();
	}

	/** Answers how to take it off again. */
	add(way: Link | LinkSource): () => void {
		return 'discover' in way ? this.peers.meet(way) : this.peers.connect(way);
	}

	#taken({ taken }: LinesOptions, ledger: LedgerName, epochs: readonly Epoch[], forward: Forward | undefined): void {
		taken(ledger, epochs);
		this.outbox.grown(
			ledger,
			epochs.map(({ id }) => id),
			forward,
		);
		this.wants.look();
	}

	/** Twice at most: what somebody had asked for may have come meanwhile. */
	async goHome(drain: () => Promise<void>): Promise<void> {
		for (let i = 0; i < 2 && !this.#core.stopped; i++) if ((await this.shares.goHome()) || i === 0) await drain();
	}

	async stop(): Promise<void> {
		this.shares.stop();
		this.wants.stop();
		this.peers.stop();
		await this.outbox.stop();
	}
}
