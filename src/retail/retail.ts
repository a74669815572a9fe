import type { Platform } from '../ports/index.js';
import { Catalog } from './catalog/catalog.js';
import { Orders } from './orders/orders.js';
import { Payments } from './payments/payments.js';
import { Receipts } from './receipts/receipts.js';
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
	readonly receipts: Receipts;
	readonly orders: Orders;
	readonly payments: Payments;

	constructor(replica: R, shop: Shop) {
		this.replica = replica;
		this.shop = shop;
		this.catalog = new Catalog(shop);
		this.receipts = new Receipts(shop, (series, number) => this.orders.isNumberUsed(series, number));
		this.orders = new Orders(shop, { numbers: this.receipts, products: this.catalog, prices: this.catalog });
		this.payments = new Payments(shop, this.orders.paid);
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
