import { type RefusalCode, refusals } from '../base/errors.js';
import type { CommitId, DeviceId } from '../base/ids.js';
import type { WaitOptions } from './live.js';

/** My disk, a second device's disk, the disk of the store's relay, that of headquarters. */
export type Tier = 'device' | 'copy' | 'store' | 'hq';

export interface Ack {
	readonly tier: Tier;
	readonly commit: CommitId;
	/** When this device learned of it, as an ISO instant. */
	readonly at: string;
}

/** Who else has shares of what this device is short of. */
export interface Holder {
	readonly device: DeviceId;
	/** What the device calls itself, such as `till-1`; its id where it never said. */
	readonly name: string;
	readonly amount: number;
	/** Linked to this device, or to a peer of it, as far as is known. */
	readonly online: boolean;
	/** When it was last heard of, as an ISO instant; undefined where it never was. */
	readonly lastSeen: string | undefined;
}

export interface Short {
	readonly ledger: string;
	readonly pool: string;
	readonly need: number;
	/** What this device may still spend. */
	readonly mine: number;
	readonly elsewhere: readonly Holder[];
}

/** The business says no. Nothing was written, and the same key may succeed later. */
export interface Refused {
	readonly ok: false;
	readonly code: RefusalCode;
	/** What happened, and what to do next. */
	readonly message: string;
	/** The vendor's own word, where the work refused by itself. */
	readonly reason: string | undefined;
	readonly short: readonly Short[];
}

/** Written and on this device's disk. */
export interface Done<T> {
	readonly ok: true;
	readonly value: T;
	/** Empty where every document of the work had been minted before, so that nothing was left to write (ESC3). */
	readonly commit: CommitId;
	/** The key had been used with the same content: this is the first outcome, and nothing was written again. */
	readonly replayed: boolean;
	/** Resolves when the commit is on a disk of the tier (SYN2). Throws `NotReachedYet` in time or on abort: it stays written. */
	reached(tier: Tier, options?: WaitOptions): Promise<Ack>;
}

export type Outcome<T> = Done<T> | Refused;

export type ReachedBy = (commit: CommitId, tier: Tier, options?: WaitOptions) => Promise<Ack>;

/** A class, so that a commit pays for no closure. */
export class Committed<T> implements Done<T> {
	readonly ok = true;
	readonly value: T;
	readonly commit: CommitId;
	readonly replayed: boolean;
	readonly #reached: ReachedBy;

	constructor(value: T, commit: CommitId, replayed: boolean, reached: ReachedBy) {
		this.value = value;
		this.commit = commit;
		this.replayed = replayed;
		this.#reached = reached;
	}

	reached(tier: Tier, options?: WaitOptions): Promise<Ack> {
		return this.#reached(this.commit, tier, options);
	}
}

export function refused(code: RefusalCode, short: readonly Short[] = [], reason?: string): Refused {
	const what = short.map((s) => `${s.pool}: needs ${s.need}, ${s.mine} here${elsewhere(s)}. `).join('');
	return { ok: false, code, message: what + (reason ? `${reason} ` : '') + refusals[code], reason, short };
}

function elsewhere(short: Short): string {
	if (short.elsewhere.length === 0) return ', nobody else has any';
	return `, ${short.elsewhere.map((h) => `${h.amount} at ${h.name}${h.online ? '' : seen(h)}`).join(', ')}`;
}

/** To the minute, in world time: a message is read in many places. */
function seen({ lastSeen }: Holder): string {
	return lastSeen ? ` (offline, last seen ${lastSeen.slice(0, 16).replace('T', ' ')} UTC)` : ' (never seen)';
}
