import type { Stamped } from '../../ledger/written.js';
import { inOrder } from './in-order.js';
import type { OrderId, Refunded } from './order.js';

type Refund = Stamped<Refunded>;

/**
 * Which refunds of an order count. One whose author's certificate limits it says how much it does (`asked`), and gates believe
 * that; here it is held against what it does. One that says otherwise, or rests on a yes that was used, counts nowhere.
 */
export function judgeRefunds(
	order: OrderId,
	refunds: readonly Refund[],
): { readonly counted: readonly Refund[]; readonly refused: readonly Refund[] } {
	const counted: Refund[] = [];
	const refused: Refund[] = [];
	const used = new Set<string>();
	for (const refund of inOrder(refunds)) {
		const { consent, approval = '' } = refund.value;
		if (isSound(order, refund.value) && !(consent && used.has(approval))) {
			counted.push(refund);
			if (consent) used.add(approval);
		} else refused.push(refund);
	}
	return { counted, refused };
}

function isSound(order: OrderId, refund: Refunded): boolean {
	if (refund.asked === undefined) return true;
	try {
		return isTrue(order, refund);
	} catch {
		// A document or an agreement without the fields that it must have: its author made it up.
		return false;
	}
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, amount) => all + amount, 0);

function isTrue(order: OrderId, { asked, lines, net, tax, rounding, due, tenders, consent }: Refunded): boolean {
	const parts = [...lines, ...tenders].map(({ amount }) => amount);
	return (
		parts.every((amount) => amount >= 0) &&
		net === sum(lines.map(({ amount }) => amount)) &&
		due === net + tax + rounding &&
		due === sum(tenders.map(({ amount }) => amount)) &&
		asked === due &&
		(!consent || isAgreed(order, lines, tenders, consent.input))
	);
}

/** Whoever agreed was asked for exactly this: the text is `["order.refund", input]`, as the verb was called. */
function isAgreed(order: OrderId, lines: Refunded['lines'], tenders: Refunded['tenders'], text: string): boolean {
	const [verb, input] = JSON.parse(text) as [string, Agreed]; // where it is none, it throws here or below
	return (
		verb === 'order.refund' &&
		input.order === order &&
		JSON.stringify(input.tenders) === JSON.stringify(tenders) &&
		input.lines.length === lines.length &&
		input.lines.every((asked, i) => {
			const { line, qty, amount, restock } = lines[i] as Refunded['lines'][number]; // as many
			const { qty: pieces = qty, amount: paid = amount } = asked;
			return asked.line === line && asked.restock === restock && pieces === qty && paid === amount;
		})
	);
}

type Agreed = Pick<Refunded, 'tenders'> & {
	readonly order: OrderId;
	readonly lines: readonly (Pick<Refunded['lines'][number], 'line' | 'restock'> & { qty?: number; amount?: number })[];
};
