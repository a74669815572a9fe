import { type RefusalCode, refusals } from '../base/errors.js';
import type { CommitId, DeviceId } from '../base/ids.js';

/** Who else has shares of what this device is short of. */
export interface Holder {
	readonly device: DeviceId;
	/** What the device calls itself, such as `till-1`; its id where it never said. */
	readonly name: string;
	readonly amount: number;
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
}

export type Outcome<T> = Done<T> | Refused;

export function refused(code: RefusalCode, short: readonly Short[] = [], reason?: string): Refused {
	const what = short.map((s) => `${s.pool}: needs ${s.need}, ${s.mine} here${elsewhere(s)}. `).join('');
	return { ok: false, code, message: what + (reason ? `${reason} ` : '') + refusals[code], reason, short };
}

function elsewhere(short: Short): string {
	if (short.elsewhere.length === 0) return ', nobody else has any';
	return `, ${short.elsewhere.map((h) => `${h.amount} at ${h.name}`).join(', ')}`;
}
