import { Catalog } from './catalog/catalog.js';
import type { Shop, StaffId } from './shop/shop.js';

/** Everything that a shop does, over one replica. */
export class Retail {
	readonly shop: Shop;
	readonly catalog: Catalog;

	constructor(shop: Shop) {
		this.shop = shop;
		this.catalog = new Catalog(shop);
	}

	/** The same till, every write signed off by this person. */
	as(staff: StaffId): Retail {
		return new Retail(this.shop.as(staff));
	}
}
