import { BadArgument } from '../../base/errors.js';
import type { LedgerName } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import { checkName, checkOneOf, checkWhole } from '../shop/check.js';
import { ledgers } from '../shop/ledgers.js';
import { type Outcome, withValue } from '../shop/outcome.js';
import { say } from '../shop/say.js';
import type { Shop, Values } from '../shop/shop.js';
import { type Verb, verbs } from '../shop/verbs.js';
import type { MaybeKeyed, StaffId } from '../shop/writing.js';

/** A role's limits: a verb that is not named is not limited. Minor units, or units of whatever the verb limits; 0 is never alone. */
export type RoleLimits = Readonly<Partial<Record<Verb, number>>>;

/** Whose role nobody has named, and who has not said who he is. */
export const anybody = '*';

/** `chain`: for all stores; `store`: for this one, verb by verb over the chain's. */
export type LimitScope = 'chain' | 'store';

const scopes = ['chain', 'store'] as const;

/** Who may do how much alone: cells `limits/<role>` and `role/<staff>`, of the chain and of each store. */
export class LimitBook {
	readonly #shop: Shop;

	constructor(shop: Shop) {
		this.#shop = shop;
	}

	/** Replaces a role's limits in that scope; `{}` takes them away. */
	async setLimits(
		role: string,
		limits: RoleLimits,
		options: MaybeKeyed & { readonly scope?: LimitScope } = {},
	): Promise<Outcome<void>> {
		const { scope = 'store', ...write } = options;
		checkOneOf('scope', scope, scopes);
		checkName('role', role);
		for (const [verb, limit] of Object.entries(limits)) {
			if (!verbs.some((known) => known === verb)) throw new BadArgument(`limits.${verb}`, 'no such verb.');
			checkWhole(`limits.${verb}`, limit);
		}
		const done = await this.#shop.write('approval.limit', { role, limits, scope }, write, (w) =>
			say(w, this.#shop, this.#ledger(scope), [{ cell: 'limits', key: role, value: limits as Json }]),
		);
		return withValue(done, () => undefined);
	}

	/** What a member of the staff is: `cashier`, `manager`, or whatever the vendor calls it. */
	async setRole(
		staff: StaffId,
		role: string,
		options: MaybeKeyed & { readonly scope?: LimitScope } = {},
	): Promise<Outcome<void>> {
		const { scope = 'store', ...write } = options;
		checkOneOf('scope', scope, scopes);
		checkName('staff', staff);
		checkName('role', role);
		const done = await this.#shop.write('approval.role', { staff, role, scope }, write, (w) =>
			say(w, this.#shop, this.#ledger(scope), [{ cell: 'role', key: staff, value: { role } }]),
		);
		return withValue(done, () => undefined);
	}

	roleOf(staff: StaffId | undefined): string {
		if (staff === undefined) return anybody;
		return (this.#roles('store').get(staff) ?? this.#roles('chain').get(staff))?.role ?? anybody;
	}

	/** The most that they may do alone; undefined where there is no limit. */
	of(staff: StaffId | undefined, verb: string): number | undefined {
		const role = this.roleOf(staff);
		for (const scope of ['store', 'chain'] as const) {
			const limit = this.#limits(scope).get(role)?.[verb as Verb]; // a verb that is none has no limit
			if (limit !== undefined) return limit;
		}
		return undefined;
	}

	#limits(scope: LimitScope): Values<RoleLimits> {
		return this.#shop.cells<RoleLimits>(this.#ledger(scope), 'limits');
	}

	#roles(scope: LimitScope): Values<{ readonly role: string }> {
		return this.#shop.cells<{ readonly role: string }>(this.#ledger(scope), 'role');
	}

	#ledger(scope: LimitScope): LedgerName {
		return scope === 'chain' ? ledgers.catalog : ledgers.desk(this.#shop.store);
	}
}
