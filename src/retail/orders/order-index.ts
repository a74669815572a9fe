import { createLive, type Live } from '../../ledger/live.js';
import { pickupSeries } from '../documents/numbers.js';
import type { MatterKind, OrderId } from '../documents/order.js';
import type { Exception } from '../shop/exceptions.js';
import type { Change } from '../shop/index-of.js';
import type { Shop } from '../shop/shop.js';
import { nextException } from './order-pools.js';
import type { OrderState } from './order-state.js';
import { OrderStates } from './order-states.js';

/** Orders by id, by receipt, and those with something for a person to look at: one for all of a till. */
export class OrderIndex {
	readonly states: OrderStates;
	readonly #byReceipt = new Map<string, OrderId>();
	/** Open and parked ones. */
	readonly unsettled = new Map<OrderId, OrderState>();
	readonly #pickups = new Set<string>();
	readonly #troubled = new Map<OrderId, OrderState>();
	readonly #exceptions: Live<readonly Exception[]>;

	static of(shop: Shop): OrderIndex {
		return shop.shared('orders', () => new OrderIndex(shop));
	}

	constructor(shop: Shop) {
		this.states = new OrderStates(shop);
		for (const state of this.states.values()) this.#note(state);
		let version = {};
		this.states.onChange((changes: readonly Change<OrderState>[]) => {
			for (const { id, before, after } of changes) {
				if (after) this.#note(after);
				else {
					this.#troubled.delete(id);
					this.unsettled.delete(id);
				}
				if (isTroubled(before) || isTroubled(after)) version = {};
			}
		});
		this.#exceptions = createLive({
			version: () => version,
			read: () => [...this.#troubled.values()].flatMap(exceptionsOf),
			listen: (changed) => this.states.onChange(changed),
			timers: shop.platform.timers,
		});
	}

	get exceptions(): Live<readonly Exception[]> {
		return this.#exceptions;
	}

	byReceipt(receiptNo: string): OrderState | undefined {
		const id = this.#byReceipt.get(receiptNo);
		return id === undefined ? undefined : this.states.get(id);
	}

	/** Does an order bear this number of a series? */
	isUsed(series: string, number: string): boolean {
		return this.#byReceipt.has(number) || this.#pickups.has(`${series} ${number}`);
	}

	#note(state: OrderState): void {
		if (state.pickup !== undefined) this.#pickups.add(`${pickupSeries(state.businessDate)} ${state.pickup}`);
		for (const { value } of state.settlements) this.#byReceipt.set(value.receiptNo, state.id);
		for (const { value } of state.refunds) this.#byReceipt.set(value.receiptNo, state.id);
		if (state.state === 'open' || state.state === 'parked') this.unsettled.set(state.id, state);
		else this.unsettled.delete(state.id);
		if (isTroubled(state)) this.#troubled.set(state.id, state);
		else this.#troubled.delete(state.id);
	}
}

function isTroubled(state: OrderState | undefined): boolean {
	return state !== undefined && (state.matters.length > 0 || state.resolutions.length > 0);
}

function exceptionsOf(order: OrderState): Exception[] {
	const { id: subject, store, matters, resolutions } = order;
	return [
		...matters.map(
			({ kind, amount, atMs }): Exception => ({
				id: nextException(kind, order),
				kind,
				store,
				subject,
				amount,
				atMs,
				state: 'open',
			}),
		),
		...resolutions.map(
			({ value: { exception: id, kind, amount, outcome }, atMs }): Exception => ({
				id,
				kind,
				store,
				subject,
				amount,
				atMs,
				state: 'done',
				outcome,
			}),
		),
	];
}

/** What the id of an order's exception is about; undefined where it is another capability's. */
export function exceptionAbout(exception: string): { readonly kind: MatterKind; readonly order: OrderId } | undefined {
	const [kind, order] = exception.split(':');
	if (order === undefined) return undefined;
	const kinds: readonly MatterKind[] = ['late_change', 'refund_request', 'double_settle', 'false_refund'];
	const known = kinds.find((each) => each === kind);
	return known && { kind: known, order };
}
