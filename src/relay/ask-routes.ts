import type { DeviceId } from '../base/ids.js';
import { askAgainMaxMs } from '../escrow/redistribution.js';
import type { ShareAsk } from '../sync/frames.js';
import type { PeerSession } from '../sync/host.js';

/** Who has how much of a pool, as far as this box knows, the richest first; before all the home beside this relay, where it has any. */
export type Donors = (ask: ShareAsk) => readonly { readonly device: DeviceId; readonly amount: number }[];

const seenMax = 4096;
/**
 * Whoever asks again within this was not answered: the next peer is tried. Later it is another wish. Well beyond the longest
 * time after which a device asks again.
 */
const sameWishMs = 6 * askAgainMaxMs;

export interface AskRoutesOptions {
	readonly donors: Donors;
	/** Is a device linked to a peer, by what the peer says? */
	readonly isLinked: (peer: DeviceId, device: DeviceId) => boolean;
	readonly nowMs: () => number;
}

/**
 * A relay holds no shares: it passes asks on, to one peer each time. To the donor that the ask names, where there is a way
 * to it; else to whoever is likeliest to give. A name that is wrong costs its ask, and the next one names somebody else.
 */
export class AskRoutes {
	readonly #o: AskRoutesOptions;
	readonly #seen = new Set<string>();
	/** How often this has been asked for lately: the next ask goes to the next peer. */
	readonly #turns = new Map<string, { readonly turn: number; readonly atMs: number; readonly had: number }>();
	/** Of devices that are not linked here: by which peer their rows came last. */
	readonly #ways = new Map<DeviceId, DeviceId>();

	constructor(options: AskRoutesOptions) {
		this.#o = options;
	}

	/** Rows of a device came by a peer: that is the way to it. */
	note(device: DeviceId, peer: DeviceId): void {
		if (device !== peer) this.#ways.set(device, peer);
	}

	/** `sessions`: one for each linked device. */
	pass(from: PeerSession, ask: ShareAsk, sessions: Iterable<PeerSession>): void {
		const { id, ledger, pool, to, donor, hops } = ask;
		if (hops < 1 || !isFirst(this.#seen, `${from.peer?.device} ${id}`)) return;
		const linked = new Set<DeviceId>();
		const ways: PeerSession[] = [];
		for (const session of sessions) {
			const device = session.peer?.device;
			if (device === undefined) continue;
			linked.add(device);
			if (session !== from && device !== to && session.carries(ledger)) ways.push(session);
		}
		const wayTo = (device: DeviceId) => (device === to ? undefined : this.#wayTo(device, linked, ways));
		const direct = donor === '' ? undefined : wayTo(donor);
		if (direct) {
			direct.ask({ ...ask, hops: hops - 1 });
			return;
		}
		const donors = this.#o.donors(ask);
		const behind = new Map<PeerSession, { readonly amount: number; readonly donor: DeviceId }>();
		for (const { device, amount } of donors) {
			const way = amount > 0 ? wayTo(device) : undefined;
			if (!way) continue;
			const found = behind.get(way) ?? { amount: 0, donor: device };
			behind.set(way, { ...found, amount: found.amount + amount });
		}
		const elsewhere = linked.has(donor) ? '' : donor;
		const had = donors.find(({ device }) => device === to)?.amount ?? 0;
		const turn = this.#turnOf(`${to} ${ledger} ${pool} ${elsewhere !== ''}`, had);
		const amountOf = (way: PeerSession) => behind.get(way)?.amount ?? 0;
		const chosen = choose(ways, amountOf, turn, elsewhere !== '');
		chosen?.ask({ ...ask, donor: behind.get(chosen)?.donor ?? elsewhere, hops: hops - 1 });
	}

	/** A peer that is linked to the device, before one that has only brought rows of it: lines move. */
	#wayTo(device: DeviceId, linked: ReadonlySet<DeviceId>, ways: readonly PeerSession[]): PeerSession | undefined {
		const find = (leads: (peer: DeviceId) => boolean) => ways.find(({ peer }) => peer && leads(peer.device));
		if (linked.has(device)) return find((peer) => peer === device);
		const last = this.#ways.get(device);
		return find((peer) => this.#o.isLinked(peer, device)) ?? find((peer) => peer === last);
	}

	/** `has`: what the asker holds now. More than at its last ask: that one was answered, and the best is asked again. */
	#turnOf(wish: string, has: number): number {
		const atMs = this.#o.nowMs();
		const last = this.#turns.get(wish);
		const isSame = last !== undefined && Math.abs(atMs - last.atMs) < sameWishMs && has <= last.had;
		const turn = isSame ? last.turn + 1 : 0;
		if (this.#turns.size > seenMax) this.#turns.clear();
		this.#turns.set(wish, { turn, atMs, had: has });
		return turn;
	}
}

/**
 * The richest first, each in turn. Where nobody is known to have any: a relay, which knows more, between any two others; and
 * relays alone where the donor is known, and is not here.
 */
function choose(
	ways: readonly PeerSession[],
	amountOf: (way: PeerSession) => number,
	turn: number,
	isElsewhere: boolean,
): PeerSession | undefined {
	const rich = ways.filter((way) => amountOf(way) > 0).sort((a, b) => amountOf(b) - amountOf(a));
	if (rich.length > 0) return rich[turn % rich.length];
	const relays = ways.filter(({ peer }) => peer?.role !== 'device');
	const devices = ways.filter(({ peer }) => peer?.role === 'device');
	const half = Math.floor(turn / 2);
	if (relays.length === 0) return devices[turn % devices.length];
	if (isElsewhere) return relays[turn % relays.length];
	return turn % 2 === 0 || devices.length === 0 ? relays[half % relays.length] : devices[half % devices.length];
}

function isFirst(seen: Set<string>, id: string): boolean {
	if (seen.has(id)) return false;
	seen.add(id);
	for (const oldest of seen) {
		if (seen.size <= seenMax) break;
		seen.delete(oldest);
	}
	return true;
}
