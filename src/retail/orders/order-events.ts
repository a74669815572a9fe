import type { RetailRefusal } from '../shop/refusals.js';

export type OrderPhase = 'open' | 'parked' | 'settled' | 'voided';
export type OrderEvent = 'add' | 'change' | 'void_line' | 'void' | 'park' | 'recall' | 'split' | 'settle' | 'refund';

/**
 * What may be done to an order as it is known here. What others did meanwhile is another matter: there a settlement wins
 * over everything (see `foldOrder`), since money changed hands.
 */
export const orderMoves: Readonly<Record<OrderPhase, Readonly<Record<OrderEvent, OrderPhase | undefined>>>> = {
	open: {
		add: 'open',
		change: 'open',
		void_line: 'open',
		void: 'voided',
		park: 'parked',
		recall: 'open',
		split: 'open',
		settle: 'settled',
		refund: undefined,
	},
	parked: {
		add: 'parked',
		change: 'parked',
		void_line: 'parked',
		void: 'voided',
		park: 'parked',
		recall: 'open',
		split: 'parked',
		settle: 'settled',
		refund: undefined,
	},
	settled: {
		add: undefined,
		change: undefined,
		void_line: undefined,
		void: undefined,
		park: undefined,
		recall: undefined,
		split: undefined,
		settle: undefined,
		refund: 'settled',
	},
	voided: {
		add: undefined,
		change: undefined,
		void_line: undefined,
		void: undefined,
		park: undefined,
		recall: undefined,
		split: undefined,
		settle: undefined,
		refund: undefined,
	},
};

/** Why a phase takes no event. */
export const refusalOf: Readonly<Record<OrderPhase, RetailRefusal>> = {
	open: 'wrong_state',
	parked: 'wrong_state',
	settled: 'order_settled',
	voided: 'order_voided',
};
