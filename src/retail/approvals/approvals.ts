import { compareStrings } from '../../base/bytes.js';
import type { Json } from '../../ledger/collections.js';
import type { Live, WaitOptions } from '../../ledger/live.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkNoCards } from '../shop/card-numbers.js';
import { checkName, checkWhole } from '../shop/check.js';
import type { Index } from '../shop/index-of.js';
import { type ApprovalAsk, declined, no, type Outcome, withValue } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { ApprovalId, MaybeKeyed, StaffId, WriteOptions, Writing } from '../shop/writing.js';
import { type Approval, type ApprovalState, foldApproval } from './approval.js';
import { type ApprovalSecrets, type Challenged, codeOf, qrOf, readQr } from './code.js';
import type { ApprovalAsked, ApprovalDecided, ApprovalDocument, ApprovalUsed } from './documents.js';
import { LimitBook, type LimitScope, type RoleLimits } from './limit-book.js';

export interface ApprovalOptions {
	/** For challenges with no line at all; without it there are none. */
	readonly secrets?: ApprovalSecrets;
}

export interface ApprovalQuery {
	readonly state?: ApprovalState;
	readonly date?: IsoDate;
}

export interface Challenge {
	readonly id: ApprovalId;
	/** For the manager's device to read; `respond` answers the code. */
	readonly qr: string;
	/** The code that was typed in, and whose it is. Refuses `denied` where it is wrong, or their own limit is too low. */
	answer(code: string, by: StaffId): Promise<Outcome<ApprovalId>>;
}

/** Who asks, and what they say of it. */
type Said = Pick<MaybeKeyed, 'by' | 'note' | 'ext'>;

const askMs = 30_000;
const fetchMs = 1_000;
/** Codes that are tried on one challenge. */
const guessesMost = 5;

/**
 * What goes beyond the limit of whoever does it needs somebody's yes. A yes is bound to the exact input, good on the till
 * that asked and on that business day, and used once: by a unit that was made with the question.
 */
export class Approvals {
	readonly #shop: Shop;
	readonly #secrets: ApprovalSecrets | undefined;
	readonly #book: LimitBook;
	readonly #index: Index<ApprovalDocument, Approval>;

	/** Limits count from now on in all verbs that have them. */
	constructor(shop: Shop, { secrets }: ApprovalOptions = {}) {
		this.#shop = shop;
		this.#secrets = secrets;
		this.#book = new LimitBook(shop);
		this.#index = shop.index('approvals', 'desk', 'approval', foldApproval);
		shop.limits = {
			check: (w, asked, input, summary) => this.#check(w, asked, input, summary),
		};
	}

	/** Replaces a role's limits; the role `*` is whoever has none. Those of the store stand over the chain's, verb by verb. */
	setLimits(
		role: string,
		limits: RoleLimits,
		options?: MaybeKeyed & { readonly scope?: LimitScope },
	): Promise<Outcome<void>> {
		return this.#book.setLimits(role, limits, options);
	}

	setRole(
		staff: StaffId,
		role: string,
		options?: MaybeKeyed & { readonly scope?: LimitScope },
	): Promise<Outcome<void>> {
		return this.#book.setRole(staff, role, options);
	}

	roleOf(staff: StaffId | undefined): string {
		return this.#book.roleOf(staff);
	}

	/** The most that they may do alone; undefined where there is no limit. */
	limitOf(staff: StaffId | undefined, verb: string): number | undefined {
		return this.#book.of(staff, verb);
	}

	/**
	 * Asks whoever is in reach, and waits for the answer, for 30 s unless told. What was asked already and is open, or agreed
	 * to and not used, is not asked again. Refuses `denied`, and `nobody_reachable` where nobody answered in time; the question
	 * stays open then, and `ask` finds a later yes.
	 */
	async ask(
		ask: ApprovalAsk,
		{ timeoutMs = askMs, signal, ...said }: WaitOptions & Said = {},
	): Promise<Outcome<ApprovalId>> {
		const asked = await this.#askOnce(ask, said);
		if (!asked.ok) return asked;
		const id = asked.value;
		const wait = { timeoutMs, ...(signal && { signal }) };
		const decided = await this.#index
			.live(id)
			.when((approval) => approval !== undefined && approval.state !== 'asked', wait)
			.catch(() => undefined); // time is up, or nobody waits any more
		const { locale } = this.#shop.settings;
		if (decided === undefined) return declined('nobody_reachable', locale, ask.summary);
		if (decided.state === 'denied') return declined('denied', locale, ask.summary);
		if (decided.state === 'used') return declined('approval_not_valid', locale, ask.summary);
		const pool = this.#pool();
		if (pool.mine(id) === 0) await pool.ensure(id, 1, { timeoutMs: fetchMs, ...(signal && { signal }) });
		return asked;
	}

	/** What waits for a yes or a no today, at every desk that is kept here; the oldest first. */
	pending(): Live<readonly Approval[]> {
		return this.#index.read(() => this.#list({ state: 'asked', date: this.#shop.today() }));
	}

	/** All that was ever asked, the oldest first: who asked, who said what, what was used. */
	list(query: ApprovalQuery = {}): Live<readonly Approval[]> {
		return this.#index.read(() => this.#list(query));
	}

	#list({ state, date }: ApprovalQuery): readonly Approval[] {
		return [...this.#index.values()]
			.filter((approval) => (state ?? approval.state) === approval.state && (date ?? approval.date) === approval.date)
			.sort((a, b) => a.atMs - b.atMs || compareStrings(a.id, b.id));
	}

	/**
	 * Yes or no, by somebody who may do as much alone: else `not_permitted`. Refuses `unknown_approval`, and `wrong_state` where
	 * it is decided. The till that asked goes on as soon as it hears of it.
	 */
	async decide(id: ApprovalId, yes: boolean, options: WriteOptions): Promise<Outcome<void>> {
		checkName('id', id);
		const done = await this.#shop.writeKeyed('approval.decide', { id, yes }, options, (w) => {
			const approval = this.#index.get(id) ?? w.tx.refuse(no('unknown_approval', id));
			if (approval.state !== 'asked') w.tx.refuse(no('wrong_state', id));
			if (!this.#mayDecide(w.head.by, approval)) w.tx.refuse(no('not_permitted', approval.summary));
			w.append<ApprovalDecided>(approval.ledger, 'approval', id, { ...w.head, verb: 'approval.decide', yes });
		});
		return withValue(done, () => undefined);
	}

	/**
	 * For a till with no line at all: a text to be shown as a QR, and the code that the manager's device answers to it. The
	 * fifth wrong code is written down as a no.
	 */
	async challenge(ask: ApprovalAsk, said: Said = {}): Promise<Outcome<Challenge>> {
		const asked = await this.#askOnce(ask, said);
		return withValue(asked, (id): Challenge => {
			const challenged = { ...ask, store: this.#shop.store, id };
			return {
				id,
				qr: qrOf(challenged),
				answer: (code, by) => {
					checkName('code', code);
					checkName('by', by);
					return this.#answer(challenged, code, by);
				},
			};
		});
	}

	/** On the manager's device: what a QR asks for, and the code to type in where the manager agrees. */
	respond(qr: string, by: StaffId): { readonly ask: Challenged; readonly code: string | undefined } {
		checkName('by', by);
		const ask = readQr(qr);
		const secret = this.#secrets?.of(by);
		return { ask, code: secret && codeOf(this.#shop.platform.crypto, secret, ask) };
	}

	async #answer(challenged: Challenged, code: string, by: StaffId): Promise<Outcome<ApprovalId>> {
		const { id, summary } = challenged;
		const secret = this.#secrets?.of(by);
		const right = secret && codeOf(this.#shop.platform.crypto, secret, challenged);
		const isRight = right === code.replace(/\s/g, '') && this.#mayDecide(by, challenged);
		const guesses = this.#shop.shared('approval guesses', () => new Map<ApprovalId, number>());
		const guess = (guesses.get(id) ?? 0) + 1;
		guesses.set(id, guess);
		const { locale } = this.#shop.settings;
		if (!isRight && guess < guessesMost) return declined('denied', locale, summary);
		const outcome = await this.#shop.write('approval.decide', { id, code: true }, {}, (w) => {
			const { ledger, state } = this.#index.get(id) ?? w.tx.refuse(no('unknown_approval', id));
			if (state === 'denied') w.tx.refuse(no('denied', summary));
			if (state !== 'asked') w.tx.refuse(no('approval_not_valid', summary));
			const manager = isRight ? { manager: by } : {};
			const decided = { ...w.head, verb: 'approval.decide', yes: isRight, code: true, ...manager } as const;
			w.append<ApprovalDecided>(ledger, 'approval', id, decided);
			return id;
		});
		return isRight || !outcome.ok ? outcome : declined('denied', locale, summary);
	}

	#mayDecide(by: StaffId | undefined, { verb, asked }: ApprovalAsk): boolean {
		const limit = this.#book.of(by, verb);
		return limit === undefined || asked <= limit;
	}

	/** The question that is open or agreed to, or a new one with the unit that a yes is spent by. */
	async #askOnce(ask: ApprovalAsk, said: Said): Promise<Outcome<ApprovalId>> {
		const { verb, limit, asked, summary, bindsTo } = ask;
		checkName('verb', verb);
		checkWhole('limit', limit);
		checkWhole('asked', asked);
		checkName('bindsTo', bindsTo);
		checkNoCards('', { summary });
		const { name: desk } = this.#shop.desk;
		const id = this.#idOf(ask);
		// Asked again, the same key answers the same question: whoever double-taps waits for one answer.
		return this.#shop.write('approval.ask', { id }, { ...said, idempotencyKey: `approval:${id}` }, (w) => {
			w.tx.mint(this.#pool(), id, 1, id);
			const document = { ...w.head, verb: 'approval.ask', what: verb, limit, asked, summary, bindsTo } as const;
			w.append<ApprovalAsked>(desk, 'approval', id, document);
			return id;
		});
	}

	/** By what is asked, where and when, and how often that was answered for good. */
	#idOf({ bindsTo, asked }: ApprovalAsk): ApprovalId {
		const { device, desk } = this.#shop;
		const date = this.#shop.today();
		let closed = 0;
		for (const known of this.#index.values(desk.name)) {
			if (known.bindsTo !== bindsTo || known.asked !== asked || known.from !== device || known.date !== date) continue;
			if (known.state === 'used' || known.state === 'denied') closed++;
		}
		return this.#shop.hash([bindsTo, asked, device, date, closed]);
	}

	#check(w: Writing, asked: number, input: unknown, summary: string): void {
		const { verb, by, approval: id, date } = w.head;
		const limit = this.#book.of(by, verb);
		if (limit === undefined || asked <= limit) return;
		const bindsTo = this.#shop.hash([verb, input as Json]); // throws where it is none
		const ask = { verb, limit, asked, summary, bindsTo };
		if (id === undefined) w.tx.refuse(no('needs_approval', summary, ask));
		const approval = this.#index.get(id);
		const isFor = approval?.verb === verb && approval.bindsTo === bindsTo && approval.asked >= asked;
		if (!isFor || approval.state !== 'approved' || approval.date !== date)
			w.tx.refuse(no('approval_not_valid', summary, ask));
		this.#use(w, approval, verb);
	}

	/** A verb with several limits uses what it was given once. */
	#use({ tx, head, append }: Writing, { id, ledger }: Approval, what: string): void {
		const used = this.#shop.shared('approvals used', () => new WeakMap<object, ApprovalId>());
		if (used.get(tx) === id) return;
		used.set(tx, id);
		tx.spend(this.#shop.ledger(ledger).pool('approval'), id, 1);
		append<ApprovalUsed>(ledger, 'approval', id, { ...head, verb: 'approval.use', what });
	}

	#pool() {
		return this.#shop.desk.pool('approval');
	}
}
