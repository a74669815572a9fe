import { BadArgument } from '../../base/errors.js';
import type { LedgerName, StoreId } from '../../base/ids.js';
import { createLive, type Live, type WaitOptions } from '../../ledger/live.js';
import type { DebtMade, DebtRepaid, Repaid } from '../documents/member.js';
import type { MemberId, OrderId } from '../documents/order.js';
import type { Exception, ExceptionSource } from '../shop/exceptions.js';
import type { Index } from '../shop/index-of.js';
import { ledgers } from '../shop/ledgers.js';
import type { Minor } from '../shop/money.js';
import { no, type Outcome } from '../shop/outcome.js';
import { rights } from '../shop/rights.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import type { Group, Groups } from './groups.js';
import type { MemberState } from './member-state.js';
import { ledgerOf, memberPool, riskPool } from './purses.js';

/** A debt that is not paid back yet. */
export interface OpenDebt {
	readonly id: string;
	readonly ledger: LedgerName;
	readonly store: StoreId;
	/** What is still owed, anywhere. */
	readonly units: Minor;
	/** Of it, what may be paid back at this till. */
	readonly here: Minor;
}

/** Of what is known of members, what debts are read from. */
export interface DebtParts {
	readonly shop: Shop;
	readonly groups: Groups;
	readonly members: Index<unknown, MemberState>;
	/** Another object when anything of members has changed. */
	version(): object;
	listen(changed: () => void): () => void;
}

const fetchMs = 2_000;

/**
 * What was lent without a line. The units of a debt are a pool: whoever has them may take the money for them, so no debt is
 * paid back twice. Each was made out of the store's risk, which comes back when it is paid where it was made.
 */
export class Debts implements ExceptionSource {
	readonly exceptions: Live<readonly Exception[]>;
	readonly #book: DebtParts;
	/** Whose debt it is. */
	readonly #debtors = new Map<string, MemberId>();

	constructor(book: DebtParts) {
		this.#book = book;
		const note = (member: MemberId, debts: readonly DebtMade[]) => {
			for (const { debt } of debts) this.#debtors.set(debt, member);
		};
		for (const { id, debts } of book.members.values()) note(id, debts);
		book.members.onChange((changes) => {
			for (const { after } of changes) if (after) note(after.id, after.debts);
		});
		this.exceptions = createLive({
			version: () => book.version(),
			read: () => [...this.#debtors].flatMap(([debt, member]) => this.#exception(debt, member) ?? []),
			listen: (changed) => book.listen(changed),
			timers: book.shop.platform.timers,
		});
	}

	openOf(group: Group): OpenDebt[] {
		return group.ids.flatMap((id) => {
			const ledger = ledgerOf(id);
			return (this.#book.groups.state(id)?.debts ?? []).flatMap(({ debt, store }) => {
				const pool = memberPool(this.#book.shop, ledger, 'debt');
				const units = pool.now(debt).level;
				return units > 0 ? [{ id: debt, ledger, store, units, here: pool.mine(debt) }] : [];
			});
		});
	}

	owedBy(group: Group): Minor {
		return this.openOf(group).reduce((sum, { units }) => sum + units, 0);
	}

	/** Fetches the units of a member's debts here, so that they can be paid back. */
	async fetch(member: MemberId): Promise<void> {
		const group = this.#book.groups.of(member);
		const debts = group ? this.openOf(group) : [];
		await Promise.all(
			debts.map(({ id, ledger, units }) =>
				memberPool(this.#book.shop, ledger, 'debt').ensure(id, units, { timeoutMs: fetchMs }),
			),
		);
	}

	/** Brings risk of the store to this till, so that it may lend so much; answers what it may lend then. */
	fetchRisk(units: Minor, options: WaitOptions): Promise<Minor> {
		const { shop } = this.#book;
		const pool = riskPool(shop, ledgers.desk(shop.store));
		const { level } = pool.now(shop.store);
		const wanted = Math.min(units, level);
		const mine = pool.mine(shop.store);
		return mine >= wanted ? Promise.resolve(mine) : pool.ensure(shop.store, wanted, options);
	}

	/** A new debt, of units that the risk of this store was just spent for. */
	lend(w: Writing, { root }: Group, units: Minor, order: OrderId | undefined): { debt: string; units: Minor } {
		const { shop } = this.#book;
		const debt = `debt-${shop.id()}`;
		const ledger = ledgerOf(root);
		w.tx.spend(riskPool(shop, ledgers.desk(shop.store)), shop.store, units);
		w.tx.mint(memberPool(shop, ledger, 'debt'), debt, units, 'lent');
		rights.mint(w, shop, ledger, debt);
		w.append<DebtMade>(ledger, 'member', root, {
			...w.head,
			verb: 'member.debt',
			debt,
			store: shop.store,
			units,
			...(order !== undefined && { order }),
		});
		w.warn('lent', root);
		return { debt, units };
	}

	/** Pays back what can be paid back here, up to `units`: the oldest debt first, or `only` one. */
	repay(w: Writing, group: Group, units: Minor, only?: string): Repaid[] {
		const { shop } = this.#book;
		const repaid: Repaid[] = [];
		let left = units;
		for (const { id, ledger, store, here } of this.openOf(group)) {
			const take = Math.min(left, here);
			if (take <= 0 || (only !== undefined && only !== id)) continue;
			w.tx.spend(memberPool(shop, ledger, 'debt'), id, take);
			if (store === shop.store) w.tx.mint(riskPool(shop, ledgers.desk(store)), store, take, `repaid ${shop.id()}`);
			repaid.push({ debt: id, units: take });
			left -= take;
		}
		return repaid;
	}

	/** Nobody will pay it: what is left of it goes, and so does the risk that it was made of. */
	async resolve(id: string, outcome: string, options: WriteOptions): Promise<Outcome<void>> {
		if (typeof outcome !== 'string' || outcome === '') throw new BadArgument('outcome', 'expected a text.');
		const { shop } = this.#book;
		const member = this.#debtors.get(id);
		const pool = member === undefined ? undefined : memberPool(shop, ledgerOf(member), 'debt');
		if (member !== undefined && pool) {
			await rights.fetch(shop, ledgerOf(member), id, fetchMs);
			const { level } = pool.now(id);
			if (level > 0) await pool.ensure(id, level, { timeoutMs: fetchMs });
		}
		return shop.writeKeyed('task.resolve', { id, outcome }, options, (w) => {
			if (member === undefined || !pool) return w.tx.refuse(no('unknown_task', id));
			const units = pool.now(id).level;
			if (units < 1) return w.tx.refuse(no('already_resolved', id));
			rights.use(w, shop, ledgerOf(member), id, outcome);
			w.tx.spend(pool, id, units);
			w.append<DebtRepaid>(ledgerOf(member), 'member', member, {
				...w.head,
				verb: 'member.repay',
				repaid: [{ debt: id, units }],
				source: 'written_off',
				taken: [],
				tenders: [],
			});
		});
	}

	#exception(id: string, member: MemberId): Exception | undefined {
		const ledger = ledgerOf(member);
		const made = this.#book.groups.state(member)?.debts.find(({ debt }) => debt === id);
		if (!made) return undefined;
		const written = rights.outcome(this.#book.shop, ledger, id);
		const isOpen = memberPool(this.#book.shop, ledger, 'debt').now(id).level > 0;
		return {
			id,
			kind: 'debt',
			store: made.store,
			subject: member,
			amount: made.units,
			atMs: made.atMs,
			...(isOpen ? { state: 'open' } : { state: 'done', outcome: written ?? 'repaid' }),
		};
	}
}
