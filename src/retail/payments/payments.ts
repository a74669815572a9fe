import { BadArgument } from '../../base/errors.js';
import type { Live } from '../../ledger/live.js';
import type { OrderId, PaymentId } from '../documents/order.js';
import type {
	PaidOrders,
	PaymentAnswered,
	PaymentAttempted,
	PaymentDocument,
	PaymentReversed,
} from '../documents/payment.js';
import { hasCardNumber } from '../shop/card-numbers.js';
import { checkAmount, checkName } from '../shop/check.js';
import type { Index } from '../shop/index-of.js';
import type { Minor } from '../shop/money.js';
import { declined, no, type Outcome, withValue } from '../shop/outcome.js';
import type { RetailRefusal } from '../shop/refusals.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import type { Charge, PaymentDriver } from './driver.js';
import { LeftPayments } from './left-payments.js';
import { eventOf, foldPayment, type PaymentPhase, type PaymentState, paymentMoves } from './payment-events.js';
import { paymentPool } from './payment-pool.js';

export interface NewPayment {
	readonly order: OrderId;
	readonly amount: Minor;
	readonly driver: PaymentDriver;
	/** Ends the wait, not the payment: an answer that comes later is written all the same. */
	readonly signal?: AbortSignal;
	/** Milliseconds to wait for the terminal; 90 seconds by default. */
	readonly timeoutMs?: number;
}

const answerTimeoutMs = 90_000;

/** What a payment that is not approved is refused with. */
const refusals: Readonly<Record<Exclude<PaymentPhase, 'approved'>, RetailRefusal>> = {
	sent: 'payment_unknown',
	unknown: 'payment_unknown',
	declined: 'payment_declined',
	reversing: 'wrong_state',
	reversed: 'wrong_state',
};

/**
 * Money by terminal or wallet. The key of an attempt is on disk before the terminal hears of it, so whatever breaks between
 * the two, the attempt is known and is asked after by its key: never a second charge (S12).
 */
export class Payments {
	readonly #shop: Shop;
	readonly #orders: PaidOrders;
	readonly #index: Index<PaymentDocument, PaymentState>;
	/** Payments that a terminal is being asked about: one talk at a time. */
	readonly #talks: Map<PaymentId, Promise<Outcome<PaymentId>>>;

	constructor(shop: Shop, orders: PaidOrders) {
		this.#shop = shop;
		this.#orders = orders;
		this.#index = shop.index<PaymentDocument, PaymentState>('payments', 'orders', 'payment', foldPayment);
		this.#talks = shop.shared('payment talks', () => new Map());
		shop.shared('payment exceptions', () => {
			const source = new LeftPayments(shop, this.#index, orders);
			shop.exceptions.add(source);
			return source;
		});
	}

	get(id: PaymentId): Live<PaymentState | undefined> {
		return this.#index.live(id);
	}

	/** Every attempt to pay an order, in order of time. */
	attempts(order: OrderId): Live<readonly PaymentState[]> {
		return this.#index.read(() => {
			const ledgers = this.#orders.order(order)?.ledgers ?? [undefined];
			const all = ledgers.flatMap((ledger) => [...this.#index.values(ledger)]).filter((one) => one.order === order);
			return all.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
		});
	}

	/** Without an answer yet: to be asked after with `run` (the same key) or `query`. */
	pending(): Live<readonly PaymentState[]> {
		return this.#index.read(() => [...this.#index.values()].filter(({ state }) => !isAnswered(state)));
	}

	/**
	 * Asks the terminal for money. With the same key it is the same payment: an answer that is known is given again, one that
	 * is not is asked for by its key before the terminal is charged with that same key. Resolves once the answer is on this
	 * device's disk. Refuses `payment_declined`, `payment_unknown` (try again with the same key), `unknown_order`,
	 * `order_settled`, `order_voided`, and `wrong_state` for a payment that was reversed.
	 */
	async run(
		{ order, amount, driver, signal, timeoutMs }: NewPayment,
		options: WriteOptions,
	): Promise<Outcome<PaymentId>> {
		checkName('order', order);
		checkAmount('amount', amount);
		checkName('driver.name', driver?.name);
		const input = { order, amount, driver: driver.name };
		const attempt = await this.#shop.writeKeyed('payment.attempt', input, options, (w) => {
			const { ledger, state } = this.#orders.order(order) ?? w.tx.refuse(no('unknown_order', order));
			if (state === 'settled') w.tx.refuse(no('order_settled', order));
			if (state === 'voided') w.tx.refuse(no('order_voided', order));
			const id = this.#shop.id();
			w.append<PaymentAttempted>(ledger, 'payment', id, { ...w.head, verb: 'payment.attempt', ...input });
			return id;
		});
		if (!attempt.ok) return attempt;
		const id = attempt.value;
		const payment = this.#index.get(id);
		if (payment && isAnswered(payment.state)) return this.#told(payment, attempt);
		const talk = this.#talks.get(id) ?? this.#talk(id, amount, driver, attempt.replayed, signal, timeoutMs);
		this.#talks.set(id, talk);
		return talk.finally(() => this.#talks.delete(id));
	}

	/** Asks what became of a payment, and charges nobody. Refuses as `run` does. */
	async query(id: PaymentId, driver: PaymentDriver): Promise<Outcome<PaymentId>> {
		const payment = this.#known(id, driver);
		if (!payment) return this.#no('payment_unknown', id);
		return this.#write(id, await this.#asked(() => driver.query(id)));
	}

	/**
	 * Gives the money back of a payment that no order used. Written before the terminal is asked, and again when it has done
	 * so: where that is not certain (`payment_unknown`) it is asked again with the same key. Refuses `payment_used`,
	 * `payment_declined`, `needs_approval`.
	 */
	async reverse(id: PaymentId, driver: PaymentDriver, options: WriteOptions): Promise<Outcome<void>> {
		const payment = this.#known(id, driver);
		if (!payment) return this.#no('payment_unknown', id);
		const asked = await this.#shop.writeKeyed('payment.reverse', { payment: id }, options, (w) => {
			const { state, amount, ledger } = this.#index.get(id) ?? payment;
			if (state === 'declined') w.tx.refuse(no('payment_declined', id));
			this.#shop.limits.check(w, amount, { payment: id }, driver.name);
			if (state === 'approved') w.tx.spend(paymentPool(this.#shop, ledger), id, 1);
			w.append<PaymentReversed>(ledger, 'payment', id, { ...w.head, verb: 'payment.reverse' });
		});
		if (!asked.ok || this.#index.get(id)?.state === 'reversed') return asked;
		try {
			await driver.reverse(id);
		} catch {
			return this.#no('payment_unknown', id);
		}
		return this.#shop.write('payment.result', {}, {}, (w) =>
			w.append<PaymentAnswered>(payment.ledger, 'payment', id, {
				...w.head,
				verb: 'payment.result',
				state: 'reversed',
			}),
		);
	}

	/**
	 * Part of a settlement: the payment pays this order, and no other. Refuses `payment_unknown`, `payment_declined`,
	 * `wrong_state` (reversed), `wrong_amount` and `payment_used`.
	 */
	use(w: Writing, id: PaymentId, amount: Minor, order: OrderId): void {
		const payment = this.#index.get(id) ?? w.tx.refuse(no('payment_unknown', id));
		if (payment.state !== 'approved') w.tx.refuse(no(refusals[payment.state], id));
		if (payment.order !== order) w.tx.refuse(no('payment_used', id));
		if (payment.amount !== amount) w.tx.refuse(no('wrong_amount', id));
		w.tx.spend(paymentPool(this.#shop, payment.ledger), id, 1);
	}

	/** Fetches the right to use an approved payment here, where another till took it. */
	async fetch(id: PaymentId, timeoutMs = 2_000): Promise<boolean> {
		const payment = this.#index.get(id);
		return payment !== undefined && (await paymentPool(this.#shop, payment.ledger).ensure(id, 1, { timeoutMs })) > 0;
	}

	async #talk(
		id: PaymentId,
		amount: Minor,
		driver: PaymentDriver,
		wasAsked: boolean,
		signal: AbortSignal | undefined,
		timeoutMs: number | undefined,
	): Promise<Outcome<PaymentId>> {
		let heard = wasAsked ? await this.#asked(() => driver.query(id)) : 'never-heard-of-it';
		if (heard === 'never-heard-of-it') {
			const charge = this.#asked(() => driver.charge(id, amount));
			const first = await this.#inTime(charge, signal, timeoutMs);
			if (!first) {
				// It may answer yet: then it is written, whoever waits.
				void charge.then((late) => this.#heardLate(id, late)).catch(() => {}); // a broken disk has told the replica
				return this.#write(id, { state: 'unknown' });
			}
			heard = isSaid(first) ? first : await this.#asked(() => driver.query(id));
		}
		return this.#write(id, heard === 'never-heard-of-it' ? { state: 'unknown' } : heard);
	}

	async #heardLate(id: PaymentId, late: Charge): Promise<void> {
		if (isSaid(late) && this.#index.get(id)?.state !== 'approved') await this.#write(id, late);
	}

	/** Whatever a driver throws, nobody knows what became of the payment. */
	async #asked<A>(ask: () => Promise<A>): Promise<A | Charge> {
		try {
			return await ask();
		} catch {
			return { state: 'unknown' };
		}
	}

	#inTime<A>(answer: Promise<A>, signal?: AbortSignal, timeoutMs = answerTimeoutMs): Promise<A | undefined> {
		return new Promise((resolve) => {
			const end = (value?: A) => {
				cancel();
				signal?.removeEventListener('abort', aborted);
				resolve(value);
			};
			const aborted = () => end();
			const cancel = this.#shop.platform.timers.after(timeoutMs, aborted);
			signal?.addEventListener('abort', aborted, { once: true });
			if (signal?.aborted) aborted();
			void answer.then(end);
		});
	}

	/** Writes an answer unless it says nothing new; tells what is known then. */
	async #write(id: PaymentId, heard: Charge | 'never-heard-of-it'): Promise<Outcome<PaymentId>> {
		const known = this.#index.get(id);
		if (!known) return this.#no('payment_unknown', id);
		const charge: Charge = heard === 'never-heard-of-it' ? { state: 'unknown' } : heard;
		const { state, ref, brand, last4 } = withoutCard(charge);
		if (!Object.hasOwn(eventOf, state)) throw new BadArgument('driver', `answered ${String(state)}.`);
		const next = paymentMoves[known.state][eventOf[state]];
		if (next === known.state && known.state !== 'approved') return this.#no(refusals[known.state], id);
		const written = await this.#shop.write('payment.result', {}, {}, (w) => {
			w.append<PaymentAnswered>(known.ledger, 'payment', id, {
				...w.head,
				verb: 'payment.result',
				state,
				...(ref !== undefined && { ref }),
				...(brand !== undefined && { brand }),
				...(last4 !== undefined && { last4 }),
			});
			if (next === 'approved' && known.state !== 'approved')
				w.tx.mint(paymentPool(this.#shop, known.ledger), id, 1, id);
		});
		const told = withValue(written, () => id);
		return told.ok ? this.#told(this.#index.get(id) ?? known, told) : told;
	}

	#told({ id, state }: PaymentState, written: Outcome<PaymentId>): Outcome<PaymentId> {
		return state === 'approved' ? written : this.#no(refusals[state], id);
	}

	#known(id: PaymentId, driver: PaymentDriver): PaymentState | undefined {
		checkName('payment', id);
		const payment = this.#index.get(id);
		if (payment && payment.driver !== driver.name)
			throw new BadArgument('driver', `${id} went over ${payment.driver}, not ${driver.name}.`);
		return payment;
	}

	#no(code: RetailRefusal, id: PaymentId) {
		return declined(code, this.#shop.settings.locale, id);
	}
}

function isAnswered(state: PaymentPhase): boolean {
	return state !== 'sent' && state !== 'unknown';
}

function isSaid(heard: Charge | 'never-heard-of-it'): heard is Charge {
	return heard !== 'never-heard-of-it' && heard.state !== 'unknown';
}

/** A terminal's answer is a fact and never refused; what it says of the card beyond its last four digits is left out. */
function withoutCard({ state, ref, brand, last4 }: Charge): Charge {
	// A number of its own may look like a card's by chance; one that ends in the card's last four digits is no chance.
	const isCard = ref !== undefined && last4 !== undefined && hasCardNumber(ref) && ref.endsWith(last4.slice(-4));
	return {
		state,
		...(ref !== undefined && !isCard && { ref }),
		...(brand !== undefined && { brand }),
		...(last4 !== undefined && { last4: last4.slice(-4) }),
	};
}
