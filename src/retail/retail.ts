import type { Platform } from '../ports/index.js';
import { Alerts } from './alerts/alerts.js';
import { Approvals } from './approvals/approvals.js';
import { Catalog } from './catalog/catalog.js';
import { Messages } from './messages/messages.js';
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
	readonly approvals: Approvals;
	readonly alerts: Alerts;
	readonly messages: Messages;

	constructor(replica: R, shop: Shop) {
		this.replica = replica;
		this.shop = shop;
		this.catalog = new Catalog(shop);
		this.approvals = new Approvals(shop);
		this.alerts = new Alerts(shop);
		this.messages = new Messages(shop);
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
