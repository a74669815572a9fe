import type { Stamped } from '../../ledger/written.js';
import type { DebtMade, MemberDocument } from '../documents/member.js';
import type { MemberId } from '../documents/order.js';
import type { IsoDate } from '../shop/business-day.js';
import type { StaffId } from '../shop/shop.js';

export interface Care {
	/** The vendor's word for it: `recipe`, `allergy`, `consent`. */
	readonly kind: string;
	/** Where it is kept; nothing that could be read. */
	readonly ref: string;
	readonly date: IsoDate;
	/** When it was noted, in milliseconds since 1970. */
	readonly atMs: number;
	readonly by?: StaffId;
}

/** What the log of one member comes to. Balances are in pools, not here. */
export interface MemberState {
	readonly id: MemberId;
	/** Milliseconds since 1970; Infinity where no registration is here. */
	readonly registeredMs: number;
	/** Keyed hashes of phones and cards. */
	readonly contacts: readonly string[];
	/** Whom it was made an alias of, by hand. */
	readonly aliasTo: readonly MemberId[];
	/** Who was made an alias of it, likewise. */
	readonly aliases: readonly MemberId[];
	readonly isErased: boolean;
	/** What points were earned by. It and `earned` grow where they are, in the states of before as well. */
	readonly sources: ReadonlySet<string>;
	/** Points by the day they were earned on; each source once. */
	readonly earned: ReadonlyMap<IsoDate, number>;
	readonly tier: { readonly tier: string; readonly until?: IsoDate; readonly atMs: number } | undefined;
	readonly care: readonly Care[];
	readonly debts: readonly (DebtMade & { readonly atMs: number })[];
	/** Of the newest entry here. */
	readonly newestMs: number;
}

type Draft = { -readonly [K in keyof MemberState]: MemberState[K] } & {
	readonly contacts: string[];
	readonly aliasTo: MemberId[];
	readonly aliases: MemberId[];
	readonly sources: Set<string>;
	readonly earned: Map<IsoDate, number>;
	readonly care: Care[];
	readonly debts: (DebtMade & { atMs: number })[];
};

export function foldMember(id: MemberId, entries: readonly Stamped<MemberDocument>[]): MemberState | undefined {
	if (entries.length === 0) return undefined;
	return extendMember(
		{
			id,
			registeredMs: Number.POSITIVE_INFINITY,
			contacts: [],
			aliasTo: [],
			aliases: [],
			isErased: false,
			sources: new Set(),
			earned: new Map(),
			tier: undefined,
			care: [],
			debts: [],
			newestMs: 0,
		},
		entries,
	);
}

/** A member buys for years: what is new goes on top of what is known. */
export function extendMember(before: MemberState, entries: readonly Stamped<MemberDocument>[]): MemberState {
	const state: Draft = {
		...(before as Draft), // made here
		contacts: [...before.contacts],
		aliasTo: [...before.aliasTo],
		aliases: [...before.aliases],
		care: [...before.care],
		debts: [...before.debts],
	};
	for (const { value, atMs } of entries) {
		state.newestMs = Math.max(state.newestMs, atMs);
		step(state, value, atMs);
	}
	return state;
}

function note(ids: MemberId[], id: MemberId): void {
	if (!ids.includes(id)) ids.push(id);
}

function step(state: Draft, entry: MemberDocument, atMs: number): void {
	switch (entry.verb) {
		case 'member.register':
			state.registeredMs = Math.min(state.registeredMs, atMs);
			for (const contact of entry.contacts) if (!state.contacts.includes(contact)) state.contacts.push(contact);
			break;
		case 'member.alias':
			if (entry.from === undefined) note(state.aliasTo, entry.to);
			else note(state.aliases, entry.from);
			break;
		case 'member.erase':
			state.isErased = true;
			break;
		case 'member.earn':
			if (state.sources.has(entry.source)) break;
			state.sources.add(entry.source);
			state.earned.set(entry.date, (state.earned.get(entry.date) ?? 0) + entry.points);
			break;
		case 'member.tier':
			state.tier = { tier: entry.tier, atMs, ...(entry.until !== undefined && { until: entry.until }) };
			break;
		case 'member.care':
			state.care.push({ kind: entry.kind, ref: entry.ref, date: entry.date, atMs, ...(entry.by && { by: entry.by }) });
			break;
		case 'member.debt':
			state.debts.push({ ...entry, atMs });
			break;
		default: // moves of money are in the pools
	}
}
