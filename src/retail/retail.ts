import type { Json } from '../ledger/collections.js';
import type { WaitOptions } from '../ledger/live.js';
import type { Platform } from '../ports/index.js';
import { Alerts } from './alerts/alerts.js';
import { quietTills } from './alerts/quiet-tills.js';
import { largeRefunds, lowStock, openTasks, silentTills } from './alerts/sources.js';
import { Appointments } from './appointments/appointments.js';
import { type ApprovalOptions, Approvals } from './approvals/approvals.js';
import { Catalog } from './catalog/catalog.js';
import { Checkout, type Sale } from './checkout/checkout.js';
import type { CheckoutInput } from './checkout/input.js';
import type { Quote, QuoteInput } from './checkout/quote.js';
import { type Refund, type RefundInput, Refunds } from './checkout/refund.js';
import { tenderDesk } from './checkout/tender-desk.js';
import { Day } from './day/day.js';
import type { ModuleDef } from './extension/define.js';
import { VendorModule } from './extension/module.js';
import { Stops } from './extension/stops.js';
import { Members, type MembersOptions } from './members/members.js';
import { Messages } from './messages/messages.js';
import { Orders } from './orders/orders.js';
import { Payments } from './payments/payments.js';
import { Receipts } from './receipts/receipts.js';
import type { Host } from './shop/host.js';
import type { Minor } from './shop/money.js';
import type { Declined, Outcome } from './shop/outcome.js';
import { Shop, type ShopSettings, type StaffId } from './shop/shop.js';
import type { WriteOptions } from './shop/writing.js';
import { Stock } from './stock/stock.js';
import { Tasks } from './tasks/tasks.js';
import { Totals } from './totals/totals.js';
import { Transfers } from './transfers/transfers.js';

export { firstOf } from './shop/business-day.js';

/** What a vendor hands to the capabilities. */
export interface RetailOptions {
	readonly members?: MembersOptions;
	readonly approvals?: ApprovalOptions;
	/** Given, this till raises alerts by itself: low stock, tasks, and large refunds. */
	readonly alerts?: AlertOptions;
}

export interface AlertOptions {
	/** Refunds of so much or more, in minor units; none without it. */
	readonly largeRefund?: Minor;
	/** Tills that sold and have written nothing for so many milliseconds; none without it. */
	readonly silentAfterMs?: number;
}

export function openRetail<R extends Host>(
	replica: R,
	platform: Platform,
	settings: ShopSettings,
	options: RetailOptions = {},
): Retail<R> {
	return new Retail(replica, new Shop(replica, platform, settings), options);
}

/** Everything that a shop does, over one replica: a till. */
export class Retail<R extends Host = Host> implements AsyncDisposable {
	/** The layer below: ledgers, pools and logs of the vendor's own, sync, health. */
	readonly replica: R;
	readonly shop: Shop;
	readonly catalog: Catalog;
	readonly stock: Stock;
	readonly transfers: Transfers;
	readonly members: Members;
	readonly receipts: Receipts;
	readonly orders: Orders;
	readonly payments: Payments;
	readonly tasks: Tasks;
	readonly day: Day;
	readonly totals: Totals;
	readonly approvals: Approvals;
	readonly appointments: Appointments;
	readonly alerts: Alerts;
	readonly messages: Messages;
	readonly #options: RetailOptions;
	readonly #checkout: Checkout;
	readonly #refunds: Refunds;

	constructor(replica: R, shop: Shop, options: RetailOptions = {}) {
		this.replica = replica;
		this.shop = shop;
		this.#options = options;
		this.catalog = new Catalog(shop);
		this.stock = new Stock(shop, this.catalog);
		this.transfers = new Transfers(shop, this.stock);
		this.receipts = new Receipts(shop, (series, number) => this.orders.isNumberUsed(series, number));
		this.orders = new Orders(shop, { numbers: this.receipts, products: this.catalog, prices: this.catalog });
		this.payments = new Payments(shop, this.orders.paid);
		const desk = tenderDesk(shop, this);
		this.members = new Members(shop, desk, options.members);
		this.tasks = new Tasks(shop);
		this.day = new Day(shop, () => this.receipts.gaps());
		this.totals = new Totals(shop);
		this.approvals = new Approvals(shop, options.approvals);
		this.appointments = new Appointments(shop, { orders: this.orders, desk });
		this.alerts = new Alerts(shop);
		this.messages = new Messages(shop);
		if (options.alerts) this.#watch(options.alerts);
		Stops.of(shop);
		this.#checkout = new Checkout(shop, this);
		this.#refunds = new Refunds(shop, this);
	}

	/**
	 * Sells: order, tenders, stock, purses, points, coupons and receipt number in one commit with one sync to disk, or
	 * nothing. See `Checkout.settle`.
	 */
	checkout(input: CheckoutInput, options: WriteOptions): Promise<Outcome<Sale>> {
		return this.#checkout.settle(input, options);
	}

	/** What `checkout` would refuse now; undefined where it would go through. Synchronous, writes nothing. */
	canCheckout(input: CheckoutInput): { readonly ok: true } | Declined {
		return this.#checkout.rehearse(input) ?? { ok: true };
	}

	/**
	 * What these lines, or this open order, cost now: promotions, taxes, rounding. For the screen while goods are scanned:
	 * synchronous, writes nothing, asks nobody. Refuses `unknown_sku`, `unknown_price`, `stale_price`, `unknown_member`,
	 * `foreign_currency`, and of an order `unknown_order`, `order_settled`, `order_voided`.
	 */
	quote(input: QuoteInput): Quote | Declined {
		return this.#checkout.quote(input);
	}

	/** Gives money and goods back, each unit once, in whatever store the rights can be had. See `Refunds.refund`. */
	refund(input: RefundInput, options: WriteOptions & WaitOptions): Promise<Outcome<Refund>> {
		return this.#refunds.refund(input, options);
	}

	/** What is raised by itself, whoever signs in. */
	#watch({ largeRefund, silentAfterMs }: AlertOptions): void {
		const { shop, alerts } = this;
		shop.shared('alert sources', () => [
			alerts.watch(lowStock(shop, this.stock.replenishment())),
			alerts.watch(openTasks(shop, this.tasks.list({ state: 'open' }))),
			...(largeRefund === undefined ? [] : [alerts.watch(largeRefunds(shop, largeRefund))]),
			...(silentAfterMs === undefined ? [] : [alerts.watch(silentTills(quietTills(shop, silentAfterMs)))]),
		]);
	}

	/**
	 * Documents of your own kinds; see `defineModule`. To be asked for when the till opens: then it knows them. Throws
	 * `BadArgument` that names what does not fit.
	 */
	module<E extends Record<string, Json>>(def: ModuleDef<E>): VendorModule<E> {
		return new VendorModule(this.shop, def);
	}

	/** The same till, every write signed off by this person. */
	as(staff: StaffId): Retail<R> {
		return new Retail(this.replica, this.shop.as(staff), this.#options);
	}

	/** Shuts the replica down; see there. */
	shutdown: R['shutdown'] = ((...args: Parameters<R['shutdown']>) => this.replica.shutdown(...args)) as R['shutdown'];

	async [Symbol.asyncDispose](): Promise<void> {
		await this.replica.shutdown();
	}
}
