import type { StoreId } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import { type AccountFact, AccountMoney } from '../sales/account-money.js';
import type { Fact, FactLine } from '../sales/fact.js';
import { Sales } from '../sales/sales.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkAmount, checkDate, checkOneOf } from '../shop/check.js';
import type { Minor } from '../shop/money.js';
import type { Shop } from '../shop/shop.js';
import { liveSums } from './live-sums.js';
import { type MoneyQuery, type MoneyRow, moneyOf } from './money.js';

export type TotalBy = 'store' | 'date' | 'hour' | 'sku' | 'staff' | 'channel';

export interface TotalsQuery {
	readonly stores: 'all' | readonly StoreId[];
	readonly from: IsoDate;
	/** The same day by default. */
	readonly to?: IsoDate;
	readonly by?: readonly TotalBy[];
	/** Only so many rows, those with the greatest net. */
	readonly top?: number;
}

export interface TotalRow {
	/** One field for each of `by`. */
	readonly by: Readonly<Record<string, string>>;
	/** Refunds taken off; taxes aside. */
	readonly net: Minor;
	/** Receipts with anything of this row. */
	readonly sales: number;
	readonly visitors: number;
	/** At the SKU's scale: of use where rows are by SKU. */
	readonly qty: number;
	/** The newest sale in it, as an ISO instant. */
	readonly asOf: string;
	/** Tills of its stores that took money on these days and have written nothing for half an hour. */
	readonly silentTills: number;
}

type Sum = { -readonly [K in 'net' | 'sales' | 'visitors' | 'qty']: number } & {
	by: Record<string, string>;
	atMs: number;
};

const silentMs = 30 * 60_000;
const everything: readonly TotalBy[] = ['store', 'date', 'hour', 'sku', 'staff', 'channel'];

/** Sums over all stores that are kept here. Live values follow each sale by what it changes, and equal a recount. */
export class Totals {
	readonly #shop: Shop;
	readonly #sales: Sales;
	readonly #money: AccountMoney;

	constructor(shop: Shop) {
		this.#shop = shop;
		this.#sales = Sales.of(shop);
		this.#money = AccountMoney.of(shop);
	}

	/** Summed up now, from nothing. */
	now(query: TotalsQuery): readonly TotalRow[] {
		checkQuery(query);
		return this.#count(query).rows(this.#shop.nowMs());
	}

	/** The same as a live value: while somebody listens, each sale costs what it changes and no recount. */
	live(query: TotalsQuery): Live<readonly TotalRow[]> {
		checkQuery(query);
		return liveSums({
			timers: this.#shop.platform.timers,
			version: () => this.#sales.version + this.#money.version,
			count: () => this.#count(query),
			follow: (table, changed) => {
				const ends = [
					this.#sales.onChange((gone, come) => {
						for (const fact of gone) table.add(fact, -1);
						for (const fact of come) table.add(fact, 1);
						changed();
					}),
					this.#money.onChange((_, come) => {
						for (const fact of come) table.hear(fact);
						changed();
					}),
				];
				return () => {
					for (const end of ends) end();
				};
			},
			rows: (table) => table.rows(this.#shop.nowMs()),
		});
	}

	/** Money by tender: what sales came to, and what was taken and given back on account. */
	money(query: MoneyQuery): Live<readonly MoneyRow[]> {
		return moneyOf(this.#shop, query);
	}

	#count(query: TotalsQuery): Table {
		const table = new Table(query, this.#shop);
		for (const fact of this.#sales.between(query.from, query.to ?? query.from)) table.add(fact, 1);
		for (const fact of this.#money.between(query.from, query.to ?? query.from)) table.hear(fact);
		return table;
	}
}

/** One query's sums, by group. */
class Table {
	readonly #query: TotalsQuery;
	readonly #shop: Shop;
	readonly #groups = new Map<string, Sum>();
	/** The newest writing of each till of the stores asked for. */
	readonly #heard = new Map<string, { readonly store: StoreId; readonly atMs: number }>();

	constructor(query: TotalsQuery, shop: Shop) {
		this.#query = query;
		this.#shop = shop;
	}

	/** Facts that the query does not ask for change nothing. */
	add(fact: Fact, sign: 1 | -1): void {
		if (!this.hear(fact)) return;
		const touched = new Set<Sum>();
		for (const { by, net, qty } of this.#parts(fact)) {
			const sum = this.#group(by);
			sum.net += sign * net;
			sum.qty += sign * qty;
			touched.add(sum);
		}
		for (const sum of touched) {
			if (fact.kind === 'sale') sum.sales += sign;
			sum.visitors += sign * fact.visitors;
			if (fact.atMs > sum.atMs) sum.atMs = fact.atMs;
		}
	}

	/** A till has written something; false where the query does not ask for it. */
	hear({ store, date, device, atMs }: Fact | AccountFact): boolean {
		const { stores, from, to = from } = this.#query;
		if (date < from || date > to || (stores !== 'all' && !stores.includes(store))) return false;
		const heard = this.#heard.get(device);
		if (!heard || heard.atMs < atMs) this.#heard.set(device, { store, atMs });
		return true;
	}

	rows(nowMs: number): TotalRow[] {
		const rows: TotalRow[] = [];
		for (const { by, atMs, net, sales, visitors, qty } of this.#groups.values()) {
			if (sales === 0 && net === 0 && qty === 0 && visitors === 0) continue;
			const asOf = new Date(atMs).toISOString();
			rows.push({ by, net, sales, visitors, qty, asOf, silentTills: this.#silent(by.store, nowMs) });
		}
		rows.sort((a, b) => b.net - a.net || (keyOf(a.by) < keyOf(b.by) ? -1 : 1));
		return rows.slice(0, this.#query.top ?? rows.length);
	}

	#silent(store: string | undefined, nowMs: number): number {
		let silent = 0;
		for (const till of this.#heard.values())
			if ((store === undefined || till.store === store) && nowMs - till.atMs > silentMs) silent++;
		return silent;
	}

	/** A sale falls into as many parts as its lines and the people credited with them ask for. */
	*#parts(fact: Fact): Generator<{ readonly by: Record<string, string>; readonly net: Minor; readonly qty: number }> {
		const of: Partial<Record<TotalBy, string>> = {
			store: fact.store,
			date: fact.date,
			hour: String(this.#shop.days.hourOf(fact.atMs)).padStart(2, '0'),
			channel: fact.channel,
		};
		for (const line of fact.lines)
			for (const { staff, net } of this.#credited(fact, line))
				yield { by: this.#pick({ ...of, sku: line.sku, staff }), net, qty: line.qty };
	}

	/** By staff, everybody who is credited with a part of a line has sold the line. */
	#credited(fact: Fact, line: FactLine): readonly { readonly staff: string; readonly net: Minor }[] {
		if (!this.#query.by?.includes('staff')) return [{ staff: '', net: line.net }];
		const left = line.net - line.staff.reduce((sum, { net }) => sum + net, 0);
		return left === 0 && line.staff.length > 0 ? line.staff : [...line.staff, { staff: fact.staff ?? '', net: left }];
	}

	#pick(all: Partial<Record<TotalBy, string>>): Record<string, string> {
		return Object.fromEntries((this.#query.by ?? []).map((by) => [by, all[by] ?? '']));
	}

	#group(by: Record<string, string>): Sum {
		const key = keyOf(by);
		const known = this.#groups.get(key) ?? { by, net: 0, sales: 0, visitors: 0, qty: 0, atMs: 0 };
		this.#groups.set(key, known);
		return known;
	}
}

function keyOf(by: Readonly<Record<string, string>>): string {
	return Object.values(by).join('\n');
}

function checkQuery({ from, to, by = [], top }: TotalsQuery): void {
	checkDate('from', from);
	if (to !== undefined) checkDate('to', to);
	for (const [i, field] of by.entries()) checkOneOf(`by[${i}]`, field, everything);
	if (top !== undefined) checkAmount('top', top);
}
