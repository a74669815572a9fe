import type { LedgerName } from '../../base/ids.js';
import { canonicalJson, type Json } from '../../ledger/collections.js';
import type { Index } from '../shop/index-of.js';
import type { Limits, Told } from '../shop/limits.js';
import { no } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { Verb } from '../shop/verbs.js';
import type { ApprovalId, Writing } from '../shop/writing.js';
import type { Approval } from './approval.js';
import type { ApprovalDocument, ApprovalUsed } from './documents.js';
import type { LimitBook } from './limit-book.js';
import type { Yeses } from './yeses.js';

/** Who may do how much alone: by the limits of people, and by this device's own certificate. */
export class LimitChecks implements Limits {
	readonly #shop: Shop;
	readonly #book: LimitBook;
	readonly #yeses: Yeses;
	readonly #index: Index<ApprovalDocument, Approval>;

	constructor(shop: Shop, book: LimitBook, yeses: Yeses, index: Index<ApprovalDocument, Approval>) {
		this.#shop = shop;
		this.#book = book;
		this.#yeses = yeses;
		this.#index = index;
	}

	check(w: Writing, asked: number, input: unknown, summary: string): void {
		this.checkTold(w, asked, input, summary);
	}

	checkTold(w: Writing, asked: number, input: unknown, summary: string, ledger?: LedgerName): Told {
		const { verb, by, approval: id, date } = w.head;
		const [staff, till] = [
			this.#book.of(by, verb),
			ledger === undefined ? undefined : this.#yeses.limitOf(verb, ledger),
		];
		const told: Told = till === undefined ? {} : { asked };
		const limit = Math.min(staff ?? asked, till ?? asked);
		if (asked <= limit) return told;
		const agreed = [verb, input as Json];
		const bindsTo = this.#shop.hash(agreed); // throws where it is none
		const signedFor = till !== undefined && asked > till ? ledger : undefined;
		const ask = { verb, limit, asked, summary, bindsTo, ...(signedFor !== undefined && { signedFor }) };
		if (id === undefined) w.tx.refuse(no('needs_approval', summary, ask));
		const approval = this.#index.get(id);
		const isFor =
			approval?.verb === verb &&
			approval.bindsTo === bindsTo &&
			approval.asked >= asked &&
			approval.signedFor === signedFor;
		if (!isFor || approval.state !== 'approved' || approval.date !== date)
			w.tx.refuse(no('approval_not_valid', summary, ask));
		// Exactly so much was signed.
		const signed = signedFor === undefined ? undefined : this.#yeses.get(id);
		if (signedFor !== undefined && approval.asked !== asked) w.tx.refuse(no('approval_not_valid', summary, ask));
		if (signedFor !== undefined && signed === undefined) w.tx.refuse(no('approval_unsigned', summary, ask));
		this.#use(w, approval, verb);
		return signed === undefined ? told : { asked, consent: { input: canonicalJson('input', agreed), signed } };
	}

	/** A verb with several limits uses what it was given once. */
	#use({ tx, head, append }: Writing, { id, ledger }: Approval, what: string): void {
		const used = this.#shop.shared('approvals used', () => new WeakMap<object, ApprovalId>());
		if (used.get(tx) === id) return;
		used.set(tx, id);
		tx.spend(this.#shop.ledger(ledger).pool('approval'), id, 1);
		append<ApprovalUsed>(ledger, 'approval', id, { ...head, verb: 'approval.use', what });
	}

	beside(verb: Verb): Told {
		return this.#yeses.isLimited(verb) ? { asked: 0 } : {};
	}

	async ready(id: ApprovalId): Promise<void> {
		const approval = this.#index.get(id);
		if (approval) await this.#yeses.find(approval);
	}
}
