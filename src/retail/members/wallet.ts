import { BadArgument } from '../../base/errors.js';
import type { Json } from '../../ledger/collections.js';
import type { DebtRepaid, PackSold, StoredRefunded, ToppedUp } from '../documents/member.js';
import type { TenderDesk } from '../documents/money.js';
import type { MemberId, Purse, Tender } from '../documents/order.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkAmount, checkDate, checkList, checkName, checkWhole } from '../shop/check.js';
import type { Minor } from '../shop/money.js';
import { doneBefore, no, type Outcome } from '../shop/outcome.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import type { Book } from './book.js';
import type { Paying } from './paying.js';
import { bucketOf, checkMember, checkPack, checkPurse, ledgerOf, memberPool } from './purses.js';

export interface TopUp {
	readonly member: MemberId;
	readonly paid: Minor;
	/** Given on top, for buying here only. */
	readonly bonus?: Minor;
	/** They come to `paid`. */
	readonly tenders: readonly Tender[];
}

export interface StoredRefund {
	readonly member: MemberId;
	readonly amount: Minor;
	readonly tenders: readonly Tender[];
}

export interface Earning {
	readonly member: MemberId;
	readonly points: number;
	/** What they are earned by, such as an order: credited once, however often it is tried. */
	readonly source: string;
	/** The last day they are good for, by the store's calendar. */
	readonly expiresOn?: IsoDate;
}

export interface Redemption {
	readonly member: MemberId;
	readonly purse: Purse;
	readonly amount: number;
	readonly reason: string;
}

export interface PackSale {
	readonly member: MemberId;
	/** What it is called: the purse is `pack:<name>`. */
	readonly pack: string;
	readonly visits: number;
	readonly price: Minor;
	readonly tenders: readonly Tender[];
	readonly expiresOn?: IsoDate;
}

export interface Repayment {
	readonly member: MemberId;
	readonly amount: Minor;
	/** What it is paid by; out of the stored value here, where none are named. */
	readonly tenders?: readonly Tender[];
}

export interface WalletParts {
	readonly shop: Shop;
	readonly book: Book;
	readonly paying: Paying;
	readonly desk: TenderDesk;
}

/** Which member a verb was about: what is stored with its key. */
type Of = { readonly member: MemberId };

/** Money and points that move outside of a sale. */
export class Wallet {
	readonly #shop: Shop;
	readonly #book: Book;
	readonly #paying: Paying;
	readonly #desk: TenderDesk;

	constructor({ shop, book, paying, desk }: WalletParts) {
		this.#shop = shop;
		this.#book = book;
		this.#paying = paying;
		this.#desk = desk;
	}

	async topUp(given: TopUp, options: WriteOptions): Promise<Outcome<Of>> {
		const { member, paid, bonus = 0, tenders } = given;
		checkMember('member', member);
		checkAmount('paid', paid);
		checkWhole('bonus', bonus);
		checkTenders(tenders);
		await this.#book.debts.fetch(member);
		return this.#write('member.top_up', given, member, options, (w) => {
			const group = this.#paying.group(w, member);
			if (bonus > 0) this.#shop.limits.check(w, bonus, inputOf(given), `bonus ${bonus}: ${group.root}`);
			const topUp = this.#shop.id();
			const repaid = this.#book.debts.repay(w, group, paid);
			const repayment = repaid.reduce((sum, { units }) => sum + units, 0);
			const stored = paid - repayment;
			this.#desk.take(w, { onAccount: { top_up: stored, repayment }, tenders, of: group.root });
			const mint = (purse: Purse, units: number) => {
				const { ledger, pool, key } = bucketOf(group.root, purse);
				if (units > 0) w.tx.mint(memberPool(this.#shop, ledger, pool), key, units, topUp);
			};
			mint('stored', stored);
			mint('bonus', bonus);
			w.append<ToppedUp>(ledgerOf(group.root), 'member', group.root, {
				...w.head,
				verb: 'member.top_up',
				store: this.#shop.store,
				topUp,
				paid,
				bonus,
				repaid,
				tenders,
			});
		});
	}

	async refundStored(given: StoredRefund, options: WriteOptions): Promise<Outcome<Of>> {
		const { member, amount, tenders } = given;
		checkMember('member', member);
		checkAmount('amount', amount);
		checkTenders(tenders);
		return this.#write('member.refund_stored', given, member, options, (w) => {
			// Whoever was erased may have the money back all the same.
			const group = this.#book.group(w.tx, member);
			if (this.#book.debts.owedBy(group) > 0) w.tx.refuse(no('insufficient_balance', group.root));
			this.#shop.limits.check(w, amount, inputOf(given), `refund of stored value ${amount}: ${group.root}`);
			const taken = this.#paying.takeAll(w, group, 'stored', amount);
			this.#desk.give(w, { onAccount: { stored_refund: amount }, tenders, of: group.root }, this.#shop.id());
			w.append<StoredRefunded>(ledgerOf(group.root), 'member', group.root, {
				...w.head,
				verb: 'member.refund_stored',
				store: this.#shop.store,
				amount,
				taken,
				tenders,
			});
		});
	}

	async earn(given: Earning, options: WriteOptions): Promise<Outcome<Of>> {
		const { member, points, source, expiresOn } = given;
		checkMember('member', member);
		checkAmount('points', points);
		checkName('source', source);
		if (expiresOn !== undefined) checkDate('expiresOn', expiresOn);
		const group = this.#book.groups.of(member);
		const isDone = group && !group.isErased && this.#paying.isCredited(group, source);
		if (isDone && options?.idempotencyKey !== undefined) return doneBefore({ member });
		return this.#write('member.earn', given, member, options, (w) => {
			this.#paying.credit(w, member, points, source, expiresOn);
		});
	}

	async redeem(given: Redemption, options: WriteOptions): Promise<Outcome<Of>> {
		const { member, purse, amount, reason } = given;
		checkMember('member', member);
		checkPurse('purse', purse);
		checkAmount('amount', amount);
		checkName('reason', reason);
		return this.#write('member.redeem', given, member, options, (w) =>
			this.#paying.redeem(w, this.#paying.group(w, member), purse, amount, false, { reason }),
		);
	}

	async sellPack(given: PackSale, options: WriteOptions): Promise<Outcome<Of>> {
		const { member, pack, visits, price, tenders, expiresOn } = given;
		checkMember('member', member);
		checkPack('pack', pack);
		checkAmount('visits', visits);
		checkWhole('price', price);
		checkTenders(tenders, price === 0 ? 0 : 1);
		if (expiresOn !== undefined) checkDate('expiresOn', expiresOn);
		return this.#write('member.sell_pack', given, member, options, (w) => {
			const { root } = this.#paying.group(w, member);
			this.#desk.take(w, { onAccount: { pack: price }, tenders, of: root });
			const { ledger, pool, key } = bucketOf(root, `pack:${pack}`, expiresOn);
			w.tx.mint(memberPool(this.#shop, ledger, pool), key, visits, this.#shop.id());
			w.append<PackSold>(ledger, 'member', root, {
				...w.head,
				verb: 'member.sell_pack',
				store: this.#shop.store,
				pack,
				visits,
				price,
				tenders,
				...(expiresOn !== undefined && { expiresOn }),
			});
		});
	}

	async repay(given: Repayment, options: WriteOptions): Promise<Outcome<Of>> {
		const { member, amount, tenders = [] } = given;
		checkMember('member', member);
		checkAmount('amount', amount);
		checkTenders(tenders, 0);
		await this.#book.debts.fetch(member);
		return this.#write('member.repay', given, member, options, (w) => {
			const group = this.#book.group(w.tx, member);
			const repaid = this.#book.debts.repay(w, group, amount);
			if (repaid.reduce((sum, { units }) => sum + units, 0) < amount) w.tx.refuse(no('already_resolved', group.root));
			const isStored = tenders.length === 0;
			if (!isStored) this.#desk.take(w, { onAccount: { repayment: amount }, tenders, of: group.root });
			w.append<DebtRepaid>(ledgerOf(group.root), 'member', group.root, {
				...w.head,
				verb: 'member.repay',
				repaid,
				source: isStored ? 'stored' : 'tenders',
				taken: isStored ? this.#paying.takeAll(w, group, 'stored', amount) : [],
				tenders,
			});
		});
	}

	#write(
		verb: Parameters<Shop['write']>[0],
		input: unknown,
		member: MemberId,
		options: WriteOptions,
		work: (w: Writing) => void,
	): Promise<Outcome<Of>> {
		return this.#shop.writeKeyed(verb, input, options, (w) => {
			work(w);
			return { member };
		});
	}
}

const inputOf = (given: object): Json => given as unknown as Json; // plain by its type

function checkTenders(tenders: readonly Tender[], min = 1): void {
	checkList(
		'tenders',
		tenders,
		(path, { kind, amount }) => {
			checkAmount(`${path}.amount`, amount);
			if (kind === 'purse' || kind === 'coupon' || kind === 'deposit')
				throw new BadArgument(`${path}.kind`, `${kind} is no money.`);
		},
		min,
	);
}
