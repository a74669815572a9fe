import type { DeviceId, LedgerName, StoreId } from '../../base/ids.js';
import type { Live, WaitOptions } from '../../ledger/live.js';
import type { Tx } from '../../ledger/tx.js';
import type { Numbers } from '../documents/numbers.js';
import type {
	LineId,
	MemberId,
	OrderDay,
	OrderId,
	OrderOpened,
	PricedLine,
	Refunded,
	Settled,
} from '../documents/order.js';
import type { PaidOrders } from '../documents/payment.js';
import type { Prices, Pricing } from '../documents/prices.js';
import type { Products } from '../documents/sku.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkDay, checkName } from '../shop/check.js';
import { ledgers } from '../shop/ledgers.js';
import type { Told } from '../shop/limits.js';
import type { Minor } from '../shop/money.js';
import { no } from '../shop/outcome.js';
import type { Head, Shop, Writing } from '../shop/shop.js';
import { type OrderEvent, type OrderPhase, orderMoves, refusalOf } from './order-events.js';
import { OrderIndex } from './order-index.js';
import { mintOpening, refundableKey, refundablePool, settleRight } from './order-pools.js';
import type { OrderState } from './order-state.js';

/** What orders need of other capabilities. Without `products` every SKU is known; without `prices` lines name theirs. */
export interface OrderNeeds {
	readonly products?: Products;
	readonly prices?: Prices;
	/** Numbers of orders to pick up. */
	readonly numbers?: Numbers;
}

export interface NewOrder {
	readonly table?: string;
	readonly member?: MemberId;
	/** Where it comes from, such as a delivery platform, and what it is called there: two gateways make one order of it (S10). */
	readonly channel?: string;
	readonly externalId?: string;
}

export type OrderQuery = (
	| { readonly receiptNo: string }
	| { readonly channel: string; readonly externalId: string }
) & {
	/** Where it was opened: this store by default. What is here of other stores is looked through all the same. */
	readonly store?: StoreId;
	/** On which day: the orders of that day come where they are not kept yet, and are kept from then on. */
	readonly businessDate?: IsoDate;
};

/** `sure: false`: this till does not keep what would tell, or is in sync with nobody now. */
export type FoundOrder = { readonly found: OrderState } | { readonly found: null; readonly sure: boolean };

/** What is still to be given back of a line. */
export interface Refundable {
	/** At the SKU's scale, by the refunds known here. */
	readonly qty: number;
	/** Taxes aside. */
	readonly amount: Minor;
}

const fetchTimeoutMs = 2_000;

/** Orders as they are known here, and the parts of a sale and of a refund that are theirs. */
export class OrderBook {
	protected readonly shop: Shop;
	protected readonly needs: OrderNeeds;
	protected readonly pricing: Pricing;
	protected readonly orders: OrderIndex;
	/** Opened in a commit that is being made: nobody else can have seen them. */
	readonly #begun = new WeakMap<Tx, Set<OrderId>>();

	constructor(shop: Shop, needs: OrderNeeds = {}) {
		this.shop = shop;
		this.needs = needs;
		this.pricing = { ...needs, rounding: shop.settings.rounding };
		this.orders = OrderIndex.of(shop);
	}

	// ---- reads ----

	get(id: OrderId): Live<OrderState | undefined> {
		return this.orders.states.live(id);
	}

	/** In order of opening. */
	list(
		query: { readonly state?: OrderPhase; readonly businessDate?: IsoDate; readonly table?: string } = {},
	): Live<readonly OrderState[]> {
		const { state, businessDate, table } = query;
		return this.orders.states.read(() => {
			const found: OrderState[] = [];
			const isUnsettled = state === 'open' || state === 'parked';
			for (const order of isUnsettled ? this.orders.unsettled.values() : this.orders.states.values())
				if (
					(state === undefined || order.state === state) &&
					(businessDate === undefined || order.businessDate === businessDate) &&
					(table === undefined || order.table === table)
				)
					found.push(order);
			return found.sort((a, b) => a.openedMs - b.openedMs || (a.id < b.id ? -1 : 1));
		});
	}

	/**
	 * By the receipt of its sale or of a refund of it, or by its name outside: among the orders that this till keeps, of
	 * whatever store. What another till has sold without a line nobody can know yet, whatever `sure` says.
	 */
	async find(query: OrderQuery, wait: WaitOptions = {}): Promise<FoundOrder> {
		const { store = this.shop.store, businessDate } = query;
		checkName('store', store);
		const known = this.known(query);
		if (known) return { found: known };
		if (businessDate !== undefined) await this.bring({ businessDate, store }, wait);
		const found = this.known(query);
		if (found) return { found };
		// A till may keep the last days alone: then it does not keep the first one.
		const dates = businessDate === undefined ? ['0001-01-01', this.shop.today()] : [businessDate];
		const isKept = dates.every((date) => this.shop.keeps(ledgers.orders(store, date)));
		return { found: null, sure: this.shop.isLinked && isKept };
	}

	/** What `find` looks for, among the orders that are here now. */
	protected known(query: OrderQuery): OrderState | undefined {
		if ('receiptNo' in query) return this.orders.byReceipt(query.receiptNo);
		return this.orders.states.get(this.externalOrder(query.channel, query.externalId));
	}

	/**
	 * Keeps the orders of a day and store from now on, where somebody is linked: for 2 s unless told otherwise. False where not
	 * all of them came.
	 */
	async bring(day: OrderDay, wait: WaitOptions = {}): Promise<boolean> {
		checkDay('day', day);
		const { businessDate, store = this.shop.store } = day;
		return this.shop.bring([ledgers.orders(store, businessDate)], wait);
	}

	/** The lines of an order, with what of each may still be refunded. */
	linesOf(id: OrderId): readonly (PricedLine & { readonly refundable: Refundable })[] {
		const lines = this.orders.states.get(id)?.lines ?? [];
		return lines.map((line) => ({ ...line, refundable: this.refundable(id, line.id) }));
	}

	/** By the refunds known here: what another store gave back meanwhile the right to refund tells. */
	refundable(id: OrderId, line: LineId): Refundable {
		const order = this.orders.states.get(id);
		let [qty, amount] = [0, 0];
		for (const { value } of order?.settlements ?? [])
			for (const sold of value.lines)
				if (sold.id === line) {
					qty += sold.qty;
					amount += sold.net;
				}
		for (const { value } of order?.refunds ?? [])
			for (const back of value.lines)
				if (back.line === line) {
					qty -= back.qty;
					amount -= back.amount;
				}
		return { qty, amount };
	}

	/** Who may settle it: this device where it may. */
	owner(id: OrderId): DeviceId | undefined {
		const order = this.orders.states.get(id);
		if (!order) return undefined;
		const { pool, key } = settleRight(this.shop, order);
		return pool.mine(key) > 0 ? this.shop.device : pool.holders(key).get()[0]?.device;
	}

	/** Does an order known here bear this number? See `Receipts`. */
	isNumberUsed(series: string, number: string): boolean {
		return this.orders.isUsed(series, number);
	}

	/** For payments: the orders that they are for. */
	get paid(): PaidOrders {
		const { states } = this.orders;
		return { order: (id) => states.get(id), onChange: (listener) => states.onChange(listener) };
	}

	/** The id of what is named outside. */
	externalOrder(channel: string, externalId: string): OrderId {
		return this.shop.hash(['order', channel, externalId]);
	}

	// ---- rights ----

	/** Fetches the right to settle an order here; false where nobody in reach gave it. */
	async fetch(id: OrderId, { timeoutMs = fetchTimeoutMs, signal }: WaitOptions = {}): Promise<boolean> {
		const order = this.orders.states.get(id);
		if (!order || (order.state !== 'open' && order.state !== 'parked')) return false;
		const { pool, key } = settleRight(this.shop, order);
		return (await pool.ensure(key, 1, { timeoutMs, ...(signal && { signal }) })) > 0;
	}

	/** Fetches the right to refund so much of these lines here; false where not all of it came. */
	async fetchRefundable(
		id: OrderId,
		lines: readonly { readonly line: LineId; readonly qty: number }[],
		{ timeoutMs = fetchTimeoutMs, signal }: WaitOptions = {},
	): Promise<boolean> {
		const ledger = this.orders.states.get(id)?.settledIn;
		if (ledger === undefined) return false;
		const pool = refundablePool(this.shop, ledger);
		const came = lines.map(async ({ line, qty }) => {
			const here = await pool.ensure(refundableKey(id, line), qty, { timeoutMs, ...(signal && { signal }) });
			return here >= qty;
		});
		return (await Promise.all(came)).every(Boolean);
	}

	// ---- parts of a sale ----

	/**
	 * Opens an order to be settled in the same commit: nobody else ever sees it open. One named outside may be known
	 * already, and is gone on with; refuses `order_settled` or `order_voided` where it is past that.
	 */
	begin(w: Writing, order: NewOrder): { readonly id: OrderId; readonly ledger: LedgerName } {
		const isNamedOutside = order.externalId !== undefined;
		const id = this.newOrder(order);
		const known = this.orders.states.get(id);
		if (known) {
			this.must(w, id, 'settle');
			return { id, ledger: known.ledger };
		}
		const ledger = ledgers.orders(this.shop.store, w.head.date);
		w.append<OrderOpened>(ledger, 'order', id, { ...w.head, ...order, verb: 'order.open' });
		if (isNamedOutside) mintOpening(w, this.shop, ledger, id, true);
		else this.#begunIn(w).add(id);
		return { id, ledger };
	}

	/** Refuses `unknown_order`, `order_settled`, `order_voided`. */
	mustBeOpen(w: Writing, id: OrderId): OrderState {
		return this.must(w, id, 'settle');
	}

	/**
	 * The one settlement: uses up the right to it, and makes the right to give each line back. Refuses `not_owner` where
	 * another till has the right.
	 */
	settle(w: Writing, id: OrderId, ledger: LedgerName, settled: Omit<Settled, keyof Head>): void {
		if (!this.#begunIn(w).has(id)) {
			const begun = { id, ledger, externalId: id, openedBy: this.shop.device }; // named outside, in this commit
			const { pool, key } = settleRight(this.shop, this.orders.states.get(id) ?? begun);
			w.tx.spend(pool, key, 1);
		}
		// The larger part first: what is spread behind it must be little, or the object is a slow one.
		w.append<Settled>(ledger, 'order', id, { ...settled, ...w.head, verb: 'order.settle' });
		const pool = refundablePool(this.shop, ledger);
		for (const { id: line, qty } of settled.lines)
			if (qty > 0) w.tx.mint(pool, refundableKey(id, line), qty, settled.receiptNo);
	}

	/**
	 * Gives lines back. Refuses `unknown_order`, `wrong_state` (not settled), `unknown_line`, `already_refunded`,
	 * `refund_too_high`, and `refund_not_here` where the right is elsewhere: `fetchRefundable` asks for it.
	 */
	refund(w: Writing, id: OrderId, ledger: LedgerName, refund: Omit<Refunded, keyof Head> & Told): void {
		const order = this.must(w, id, 'refund');
		const pool = refundablePool(this.shop, ledger);
		const sold = new Set(order.settlements.flatMap(({ value }) => value.lines.map((line) => line.id)));
		const back = new Map<LineId, number>();
		for (const { line, qty, amount } of refund.lines) {
			if (!sold.has(line)) w.tx.refuse(no('unknown_line', line));
			const left = this.refundable(id, line);
			if (qty > left.qty) w.tx.refuse(no('already_refunded', line));
			back.set(line, (back.get(line) ?? 0) + amount);
			if ((back.get(line) ?? 0) > left.amount) w.tx.refuse(no('refund_too_high', line));
			w.tx.spend(pool, refundableKey(id, line), qty);
		}
		w.append<Refunded>(ledger, 'order', id, { ...w.head, ...refund, verb: 'order.refund' });
	}

	// ---- what those who write orders share ----

	/** The order where it takes this event; refuses where it does not. */
	protected must(w: Writing, id: OrderId, event: OrderEvent): OrderState {
		const order = this.orders.states.get(id) ?? w.tx.refuse(no('unknown_order', id));
		if (orderMoves[order.state][event] === undefined) w.tx.refuse(no(refusalOf[order.state], id));
		return order;
	}

	protected newOrder({ channel, externalId }: NewOrder): OrderId {
		return externalId === undefined ? this.shop.id() : this.externalOrder(channel ?? '', externalId);
	}

	#begunIn({ tx }: Writing): Set<OrderId> {
		const known = this.#begun.get(tx) ?? new Set();
		this.#begun.set(tx, known);
		return known;
	}
}

/** Throws `BadArgument` for what can be no order. */
export function checkNewOrder({ table, member, channel, externalId }: NewOrder): void {
	if (table !== undefined) checkName('table', table);
	if (member !== undefined) checkName('member', member);
	if (channel !== undefined) checkName('channel', channel);
	if (externalId !== undefined) {
		checkName('externalId', externalId);
		checkName('channel', channel ?? '');
	}
}
