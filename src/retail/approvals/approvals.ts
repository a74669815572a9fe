import { compareStrings } from '../../base/bytes.js';
import { BadArgument } from '../../base/errors.js';
import type { Live, WaitOptions } from '../../ledger/live.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkNoCards } from '../shop/card-numbers.js';
import { checkName, checkWhole } from '../shop/check.js';
import type { Index } from '../shop/index-of.js';
import { type ApprovalAsk, declined, no, type Outcome, withValue } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { ApprovalId, MaybeKeyed, StaffId, WriteOptions } from '../shop/writing.js';
import { type Approval, type ApprovalState, foldApproval } from './approval.js';
import { type ApprovalSecrets, type Challenged, codeOf, qrOf, readQr, readYes, yesQrOf } from './code.js';
import type { ApprovalAsked, ApprovalDecided, ApprovalDocument } from './documents.js';
import { LimitBook, type LimitScope, type RoleLimits } from './limit-book.js';
import { LimitChecks } from './limit-checks.js';
import { Yeses } from './yeses.js';

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
	/** For the manager's device to read; `respond` answers the code, and the text of a signed yes. */
	readonly qr: string;
	/**
	 * The code that was typed in, or the yes that was scanned, and whose it is. Refuses `denied` where a code is wrong or their
	 * own limit is too low, `approval_not_valid` for a yes to something else, and `approval_unsigned` for a code where only a
	 * signed yes will do.
	 */
	answer(code: string, by: StaffId): Promise<Outcome<ApprovalId>>;
}

export interface ApprovalAnswer {
	readonly ask: Challenged;
	/** To type in where the manager agrees; undefined without a secret. */
	readonly code: string | undefined;
	/**
	 * The manager agrees: the text of a QR for the till to scan. Undefined where no signed yes is asked for, or where the
	 * manager, or the certificate of this device, may not do as much alone.
	 */
	sign(): Promise<string | undefined>;
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
	readonly #yeses: Yeses;
	readonly #index: Index<ApprovalDocument, Approval>;

	/** Limits count from now on in all verbs that have them. */
	constructor(shop: Shop, { secrets }: ApprovalOptions = {}) {
		this.#shop = shop;
		this.#secrets = secrets;
		this.#book = new LimitBook(shop);
		this.#yeses = new Yeses(shop);
		this.#index = shop.index('approvals', 'desk', 'approval', foldApproval);
		shop.limits = new LimitChecks(shop, this.#book, this.#yeses, this.#index);
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
		const shown = this.#index.get(id);
		const signed = yes && shown ? await this.#yeses.give(shown) : undefined;
		const done = await this.#shop.writeKeyed('approval.decide', { id, yes }, options, (w) => {
			const approval = this.#index.get(id) ?? w.tx.refuse(no('unknown_approval', id));
			if (approval.state !== 'asked') w.tx.refuse(no('wrong_state', id));
			const isUnsigned = yes && approval.signedFor !== undefined && signed === undefined;
			if (isUnsigned || !this.#mayDecide(w.head.by, approval)) w.tx.refuse(no('not_permitted', approval.summary));
			const decided = { ...w.head, verb: 'approval.decide', yes, ...(signed !== undefined && { signed }) } as const;
			w.append<ApprovalDecided>(approval.ledger, 'approval', id, decided);
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
			const { store, device: from } = this.#shop;
			const challenged = { ...ask, store, id, from, date: this.#shop.today() };
			return {
				id,
				qr: qrOf(challenged),
				answer: (code, by) => {
					if (typeof code !== 'string') throw new BadArgument('code', 'expected a text.');
					checkName('by', by);
					return this.#answer(challenged, code, by);
				},
			};
		});
	}

	/** On the manager's device: what a QR asks for, and what to answer where the manager agrees. */
	respond(qr: string, by: StaffId): ApprovalAnswer {
		checkName('by', by);
		const ask = readQr(qr);
		const secret = this.#secrets?.of(by);
		return {
			ask,
			code: secret && codeOf(this.#shop.platform.crypto, secret, ask),
			sign: async () => {
				const signed = this.#mayDecide(by, ask) ? await this.#yeses.give(ask) : undefined;
				return signed === undefined ? undefined : yesQrOf(signed);
			},
		};
	}

	async #answer(challenged: Challenged, code: string, by: StaffId): Promise<Outcome<ApprovalId>> {
		const { id, summary, signedFor } = challenged;
		const { locale } = this.#shop.settings;
		const signed = readYes(code);
		if (signed !== undefined) {
			const fits = this.#mayDecide(by, challenged) && (await this.#yeses.fits(challenged, signed));
			return fits
				? this.#typed(challenged, { yes: true, manager: by, signed })
				: declined('approval_not_valid', locale, summary);
		}
		if (signedFor !== undefined) return declined('approval_unsigned', locale, summary);
		const secret = this.#secrets?.of(by);
		const right = secret && codeOf(this.#shop.platform.crypto, secret, challenged);
		const isRight = right === code.replace(/\s/g, '') && this.#mayDecide(by, challenged);
		const guesses = this.#shop.shared('approval guesses', () => new Map<ApprovalId, number>());
		const guess = (guesses.get(id) ?? 0) + 1;
		guesses.set(id, guess);
		if (!isRight && guess < guessesMost) return declined('denied', locale, summary);
		const outcome = await this.#typed(challenged, isRight ? { yes: true, manager: by } : { yes: false });
		return isRight || !outcome.ok ? outcome : declined('denied', locale, summary);
	}

	#typed(
		{ id, summary }: Challenged,
		said: Pick<ApprovalDecided, 'yes' | 'manager' | 'signed'>,
	): Promise<Outcome<ApprovalId>> {
		return this.#shop.write('approval.decide', { id, code: true }, {}, (w) => {
			const { ledger, state } = this.#index.get(id) ?? w.tx.refuse(no('unknown_approval', id));
			if (state === 'denied') w.tx.refuse(no('denied', summary));
			if (state !== 'asked') w.tx.refuse(no('approval_not_valid', summary));
			const decided = { ...w.head, verb: 'approval.decide', code: true, ...said } as const;
			w.append<ApprovalDecided>(ledger, 'approval', id, decided);
			return id;
		});
	}

	#mayDecide(by: StaffId | undefined, { verb, asked }: ApprovalAsk): boolean {
		const limit = this.#book.of(by, verb);
		return limit === undefined || asked <= limit;
	}

	/** The question that is open or agreed to, or a new one with the unit that a yes is spent by. */
	async #askOnce(ask: ApprovalAsk, said: Said): Promise<Outcome<ApprovalId>> {
		const { verb, limit, asked, summary, bindsTo, signedFor } = ask;
		checkName('verb', verb);
		checkWhole('limit', limit);
		checkWhole('asked', asked);
		checkName('bindsTo', bindsTo);
		if (signedFor !== undefined) checkName('signedFor', signedFor);
		checkNoCards('', { summary });
		const { name: desk } = this.#shop.desk;
		const id = this.#idOf(ask);
		// Asked again, the same key answers the same question: whoever double-taps waits for one answer.
		return this.#shop.write('approval.ask', { id }, { ...said, idempotencyKey: `approval:${id}` }, (w) => {
			w.tx.mint(this.#pool(), id, 1, id);
			const what = { what: verb, limit, asked, summary, bindsTo, ...(signedFor !== undefined && { signedFor }) };
			const document = { ...w.head, ...what, verb: 'approval.ask' } as const;
			w.append<ApprovalAsked>(desk, 'approval', id, document);
			return id;
		});
	}

	/** By what is asked, where and when, and how often that was answered for good. */
	#idOf({ bindsTo, asked, signedFor }: ApprovalAsk): ApprovalId {
		const { device, desk } = this.#shop;
		const date = this.#shop.today();
		let closed = 0;
		for (const known of this.#index.values(desk.name)) {
			if (known.bindsTo !== bindsTo || known.asked !== asked || known.from !== device || known.date !== date) continue;
			if (known.state === 'used' || known.state === 'denied') closed++;
		}
		const what = [bindsTo, asked, device, date, closed];
		return this.#shop.hash(signedFor === undefined ? what : [...what, signedFor]);
	}

	#pool() {
		return this.#shop.desk.pool('approval');
	}
}
