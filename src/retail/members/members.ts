import { BadArgument } from '../../base/errors.js';
import type { Json } from '../../ledger/collections.js';
import type { Live, WaitOptions } from '../../ledger/live.js';
import type { TenderDesk } from '../documents/money.js';
import type { CouponId, MemberId, OrderId, Purse } from '../documents/order.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkAmount } from '../shop/check.js';
import { ledgers } from '../shop/ledgers.js';
import type { Minor } from '../shop/money.js';
import { type Outcome, withValue } from '../shop/outcome.js';
import type { MaybeKeyed, Shop, WriteOptions, Writing } from '../shop/shop.js';
import { type Account, Accounts, type TierRule } from './accounts.js';
import { Book } from './book.js';
import { type CheckIn, type CheckInOptions, CheckIns } from './check-in.js';
import type { Contact } from './contacts.js';
import { type Campaign, type Coupon, campaignLedger } from './coupons.js';
import { DoubleCredits } from './double-credits.js';
import { Enrolment, forgetErased, type NewMember } from './enrolment.js';
import type { Care } from './member-state.js';
import { type NewCare, type NewRisk, type NewTier, Notes } from './notes.js';
import { Paying, type PayOptions, type StoredOrder } from './paying.js';
import { type PersonalStore, personalInMemory } from './personal-store.js';
import { checkMember, riskPool } from './purses.js';
import { type Visit, Visits } from './visits.js';
import {
	type Earning,
	type PackSale,
	type Redemption,
	type Repayment,
	type StoredRefund,
	type TopUp,
	Wallet,
} from './wallet.js';

export interface MembersOptions {
	/**
	 * A secret of the chain, 16 bytes or more and the same at every till for ever: phones and cards are found by a hash under
	 * it. Whoever has it and the journals can try numbers; keep it as you keep the numbers. Without it members are known by
	 * their ids alone, and there are no coupons.
	 */
	readonly secret?: string | Uint8Array;
	/** Where names and phones are; in memory by default, for as long as this process lives. */
	readonly personal?: PersonalStore;
	readonly tiers?: TierRule;
	/** `principal-first` by default. */
	readonly storedOrder?: StoredOrder;
	/** The most that is lent for one sale where a balance cannot be reached; nothing is lent without it. */
	readonly floor?: { readonly perSale: Minor };
	/**
	 * This till keeps members only as they come to it (`keeps: { members: 'visited' }`): whoever is asked for is fetched where a
	 * line is there. What needs a member who is not here is refused, `member_not_here`.
	 */
	readonly visited?: boolean;
}

export type FindQuery = Contact | { readonly id: MemberId };
export type Found = { readonly found: Account } | { readonly found: null; readonly sure: boolean };

export interface FloorLimit {
	/** The most for one sale. */
	readonly perSale: Minor;
	/** What this till may lend without asking anybody, and the whole store. */
	readonly leftHere: Minor;
	readonly leftStore: Minor;
}

interface Shared {
	readonly book: Book;
	readonly personal: PersonalStore;
	readonly accounts: Accounts;
	readonly paying: Paying;
	readonly checkIns: CheckIns;
	readonly visits: Visits;
	readonly floor: Live<FloorLimit>;
}

/**
 * Members of the chain: their purses, packs, coupons and what they may owe. A balance is a pool: no two tills spend the same
 * unit, however long they do not see each other. Verbs resolve when they are on this till's disk.
 */
export class Members {
	readonly #shop: Shop;
	readonly #personal: PersonalStore;
	readonly #shared: Shared;
	readonly #enrolment: Enrolment;
	readonly #wallet: Wallet;
	readonly #notes: Notes;

	/** `desk`: takes and gives money for top-ups, packs and repayments. */
	constructor(shop: Shop, desk: TenderDesk, options: MembersOptions = {}) {
		this.#shop = shop;
		this.#shared = shop.shared('members', () => share(shop, options));
		const { book, paying, personal, visits } = this.#shared;
		this.#personal = personal;
		this.#enrolment = new Enrolment(shop, book, personal, visits);
		this.#notes = new Notes(shop, paying);
		this.#wallet = new Wallet({ shop, book, paying, desk });
	}

	/**
	 * By phone, card or id. `sure: false`: this till does not keep what would tell, or is linked to nobody now. What another
	 * store has registered without a line nobody can know yet. A till that keeps members as they come fetches them, for 2 s
	 * unless told otherwise.
	 */
	async find(query: FindQuery, wait: WaitOptions = {}): Promise<Found> {
		if ('id' in query) checkMember('id', query.id);
		const visit = 'id' in query ? { members: [query.id] } : { contacts: [query] };
		await this.comes(visit, wait);
		const id = 'id' in query ? query.id : this.#enrolment.holderOf(query);
		const found = id ? this.accountNow(id) : undefined;
		return found ? { found } : { found: null, sure: this.#shop.isLinked && this.#shared.visits.isHere(visit) };
	}

	/**
	 * Fetches whom and what a sale is about, where this till keeps members as they come: `checkout` does so by itself.
	 * Undefined where all is here.
	 */
	comes(visit: Visit, wait?: WaitOptions): Promise<void> | undefined {
		return this.#shared.visits.come(visit, wait);
	}

	/** Undefined while nothing is known here of the member. The same object as long as nothing changed. */
	account(id: MemberId): Live<Account | undefined> {
		return this.#shared.accounts.live(id);
	}

	accountNow(id: MemberId): Account | undefined {
		return this.#shared.accounts.now(id);
	}

	/** Undefined where the code is none, or not known here. */
	coupon(id: CouponId): Coupon | undefined {
		return this.#shared.book.coupons.get(id);
	}

	/** Where treatments and the like are written down, the oldest first. */
	careOf(id: MemberId): readonly Care[] {
		const { groups } = this.#shared.book;
		const care = (groups.of(id)?.ids ?? []).flatMap((member) => groups.state(member)?.care ?? []);
		return care.sort((a, b) => a.atMs - b.atMs);
	}

	/** What the personal store has of the member; nothing once erased. */
	async personal(id: MemberId): Promise<Json | undefined> {
		return this.#shared.book.groups.of(id)?.isErased ? undefined : this.#personal.get(id);
	}

	floorLimit(): Live<FloorLimit> {
		return this.#shared.floor;
	}

	/** Brings at most what is expected to this till, so that it can be spent with the line down; the rest goes home. */
	async checkIn(id: MemberId, options: CheckInOptions): Promise<CheckIn> {
		checkMember('id', id);
		await this.comes({ members: [id] }, options);
		return this.#shared.checkIns.open(id, this.account(id), options);
	}

	/**
	 * Brings risk of the store to this till, so that it may lend so much with the line down; answers what it may lend then.
	 * A check-in does it for one sale.
	 */
	async fetchRisk(amount: Minor, options: WaitOptions = { timeoutMs: 2_000 }): Promise<Minor> {
		checkAmount('amount', amount);
		return this.#shared.book.debts.fetchRisk(amount, options);
	}

	/** Brings a coupon to this till; false where it is used, unknown, or nobody in reach has it. */
	async fetchCoupon(id: CouponId, options: WaitOptions = { timeoutMs: 2_000 }): Promise<boolean> {
		await this.comes({ coupons: [id] }, options);
		return this.#shared.book.coupons.fetch(id, options);
	}

	/** ---- verbs ---- */

	/**
	 * Refuses `member_exists` where the phone or card is somebody's here, `member_erased`. Two tills that register one phone
	 * without a line make two members: the later is an alias of the earlier as soon as they meet. Where the personal store
	 * throws, the member is registered: the same key tries it again.
	 */
	register(member: NewMember, options: WriteOptions): Promise<Outcome<MemberId>> {
		return this.#enrolment.register(member, options);
	}

	/** `from` is `to` from now on: balances add up, nothing is moved. Refuses `unknown_member`, `member_erased`. */
	async alias(
		alias: { readonly from: MemberId; readonly to: MemberId },
		options: WriteOptions,
	): Promise<Outcome<void>> {
		const coming = this.comes({ members: [alias.from, alias.to] });
		if (coming) await coming;
		return this.#enrolment.alias(alias.from, alias.to, options);
	}

	/**
	 * The person's data goes, here at once and at every till that hears of it; nothing can be registered for the id any more.
	 * Balances and totals stay as they are. Refuses `unknown_member`, `member_erased`.
	 */
	async erase(id: MemberId, options: WriteOptions): Promise<Outcome<void>> {
		const coming = this.comes({ members: [id] });
		if (coming) await coming;
		return this.#enrolment.erase(id, options);
	}

	/** What is owed and in reach is paid back first. Refuses `unknown_member`, `member_erased`, `wrong_amount`, `day_closed`. */
	async topUp(topUp: TopUp, options: WriteOptions): Promise<Outcome<Account>> {
		return this.#withAccount(await this.#after(topUp, () => this.#wallet.topUp(topUp, options)));
	}

	/** Principal only, and nothing as long as something is owed. Refuses `insufficient_balance`, `wrong_amount`, `day_closed`. */
	async refundStored(refund: StoredRefund, options: WriteOptions): Promise<Outcome<Account>> {
		return this.#withAccount(await this.#after(refund, () => this.#wallet.refundStored(refund, options)));
	}

	/** Once for each source, in all shops: a second time is no error, and `replayed`. */
	async earn(earning: Earning, options: WriteOptions): Promise<Outcome<Account>> {
		return this.#withAccount(await this.#after(earning, () => this.#wallet.earn(earning, options)));
	}

	/** Outside of a sale. Refuses `insufficient_points`, `insufficient_balance`, `insufficient_visits`. */
	async redeem(redemption: Redemption, options: WriteOptions): Promise<Outcome<Account>> {
		return this.#withAccount(await this.#after(redemption, () => this.#wallet.redeem(redemption, options)));
	}

	/** Refuses `unknown_member`, `member_erased`, `wrong_amount`, and `day_closed` where it costs anything. */
	async sellPack(sale: PackSale, options: WriteOptions): Promise<Outcome<Account>> {
		return this.#withAccount(await this.#after(sale, () => this.#wallet.sellPack(sale, options)));
	}

	/** Pays back what was lent. Refuses `already_resolved` where so much is not owed, or cannot be reached; `wrong_amount`, `day_closed`. */
	async repay(repayment: Repayment, options: WriteOptions): Promise<Outcome<Account>> {
		return this.#withAccount(await this.#after(repayment, () => this.#wallet.repay(repayment, options)));
	}

	/**
	 * In commits of 150. Where it breaks off, what was issued stands, and the same key goes on: the answer names all of them.
	 */
	async issueCoupons(campaign: Campaign, options: WriteOptions): Promise<Outcome<readonly CouponId[]>> {
		if (campaign.member !== undefined) checkMember('member', campaign.member);
		if (this.#shared.visits.isOn) await this.#shop.bring([campaignLedger(campaign)]);
		return this.#shared.book.coupons.issue(campaign, options);
	}

	/** By hand: it stands above the rule, until the end of a day where one is named. */
	async tier(tier: NewTier, options: MaybeKeyed = {}): Promise<Outcome<void>> {
		return this.#after(tier, () => this.#notes.tier(tier, options));
	}

	/** That something is written down elsewhere: `kind` and an opaque `ref`, never what it says. */
	async care(care: NewCare, options: MaybeKeyed = {}): Promise<Outcome<void>> {
		return this.#after(care, () => this.#notes.care(care, options));
	}

	/** Headquarters' word: how much more a store may have lent out at a time. This replica keeps the store's `desk`. */
	grantRisk(risk: NewRisk, options: WriteOptions): Promise<Outcome<void>> {
		return this.#notes.risk(risk, options);
	}

	/** ---- parts of a checkout: they do their share of the commit of `w`, or refuse ---- */

	/**
	 * Takes units of a purse for an order. `stored` takes the principal and what was given on top, by the option
	 * `storedOrder`. Refuses `unknown_member`, `member_erased`, `insufficient_…`, and with `lend` `over_floor_limit`.
	 */
	pay(w: Writing, member: MemberId, purse: Purse, units: number, options: PayOptions): void {
		this.#shared.paying.pay(w, member, purse, units, options);
	}

	/** Part of a sale: refuses `unknown_member`, `member_not_here`, `member_erased`. */
	mustBe(w: Writing, member: MemberId): void {
		this.#shared.paying.group(w, member);
	}

	/** Points for a sale, once for each source; false where it was credited before. */
	credit(w: Writing, member: MemberId, points: number, source: string, expiresOn?: IsoDate): boolean {
		return this.#shared.paying.credit(w, member, points, source, expiresOn);
	}

	/**
	 * Units go back to where the order `of` took them: what it lent is owed no more, bonus stays bonus, points keep their
	 * day. Without an order they go to the purse itself. Once for each document.
	 */
	giveBack(w: Writing, member: MemberId, purse: Purse, units: number, document: string, of?: OrderId): void {
		this.#shared.paying.giveBack(w, member, purse, units, document, of);
	}

	/** Refuses `unknown_coupon`, `coupon_used`, `coupon_expired`, `coupon_not_valid`, `coupon_not_here`. */
	useCoupon(w: Writing, coupon: CouponId, { member }: { readonly member?: MemberId } = {}): void {
		const { groups, coupons } = this.#shared.book;
		const ids = member === undefined ? [] : (groups.of(member)?.ids ?? [member]);
		coupons.use(w, coupon, (owner) => ids.includes(owner));
	}

	/** In this turn where all of the member is here: what is decided in it stays decided. */
	#after<T>({ member }: { readonly member: MemberId }, act: () => Promise<T>): Promise<T> {
		const coming = this.comes({ members: [member] });
		return coming ? coming.then(act) : act();
	}

	#withAccount(outcome: Outcome<{ readonly member: MemberId }>): Outcome<Account> {
		return withValue(outcome, ({ member }) => {
			const account = this.accountNow(member);
			// A key may come back after the ledger has let its member go.
			if (!account) throw new BadArgument('member', `nothing is known here of "${member}" any more.`);
			return account;
		});
	}
}

function share(
	shop: Shop,
	{
		secret,
		personal = personalInMemory(),
		tiers,
		storedOrder = 'principal-first',
		floor,
		visited = false,
	}: MembersOptions,
): Shared {
	if (floor) checkAmount('floor.perSale', floor.perSale);
	const book = new Book(shop, secret);
	forgetErased(book, personal);
	shop.exceptions.add(book.debts);
	const version = () => book.version();
	shop.exceptions.add(new DoubleCredits({ shop, version, listen: (changed) => book.listen(changed) }));
	const risk = riskPool(shop, ledgers.desk(shop.store));
	return {
		book,
		personal,
		accounts: new Accounts(book, tiers),
		paying: new Paying(book, storedOrder, floor?.perSale),
		checkIns: new CheckIns(book, floor?.perSale ?? 0),
		visits: new Visits(book, visited),
		floor: risk.total(shop.store).map(({ level }) => ({
			perSale: floor?.perSale ?? 0,
			leftHere: risk.mine(shop.store),
			leftStore: level,
		})),
	};
}
