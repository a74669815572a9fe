import type { OrderId, PaymentId, Tender } from '../documents/order.js';
import type { Minor } from '../shop/money.js';
import { no } from '../shop/outcome.js';
import type { Writing } from '../shop/writing.js';

interface PaymentsPart {
	get(id: PaymentId): { get(): { readonly order: OrderId } | undefined };
	use(w: Writing, payment: PaymentId, amount: Minor, order: OrderId): void;
}

/** Takes and gives money outside of a sale: top-ups, packs. Refuses `wrong_amount`, and what payments refuse. */
export function tenderDesk(payments: PaymentsPart) {
	const mustComeTo = ({ tx }: Writing, tenders: readonly Tender[], amount: Minor) => {
		const paid = tenders.reduce((sum, tender) => sum + tender.amount, 0);
		if (paid !== amount) tx.refuse(no('wrong_amount', `${paid} / ${amount}`));
	};
	return {
		take(w: Writing, tenders: readonly Tender[], amount: Minor): void {
			mustComeTo(w, tenders, amount);
			for (const tender of tenders)
				if (tender.kind === 'card' || tender.kind === 'wallet')
					payments.use(w, tender.payment, tender.amount, payments.get(tender.payment).get()?.order ?? '');
		},
		give: mustComeTo,
	};
}
