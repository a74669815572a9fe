import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Stamped } from '../../src/ledger/written.js';
import type { OrderDocument, PricedLine } from '../../src/retail/documents/order.js';
import type { PaymentDocument } from '../../src/retail/documents/payment.js';
import { foldOrder } from '../../src/retail/orders/fold-order.js';
import { foldPayment } from '../../src/retail/payments/payment-events.js';
import { openOrder, openTeaShops, settle, settledBy, tea } from '../scenario/retail/orders-settled.js';
import { key } from '../scenario/retail/shops.js';

const head = { v: 1, date: '2026-02-14' } as const;
const ledger = 'orders/sh-1/2026-02-14';
const lineIds = ['l-1', 'l-2', 'l-3', 'l-4'];

const priced = (id: string, qty: number): PricedLine => ({ id, sku: 'TEA', qty, unitPrice: 100, net: 100 * qty });

const line = fc.constantFrom(...lineIds);
const orderDocument: fc.Arbitrary<OrderDocument> = fc.oneof(
	fc
		.record({ table: fc.constantFrom('T1', 'T2') })
		.map(({ table }) => ({ ...head, verb: 'order.open' as const, table })),
	fc
		.record({ id: line, qty: fc.integer({ min: 1, max: 3 }) })
		.map(({ id, qty }) => ({ ...head, verb: 'order.add' as const, lines: [priced(id, qty)] })),
	fc
		.record({ line, n: fc.integer({ min: 1, max: 3 }), qty: fc.integer({ min: 1, max: 9 }) })
		.map((change) => ({ ...head, verb: 'order.change' as const, ...change, net: change.qty * 100 })),
	fc
		.record({ line, n: fc.integer({ min: 1, max: 3 }), text: fc.constantFrom('hot', 'cold') })
		.map((change) => ({ ...head, verb: 'order.change' as const, ...change })),
	line.map((id) => ({ ...head, verb: 'order.void_line' as const, line: id, reason: 'no' })),
	fc.constant({ ...head, verb: 'order.void' as const, reason: 'left' }),
	fc
		.record({
			n: fc.integer({ min: 1, max: 3 }),
			verb: fc.constantFrom('order.park' as const, 'order.recall' as const),
		})
		.map((turn) => ({ ...head, ...turn })),
	line.map((id) => ({ ...head, verb: 'order.split' as const, into: [{ order: 'o-2', lines: [id] }] })),
	fc.uniqueArray(line, { minLength: 1 }).map((ids) => ({
		...head,
		verb: 'order.settle' as const,
		...settledBy(
			ids.map((id) => priced(id, 2)),
			`R-${ids.join('')}`,
		),
	})),
	fc.record({ line, qty: fc.integer({ min: -2, max: 2 }) }).map(({ line: id, qty }) => ({
		...head,
		verb: 'order.resolve' as const,
		exception: 'late_change:o-1',
		kind: 'late_change' as const,
		outcome: 'follow_up',
		amount: 100,
		lines: [{ line: id, qty, net: qty * 100 }],
		followUp: `o-${id}`,
	})),
);

const paymentDocument: fc.Arbitrary<PaymentDocument> = fc.oneof(
	fc.constant({ ...head, verb: 'payment.attempt' as const, order: 'o-1', amount: 100, driver: 'fake' }),
	fc.constant({ ...head, verb: 'payment.reverse' as const }),
	fc
		.record({
			state: fc.constantFrom('approved' as const, 'declined' as const, 'unknown' as const, 'reversed' as const),
			ref: fc.constantFrom('r-1', 'r-2'),
		})
		.map((answer) => ({ ...head, verb: 'payment.result' as const, ...answer })),
);

/** Each at a time and by a device of its own, and the same ones in another order. */
function shuffled<D>(document: fc.Arbitrary<D>) {
	return fc
		.array(fc.record({ value: document, device: fc.constantFrom('a', 'b', 'c') }), { minLength: 1, maxLength: 14 })
		.map((all) =>
			all.map(
				({ value, device }, i): Stamped<D> => ({ value, device, atMs: Math.floor(i / 2) * 2 + (i % 2), late: false }),
			),
		)
		.chain((entries) =>
			fc.shuffledSubarray(entries, { minLength: entries.length }).map((mixed) => ({ entries, mixed })),
		);
}

test('an order comes to the same whatever order its documents came in', () => {
	fc.assert(
		fc.property(shuffled(orderDocument), ({ entries, mixed }) => {
			expect(foldOrder('o-1', mixed, ledger)).toEqual(foldOrder('o-1', entries, ledger));
		}),
		{ numRuns: 2_000 },
	);
});

test('a settlement stands whatever else is told, and nothing that was added is lost', () => {
	fc.assert(
		fc.property(shuffled(orderDocument), ({ entries }) => {
			const state = foldOrder('o-1', entries, ledger);
			const settlements = entries.filter(({ value }) => value.verb === 'order.settle');
			expect(state?.settlements).toHaveLength(settlements.length);
			if (settlements.length > 0) {
				expect(state?.state).toBe('settled');
				expect(state?.lines).toEqual(state?.settled?.lines);
				return;
			}
			const gone = new Set(
				entries.flatMap(({ value }) =>
					value.verb === 'order.void_line'
						? [value.line]
						: value.verb === 'order.split'
							? value.into.flatMap(({ lines }) => lines)
							: [],
				),
			);
			const added = entries.flatMap(({ value }) => (value.verb === 'order.add' ? value.lines.map(({ id }) => id) : []));
			expect(new Set(state?.lines.map(({ id }) => id))).toEqual(new Set(added.filter((id) => !gone.has(id))));
		}),
		{ numRuns: 1_000 },
	);
});

test('a payment comes to the same whatever order its answers came in', () => {
	fc.assert(
		fc.property(shuffled(paymentDocument), ({ entries, mixed }) => {
			expect(foldPayment('p-1', mixed, ledger)).toEqual(foldPayment('p-1', entries, ledger));
		}),
		{ numRuns: 1_000 },
	);
});

const move = fc.record({
	till: fc.nat(2),
	what: fc.constantFrom(
		'add',
		'change',
		'void line',
		'void',
		'park',
		'recall',
		'settle',
		'follow up',
		'isolate',
		'meet',
	),
});

test('tills that come and go agree on an order in the end, and one of them has settled it', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(move, { minLength: 4, maxLength: 16 }), fc.integer({ min: 0 }), async (moves, seed) => {
			const shops = await openTeaShops({ tillsPerStore: 3, seed: seed % 1_000 });
			const order = await openOrder(shops.till(0), tea, tea);
			await shops.meet();
			for (const { till: number, what } of moves) {
				const till = shops.till(number);
				const [first] = till.orders.get(order).get()?.lines ?? [];
				if (what === 'isolate') shops.isolate(number);
				else if (what === 'meet') await shops.meet();
				else if (what === 'add') await till.orders.addLine(order, tea, key());
				else if (what === 'change') await till.orders.changeLine(order, first?.id ?? '-', { qty: 3 });
				else if (what === 'void line') await till.orders.voidLine(order, first?.id ?? '-', { reason: 'cold' });
				else if (what === 'void') await till.orders.void(order, { reason: 'left' });
				else if (what === 'park') await till.orders.park(order);
				else if (what === 'recall') await till.orders.recall(order, { timeoutMs: 100 });
				else if (what === 'follow up') await till.orders.followUp(order, key());
				else await settle(till, order);
			}
			await shops.meet();
			const states = [0, 1, 2].map((n) => shops.till(n).orders.get(order).get());
			expect(states[1]).toEqual(states[0]);
			expect(states[2]).toEqual(states[0]);
			expect(states[0]?.settlements.length).toBeLessThan(2);
			const followUps = shops
				.till(0)
				.orders.list()
				.get()
				.filter(({ followUpOf }) => followUpOf === order);
			expect(followUps.map(({ id }) => id).sort()).toEqual(states[0]?.followUps);
			expect(shops.world.problems()).toEqual([]);
		}),
		{ numRuns: 30 },
	);
}, 60_000);
