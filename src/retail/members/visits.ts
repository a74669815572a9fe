import type { LedgerName } from '../../base/ids.js';
import type { WaitOptions } from '../../ledger/live.js';
import type { CouponId, MemberId } from '../documents/order.js';
import { idIn, ledgers, shardOf } from '../shop/ledgers.js';
import type { Book } from './book.js';
import type { Contact } from './contacts.js';
import { couponLedger } from './coupons.js';

/** Whom and what a verb is about. */
export interface Visit {
	readonly members?: readonly (MemberId | undefined)[];
	readonly contacts?: readonly Contact[];
	readonly coupons?: readonly CouponId[];
}

const comeMs = 2_000;

/**
 * A till that keeps members only as they visit it: what is asked for is fetched before anything is decided, where somebody
 * is linked, and stays. Where it does not come the verb says so by itself. At a till that keeps all or none nothing is fetched.
 */
export class Visits {
	readonly #book: Book;
	readonly isOn: boolean;

	constructor(book: Book, isOn: boolean) {
		this.#book = book;
		this.isOn = isOn;
	}

	/** Undefined where all is here, and nobody need wait: what is decided in this turn stays decided in it. */
	come(visit: Visit, wait: WaitOptions = {}): Promise<void> | undefined {
		return this.isOn && this.#missing(visit).length > 0 ? this.#bring(visit, wait) : undefined;
	}

	/** Who is known to be the same person shows by what has come: until nobody is missing, or the time is over. */
	async #bring(visit: Visit, { timeoutMs = comeMs, signal }: WaitOptions): Promise<void> {
		const { shop } = this.#book;
		const over = new AbortController();
		const cancel = shop.platform.timers.after(timeoutMs, () => over.abort());
		const end = () => over.abort();
		signal?.addEventListener('abort', end, { once: true });
		for (let missing = this.#missing(visit); missing.length > 0; missing = this.#missing(visit))
			if (!(await shop.bring(missing, { timeoutMs, signal: over.signal }))) break;
		cancel();
		signal?.removeEventListener('abort', end);
	}

	#missing({ members = [], contacts = [], coupons = [] }: Visit): LedgerName[] {
		const { shop, groups, hash } = this.#book;
		const names = new Set<LedgerName>();
		const person = (member: MemberId) => {
			for (const name of groups.ledgersOf(member)) names.add(name);
		};
		for (const member of members) if (typeof member === 'string') person(member);
		for (const contact of contacts) {
			const at = hash.of(contact);
			names.add(ledgers.members(shardOf(at)));
			for (const holder of groups.contact(at)?.now ?? []) person(holder);
		}
		for (const coupon of coupons) names.add(couponLedger(coupon));
		return [...names].filter((name) => !shop.keeps(name));
	}

	/** Is all kept here that tells of these? */
	isHere(visit: Visit): boolean {
		return this.#missing(visit).length === 0;
	}

	/** An id that nobody has, in the ledger of the contact by which it will be asked for: one ledger comes, and not two. */
	newId(contact: string | undefined): MemberId {
		const id = this.#book.shop.id();
		return contact === undefined ? id : idIn(shardOf(contact), id);
	}
}
