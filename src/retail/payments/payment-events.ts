import type { DeviceId, LedgerName } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import { inOrder } from '../documents/in-order.js';
import type { OrderId, PaymentId } from '../documents/order.js';
import type { PaymentAnswered, PaymentAttempted, PaymentDocument } from '../documents/payment.js';
import type { Minor } from '../shop/money.js';

export type PaymentPhase = 'sent' | 'unknown' | 'declined' | 'approved' | 'reversing' | 'reversed';
export type PaymentEvent = 'lose' | 'decline' | 'approve' | 'reverse' | 'returned';

/**
 * Answers come late, twice and in any order, so each event leads to the same phase from wherever it comes: a yes stands
 * over a no and over silence, whoever asked for the money back has it back, whatever the terminal says later.
 */
export const paymentMoves: Readonly<Record<PaymentPhase, Readonly<Record<PaymentEvent, PaymentPhase>>>> = {
	sent: { lose: 'unknown', decline: 'declined', approve: 'approved', reverse: 'reversing', returned: 'reversed' },
	unknown: { lose: 'unknown', decline: 'declined', approve: 'approved', reverse: 'reversing', returned: 'reversed' },
	declined: { lose: 'declined', decline: 'declined', approve: 'approved', reverse: 'reversing', returned: 'reversed' },
	approved: { lose: 'approved', decline: 'approved', approve: 'approved', reverse: 'reversing', returned: 'reversed' },
	reversing: {
		lose: 'reversing',
		decline: 'reversing',
		approve: 'reversing',
		reverse: 'reversing',
		returned: 'reversed',
	},
	reversed: { lose: 'reversed', decline: 'reversed', approve: 'reversed', reverse: 'reversed', returned: 'reversed' },
};

/** What an answer is for the state machine. */
export const eventOf: Readonly<Record<PaymentAnswered['state'], PaymentEvent>> = {
	unknown: 'lose',
	declined: 'decline',
	approved: 'approve',
	reversed: 'returned',
};

/** A payment as all documents known here tell it. */
export interface PaymentState {
	readonly id: PaymentId;
	readonly ledger: LedgerName;
	readonly order: OrderId;
	readonly amount: Minor;
	readonly driver: string;
	readonly state: PaymentPhase;
	readonly atMs: number;
	readonly device: DeviceId;
	readonly ref?: string;
	readonly brand?: string;
	readonly last4?: string;
	/** It paid for nothing, and this was done about it. */
	readonly outcome?: string;
}

/** The first answer of the kind that counts says what the terminal calls it. */
export function foldPayment(
	id: PaymentId,
	entries: readonly Stamped<PaymentDocument>[],
	ledger: LedgerName,
): PaymentState | undefined {
	let attempt: Stamped<PaymentAttempted> | undefined;
	let answer: PaymentAnswered | undefined;
	let outcome: string | undefined;
	let state: PaymentPhase = 'sent';
	for (const { value, atMs, device, late } of inOrder(entries)) {
		if (value.verb === 'payment.attempt') attempt = { value, atMs, device, late };
		else if (value.verb === 'payment.resolve') outcome ??= value.outcome;
		else if (value.verb === 'payment.reverse') state = paymentMoves[state].reverse;
		else {
			state = paymentMoves[state][eventOf[value.state]];
			if (value.state === 'approved' && answer?.state !== 'approved') answer = value;
			else if (value.state === 'declined') answer ??= value;
		}
	}
	if (!attempt) return undefined; // its attempt is on its way
	const { order, amount, driver } = attempt.value;
	const { ref, brand, last4 } = answer ?? {};
	return {
		id,
		ledger,
		order,
		amount,
		driver,
		state,
		atMs: attempt.atMs,
		device: attempt.device,
		...(ref !== undefined && { ref }),
		...(brand !== undefined && { brand }),
		...(last4 !== undefined && { last4 }),
		...(outcome !== undefined && { outcome }),
	};
}
