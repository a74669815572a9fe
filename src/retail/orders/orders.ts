import { BadArgument } from '../../base/errors.js';
import type { LedgerName } from '../../base/ids.js';
import type { WaitOptions } from '../../ledger/live.js';
import { pickupSeries } from '../documents/numbers.js';
import type {
	LineChanged,
	LineId,
	LinesAdded,
	LineVoided,
	NewLine,
	OrderId,
	OrderOpened,
	OrderParked,
	OrderRecalled,
	OrderSplit,
	OrderVoided,
	PricedLine,
	Tax,
} from '../documents/order.js';
import { type Buyer, checkLine, netOf, priceLine, scaleTaxes } from '../documents/prices.js';
import { checkAmount, checkList, checkName } from '../shop/check.js';
import { ledgers } from '../shop/ledgers.js';
import { no, type Outcome, withValue } from '../shop/outcome.js';
import type { Head, MaybeKeyed, Shop, WriteOptions, Writing } from '../shop/shop.js';
import { keepOpenOrdersHere } from './kept-here.js';
import { checkNewOrder, type NewOrder, OrderBook, type OrderNeeds } from './order-book.js';
import { OrderExceptions } from './order-exceptions.js';
import { mintOpening, settleRight } from './order-pools.js';
import type { LateChange, OrderState } from './order-state.js';

export interface LineEdit {
	readonly qty?: number;
	/** With a new quantity: the vendor's taxes for it; the old ones in proportion by default. */
	readonly taxes?: readonly Tax[];
	readonly note?: string;
}

/**
 * Orders on the table, on the counter, in the kitchen: several devices work on one, and exactly one of them settles it. All
 * verbs are on this device's disk when they resolve. Refusals: `unknown_order`, `order_settled`, `order_voided`, and what
 * each verb names.
 */
export class Orders extends OrderBook {
	readonly #exceptions: OrderExceptions;

	constructor(shop: Shop, needs: OrderNeeds = {}) {
		super(shop, needs);
		this.#exceptions = shop.shared('order exceptions', () => {
			const source = new OrderExceptions(shop, this.orders);
			shop.exceptions.add(source);
			keepOpenOrdersHere(shop, this.orders);
			return source;
		});
	}

	/**
	 * Opens an order, with its lines where they are known. One that is named outside (`channel` and `externalId`) has an id
	 * derived from its name, and so have the lines that it is opened with: however often and at how many tills it comes in,
	 * it is one order with these lines once (S10). `pickup` gives it a number to call out. Refuses `unknown_sku`,
	 * `unknown_price`.
	 */
	async open(
		order: NewOrder & { readonly pickup?: boolean; readonly lines?: readonly NewLine[] },
		options: WriteOptions,
	): Promise<Outcome<OrderId>> {
		checkNewOrder(order);
		const { pickup, lines = [], ...fresh } = order;
		checkList('lines', lines, checkLine, 0);
		return this.shop.writeKeyed('order.open', order, options, (w) => {
			const isNamedOutside = order.externalId !== undefined;
			const isKnown = isNamedOutside && this.orders.states.get(this.newOrder(order)) !== undefined;
			const number = pickup && !isKnown ? this.needs.numbers?.next(w, pickupSeries(w.head.date)) : undefined;
			const [id, ledger] = this.#open(w, { ...fresh, ...(number !== undefined && { pickup: number }) });
			if (lines.length > 0 && !isKnown) {
				const lineId = (i: number) => (isNamedOutside ? this.shop.hash(['line', id, i]) : this.shop.id());
				this.#price(w, id, ledger, order, lines, lineId);
			}
			return id;
		});
	}

	/** Part of another verb, such as somebody's arriving: an order without lines that stays open. */
	openIn(w: Writing, order: NewOrder): OrderId {
		return this.#open(w, order)[0];
	}

	/** Refuses `unknown_sku`, `unknown_price`. */
	async addLine(id: OrderId, line: NewLine, options: WriteOptions): Promise<Outcome<LineId>> {
		checkLine('line', line);
		return this.shop.writeKeyed('order.add', { order: id, lines: [line] }, options, (w) => {
			const [added = ''] = this.#add(w, id, [line]);
			return added;
		});
	}

	/** All of them or none. Refuses `unknown_sku`, `unknown_price`. */
	async addLines(id: OrderId, lines: readonly NewLine[], options: WriteOptions): Promise<Outcome<readonly LineId[]>> {
		checkList('lines', lines, checkLine);
		return this.shop.writeKeyed('order.add', { order: id, lines }, options, (w) => this.#add(w, id, lines));
	}

	/** Its price stays. Refuses `unknown_line`. */
	async changeLine(id: OrderId, line: LineId, edit: LineEdit, options: MaybeKeyed = {}): Promise<Outcome<void>> {
		const { qty, note, taxes } = edit;
		if (qty === undefined && note === undefined) throw new BadArgument('edit', 'expected qty or note.');
		if (qty !== undefined) checkAmount('edit.qty', qty);
		if (note !== undefined && typeof note !== 'string') throw new BadArgument('edit.note', 'expected a text.');
		return this.shop.write('order.change', { order: id, line, edit }, options, (w) => {
			const order = this.must(w, id, 'change');
			const now = lineOf(w, order, line);
			w.append<LineChanged>(order.ledger, 'order', id, {
				...w.head,
				verb: 'order.change',
				line,
				n: (order.changes.get(line) ?? 0) + 1,
				...(qty !== undefined && this.#amounts(now, qty, taxes)),
				...(note !== undefined && { text: note }),
			});
		});
	}

	/** Refuses `unknown_line`, and `needs_approval` where the role may not. */
	async voidLine(
		id: OrderId,
		line: LineId,
		{ reason, ...options }: MaybeKeyed & { readonly reason: string },
	): Promise<Outcome<void>> {
		checkName('reason', reason);
		const input = { order: id, line, reason };
		return this.shop.write('order.void_line', input, options, (w) => {
			const order = this.must(w, id, 'void_line');
			const { net, sku } = lineOf(w, order, line);
			this.shop.limits.check(w, net, input, `${sku}: ${reason}`);
			w.append<LineVoided>(order.ledger, 'order', id, { ...w.head, verb: 'order.void_line', line, reason });
		});
	}

	/**
	 * Where the right to settle it is here nobody can pay it any more. Where it is elsewhere somebody may have, or may still:
	 * then the payment stands, and a request to refund it is opened (S8). Refuses `needs_approval` where the role may not.
	 */
	async void(id: OrderId, { reason, ...options }: MaybeKeyed & { readonly reason: string }): Promise<Outcome<void>> {
		checkName('reason', reason);
		const input = { order: id, reason };
		return this.shop.write('order.void', input, options, (w) => {
			const order = this.must(w, id, 'void');
			this.shop.limits.check(w, order.net, input, reason);
			const { pool, key } = settleRight(this.shop, order);
			if (pool.mine(key) > 0) w.tx.spend(pool, key, pool.mine(key));
			w.append<OrderVoided>(order.ledger, 'order', id, { ...w.head, verb: 'order.void', reason });
		});
	}

	/** Sets it aside. The right to settle it stays until somebody recalls the order, or goes to rest at the store. */
	async park(id: OrderId, options: MaybeKeyed = {}): Promise<Outcome<void>> {
		return this.shop.write('order.park', { order: id }, options, (w) => {
			const { ledger, turns } = this.must(w, id, 'park');
			w.append<OrderParked>(ledger, 'order', id, { ...w.head, verb: 'order.park', n: turns + 1 });
		});
	}

	/** Takes it over: the right to settle it is here then. Refuses `not_owner`, and says who has the right (`short`). */
	async recall(id: OrderId, options: MaybeKeyed & WaitOptions = {}): Promise<Outcome<OrderState | undefined>> {
		await this.fetch(id, options);
		const done = await this.shop.write('order.recall', { order: id }, options, (w) => {
			const order = this.must(w, id, 'recall');
			const { ledger, turns } = order;
			this.#mustOwn(w, order);
			w.append<OrderRecalled>(ledger, 'order', id, { ...w.head, verb: 'order.recall', n: turns + 1 });
		});
		return withValue(done, () => this.orders.states.get(id));
	}

	/**
	 * Lines leave for new orders, one for each list; what is in no list stays. Needs the right to settle, so that nobody is
	 * settling meanwhile: refuses `not_owner`, `unknown_line`.
	 */
	async split(
		id: OrderId,
		by: readonly (readonly LineId[])[],
		options: WriteOptions,
	): Promise<Outcome<readonly OrderId[]>> {
		checkList('by', by, (path, lines) => checkList(path, lines, checkName));
		const all = by.flat();
		if (new Set(all).size < all.length) throw new BadArgument('by', 'a line goes to one order.');
		return this.shop.writeKeyed('order.split', { order: id, by }, options, (w) => {
			const order = this.must(w, id, 'split');
			this.#mustOwn(w, order);
			const { ledger, table, member } = order;
			const inherited = { ...(table !== undefined && { table }), ...(member !== undefined && { member }), splitOf: id };
			const into = by.map((lines) => {
				const [fresh] = this.#open(w, inherited, ledger);
				const moved = lines.map((line) => lineOf(w, order, line));
				w.append<LinesAdded>(ledger, 'order', fresh, { ...w.head, verb: 'order.add', lines: moved });
				return { order: fresh, lines };
			});
			w.append<OrderSplit>(ledger, 'order', id, { ...w.head, verb: 'order.split', into });
			return into.map(({ order: fresh }) => fresh);
		});
	}

	/**
	 * Bills what came late to a settled order in an order of its own, opened today. What came to less stays for a refund.
	 * Refuses `wrong_state` (nothing more to bill) and `already_resolved`.
	 */
	async followUp(id: OrderId, options: WriteOptions): Promise<Outcome<OrderId>> {
		const known = this.orders.states.get(id);
		if (known) await this.#exceptions.fetch(known, 'late_change');
		return this.shop.writeKeyed('order.open', { followUpOf: id }, options, (w) => {
			const order = this.orders.states.get(id) ?? w.tx.refuse(no('unknown_order', id));
			const more = order.late.filter(({ qty }) => qty > 0);
			if (more.length === 0) w.tx.refuse(no('wrong_state', id));
			const ledger = ledgers.orders(this.shop.store, w.head.date);
			const { table, member } = order;
			const inherited = {
				...(table !== undefined && { table }),
				...(member !== undefined && { member }),
				followUpOf: id,
			};
			const [fresh] = this.#open(w, inherited, ledger);
			const lines = more.map((change) => this.#billed(change));
			w.append<LinesAdded>(ledger, 'order', fresh, { ...w.head, verb: 'order.add', lines });
			const dealt = more.map(({ line, qty, net }) => ({ line, qty, net }));
			this.#exceptions.use(w, order, 'late_change', 'follow_up', { lines: dealt, followUp: fresh });
			return fresh;
		});
	}

	#open(w: Writing, order: Omit<OrderOpened, keyof Head>, ledger?: LedgerName): [OrderId, LedgerName] {
		const isNamedOutside = order.externalId !== undefined;
		const id = this.newOrder(order);
		const known = isNamedOutside ? this.orders.states.get(id) : undefined;
		const where = known?.ledger ?? ledger ?? ledgers.orders(this.shop.store, w.head.date);
		w.append<OrderOpened>(where, 'order', id, { ...w.head, ...order, verb: 'order.open' });
		if (!known) mintOpening(w, this.shop, where, id, isNamedOutside);
		return [id, where];
	}

	#add(w: Writing, id: OrderId, lines: readonly NewLine[]): LineId[] {
		const order = this.must(w, id, 'add');
		return this.#price(w, id, order.ledger, order, lines, () => this.shop.id());
	}

	#price(
		w: Writing,
		order: OrderId,
		ledger: LedgerName,
		{ member, channel }: Buyer,
		lines: readonly NewLine[],
		lineId: (i: number) => LineId,
	): LineId[] {
		const buyer = { ...(member !== undefined && { member }), ...(channel !== undefined && { channel }) };
		const priced = lines.map((line, i) => priceLine(w, lineId(i), line, this.pricing, buyer));
		w.append<LinesAdded>(ledger, 'order', order, { ...w.head, verb: 'order.add', lines: priced });
		return priced.map(({ id }) => id);
	}

	#amounts(line: PricedLine, qty: number, given: readonly Tax[] | undefined) {
		const taxes = given ?? scaleTaxes(line.taxes ?? [], line.qty, qty, this.pricing.rounding);
		return { qty, net: netOf({ ...line, qty }, this.pricing), ...(taxes.length > 0 && { taxes }) };
	}

	/** What is billed of a line that came late: all of it, or as much more of it as was not settled. */
	#billed({ now, qty, net }: LateChange): PricedLine {
		if (now.qty === qty) return { ...now, net };
		const { discount: _, taxes = [], ...line } = now;
		const scaled = scaleTaxes(taxes, now.qty, qty, this.pricing.rounding);
		return { ...line, id: this.shop.id(), qty, net, ...(scaled.length > 0 && { taxes: scaled }) };
	}

	/** Refuses `not_owner`, with whoever has the right, where it is not here. */
	#mustOwn(w: Writing, order: OrderState): void {
		const { pool, key } = settleRight(this.shop, order);
		if (pool.mine(key) < 1) w.tx.spend(pool, key, 1);
	}
}

function lineOf({ tx }: Writing, order: OrderState, line: LineId): PricedLine {
	return order.lines.find(({ id }) => id === line) ?? tx.refuse(no('unknown_line', line));
}
