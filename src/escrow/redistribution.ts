/**
 * How shares find their way: whom to ask, for how much, and how much to give. Pure: no clock, no chance, no network.
 * `docs/decisions/0013-how-shares-find-their-way.md` has the figures behind each number here.
 */
import type { DeviceId } from '../base/ids.js';

/** One device's stand in a pool, as somebody sees it. */
export interface Stand {
	readonly device: DeviceId;
	/** What it may spend. */
	readonly share: number;
	/** What it spent lately: units in one window of `SpendRates`. */
	readonly recent: number;
	/** Keeps shares for others, and has sold none of this itself. */
	readonly rests: boolean;
}

/** Who waits asks again at growing distances, up to this. Whoever passes asks on goes by it. */
export const askAgainMaxMs = 2_000;

/** A till that sold nothing lately counts for this part of the average one: hot spots move. */
const quietWeight = 0.3;
/** Where nobody sold anything lately, all count the same. */
const leastWeight = 0.02;

/** What each device would have if all shares in view were split by demand. */
export function fairShares(stands: readonly Stand[]): ReadonlyMap<DeviceId, number> {
	const selling = stands.filter(({ rests }) => !rests);
	const total = stands.reduce((sum, { share }) => sum + Math.max(0, share), 0);
	const average = selling.reduce((sum, { recent }) => sum + recent, 0) / Math.max(1, selling.length);
	const weight = (stand: Stand) => (stand.rests ? 0 : stand.recent + quietWeight * average + leastWeight);
	const weights = stands.reduce((sum, stand) => sum + weight(stand), 0);
	return new Map(stands.map((stand) => [stand.device, weights > 0 ? (total * weight(stand)) / weights : 0]));
}

/** Below one unit a till nothing is spread: there is one holder a store, its home, and whoever needs a unit asks. */
export function isBelowOneEach(stands: readonly Stand[]): boolean {
	const total = stands.reduce((sum, { share }) => sum + Math.max(0, share), 0);
	return total < stands.filter(({ rests }) => !rests).length;
}

/** The fewest units that keep a till going for a window: at or below it a till asks ahead of its customers. */
export const lowWater = (recent: number): number => Math.max(1, recent);

/** A share this far below the fair one, in units or in part of it, is as good as fair: moving units costs an entry. */
const slack = 0.5;
const slackPart = 0.25;
/** Windows of one's own spending that are worth keeping here. */
const coverWindows = 6;

export interface Want {
	/** Units that somebody waits for, beyond what is here. */
	readonly need: number;
	readonly mine: number;
	readonly fair: number;
	readonly recent: number;
}

/** What to ask for where the pool sells here: what is needed, and up to the fair share as far as the demand speaks for it. */
export function amountToAsk({ need, mine, fair, recent }: Want): number {
	const cover = Math.ceil(recent * coverWindows);
	return Math.max(need, Math.min(need + cover, Math.ceil(fair - Math.max(0, mine) - slack)));
}

/** Is it time to ask before a customer waits? */
export function isLow({ mine, fair, recent }: Omit<Want, 'need'>): boolean {
	return mine <= lowWater(recent) && mine <= fair - Math.max(slack, fair * slackPart);
}

export interface Offer {
	readonly amount: number;
	/** Of `amount`, what somebody waits for. */
	readonly need: number;
	readonly mine: number;
	/** The donor's own fair share. */
	readonly fair: number;
	/** The donor keeps shares for others: it gives what it has. */
	readonly rests: boolean;
}

/** Who waits gets whatever is here; what is asked ahead comes from what the donor can spare, half of its share at most. */
export function amountToGive({ amount, need, mine, fair, rests }: Offer): number {
	const has = Math.max(0, mine);
	if (rests) return Math.min(amount, has);
	const spare = Math.min(Math.floor(has - fair), Math.ceil(has / 2));
	return Math.max(Math.min(need, has), Math.min(amount, spare), 0);
}

/**
 * How good a donor is: the larger, the better; 0 has nothing. The home first, then whoever is furthest above the fair
 * share, then whoever has most: half of the richest.
 */
export function rankDonor({ share, rests }: Stand, fair: number): number {
	if (share <= 0) return 0;
	if (rests) return Number.POSITIVE_INFINITY;
	return share > fair ? 2 + share - fair : 2 - 1 / (1 + share);
}

/**
 * Whom the asker names, so that relays without figures find the way: the best donor in its view, then the next. Every other
 * time nobody: others may know more.
 */
export function nameDonor(stands: readonly Stand[], asker: DeviceId, round: number): DeviceId | '' {
	const fair = fairShares(stands);
	const rank = (stand: Stand) => rankDonor(stand, fair.get(stand.device) ?? 0);
	const donors = stands.filter(({ device, share }) => device !== asker && share > 0).sort((a, b) => rank(b) - rank(a));
	return (round % 2 === 0 && donors[(round / 2) % donors.length]?.device) || '';
}

/** Asks ahead of demand that a till may make at first, and for each of its sales. */
const asksAtFirst = 2;
const asksPerSale = 0.25;
/** Sales here before a pool counts as one that sells here. */
const salesMin = 2;
/** How long who gave asks for nothing ahead of demand: shares do not go to and fro. */
export const reverseCoolMs = 10 * 60_000;

/** What a till did in one pool since it opened. */
export interface Conduct {
	readonly sales: number;
	/** Asks ahead of demand. */
	readonly asks: number;
	/** Milliseconds since it gave some away; Infinity where it never did, or the clock went back. */
	readonly sinceGaveMs: number;
}

/** Has this device sold from the pool often enough to ask for more than somebody waits for? */
export const sellsHere = ({ sales }: Pick<Conduct, 'sales'>): boolean => sales >= salesMin;

/** Bounds the grants per sale: nobody asks ahead more often than every fourth sale, nor soon after giving. */
export function mayAskAhead({ sales, asks, sinceGaveMs }: Conduct): boolean {
	return sellsHere({ sales }) && asks < asksAtFirst + sales * asksPerSale && sinceGaveMs >= reverseCoolMs;
}

/** Where shares go when nobody uses them. `hq` is the home of the ledger, as `store` is: a ledger has one home. */
export type RestsAt = 'device' | 'store' | 'hq';

/**
 * Should idle shares go home (ESC10)? Those of a pool that rests at the device only where it is below one unit a till:
 * then a till that is switched off would hold back what the others want, and elsewhere nobody misses it.
 */
export function shouldRest(restsAt: RestsAt, scarce: boolean): boolean {
	return restsAt !== 'device' || scarce;
}
