import type { Live } from '../../ledger/live.js';
import { Sales } from '../sales/sales.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkDate } from '../shop/check.js';
import type { Minor } from '../shop/money.js';
import type { Shop } from '../shop/shop.js';
import type { StaffId } from '../shop/writing.js';

export interface CommissionQuery {
	readonly from: IsoDate;
	/** The same day by default. */
	readonly to?: IsoDate;
}

export interface CommissionRow {
	readonly staff: StaffId;
	/** Their share of the lines' nets, refunds taken off: what a rate is applied to. */
	readonly net: Minor;
	/** Lines sold with a share of theirs. */
	readonly lines: number;
}

/** By staff, in order of their ids. */
export function commissionsOf(shop: Shop, { from, to = from }: CommissionQuery): Live<readonly CommissionRow[]> {
	checkDate('from', from);
	checkDate('to', to);
	const sales = Sales.of(shop);
	return sales.live(() => {
		const rows = new Map<StaffId, { net: Minor; lines: number }>();
		for (const { lines, kind } of sales.between(from, to))
			for (const { staff: shares } of lines)
				for (const { staff, net } of shares) {
					const row = rows.get(staff) ?? { net: 0, lines: 0 };
					rows.set(staff, { net: row.net + net, lines: row.lines + (kind === 'sale' ? 1 : 0) });
				}
		return [...rows].map(([staff, row]) => ({ staff, ...row })).sort((a, b) => (a.staff < b.staff ? -1 : 1));
	});
}
