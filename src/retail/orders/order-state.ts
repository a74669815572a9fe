import type { DeviceId, LedgerName, StoreId } from '../../base/ids.js';
import type { Stamped } from '../../ledger/written.js';
import type {
	LineId,
	MatterKind,
	MemberId,
	OrderId,
	OrderResolved,
	OrderVoided,
	PricedLine,
	Refunded,
	Settled,
} from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import type { IsoDate } from '../shop/business-day.js';
import type { Minor } from '../shop/money.js';
import type { OrderPhase } from './order-events.js';

/** A change to a settled order that the settlement had not seen. */
export interface LateChange {
	readonly kind: 'added' | 'changed';
	readonly line: LineId;
	readonly sku: SkuId;
	/** More (or less, below zero) than was settled, at the SKU's scale, that nobody has dealt with. */
	readonly qty: number;
	/** What more or less of it is worth, taxes aside. */
	readonly net: Minor;
	/** The line as it stands now, or stood before it was voided. */
	readonly now: PricedLine;
}

/** What contradictory documents leave for a person, and nobody has dealt with yet. */
export interface Matter {
	readonly kind: MatterKind;
	readonly amount: Minor;
	readonly atMs: number;
}

/** An order as all documents known here tell it: an immutable value. */
export interface OrderState {
	readonly id: OrderId;
	/** Where it is written. */
	readonly ledger: LedgerName;
	/** All that it lies in: more than one only of an order that was named outside and opened on two days; see `OrderStates`. */
	readonly ledgers: readonly LedgerName[];
	/** Where the settlement that stands is, and the right to give its lines back. */
	readonly settledIn?: LedgerName;
	readonly store: StoreId;
	/** Business date of opening: its ledger's. */
	readonly businessDate: IsoDate;
	readonly state: OrderPhase;
	readonly openedMs: number;
	/** Who opened it first in `ledger`; undefined where only later documents have come. */
	readonly openedBy: DeviceId | undefined;
	readonly table?: string;
	readonly member?: MemberId;
	readonly channel?: string;
	readonly externalId?: string;
	readonly pickup?: string;
	readonly followUpOf?: OrderId;
	readonly splitOf?: OrderId;
	/** As settled, once it is; before that as they stand. */
	readonly lines: readonly PricedLine[];
	/** Sum of the lines' nets. */
	readonly net: Minor;
	/** The settlement that stands: the first. */
	readonly settled: Settled | undefined;
	/** More than one only of an order that was named outside and opened at two tills: both count. */
	readonly settlements: readonly Stamped<Settled>[];
	readonly refunds: readonly Stamped<Refunded>[];
	/** Refunds that are not what they say: they count nowhere. */
	readonly refused: readonly Stamped<Refunded>[];
	readonly voided: OrderVoided | undefined;
	/** Not dealt with yet. */
	readonly late: readonly LateChange[];
	readonly followUps: readonly OrderId[];
	readonly matters: readonly Matter[];
	readonly resolutions: readonly Stamped<OrderResolved>[];
	/** How often each line was changed, and the order parked or recalled: what the next change counts on from. */
	readonly changes: ReadonlyMap<LineId, number>;
	readonly turns: number;
}
