import type { Till } from 'tillmesh';

/** A day of a store as its Z froze it. Money in minor units. */
export interface Close {
	readonly outlet: string;
	readonly day: string;
	readonly no: number;
	readonly sales: number;
	readonly gross: number;
	readonly discounts: number;
	readonly net: number;
	/** Cash that should be in the drawers, and what was counted. */
	readonly expected: number;
	readonly counted: number;
	/** Sales that came after it. */
	readonly late: number;
	/** Its numbers are those that were frozen. */
	readonly isSound: boolean;
}

/** The day's Z over all tills of the store. */
export async function closeDay(till: Till, businessDate: string, counted: number): Promise<void> {
	const close = { businessDate, counted, scope: 'store' } as const;
	const z = await till.day.z(close, { idempotencyKey: `z ${till.shop.store} ${businessDate}` });
	if (!z.ok) throw new Error(`Z of ${till.shop.store} on ${businessDate}: ${z.message}`);
}

export function readCloses(till: Till): Close[] {
	return till.day
		.list()
		.get()
		.map((z) => {
			const { businessDate: day, no, sales, gross, discounts, net, expected, counted } = z;
			const seen = { late: till.day.late(z).get().length, isSound: till.day.isSound(z) };
			return { outlet: till.shop.store, day, no, sales, gross, discounts, net, expected, counted, ...seen };
		});
}
