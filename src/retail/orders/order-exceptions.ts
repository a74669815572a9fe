import type { Live } from '../../ledger/live.js';
import type { MatterKind, OrderResolved } from '../documents/order.js';
import { checkName } from '../shop/check.js';
import type { Exception, ExceptionSource } from '../shop/exceptions.js';
import { declined, no, type Outcome } from '../shop/outcome.js';
import { rights } from '../shop/rights.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import { exceptionAbout, type OrderIndex } from './order-index.js';
import { nextException, openerOf, rightOf } from './order-pools.js';
import type { OrderState } from './order-state.js';

/** What contradictory documents of orders leave for a person. Each is resolved once, by whoever holds its right. */
export class OrderExceptions implements ExceptionSource {
	readonly exceptions: Live<readonly Exception[]>;
	readonly #shop: Shop;
	readonly #orders: OrderIndex;

	constructor(shop: Shop, orders: OrderIndex) {
		this.#shop = shop;
		this.#orders = orders;
		this.exceptions = orders.exceptions;
	}

	async resolve(id: string, outcome: string, options: WriteOptions): Promise<Outcome<void>> {
		checkName('outcome', outcome);
		const { order = '', kind = 'late_change' } = exceptionAbout(id) ?? {};
		const known = this.#orders.states.get(order);
		if (!known) return declined('unknown_order', this.#shop.settings.locale, order);
		if (kind !== nobodys) await this.fetch(known, kind);
		return this.#shop.writeKeyed('order.resolve', { exception: id, outcome }, options, (w) => {
			const now = this.#orders.states.get(order) ?? known;
			if (nextException(kind, now) !== id) w.tx.refuse(no('already_resolved', id));
			this.use(w, now, kind, outcome, dealtWith(kind, now));
		});
	}

	/** Fetches the right to resolve the open exception of this kind, where it is in reach. */
	fetch(order: OrderState, kind: MatterKind): Promise<boolean> {
		return rights.fetch(this.#shop, order.ledger, rightOf(nextException(kind, order), openerOf(order)));
	}

	/** Part of a commit that deals with it; makes the right to what may come to light later. */
	use(
		w: Writing,
		order: OrderState,
		kind: MatterKind,
		outcome: string,
		dealt: Pick<OrderResolved, 'lines' | 'settlements' | 'refunds' | 'followUp'>,
	): void {
		const { ledger, id, matters, resolutions } = order;
		const matter = matters.find((one) => one.kind === kind);
		const exception = nextException(kind, order);
		if (!matter) w.tx.refuse(no('already_resolved', exception));
		const { amount } = matter;
		if (kind !== nobodys) rights.use(w, this.#shop, ledger, rightOf(exception, openerOf(order)), outcome);
		const document: OrderResolved = { ...w.head, verb: 'order.resolve', exception, kind, outcome, amount, ...dealt };
		w.append<OrderResolved>(ledger, 'order', id, document);
		if (kind === nobodys) return;
		const now = { value: document, atMs: 0, device: this.#shop.device, late: false };
		const next = nextException(kind, { ...order, resolutions: [...resolutions, now] });
		rights.mint(w, this.#shop, ledger, rightOf(next, openerOf(order)));
	}
}

/** Nothing is given for it: whoever looked at it may say so, and no order pays for a right that hardly any needs. */
const nobodys: MatterKind = 'false_refund';

function dealtWith(kind: MatterKind, { late, settlements, refused, resolutions }: OrderState) {
	if (kind === nobodys) {
		const seen = resolutions.reduce((all, { value }) => all + (value.refunds ?? 0), 0);
		return { refunds: refused.length - seen };
	}
	if (kind === 'late_change') return { lines: late.map(({ line, qty, net }) => ({ line, qty, net })) };
	if (kind === 'refund_request') return {};
	const before = resolutions.reduce((all, { value }) => all + (value.settlements ?? 0), 0);
	return { settlements: settlements.length - 1 - before };
}
