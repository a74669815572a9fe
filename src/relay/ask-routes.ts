import type { DeviceId } from '../base/ids.js';
import { askAgainMaxMs } from '../escrow/redistribution.js';
import type { ShareAsk } from '../sync/frames.js';
import type { PeerSession } from '../sync/host.js';

/** Who has how much of a pool, as far as this box knows; the home beside this relay among them, before all where it has any. */
export type Donors = (ask: ShareAsk) => readonly { readonly device: DeviceId; readonly amount: number }[];

const seenMax = 4096;
/**
 * Whoever asks again within this was not answered: the next peer is tried. Later it is another wish. Well beyond the longest
 * time after which a device asks again.
 */
const sameWishMs = 3 * askAgainMaxMs;

/** A relay holds no shares: it passes asks on, to one peer each time, whoever is likeliest to give. */
export class AskRoutes {
	readonly #donors: Donors;
	readonly #seen = new Set<string>();
	/** How often this has been asked for lately: the next ask goes to the next peer. */
	readonly #turns = new Map<string, { readonly turn: number; readonly atMs: number; readonly had: number }>();
	readonly #nowMs: () => number;
	/** Of devices that are not linked here: by which peer their rows came last. */
	readonly #ways = new Map<DeviceId, DeviceId>();

	constructor(donors: Donors, nowMs: () => number) {
		this.#donors = donors;
		this.#nowMs = nowMs;
	}

	/** Rows of a device came by a peer: that is the way to it. */
	note(device: DeviceId, peer: DeviceId): void {
		if (device !== peer) this.#ways.set(device, peer);
	}

	/** `sessions`: one for each linked device. */
	pass(from: PeerSession, ask: ShareAsk, sessions: Iterable<PeerSession>): void {
		const { id, ledger, pool, to, hops } = ask;
		if (hops < 1 || !isFirst(this.#seen, `${from.peer?.device} ${id}`)) return;
		const linked = new Set<DeviceId>();
		const ways: PeerSession[] = [];
		for (const session of sessions) {
			const device = session.peer?.device;
			if (device === undefined) continue;
			linked.add(device);
			if (session !== from && device !== to && session.carries(ledger)) ways.push(session);
		}
		const donors = this.#donors(ask);
		const amounts = new Map<DeviceId, number>();
		for (const { device, amount } of donors) {
			const way = linked.has(device) ? device : this.#ways.get(device);
			if (way !== undefined && amount > 0 && device !== to) amounts.set(way, (amounts.get(way) ?? 0) + amount);
		}
		const had = donors.find(({ device }) => device === to)?.amount ?? 0;
		choose(ways, amounts, this.#turnOf(`${to} ${ledger} ${pool}`, had))?.ask({ ...ask, hops: hops - 1 });
	}

	/** `has`: what the asker holds now. More than at its last ask: that one was answered, and the best is asked again. */
	#turnOf(wish: string, has: number): number {
		const atMs = this.#nowMs();
		const last = this.#turns.get(wish);
		const isSame = last !== undefined && Math.abs(atMs - last.atMs) < sameWishMs && has <= last.had;
		const turn = isSame ? last.turn + 1 : 0;
		if (this.#turns.size > seenMax) this.#turns.clear();
		this.#turns.set(wish, { turn, atMs, had: has });
		return turn;
	}
}

/** The richest first, each in turn. Where nobody is known to have any: a relay, which knows more, between any two others. */
function choose(
	ways: readonly PeerSession[],
	amounts: ReadonlyMap<DeviceId, number>,
	turn: number,
): PeerSession | undefined {
	const of = (session: PeerSession) => amounts.get(session.peer?.device ?? '') ?? 0;
	const rich = ways.filter((session) => of(session) > 0).sort((a, b) => of(b) - of(a));
	if (rich.length > 0) return rich[turn % rich.length];
	const relays = ways.filter((session) => session.peer?.role !== 'device');
	const devices = ways.filter((session) => session.peer?.role === 'device');
	const half = Math.floor(turn / 2);
	if (relays.length === 0) return devices[turn % devices.length];
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
