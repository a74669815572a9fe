import {
	type AccountMoney,
	type AccountName,
	type MovedOnAccount,
	type OnAccount,
	type TenderDesk,
	tenderName,
} from '../documents/money.js';
import type { MemberId, OrderId, PaymentId, Tender } from '../documents/order.js';
import { ledgers } from '../shop/ledgers.js';
import type { Minor } from '../shop/money.js';
import { no } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { Writing } from '../shop/writing.js';
import type { CheckoutParts } from './parts.js';

/** Read when money moves, not before: some of them are made after the desk. */
export interface DeskParts {
	readonly payments: {
		get(id: PaymentId): { get(): { readonly order: OrderId } | undefined };
		use(w: Writing, payment: PaymentId, amount: Minor, order: OrderId): void;
	};
	readonly members: Pick<CheckoutParts['members'], 'pay' | 'giveBack'>;
	readonly day: CheckoutParts['day'];
}

/** Top-ups, packs, deposits, repayments and what is given back of them: in cash, by a payment, out of a purse. */
export function tenderDesk(shop: Shop, parts: DeskParts): TenderDesk {
	return {
		take(w, money) {
			begin(w, parts, money);
			for (const tender of money.tenders) use(w, parts, tender, money);
			note(w, shop, money, 1);
		},
		give(w, money, document) {
			begin(w, parts, money);
			for (const [i, tender] of money.tenders.entries())
				if (tender.kind === 'purse')
					parts.members.giveBack(
						w,
						memberOf(w, money),
						tender.purse,
						tender.units ?? tender.amount,
						`${document}/${i}`,
						money.of,
					);
			note(w, shop, money, -1);
		},
	};
}

function begin(w: Writing, { day }: DeskParts, { onAccount, tenders }: AccountMoney): void {
	const amount = Object.values(onAccount).reduce((sum, of) => sum + of, 0);
	const paid = tenders.reduce((sum, tender) => sum + tender.amount, 0);
	if (paid !== amount) w.tx.refuse(no('wrong_amount', `${paid} / ${amount}`));
	// A drawer that was counted stays as it was counted.
	if (tenders.length > 0) day.mustBeOpen(w, w.head.date);
}

function use(w: Writing, { payments, members }: DeskParts, tender: Tender, money: AccountMoney): void {
	if (tender.kind === 'card' || tender.kind === 'wallet')
		payments.use(w, tender.payment, tender.amount, payments.get(tender.payment).get()?.order ?? '');
	else if (tender.kind === 'purse')
		members.pay(w, memberOf(w, money), tender.purse, tender.units ?? tender.amount, { for: money.of });
}

function memberOf({ tx }: Writing, { member }: AccountMoney): MemberId {
	return member ?? tx.refuse(no('unknown_member'));
}

function note(w: Writing, shop: Shop, { onAccount, tenders, of }: AccountMoney, sign: 1 | -1): void {
	if (tenders.length === 0) return;
	const signed = Object.entries(onAccount).filter(([, amount]) => amount !== 0);
	w.append<MovedOnAccount>(ledgers.orders(shop.store, w.head.date), 'account', shop.device, {
		...w.head,
		verb: 'day.on_account',
		store: shop.store,
		onAccount: Object.fromEntries(signed.map(([name, amount]) => [name as AccountName, sign * amount])) as OnAccount,
		tenders: tenders.map((tender) => ({ name: tenderName(tender), amount: sign * tender.amount })),
		of,
	});
}
