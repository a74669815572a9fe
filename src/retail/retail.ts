import type { Json } from '../ledger/collections.js';
import type { Platform } from '../ports/index.js';
import { Catalog } from './catalog/catalog.js';
import type { ModuleDef } from './extension/define.js';
import { VendorModule } from './extension/module.js';
import { Stops } from './extension/stops.js';
import type { Host } from './shop/host.js';
import { Shop, type ShopSettings, type StaffId } from './shop/shop.js';

export function openRetail<R extends Host>(replica: R, platform: Platform, settings: ShopSettings): Retail<R> {
	return new Retail(replica, new Shop(replica, platform, settings));
}

/** Everything that a shop does, over one replica: a till. */
export class Retail<R extends Host = Host> implements AsyncDisposable {
	/** The layer below: ledgers, pools and logs of the vendor's own, sync, health. */
	readonly replica: R;
	readonly shop: Shop;
	readonly catalog: Catalog;

	constructor(replica: R, shop: Shop) {
		this.replica = replica;
		this.shop = shop;
		this.catalog = new Catalog(shop);
		Stops.of(shop);
	}

	/** Documents of your own kinds; see `defineModule`. To be asked for when the till opens: then it knows them. */
	module<E extends Record<string, Json>>(def: ModuleDef<E>): VendorModule<E> {
		return new VendorModule(this.shop, def);
	}

	/** The same till, every write signed off by this person. */
	as(staff: StaffId): Retail<R> {
		return new Retail(this.replica, this.shop.as(staff));
	}

	/** Shuts the replica down; see there. */
	shutdown: R['shutdown'] = ((...args: Parameters<R['shutdown']>) => this.replica.shutdown(...args)) as R['shutdown'];

	async [Symbol.asyncDispose](): Promise<void> {
		await this.replica.shutdown();
	}
}
