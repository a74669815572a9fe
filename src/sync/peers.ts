import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import type { Link, LinkSource } from '../ports/index.js';
import { secured } from './channel.js';
import { type Acquaintance, encodeFrame, type Reach, type Signal } from './frames.js';
import { openingBytes } from './handshake.js';
import type { PeerSession, SyncHost } from './host.js';
import type { Span } from './outgoing.js';
import { Presence } from './presence.js';
import { Session, type SessionEvents } from './session.js';
import { SignalPost } from './signal-post.js';
import { Tidings } from './tidings.js';

/** Rows that have become durable here, as they came: their very frame goes on to whoever stands just before them. */
export interface Forward {
	readonly from: PeerSession;
	readonly frame: Uint8Array;
	readonly runs: readonly Span[];
}

export interface ConnectOptions {
	/** Another part of this very box: it is told what archives elsewhere have, and is none itself (JRN11). */
	readonly sameBox?: boolean;
	/** What this line is told instead of what the others are. */
	readonly host?: SyncHost;
}

/** A peer that probably has the rows by a link of its own gets them after this, if it did not say that it has them. */
const lazyMs = 300;
/** News of links gather this long, and longer by the number of peers: what a change costs is told to each. */
const gossipMs = 100;
const gossipPerPeerMs = 4;
/** News of peers come once more: the first may have been lost, or come while the peer was still greeting. */
const gossipAgainMs = 5_000;

/**
 * All sessions of one host: who is there, what goes to whom, how far rows have got. Rows cross every line once, mostly:
 * each peer gets them over one of its lines, never back to whom they came from, and late where it has them already.
 */
export class Peers implements SessionEvents {
	readonly #host: SyncHost;
	readonly #sessions = new Set<Session>();
	readonly #sources = new Set<LinkSource>();
	readonly opening: Uint8Array;
	/** Of several lines to one replica, the one that stands longest; the others stand by. */
	readonly #primaries = new Map<string, Session>();
	/** Devices that are linked now. */
	#linked: ReadonlyMap<DeviceId, Session> = new Map();
	readonly #sameBox = new Set<PeerSession>();
	/** Lines to replicas that have several. */
	readonly #siblings = new Map<string, Session[]>();
	/** Peers that said they have rows which were not here yet. */
	readonly #ahead = new Set<Session>();
	readonly #timers = new Set<() => void>();
	#paused = false;
	/** The name under which links were noted. */
	#me: DeviceId | undefined;
	#gossipWaits = false;
	#gossips = 0;
	readonly presence = new Presence();
	readonly tidings: Tidings;
	readonly signals: SignalPost;

	constructor(host: SyncHost) {
		this.#host = host;
		this.opening = host.platform.random.bytes(openingBytes);
		this.signals = new SignalPost(this);
		this.tidings = new Tidings(host, this);
	}

	get sessions(): ReadonlySet<Session> {
		return this.#sessions;
	}

	get device(): DeviceId {
		return this.#host.introduce().device;
	}

	get nowMs(): number {
		return this.#host.platform.clock.nowMs();
	}

	/** Whatever leaves the process goes encrypted. Answers how to take the link off again. */
	connect(link: Link, { sameBox = false, host = this.#host }: ConnectOptions = {}): () => void {
		const session = new Session(host, secured(link, host.platform), this);
		this.#sessions.add(session);
		if (sameBox) this.#sameBox.add(session);
		session.start();
		return () => {
			session.stop();
			this.#sessions.delete(session);
			this.#sameBox.delete(session);
		};
	}

	/** Starts to look for peers; answers how to end that. */
	meet(source: LinkSource): () => void {
		const { chain, name } = this.#host.introduce();
		const self = this;
		source.discover({
			chain,
			name,
			get device() {
				return self.device;
			},
			timers: this.#host.platform.timers,
			signals: this.signals,
			found: (link) => this.connect(link),
		});
		this.#sources.add(source);
		return () => {
			source.stop();
			this.#sources.delete(source);
		};
	}

	/** Sessions that rows go over, one a replica. */
	primaries(): Iterable<Session> {
		return this.#primaries.values();
	}

	sessionTo(device: DeviceId): Session | undefined {
		return this.#linked.get(device);
	}

	/** Something of a ledger is missing here, and nobody seems to know: all are told what is here. */
	again(ledger: LedgerName): void {
		for (const session of this.primaries()) session.again(ledger);
	}

	/** Rows of these epochs are durable and sealed here: whoever keeps the ledger and lacks them gets them. */
	grown(ledger: LedgerName, epochs: readonly EpochId[], forward?: Forward): void {
		if (!forward) this.tidings.wonderSoon();
		for (const session of this.primaries()) {
			if (forward && session.replica === forward.from.replica) continue;
			if (!session.carries(ledger)) continue;
			if (forward && this.#knowsOtherwise(session, ledger, epochs, forward.from))
				this.#lagLater(session, ledger, epochs);
			else if (!forward || !session.forward(ledger, forward.frame, forward.runs)) session.lag(ledger, epochs);
		}
	}

	/** A new checkpoint is here, or more than one epoch changed. */
	pointed(ledger: LedgerName): void {
		for (const session of this.primaries()) session.lag(ledger);
	}

	/** Those whose sessions were ended for good meanwhile. */
	dismiss(isRevoked: (device: DeviceId) => boolean): void {
		for (const session of this.#sessions)
			if (session.peer && isRevoked(session.peer.device)) session.close('not_allowed');
	}

	greet(): void {
		for (const session of this.#sessions) session.greet();
		const me = this.device;
		if (this.#me !== undefined && this.#me !== me) this.presence.renamed(this.#me, me);
		this.#me = me;
		this.#gossipSoon(); // what was said under the name before has gone with it
	}

	/** Nothing goes out but what was asked for. */
	pause(paused: boolean): void {
		this.#paused = paused;
		this.#choose();
	}

	stop(): void {
		for (const cancel of this.#timers) cancel();
		for (const source of this.#sources) source.stop();
		for (const session of this.#sessions) session.stop();
		this.#sessions.clear();
	}

	/** Linked to whom the rows came from, or to their author: then it has them, or gets them any moment. */
	#knowsOtherwise(session: Session, ledger: LedgerName, epochs: readonly EpochId[], from: PeerSession): boolean {
		const [peer, giver] = [session.peer?.device, from.peer?.device];
		if (!peer || !giver || session.peer?.role !== 'device') return false;
		if (this.presence.isLinkedTo(peer, giver)) return true;
		return epochs.every((epoch) => {
			const author = this.#host.authorOf(ledger, epoch);
			return author !== undefined && this.presence.isLinkedTo(peer, author);
		});
	}

	/** Says that the rows are here, and sends them only if the peer does not say the same in time. */
	#lagLater(session: Session, ledger: LedgerName, epochs: readonly EpochId[]): void {
		const { counts } = this.#host.holding(ledger);
		session.ackSoon(
			ledger,
			epochs.map((epoch) => ({ epoch, count: counts.get(epoch) ?? 0 })),
		);
		this.after(lazyMs, () => session.lag(ledger, epochs));
	}

	get hasSameBox(): boolean {
		return this.#sameBox.size > 0;
	}

	isSameBox(session: Session): boolean {
		return this.#sameBox.has(session);
	}

	after(delayMs: number, run: () => void): void {
		const cancel = this.#host.platform.timers.after(
			delayMs,
			() => {
				this.#timers.delete(cancel);
				run();
			},
			true,
		);
		this.#timers.add(cancel);
	}

	// ---- what sessions say ----

	changed(session: Session): void {
		this.#choose();
		if (session.inSync) this.tidings.welcome(session);
		else this.#ahead.delete(session);
		this.#host.changed(session);
		this.signals.changed();
		this.#gossipSoon();
	}

	#choose(): void {
		this.#me ??= this.device;
		const before = this.#linked;
		for (const [replica, session] of this.#primaries) if (session.replica !== replica) this.#primaries.delete(replica);
		this.#siblings.clear();
		for (const session of this.#sessions) {
			const { replica } = session;
			if (replica === undefined) continue;
			const primary = this.#primaries.get(replica);
			if (!primary) this.#primaries.set(replica, session);
			else if (primary !== session)
				this.#siblings.set(replica, [...(this.#siblings.get(replica) ?? [primary]), session]);
		}
		for (const session of this.#sessions)
			session.hold(this.#paused || (session.inSync && this.#primaries.get(session.replica ?? '') !== session));
		this.#linked = new Map([...this.#primaries.values()].map((session) => [session.peer?.device ?? '', session]));
		for (const device of before.keys()) if (!this.#linked.has(device)) this.#left(device);
		for (const [device, { peer }] of this.#linked) {
			this.presence.seen(device, peer?.name, this.nowMs);
			this.presence.linked(this.device, device, true);
		}
	}

	#left(device: DeviceId): void {
		this.presence.seen(device, undefined, this.nowMs);
		this.presence.linked(this.device, device, false);
		this.presence.forget(device);
	}

	acked(session: Session, ledger: LedgerName, positions: Iterable<Position>): void {
		const { peer } = session;
		if (!peer) return;
		const told: readonly Position[] = Array.isArray(positions) ? positions : [...positions];
		if (this.#siblings.size > 0)
			for (const sibling of this.#siblings.get(session.replica ?? '') ?? [])
				if (sibling !== session) sibling.noteHas(ledger, told);
		const all = this.#known(ledger, told);
		if (all !== told) this.#ahead.add(session);
		if (all.length === 0) return;
		this.tidings.acked(session, ledger, all);
	}

	/** Nobody knows more of rows than that they are there: what is said of those that are not here yet waits until they come. */
	#known(ledger: LedgerName, positions: readonly Position[]): readonly Position[] {
		if (positions.every(({ epoch, count }) => this.#host.have(ledger, epoch) >= Math.max(1, count))) return positions;
		const known: Position[] = [];
		for (const at of positions) {
			const count = this.#host.have(ledger, at.epoch);
			if (count > 0) known.push(count >= at.count ? at : { epoch: at.epoch, count });
		}
		return known;
	}

	brought(session: Session, ledger: LedgerName, epochs: readonly Position[]): void {
		const device = session.peer?.device;
		if (device === undefined) return;
		for (const { epoch } of epochs) {
			if (this.#host.have(ledger, epoch) === 0) continue;
			this.tidings.cameBy(epoch, device);
			for (const ahead of this.#ahead) {
				const count = ahead.ackedBy(ledger, epoch);
				if (count > 0) this.acked(ahead, ledger, [{ epoch, count }]);
			}
		}
	}

	reached(session: Session, tier: Reach, ledger: LedgerName, positions: readonly Position[]): void {
		this.tidings.told(session, tier, ledger, this.#known(ledger, positions));
	}

	acquainted(session: Session, devices: readonly Acquaintance[]): void {
		const device = session.peer?.device;
		if (device === undefined) return;
		this.presence.tell(
			device,
			devices.filter((each) => each.device !== this.device),
			this.nowMs,
		);
		this.signals.changed();
	}

	signal(session: Session, signal: Signal): void {
		this.signals.receive(session, signal);
	}

	#gossipSoon(): void {
		if (this.#gossipWaits) return;
		this.#gossipWaits = true;
		this.after(gossipMs + gossipPerPeerMs * this.#primaries.size, () => {
			this.#gossipWaits = false;
			this.#gossip();
			const turn = ++this.#gossips;
			this.after(gossipAgainMs, () => {
				if (turn === this.#gossips) this.#gossip();
			});
		});
	}

	#gossip(): void {
		const devices = this.presence.introduce(this.device, this.nowMs);
		const message = encodeFrame({ kind: 'peers', devices });
		for (const session of this.primaries()) session.pass(message);
	}
}
