import { Orders } from './orders/orders.js';
import { Payments } from './payments/payments.js';
import { Receipts } from './receipts/receipts.js';
import type { Shop, StaffId } from './shop/shop.js';

/** Everything that a shop does, over one replica. */
export class Retail {
	readonly shop: Shop;
	readonly receipts: Receipts;
	readonly orders: Orders;
	readonly payments: Payments;

	constructor(shop: Shop) {
		this.shop = shop;
		this.receipts = new Receipts(shop, (series, number) => this.orders.isNumberUsed(series, number));
		this.orders = new Orders(shop, { numbers: this.receipts });
		this.payments = new Payments(shop, this.orders.paid);
	}

	/** The same till, every write signed off by this person. */
	as(staff: StaffId): Retail {
		return new Retail(this.shop.as(staff));
	}
}
