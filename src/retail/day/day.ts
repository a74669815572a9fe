import { BadArgument } from '../../base/errors.js';
import type { DeviceId } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Live } from '../../ledger/live.js';
import type { Stamped } from '../../ledger/written.js';
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

/** Days that a till counts as one of the store's after its last sale. */
const rememberedDays = 7;

/** Shifts, the drawer, X at any time, and Z, which is frozen for ever. */
export class Day {
	readonly #shop: Shop;
	readonly #sales: Sales;
	readonly #closes: Index<DayClosed, readonly ZReport[]>;
	readonly #gaps: () => readonly ReceiptGap[];

	/** `gaps`: the numbers of receipts that were skipped, and why. */
	constructor(shop: Shop, gaps: () => readonly ReceiptGap[]) {
		this.#shop = shop;
		this.#sales = Sales.of(shop);
		this.#closes = shop.index('closes', 'desk', 'z', foldCloses);
		this.#gaps = gaps;
	}

	/** The day so far, by what is here. Synchronous, at any time. */
	x({ businessDate = this.#shop.today(), staff, device }: ReportQuery = {}): Report {
		checkDate('businessDate', businessDate);
		const facts = this.#facts(businessDate, device).filter((fact) => staff === undefined || fact.staff === staff);
		return reportOf(businessDate, facts);
	}

	/** The same as a live value. */
	live(query: ReportQuery = {}): Live<Report> {
		return this.#sales.live(() => this.x(query));
	}

	/** Cash in this till's drawer by what was written: float, sales, refunds, what was put in and taken out. */
	drawer(businessDate: IsoDate = this.#shop.today(), device: DeviceId = this.#shop.device): Minor {
		const cash = this.#facts(businessDate, device).reduce((sum, { tenders }) => sum + cashOf(tenders), 0);
		const moved = this.#shop.desk.logs<Json>('shift').entries(device) as unknown as readonly Stamped<DrawerDocument>[];
		return moved.reduce((sum, { value }) => (value.date === businessDate ? sum + movedBy(value) : sum), cash);
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
	 * Refuses `day_closed` where it is closed already.
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
			if (this.#closed(businessDate, this.#shop.device)) tx.refuse(no('day_closed', businessDate));
			const z = this.#report(close);
			append(this.#desk, 'z', businessDate, { ...head, date: businessDate, z });
			return z;
		});
	}

	#report({ businessDate, counted, scope }: Parameters<Day['z']>[0]): ZReport {
		const { device } = this.#shop;
		const facts = this.#facts(businessDate, scope === 'device' ? device : undefined);
		const tills = scope === 'device' ? [device] : [...new Set([device, ...facts.map((fact) => fact.device)])];
		const expected = tills.reduce((sum, till) => sum + this.drawer(businessDate, till), 0);
		const before = this.list()
			.get()
			.filter((z) => z.scope === scope && (scope === 'store' || z.device === device));
		const z = {
			...reportOf(businessDate, facts),
			no: before.length + 1,
			scope,
			device,
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

	/** Sales and refunds of that day that came after its close: each till's beyond those that the Z counted. */
	late(z: ZReport): Live<readonly { readonly receiptNo: string; readonly net: Minor; readonly atMs: number }[]> {
		return this.#sales.live(() => {
			const seen: Record<DeviceId, number> = {};
			return this.#facts(z.businessDate, z.scope === 'device' ? z.device : undefined)
				.filter(({ device }) => {
					seen[device] = (seen[device] ?? 0) + 1;
					return seen[device] > (z.byDevice[device] ?? 0);
				})
				.map(({ receiptNo, net, atMs }) => ({ receiptNo, net, atMs }));
		});
	}

	/** True where the numbers of a Z are those that its hash was made of. */
	isSound(z: ZReport): boolean {
		const { hash, ...rest } = z;
		return this.#shop.hash(rest as unknown as Json) === hash;
	}

	/** Part of a sale: refuses `day_closed` where this till knows that the day is. */
	mustBeOpen({ tx }: Writing, date: IsoDate): void {
		if (this.#closed(date, this.#shop.device)) tx.refuse(no('day_closed', date));
	}

	get #desk() {
		return ledgers.desk(this.#shop.store);
	}

	#closed(date: IsoDate, device: DeviceId): boolean {
		const closes = this.#closes.get(date, this.#desk) ?? [];
		return closes.some((z) => z.scope === 'store' || z.device === device);
	}

	#facts(date: IsoDate, device: DeviceId | undefined): readonly Fact[] {
		return this.#sales.on(date, this.#shop.store).filter((fact) => device === undefined || fact.device === device);
	}

	#unseen(date: IsoDate): readonly DeviceId[] {
		const seen = new Set(this.#facts(date, undefined).map((fact) => fact.device));
		const known = new Set<DeviceId>();
		for (const fact of this.#sales.between(addDays(date, -rememberedDays), date))
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

function movedBy(document: DrawerDocument): Minor {
	if (document.verb === 'day.open_shift') return document.float;
	return document.kind === 'in' ? document.amount : -document.amount;
}
