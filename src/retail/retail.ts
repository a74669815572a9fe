import { BadArgument } from '../base/errors.js';
import { Members, type MembersOptions } from './members/members.js';
import type { Shop, StaffId } from './shop/shop.js';

/** What a vendor hands to the capabilities. */
export interface RetailOptions {
	readonly members?: MembersOptions;
}

/** Everything that a shop does, over one replica. */
export class Retail {
	readonly shop: Shop;
	readonly #options: RetailOptions;
	readonly #members: Members | undefined;

	constructor(shop: Shop, options: RetailOptions = {}) {
		this.shop = shop;
		this.#options = options;
		if (options.members) this.#members = new Members(shop, options.members);
	}

	/** Throws where no members were asked for. */
	get members(): Members {
		if (!this.#members) throw new BadArgument('members', 'open the till with `members: { secret, personal }`.');
		return this.#members;
	}

	/** The same till, every write signed off by this person. */
	as(staff: StaffId): Retail {
		return new Retail(this.shop.as(staff), this.#options);
	}
}
