import type { DeviceId } from '../../base/ids.js';
import type { Minor } from '../shop/money.js';
import type { Head } from '../shop/writing.js';
import type { ReceiptGap, Report } from './report.js';

/** ---- the log `shift/<device>` in `desk/<store>` ---- */

export interface ShiftOpened extends Head {
	readonly verb: 'day.open_shift';
	/** What lies in the drawer to begin with. */
	readonly float: Minor;
}

export interface CashMoved extends Head {
	readonly verb: 'day.cash';
	/** `drop`: out of the drawer and into the safe. */
	readonly kind: 'in' | 'out' | 'drop';
	readonly amount: Minor;
	readonly reason: string;
}

export type DrawerDocument = ShiftOpened | CashMoved;

/** ---- the log `z/<business date>` in `desk/<store>` ---- */

export interface ZReport extends Report {
	/** Counted up by one a close, per scope: of the store, or of each till. */
	readonly no: number;
	readonly scope: 'device' | 'store';
	readonly device: DeviceId;
	/** What was in the drawers to begin with, and what was put in, taken out, or dropped into the safe, all without a customer. */
	readonly drawer: Readonly<Record<'float' | 'in' | 'out' | 'drop', Minor>>;
	/** Cash that should be there (cash tenders + float + in - out - drop), and what was counted. */
	readonly expected: Minor;
	readonly counted: Minor;
	readonly difference: Minor;
	readonly gaps: readonly ReceiptGap[];
	/** Tills of the store that took money here before and had not been heard of since the day began. */
	readonly unseen: readonly DeviceId[];
	/** Over all of the above: a Z that was changed shows. */
	readonly hash: string;
}

export interface DayClosed extends Head {
	readonly verb: 'day.z';
	readonly z: ZReport;
}
