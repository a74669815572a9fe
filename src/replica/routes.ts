import type { DeviceId, LedgerName } from '../base/ids.js';
import { fairShares, rankDonor, type Stand } from '../escrow/redistribution.js';
import type { ShareAsk } from '../sync/frames.js';
import type { PeerSession } from '../sync/host.js';

/** Asks passed on, by whom and for what: a peer that did not help is not the first to be asked again. */
const passedMax = 256;

/** The ways to other devices, and which of them an ask takes. */
export class Routes {
	readonly #sessions: ReadonlySet<PeerSession>;
	readonly #homeOf: (ledger: LedgerName) => DeviceId | undefined;
	/** Is a device linked to a peer, by what the peer says? */
	readonly #isLinked: (peer: DeviceId, device: DeviceId) => boolean;
	/** By which session a device's entries came. */
	readonly #routes = new Map<DeviceId, PeerSession>();
	readonly #passed = new Map<string, { readonly had: number; readonly sessions: Set<PeerSession> }>();

	constructor(
		sessions: ReadonlySet<PeerSession>,
		homeOf: (ledger: LedgerName) => DeviceId | undefined,
		isLinked: (peer: DeviceId, device: DeviceId) => boolean,
	) {
		this.#sessions = sessions;
		this.#homeOf = homeOf;
		this.#isLinked = isLinked;
	}

	/** An entry of `device` came by `session`. */
	note(device: DeviceId, session: PeerSession): void {
		this.#routes.set(device, session);
	}

	#leadsTo(session: PeerSession, device: DeviceId): boolean {
		return this.#isNear(session, device) || (session.peer !== undefined && this.#routes.get(device) === session);
	}

	/** The peer is the device, or linked to it now. */
	#isNear({ peer }: PeerSession, device: DeviceId): boolean {
		return peer !== undefined && (peer.device === device || this.#isLinked(peer.device, device));
	}

	/** Is there a way to the device? A relay keeps what it takes and carries it up: there is one for whatever has its home beyond it. */
	reaches(ledger: LedgerName, device: DeviceId): boolean {
		for (const session of this.#sessions) {
			const isKept = session.peer !== undefined && session.peer.role !== 'device';
			if (session.carries(ledger) && (isKept || this.#isNear(session, device))) return true;
		}
		return false;
	}

	/** Whom to ask: first the home, then whoever is the best donor in view, then any other way on. */
	to(ledger: LedgerName, stands: readonly Stand[], to: DeviceId): PeerSession[] {
		return this.#ranked(ledger, stands, to).map(({ session }) => session);
	}

	#ranked(ledger: LedgerName, stands: readonly Stand[], to: DeviceId, but?: PeerSession) {
		const fair = fairShares(stands);
		const home = this.#homeOf(ledger);
		const rankOf = (session: PeerSession) => {
			// A home that has nothing in view may still know more than we do.
			let rank = home && home !== to && this.#leadsTo(session, home) ? 0.5 : 0;
			for (const stand of stands)
				if (stand.device !== to && this.#leadsTo(session, stand.device))
					rank = Math.max(rank, rankDonor(stand, fair.get(stand.device) ?? 0));
			return rank;
		};
		return [...this.#sessions]
			.filter((session) => session !== but && session.carries(ledger))
			.map((session) => ({ session, rank: rankOf(session) }))
			.sort((a, b) => (a.rank === b.rank ? 0 : b.rank - a.rank));
	}

	/** Where an ask of `to` that came by `from` goes on: the best way that has not been tried in vain. */
	onward({ ledger, pool, to }: ShareAsk, stands: readonly Stand[], had: number, from: PeerSession) {
		const ranked = this.#ranked(ledger, stands, to, from);
		const key = `${ledger} ${pool} ${to}`;
		const known = this.#passed.get(key);
		const promising = ranked.filter(({ rank }) => rank > 0);
		const ways = (promising.length > 0 ? promising : ranked).map(({ session }) => session);
		// `had` grew: somebody helped.
		const tried = known?.had === had ? known.sessions : new Set<PeerSession>();
		if (ways.every((session) => tried.has(session))) tried.clear();
		const chosen = ways.find((session) => !tried.has(session));
		this.#passed.delete(key);
		if (chosen) this.#passed.set(key, { had, sessions: tried.add(chosen) });
		for (const oldest of this.#passed.keys()) {
			if (this.#passed.size <= passedMax) break;
			this.#passed.delete(oldest);
		}
		return chosen;
	}
}
