import { expect, test } from 'vitest';
import { type PaymentEvent, type PaymentPhase, paymentMoves } from '../../../../src/retail/payments/payment-events.js';

const phases = Object.keys(paymentMoves) as PaymentPhase[];
const events = Object.keys(paymentMoves.sent) as PaymentEvent[];

test('two answers come to the same in either order, and one twice is one', () => {
	for (const phase of phases)
		for (const one of events) {
			const then = paymentMoves[phase][one];
			expect(paymentMoves[then][one]).toBe(then);
			for (const other of events) expect(paymentMoves[paymentMoves[phase][other]][one]).toBe(paymentMoves[then][other]);
		}
});

test('money that was asked back is never there to be used again', () => {
	for (const event of events) {
		expect(['reversing', 'reversed']).toContain(paymentMoves.reversing[event]);
		expect(paymentMoves.reversed[event]).toBe('reversed');
	}
});
