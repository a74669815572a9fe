import { createLive, type Live } from '../../ledger/live.js';
import type { PaymentId } from '../documents/order.js';
import type { PaidOrders, PaymentDocument, PaymentResolved } from '../documents/payment.js';
import { checkName } from '../shop/check.js';
import type { Exception, ExceptionSource } from '../shop/exceptions.js';
import type { Index } from '../shop/index-of.js';
import { storeOf } from '../shop/ledgers.js';
import { declined, no, type Outcome } from '../shop/outcome.js';
import type { Shop, WriteOptions } from '../shop/shop.js';
import type { PaymentState } from './payment-events.js';
import { paymentPool } from './payment-pool.js';

const kind = 'payment_left';
const fetchTimeoutMs = 2_000;

/**
 * Money that was taken and paid for nothing: the terminal said yes after the order had been settled with something else, or
 * voided. Reversing the payment deals with it; whoever gives the money back by other means resolves it. The payment's own
 * unit is the right to either.
 */
export class LeftPayments implements ExceptionSource {
	readonly exceptions: Live<readonly Exception[]>;
	readonly #shop: Shop;
	readonly #payments: Index<PaymentDocument, PaymentState>;
	readonly #orders: PaidOrders;
	/** Approved, and not known here to have paid for anything: few at any time. */
	readonly #unused = new Map<PaymentId, PaymentState>();

	constructor(shop: Shop, payments: Index<PaymentDocument, PaymentState>, orders: PaidOrders) {
		this.#shop = shop;
		this.#payments = payments;
		this.#orders = orders;
		for (const payment of payments.values()) this.#note(payment);
		let version = {};
		payments.onChange((changes) => {
			version = {};
			for (const { id, after } of changes) {
				this.#unused.delete(id);
				if (after) this.#note(after);
			}
		});
		orders.onChange(() => {
			version = {};
		});
		this.exceptions = createLive({
			version: () => version,
			read: () => [...this.#unused.values()].flatMap((payment) => this.#exception(payment) ?? []),
			listen: (changed) => {
				const stop = [payments.onChange(changed), orders.onChange(changed)];
				return () => {
					for (const end of stop) end();
				};
			},
			timers: shop.platform.timers,
		});
	}

	async resolve(id: string, outcome: string, options: WriteOptions): Promise<Outcome<void>> {
		checkName('outcome', outcome);
		const payment = this.#payments.get(id.slice(id.indexOf(':') + 1));
		if (!payment) return declined('payment_unknown', this.#shop.settings.locale, id);
		const pool = paymentPool(this.#shop, payment.ledger);
		await pool.ensure(payment.id, 1, { timeoutMs: fetchTimeoutMs });
		return this.#shop.writeKeyed('payment.resolve', { exception: id, outcome }, options, (w) => {
			const now = this.#payments.get(payment.id) ?? payment;
			if (this.#exception(now)?.state !== 'open') w.tx.refuse(no('already_resolved', id));
			w.tx.spend(pool, payment.id, 1);
			const document = { ...w.head, verb: 'payment.resolve', outcome } as const;
			w.append<PaymentResolved>(payment.ledger, 'payment', payment.id, document);
		});
	}

	#note(payment: PaymentState): void {
		if (payment.state === 'approved') this.#unused.set(payment.id, payment);
	}

	#exception({ id, ledger, order, amount, atMs, outcome }: PaymentState): Exception | undefined {
		const paid = this.#orders.order(order);
		if (paid?.state !== 'settled' && paid?.state !== 'voided') return undefined;
		// It has paid for an order or for something on account, and nobody has resolved it.
		if (outcome === undefined && paymentPool(this.#shop, ledger).now(id).spent > 0) {
			this.#unused.delete(id);
			return undefined;
		}
		const about = { id: `${kind}:${id}`, kind, store: storeOf(ledger), subject: order, amount, atMs };
		return outcome === undefined ? { ...about, state: 'open' } : { ...about, state: 'done', outcome };
	}
}
