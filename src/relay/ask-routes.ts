import type { DeviceId } from '../base/ids.js';
import type { ShareAsk } from '../sync/frames.js';
import type { PeerSession } from '../sync/host.js';

/** Who has how much of a pool, as far as this box knows; the home beside this relay among them, before all where it has any. */
export type Donors = (ask: ShareAsk) => readonly { readonly device: DeviceId; readonly amount: number }[];

const seenMax = 4096;
/** Whoever asks again within this was not answered: the next peer is tried. Later it is another wish. */
const sameWishMs = 2000;

/** A relay holds no shares: it passes asks on, to one peer each time, whoever is likeliest to give. */
export class AskRoutes {
	readonly #donors: Donors;
	readonly #seen = new Set<string>();
	/** How often this has been asked for lately: the next ask goes to the next peer. */
	readonly #turns = new Map<string, { readonly turn: number; readonly atMs: number; readonly had: number }>();
	readonly #nowMs: () => number;

	constructor(donors: Donors, nowMs: () => number) {
		this.#donors = donors;
		this.#nowMs = nowMs;
	}

	/** `sessions`: one for each linked device. */
	pass(from: PeerSession, ask: ShareAsk, sessions: Iterable<PeerSession>): void {
		const { id, ledger, pool, to, hops } = ask;
		if (hops < 1 || !isFirst(this.#seen, `${from.peer?.device} ${id}`)) return;
		const ways = [...sessions].filter((s) => s !== from && s.peer?.device !== to && s.carries(ledger));
		if (ways.length === 0) return;
		const amounts = new Map(this.#donors(ask).map(({ device, amount }) => [device, amount]));
		const of = (session: PeerSession) => amounts.get(session.peer?.device ?? '') ?? 0;
		// Another relay may know more donors; of those that have none in view, it is the likelier.
		const isRelay = (session: PeerSession) => Number(session.peer?.role !== 'device');
		ways.sort((a, b) => of(b) - of(a) || isRelay(b) - isRelay(a));
		const turn = this.#turnOf(`${to} ${ledger} ${pool}`, amounts.get(to) ?? 0);
		const rich = ways.filter((session) => of(session) > 0);
		const choice = rich.length > 0 ? rich : ways;
		choice[turn % choice.length]?.ask({ ...ask, hops: hops - 1 });
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

function isFirst(seen: Set<string>, id: string): boolean {
	if (seen.has(id)) return false;
	seen.add(id);
	for (const oldest of seen) {
		if (seen.size <= seenMax) break;
		seen.delete(oldest);
	}
	return true;
}
