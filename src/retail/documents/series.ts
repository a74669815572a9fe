import type { DeviceId } from '../../base/ids.js';
import type { Head } from '../shop/shop.js';

/** ---- the log `series/<name>` in `desk/<store>` ---- */

/** Numbers from `from`, in `ranges` ranges of `size`. Opened again from where it ended, it goes on. */
export interface SeriesOpened extends Head {
	readonly verb: 'series.open';
	readonly prefix: string;
	readonly from: number;
	readonly size: number;
	readonly ranges: number;
	/** Numbers are written with so many digits at least. */
	readonly digits: number;
}

/** The range is its author's for good. */
export interface RangeLeased extends Head {
	readonly verb: 'series.lease';
	/** Its first number. */
	readonly range: number;
}

/** What a device has not used of its ranges will not be used. */
export interface NumbersSkipped extends Head {
	readonly verb: 'series.skip';
	readonly device: DeviceId;
	readonly ranges: readonly number[];
	readonly why: 'returned' | 'lost';
}

export type SeriesDocument = SeriesOpened | RangeLeased | NumbersSkipped;
