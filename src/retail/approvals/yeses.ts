import type { LedgerName } from '../../base/ids.js';
import type { ConsentTerms } from '../../trust/consent.js';
import { rightsIn } from '../../trust/grant.js';
import { limitable } from '../shop/limits.js';
import type { ApprovalAsk } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { Verb } from '../shop/verbs.js';
import type { ApprovalId } from '../shop/writing.js';
import type { Approval } from './approval.js';

/** Beyond a certificate's limit: what a signed yes is asked for, and where and when it is good. */
export type Question = ApprovalAsk & Pick<Approval, 'id' | 'from' | 'date'>;

/** Yeses that were looked at, of one question. */
const looksMost = 8;

/** Signed yeses, and the limits in this device's own certificate. In a chain without a root key there are none of either. */
export class Yeses {
	readonly #shop: Shop;
	/** Those that this till may use, found good. */
	readonly #good: Map<ApprovalId, string>;

	constructor(shop: Shop) {
		this.#shop = shop;
		this.#good = shop.shared('signed yeses', () => new Map());
	}

	limitOf(verb: string, ledger: LedgerName): number | undefined {
		return rightsIn(this.#shop.host.consents?.grants ?? [], ledger).most(verb);
	}

	/** Anywhere. */
	isLimited(verb: Verb): boolean {
		if (!limitable.includes(verb)) return false;
		return this.#shop.host.consents?.grants.some(({ limits = {} }) => Object.hasOwn(limits, verb)) ?? false;
	}

	/** Undefined where this device's own certificate does not go so far. */
	async give(question: Question): Promise<string | undefined> {
		const terms = termsOf(question);
		return terms && this.#shop.host.consents?.give(terms);
	}

	/** Is it somebody's yes to exactly this? */
	async fits(question: Question, signed: string): Promise<boolean> {
		const terms = termsOf(question);
		const is = !!terms && !!(await this.#shop.host.consents?.take(terms, signed));
		if (is) this.#good.set(question.id, signed);
		return is;
	}

	/** Looks for one that a commit may rest on. */
	async find(approval: Approval): Promise<void> {
		for (const { signed } of approval.decided.slice(0, looksMost))
			if (signed !== undefined && (await this.fits(approval, signed))) return;
	}

	get(id: ApprovalId): string | undefined {
		return this.#good.get(id);
	}
}

function termsOf({ signedFor: ledger, from: till, verb, asked: amount, bindsTo, date, id }: Question) {
	return ledger === undefined ? undefined : ({ ledger, till, verb, amount, bindsTo, date, id } satisfies ConsentTerms);
}
