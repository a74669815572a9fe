import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldApproval } from '../../../../src/retail/approvals/approval.js';
import type { ApprovalDocument } from '../../../../src/retail/approvals/documents.js';

const head = { v: 1, date: '2026-03-02' } as const;
const ask = {
	...head,
	verb: 'approval.ask',
	what: 'order.refund',
	limit: 1,
	asked: 2,
	summary: 's',
	bindsTo: 'b',
	by: 'cass',
} as const;
const yes = { ...head, verb: 'approval.decide', yes: true, by: 'mia' } as const;
const no = { ...head, verb: 'approval.decide', yes: false, by: 'max' } as const;
const use = { ...head, verb: 'approval.use', what: 'order.refund' } as const;

test.each<[string, ApprovalDocument[]]>([
	['asked', [ask]],
	['approved', [ask, yes]],
	['denied', [ask, yes, no]],
	['used', [ask, yes, use]],
	['used', [ask, yes, use, no]],
])('%s, in whatever order it came', (state, documents) => {
	fc.assert(
		fc.property(fc.shuffledSubarray(documents, { minLength: documents.length }), (shuffled) => {
			const entries = shuffled.map((value, i) => ({ value, atMs: i, device: `d-${value.verb}`, late: false }));
			expect(foldApproval('a', entries, 'desk/sh-1')).toMatchObject({
				state,
				verb: 'order.refund',
				by: 'cass',
				from: 'd-approval.ask',
				store: 'sh-1',
			});
		}),
	);
});

test('an answer without its question is nothing yet', () => {
	expect(foldApproval('a', [{ value: yes, atMs: 0, device: 'd', late: false }], 'desk/sh-1')).toBeUndefined();
});

test('two questions under one id: nobody agrees to either', () => {
	const entries = (second: object, device = 'd') =>
		[ask, { ...ask, ...second }, yes].map((value, i) => ({
			value,
			atMs: i,
			device: i === 1 ? device : 'd',
			late: false,
		}));
	const stateOf = (...of: Parameters<typeof entries>) => foldApproval('a', entries(...of) as never, 'desk/sh-1')?.state;
	expect([stateOf({}), stateOf({ asked: 3 }), stateOf({ bindsTo: 'c' }), stateOf({}, 'other')]).toEqual([
		'approved',
		'denied',
		'denied',
		'denied',
	]);
});
