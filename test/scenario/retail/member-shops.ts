import { expect } from 'vitest';
import type { Members, MembersOptions } from '../../../src/retail/members/members.js';
import { type PersonalStore, personalInMemory } from '../../../src/retail/members/personal-store.js';
import type { Outcome, Written } from '../../../src/retail/shop/outcome.js';
import { openShops, type Shops, type ShopsOptions } from './shops.js';

export interface MemberShops {
	readonly shops: Shops;
	/** The members of the till with this number, as it runs now. */
	members(till: number): Members;
	/** Names and phones beside that till: they outlive its process. */
	personal(till: number): PersonalStore;
}

export interface MemberShopsOptions extends ShopsOptions {
	readonly members?: Partial<MembersOptions>;
}

/** Tills of a chain that all keep all members. */
export async function openMemberShops({ members = {}, ...options }: MemberShopsOptions = {}): Promise<MemberShops> {
	const stores = new Map<number, PersonalStore>();
	const personal = (till: number) => {
		const store = stores.get(till) ?? personalInMemory();
		stores.set(till, store);
		return store;
	};
	const retail = (till: number) => ({
		members: { secret: 'a secret of the chain', personal: personal(till), ...members },
	});
	const shops = await openShops({ ...options, retail });
	return { shops, members: (till) => shops.till(till).members, personal };
}

export function done<T>(outcome: Outcome<T>): Written<T> {
	if (!outcome.ok) expect.unreachable(`${outcome.code}: ${outcome.message}`);
	return outcome as Written<T>; // it is ok
}

export function codeOf(outcome: Outcome<unknown>): string {
	return outcome.ok ? 'ok' : outcome.code;
}

export const cash = (amount: number) => [{ kind: 'cash', amount } as const];

/** Where every till sees the same of a member, and the figures of all ledgers add up. */
export function expectSound({ shops }: MemberShops): void {
	expect(shops.world.problems()).toEqual([]);
}
