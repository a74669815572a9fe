import type { StoreId } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import type { NamedTender, OnAccount } from '../documents/money.js';
import { AccountMoney } from '../sales/account-money.js';
import { Sales } from '../sales/sales.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkDate, checkOneOf } from '../shop/check.js';
import type { Minor } from '../shop/money.js';
import type { Shop } from '../shop/shop.js';
import { liveSums } from './live-sums.js';

export interface MoneyQuery {
	readonly stores: 'all' | readonly StoreId[];
	readonly from: IsoDate;
	/** The same day by default. */
	readonly to?: IsoDate;
	readonly by?: readonly ('store' | 'date')[];
}

/** What tills took and gave back. In minor units. */
export interface MoneyRow {
	/** One field for each of `by`. */
	readonly by: Readonly<Record<string, string>>;
	/** Sales, taxes and rounding with them, refunds taken off. */
	readonly due: Minor;
	/** Money that is no sale, by what it was for; below zero what was given back. */
	readonly onAccount: OnAccount;
	/** due and all that is on account: what the tenders come to. */
	readonly taken: Minor;
	readonly tenders: Readonly<Record<string, Minor>>;
	/** The newest of it, as an ISO instant. */
	readonly asOf: string;
}

/** Of a sale or of money on account, what is summed up. */
interface Moved {
	readonly store: StoreId;
	readonly date: IsoDate;
	readonly atMs: number;
	readonly due?: Minor;
	readonly onAccount?: OnAccount;
	readonly tenders: readonly NamedTender[];
}

/** Money by tender over the stores that are kept here, sorted by the texts of `by`. */
export function moneyOf(shop: Shop, query: MoneyQuery): Live<readonly MoneyRow[]> {
	const { from, to = from, by = [] } = query;
	checkDate('from', from);
	checkDate('to', to);
	for (const [i, field] of by.entries()) checkOneOf(`by[${i}]`, field, ['store', 'date']);
	const [sales, money] = [Sales.of(shop), AccountMoney.of(shop)];
	const follow = (table: MoneyTable, changed: () => void) => (gone: readonly Moved[], come: readonly Moved[]) => {
		for (const moved of gone) table.add(moved, -1);
		for (const moved of come) table.add(moved, 1);
		changed();
	};
	return liveSums({
		timers: shop.platform.timers,
		version: () => sales.version + money.version,
		count: () => {
			const table = new MoneyTable(query);
			for (const fact of sales.between(from, to)) table.add(fact, 1);
			for (const fact of money.between(from, to)) table.add(fact, 1);
			return table;
		},
		follow: (table, changed) => {
			const ends = [sales.onChange(follow(table, changed)), money.onChange(follow(table, changed))];
			return () => {
				for (const end of ends) end();
			};
		},
		rows: (table) => table.rows(),
	});
}

class MoneyTable {
	readonly #query: MoneyQuery;
	readonly #groups = new Map<string, Group>();

	constructor(query: MoneyQuery) {
		this.#query = query;
	}

	/** What the query does not ask for changes nothing. */
	add(moved: Moved, sign: 1 | -1): void {
		const { stores, from, to = from, by = [] } = this.#query;
		if (moved.date < from || moved.date > to || (stores !== 'all' && !stores.includes(moved.store))) return;
		const fields = Object.fromEntries(by.map((field) => [field, moved[field]]));
		const key = Object.values(fields).join('\n');
		const group = this.#groups.get(key) ?? new Group(fields);
		this.#groups.set(key, group);
		group.add(moved, sign);
	}

	rows(): MoneyRow[] {
		const groups = [...this.#groups].filter(([, { count }]) => count > 0);
		return groups.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group.row());
	}
}

class Group {
	/** How much was moved, in pieces: none is no row. */
	count = 0;
	readonly #by: Readonly<Record<string, string>>;
	readonly #onAccount = new Map<string, Minor>();
	readonly #tenders = new Map<string, Minor>();
	#due = 0;
	#atMs = 0;

	constructor(by: Readonly<Record<string, string>>) {
		this.#by = by;
	}

	add({ due = 0, onAccount = {}, tenders, atMs }: Moved, sign: 1 | -1): void {
		this.count += sign;
		this.#due += sign * due;
		for (const [name, amount] of Object.entries(onAccount)) addTo(this.#onAccount, name, sign * amount);
		for (const { name, amount } of tenders) addTo(this.#tenders, name, sign * amount);
		this.#atMs = Math.max(this.#atMs, atMs);
	}

	row(): MoneyRow {
		const onAccount = recordOf(this.#onAccount);
		const taken = Object.values(onAccount).reduce((sum, amount) => sum + amount, this.#due);
		const asOf = new Date(this.#atMs).toISOString();
		return { by: this.#by, due: this.#due, onAccount, taken, tenders: recordOf(this.#tenders), asOf };
	}
}

function addTo(sums: Map<string, Minor>, name: string, amount: Minor): void {
	sums.set(name, (sums.get(name) ?? 0) + amount);
}

function recordOf(sums: ReadonlyMap<string, Minor>): Record<string, Minor> {
	return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}
