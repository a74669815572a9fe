import type { Members, MembersOptions } from '../../../../src/retail/members/members.js';
import type { Shop, Writing } from '../../../../src/retail/shop/shop.js';
import { done, openMemberShops } from '../../../scenario/retail/member-shops.js';
import { key } from '../../../scenario/retail/shops.js';

export interface OneTill {
	readonly members: Members;
	readonly shop: Shop;
	/** A member who is here. */
	readonly ada: string;
	advance(ms: number): Promise<void>;
	/** A commit of somebody else, such as a checkout. */
	part(work: (w: Writing) => void): ReturnType<Shop['writeKeyed']>;
}

/** A till that is home of everything it has. */
export async function openTill(options: Partial<MembersOptions> = {}): Promise<OneTill> {
	const chain = await openMemberShops({ stores: 1, tillsPerStore: 1, relay: false, members: options });
	const { shop } = chain.shops.till(0);
	const members = chain.members(0);
	const ada = done(await members.register({ phone: '13800000001' }, key())).value;
	return {
		members,
		shop,
		ada,
		advance: (ms) => chain.shops.world.advance(ms),
		part: (work) => shop.writeKeyed('order.settle', {}, key(), work),
	};
}
