import type { AppointmentId, MemberId, OrderId, PaymentId, Tender } from '../documents/order.js';
import type { Minor } from '../shop/money.js';
import { no } from '../shop/outcome.js';
import type { Writing } from '../shop/writing.js';
import type { CheckoutParts } from './parts.js';

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

interface DepositParts {
	readonly payments: PaymentsPart;
	readonly members: Pick<CheckoutParts['members'], 'pay' | 'giveBack'>;
}

/** Takes what is paid ahead for an appointment, and gives it back: out of a purse, by a payment, in cash. */
export function depositDesk({ payments, members }: DepositParts) {
	const desk = tenderDesk(payments);
	return {
		take(w: Writing, tender: Tender, appointment: AppointmentId, member: MemberId | undefined): void {
			if (tender.kind !== 'purse') desk.take(w, [tender], tender.amount);
			else if (member === undefined) w.tx.refuse(no('unknown_member'));
			else members.pay(w, member, tender.purse, tender.units ?? tender.amount, { for: String(appointment) });
		},
		/** Cards and wallets go back by their own terminals. */
		giveBack(
			w: Writing,
			tender: Tender,
			appointment: AppointmentId,
			member: MemberId | undefined,
			document: string,
		): void {
			if (tender.kind !== 'purse') return;
			if (member === undefined) w.tx.refuse(no('unknown_member'));
			members.giveBack(w, member, tender.purse, tender.units ?? tender.amount, document, String(appointment));
		},
	};
}
