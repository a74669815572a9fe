import type { IsoDate } from '../shop/business-day.js';
import type { Writing } from '../shop/shop.js';

/** Numbers that people read out: of receipts, of orders to pick up. */
export interface Numbers {
	/** The next one of a series, in this commit; never the same twice. */
	next(w: Writing, series?: string): string;
}

/** Does an order known here bear this number? */
export type IsNumberUsed = (series: string, number: string) => boolean;

/** Series whose numbers orders bear from their opening; all others are of receipts. */
export function pickupSeries(date: IsoDate): string {
	return `pickup-${date}`;
}
