import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';
import type { Hello, Reach } from './frames.js';
import type { SyncHost } from './host.js';
import { Archives, ReachTable, tierOf } from './reach.js';
import type { Session } from './session.js';

/** News of tiers gather this long. */
const reachMs = 5;
/** A word of how far rows have got may be lost: who waits for one asks after this, then after twice that each time. */
const wonderMs = 5_000;
const wonderMaxMs = 60_000;

/** Whom tidings go to. */
interface Circle {
	readonly device: DeviceId;
	primaries(): Iterable<Session>;
	/** The peer is another part of this very box: it is told what archives elsewhere have, and is none itself (JRN11). */
	isSameBox(session: Session): boolean;
	readonly hasSameBox: boolean;
	after(delayMs: number, run: () => void): void;
}

/** How far rows have got (SYN2): noted here, and passed on to those who wrote them or brought them. */
export class Tidings {
	readonly #host: SyncHost;
	readonly #circle: Circle;
	readonly reach = new ReachTable();
	readonly archives = new Archives();
	/** By which peers an epoch's rows came: those are told how far they got. */
	readonly #origins = new Map<EpochId, Set<DeviceId>>();
	readonly #news = new Map<Reach, Map<LedgerName, Map<EpochId, number>>>();
	#newsWait = false;
	#wonders = false;
	#wonderMs = wonderMs;

	constructor(host: SyncHost, circle: Circle) {
		this.#host = host;
		this.#circle = circle;
	}

	/** A peer is there, and what it has is known. */
	welcome(session: Session): void {
		this.#wonderMs = wonderMs;
		this.#tellAll(session);
		this.wonderSoon();
	}

	cameBy(epoch: EpochId, device: DeviceId): void {
		const origins = this.#origins.get(epoch);
		if (origins) origins.add(device);
		else this.#origins.set(epoch, new Set([device]));
	}

	/** Rows that are here are on the peer's disk too. */
	acked(session: Session, ledger: LedgerName, positions: readonly Position[]): void {
		const { peer } = session;
		if (!peer) return;
		this.#reached(tierOf[peer.role], ledger, positions);
		if (this.#circle.isSameBox(session)) {
			this.#remind(ledger, positions);
			return;
		}
		if (!peer.archive) return;
		this.archives.note(peer.device, positions);
		const news = this.reach.note('archive', positions);
		if (this.#circle.hasSameBox) this.#passOn('archive', ledger, news);
	}

	/** Rows that the peer had acknowledged are not on its disk: it says next what is. */
	lost({ device, role }: Pick<Hello, 'device' | 'role'>, positions: readonly Position[]): void {
		this.archives.lost(device, positions);
		this.reach.lost(tierOf[role], positions);
	}

	/** The peer says that rows which are here have got to a tier. */
	told(session: Session, tier: Reach, ledger: LedgerName, positions: readonly Position[]): void {
		const { peer } = session;
		if (!peer || positions.length === 0 || tier === 'device') return;
		if (tier !== 'archive') {
			this.#reached(tier, ledger, positions);
			this.#tellBetter(session, tier, ledger, positions);
		}
		// A device has no business with what archives have: the relay in a home's box tells it.
		else if (peer.role !== 'device') this.archives.note(peer.device, positions);
	}

	/** Rows are on the disk of a home in this box: what archives have of them was said too early, if they had them sooner. */
	#remind(ledger: LedgerName, positions: readonly Position[]): void {
		const known = positions.map(({ epoch }) => ({ epoch, count: this.reach.of('archive', epoch) }));
		this.#passOn(
			'archive',
			ledger,
			known.filter(({ count }) => count > 0),
		);
	}

	#reached(tier: Reach, ledger: LedgerName, positions: readonly Position[]): void {
		const news = this.reach.note(tier, positions);
		if (news.length === 0) return;
		this.#host.reached(tier, ledger, news);
		if (tier !== 'copy') this.#passOn(tier, ledger, news);
	}

	/** To those who wrote them, or by whom they came, in a while: a hundred acknowledgements are one frame. */
	#passOn(tier: Reach, ledger: LedgerName, news: readonly Position[]): void {
		if (news.length === 0) return;
		const ledgers = this.#news.get(tier) ?? new Map<LedgerName, Map<EpochId, number>>();
		this.#news.set(tier, ledgers);
		const counts = ledgers.get(ledger) ?? new Map<EpochId, number>();
		ledgers.set(ledger, counts);
		for (const { epoch, count } of news) counts.set(epoch, Math.max(count, counts.get(epoch) ?? 0));
		if (this.#newsWait) return;
		this.#newsWait = true;
		this.#circle.after(reachMs, () => this.#tellNews());
	}

	#tellNews(): void {
		this.#newsWait = false;
		for (const [tier, ledgers] of this.#news)
			for (const [ledger, counts] of ledgers)
				for (const session of this.#circle.primaries()) {
					const positions = [...counts].flatMap(([epoch, count]) =>
						this.#concerns(session, tier, ledger, epoch) ? [{ epoch, count }] : [],
					);
					if (positions.length > 0) session.say({ kind: 'reach', tier, ledger, positions });
				}
		this.#news.clear();
	}

	#concerns(session: Session, tier: Reach, ledger: LedgerName, epoch: EpochId): boolean {
		if (tier === 'archive') return this.#circle.isSameBox(session);
		const device = session.peer?.device;
		if (device === undefined || tierOf[session.peer?.role ?? 'device'] === tier) return false;
		return this.#host.authorOf(ledger, epoch) === device || (this.#origins.get(epoch)?.has(device) ?? false);
	}

	/** Tells all that is known of what concerns a peer that has just come. */
	#tellAll(session: Session): void {
		for (const tier of ['store', 'hq', 'archive'] as const)
			for (const ledger of this.#host.ledgers()) {
				if (!session.carries(ledger)) continue;
				const positions: Position[] = [];
				for (const epoch of this.#host.holding(ledger).counts.keys()) {
					const count = this.reach.at(tier, epoch);
					if (count > 0 && this.#concerns(session, tier, ledger, epoch)) positions.push({ epoch, count });
				}
				if (positions.length > 0) session.say({ kind: 'reach', tier, ledger, positions });
			}
	}

	/** The peer said how far it knows some rows to have got: where more is known here, it is told. */
	#tellBetter(session: Session, tier: Reach, ledger: LedgerName, said: readonly Position[]): void {
		const better = said.flatMap(({ epoch, count }) => {
			const known = this.reach.of(tier, epoch);
			return known > count && this.#concerns(session, tier, ledger, epoch) ? [{ epoch, count: known }] : [];
		});
		if (better.length > 0) session.say({ kind: 'reach', tier, ledger, positions: better });
	}

	/** Rows of this device are on their way: a word of how far they got may be lost, and is asked for by and by. */
	wonderSoon(): void {
		if (this.#wonders) return;
		this.#wonders = true;
		this.#circle.after(this.#wonderMs, () => {
			this.#wonders = false;
			if (!this.#wonder()) return;
			this.#wonderMs = Math.min(wonderMaxMs, this.#wonderMs * 2);
			this.wonderSoon();
		});
	}

	/** Says to those who may know more how far this device's own rows are known to have got; false where nobody does. */
	#wonder(): boolean {
		let asked = false;
		for (const tier of ['store', 'hq'] as const) {
			const knowing = [...this.#circle.primaries()].filter((session) => this.#mayKnow(session, tier));
			if (knowing.length === 0) continue;
			for (const ledger of this.#host.ledgers()) {
				const whom = knowing.filter((session) => session.carries(ledger));
				if (whom.length === 0) continue;
				const positions: Position[] = [];
				for (const [epoch, count] of this.#host.holding(ledger).counts) {
					const known = this.reach.of(tier, epoch);
					if (known < count && this.#host.authorOf(ledger, epoch) === this.#circle.device)
						positions.push({ epoch, count: known });
				}
				if (positions.length === 0) continue;
				for (const session of whom) session.say({ kind: 'reach', tier, ledger, positions });
				asked = true;
			}
		}
		return asked;
	}

	/** Of its own disk a peer says so itself. A store knows of headquarters; a device of what has ever got anywhere. */
	#mayKnow({ peer }: Session, tier: Reach): boolean {
		if (!peer || peer.role === 'hq') return false;
		return peer.role === 'store' ? tier === 'hq' : this.reach.knows(tier);
	}
}
