import { BadArgument } from '../../base/errors.js';
import type { DeviceId } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Live } from '../../ledger/live.js';
import type { Stamped } from '../../ledger/written.js';
import { type AccountFact, AccountMoney } from '../sales/account-money.js';
import { liveOf } from '../sales/by-date.js';
import type { Fact } from '../sales/fact.js';
import { Sales } from '../sales/sales.js';
import { addDays, type IsoDate } from '../shop/business-day.js';
import { checkAmount, checkDate, checkName, checkOneOf, checkWhole } from '../shop/check.js';
import type { Index } from '../shop/index-of.js';
import { ledgers } from '../shop/ledgers.js';
import type { Minor } from '../shop/money.js';
import { no, type Outcome } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import type { StaffId, WriteOptions, Writing } from '../shop/writing.js';
import type { DayClosed, DrawerDocument, ZReport } from './documents.js';
import { type ReceiptGap, type Report, reportOf } from './report.js';

export interface ReportQuery {
	readonly businessDate?: IsoDate;
	readonly staff?: StaffId;
	/** This store's tills together where neither device nor staff is named. */
	readonly device?: DeviceId;
}

/** What a Z did not know of. */
export interface LateEntry {
	readonly kind: 'sale' | 'refund' | 'on_account';
	/** None of money on account. */
	readonly receiptNo: string;
	readonly net: Minor;
	/** What the tenders come to. */
	readonly taken: Minor;
	readonly atMs: number;
}

/** Days that a till counts as one of the store's after it last took money. */
const rememberedDays = 7;

/** Shifts, the drawer, X at any time, and Z, which is frozen for ever. */
export class Day {
	readonly #shop: Shop;
	readonly #sales: Sales;
	readonly #money: AccountMoney;
	readonly #closes: Index<DayClosed, readonly ZReport[]>;
	readonly #gaps: () => readonly ReceiptGap[];

	/** `gaps`: the numbers of receipts that were skipped, and why. */
	constructor(shop: Shop, gaps: () => readonly ReceiptGap[]) {
		this.#shop = shop;
		this.#sales = Sales.of(shop);
		this.#money = AccountMoney.of(shop);
		this.#closes = shop.index('closes', 'desk', 'z', foldCloses);
		this.#gaps = gaps;
	}

	/** The day so far, by what is here. Synchronous, at any time. */
	x({ businessDate = this.#shop.today(), staff, device }: ReportQuery = {}): Report {
		checkDate('businessDate', businessDate);
		const isAsked = (fact: { readonly staff: StaffId | undefined }) => staff === undefined || fact.staff === staff;
		const [facts, money] = [this.#facts(businessDate, device), this.#moved(businessDate, device)];
		return reportOf(businessDate, facts.filter(isAsked), money.filter(isAsked));
	}

	/** The same as a live value. */
	live(query: ReportQuery = {}): Live<Report> {
		return liveOf(this.#shop, [this.#sales, this.#money], () => this.x(query));
	}

	/** Cash in this till's drawer by what was written: float, sales, refunds, money on account, what was put in and taken out. */
	drawer(businessDate: IsoDate = this.#shop.today(), device: DeviceId = this.#shop.device): Minor {
		const { float, in: put, out, drop } = this.#drawers(businessDate, [device]);
		const paid = [...this.#facts(businessDate, device), ...this.#moved(businessDate, device)];
		return paid.reduce((sum, { tenders }) => sum + cashOf(tenders), float + put - out - drop);
	}

	async openShift({ float }: { readonly float: Minor }, options: WriteOptions): Promise<Outcome<void>> {
		checkWhole('float', float);
		return this.#shop.writeKeyed('day.open_shift', { float }, options, ({ head, append }) =>
			append(this.#desk, 'shift', this.#shop.device, { ...head, float }),
		);
	}

	async cash(
		moved: { readonly kind: 'in' | 'out' | 'drop'; readonly amount: Minor; readonly reason: string },
		options: WriteOptions,
	): Promise<Outcome<void>> {
		checkOneOf('kind', moved.kind, ['in', 'out', 'drop']);
		checkAmount('amount', moved.amount);
		checkName('reason', moved.reason);
		return this.#shop.writeKeyed('day.cash', moved, options, ({ head, append }) =>
			append(this.#desk, 'shift', this.#shop.device, { ...head, ...moved }),
		);
	}

	/**
	 * Closes a business day: what is here is summed up and frozen (S16). What comes later shows in `late` and changes no Z.
	 * Refuses `day_closed` where it is closed already: the till's own day by its own close or the store's, the store's by the
	 * store's alone, so that a till that has closed itself may close the store.
	 */
	async z(
		close: { readonly businessDate: IsoDate; readonly counted: Minor; readonly scope: 'device' | 'store' },
		options: WriteOptions,
	): Promise<Outcome<ZReport>> {
		const { businessDate, counted, scope } = close;
		checkDate('businessDate', businessDate);
		if (businessDate > this.#shop.today()) throw new BadArgument('businessDate', 'the day has not begun.');
		checkWhole('counted', counted);
		checkOneOf('scope', scope, ['device', 'store']);
		return this.#shop.writeKeyed('day.z', close, options, ({ tx, head, append }) => {
			if (this.#closed(businessDate, scope === 'store' ? undefined : this.#shop.device))
				tx.refuse(no('day_closed', businessDate));
			const z = this.#report(close);
			append(this.#desk, 'z', businessDate, { ...head, date: businessDate, z });
			return z;
		});
	}

	#report({ businessDate, counted, scope }: Parameters<Day['z']>[0]): ZReport {
		const { device } = this.#shop;
		const only = scope === 'device' ? device : undefined;
		const report = reportOf(businessDate, this.#facts(businessDate, only), this.#moved(businessDate, only));
		// A till that has sold nothing has its float all the same.
		const drawer = this.#drawers(businessDate, only === undefined ? this.#shifts().keys() : [only]);
		const expected = (report.tenders.cash ?? 0) + drawer.float + drawer.in - drawer.out - drawer.drop;
		const before = this.list()
			.get()
			.filter((z) => z.scope === scope && (scope === 'store' || z.device === device));
		const z = {
			...report,
			no: before.length + 1,
			scope,
			device,
			drawer,
			expected,
			counted,
			difference: counted - expected,
			gaps: this.#gaps().map(({ from, to, why }) => ({ from, to, why })),
			unseen: scope === 'store' ? this.#unseen(businessDate) : [],
		};
		return { ...z, hash: this.#shop.hash(z as unknown as Json) };
	}

	/** This store's closes, in the order of their days. */
	list({ from = '' }: { readonly from?: IsoDate } = {}): Live<readonly ZReport[]> {
		return this.#closes.read(() =>
			[...this.#closes.values(this.#desk)]
				.flat()
				.filter((z) => z.businessDate >= from)
				.sort((a, b) => (a.businessDate < b.businessDate ? -1 : a.businessDate > b.businessDate ? 1 : a.no - b.no)),
		);
	}

	/** Of that day, what came after its close: each till's sales, refunds and money on account beyond those that the Z counted. */
	late(z: ZReport): Live<readonly LateEntry[]> {
		return liveOf(this.#shop, [this.#sales, this.#money], () => {
			const only = z.scope === 'device' ? z.device : undefined;
			const seen: Record<DeviceId, number> = {};
			const facts = this.#facts(z.businessDate, only).filter(({ device }) => {
				seen[device] = (seen[device] ?? 0) + 1;
				return seen[device] > (z.byDevice[device] ?? 0);
			});
			const money = this.#moved(z.businessDate, only).filter(
				({ device, no }) => no > (z.onAccountByDevice[device] ?? 0),
			);
			return [
				...facts.map(({ kind, receiptNo, net, due, atMs }) => ({ kind, receiptNo, net, taken: due, atMs })),
				...money.map(
					({ amount, atMs }) => ({ kind: 'on_account', receiptNo: '', net: 0, taken: amount, atMs }) as const,
				),
			].sort((a, b) => a.atMs - b.atMs);
		});
	}

	/** True where the numbers of a Z are those that its hash was made of. */
	isSound(z: ZReport): boolean {
		const { hash, ...rest } = z;
		return this.#shop.hash(rest as unknown as Json) === hash;
	}

	/** Part of whatever takes or gives money: refuses `day_closed` where this till knows that the day is. */
	mustBeOpen({ tx }: Writing, date: IsoDate): void {
		if (this.#closed(date, this.#shop.device)) tx.refuse(no('day_closed', date));
	}

	get #desk() {
		return ledgers.desk(this.#shop.store);
	}

	/** By the store's close, or by that of a till. */
	#closed(date: IsoDate, device: DeviceId | undefined): boolean {
		const closes = this.#closes.get(date, this.#desk) ?? [];
		return closes.some((z) => z.scope === 'store' || z.device === device);
	}

	#facts(date: IsoDate, device: DeviceId | undefined): readonly Fact[] {
		return this.#sales.on(date, this.#shop.store).filter((fact) => device === undefined || fact.device === device);
	}

	#moved(date: IsoDate, device: DeviceId | undefined): readonly AccountFact[] {
		return this.#money.on(date, this.#shop.store).filter((fact) => device === undefined || fact.device === device);
	}

	#shifts() {
		return this.#shop.desk.logs<Json>('shift');
	}

	#drawers(date: IsoDate, devices: Iterable<DeviceId>): ZReport['drawer'] {
		const sums = { float: 0, in: 0, out: 0, drop: 0 };
		for (const device of devices)
			for (const { value } of this.#shifts().entries(device) as unknown as readonly Stamped<DrawerDocument>[])
				if (value.date !== date) continue;
				else if (value.verb === 'day.open_shift') sums.float += value.float;
				else sums[value.kind] += value.amount;
		return sums;
	}

	#unseen(date: IsoDate): readonly DeviceId[] {
		const seen = new Set(
			[...this.#facts(date, undefined), ...this.#moved(date, undefined)].map(({ device }) => device),
		);
		const known = new Set<DeviceId>();
		for (const facts of [this.#sales, this.#money])
			for (const fact of facts.between(addDays(date, -rememberedDays), date))
				if (fact.store === this.#shop.store) known.add(fact.device);
		return [...known].filter((device) => !seen.has(device)).sort();
	}
}

/** The first of each scope and till: a second one, closed apart, is the same day closed twice and counts no more. */
function foldCloses(_: IsoDate, entries: readonly Stamped<DayClosed>[]): readonly ZReport[] | undefined {
	const first = new Map<string, ZReport>();
	for (const { value } of entries) {
		const of = value.z.scope === 'store' ? 'store' : value.z.device;
		if (!first.has(of)) first.set(of, value.z);
	}
	return first.size === 0 ? undefined : [...first.values()];
}

function cashOf(tenders: Fact['tenders']): Minor {
	return tenders.reduce((sum, { name, amount }) => sum + (name === 'cash' ? amount : 0), 0);
}
