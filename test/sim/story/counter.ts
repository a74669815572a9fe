import type { Pool } from '../../../src/ledger/ledger.js';
import type { Tx } from '../../../src/ledger/tx.js';
import type { Replica } from '../../../src/replica/replica.js';
import { storeName } from '../machines/chain.js';
import type { Chance } from '../machines/chance.js';

/** What the shops sell, and who buys. */
export const skus = ['tea', 'cup'] as const;
export const members = ['ann', 'bo'] as const;
export const staff = ['lin', 'mei'];

/** What people at one till do, by the public interface alone; a vendor's application in small. */
export interface Counter {
	readonly replica: Replica;
	/** Index of its store. */
	readonly store: number;
	readonly chance: Chance;
	/** A number that was never used before in this scene. */
	readonly serial: () => number;
	/** The commit's outcome, or its failure, is somebody else's concern. */
	readonly commit: (what: string, work: (tx: Tx) => unknown, key?: string) => void;
	/** Something that must come to nothing: a refusal, or a failure that says why. */
	readonly mistake: (what: string, attempt: () => Promise<unknown>) => void;
	/** Something that is asked for and may not come. */
	readonly wish: (what: string, wish: Promise<unknown>) => void;
	/** Names of other devices of the store, by which they can be given shares. */
	readonly others: () => readonly string[];
	readonly memory: StoreMemory;
}

/** What is known among the people of the chain: papers, receipts, tabs. */
export interface StoreMemory {
	/** Lines sold, any of which may be brought back, in any store. */
	readonly soldLines: string[];
	/** Tables whose bill is still open: where the hold is. */
	readonly tabs: { readonly device: string; readonly store: number; readonly hold: string; readonly amount: number }[];
	/** Idempotency keys of sales, with what they stood for. */
	readonly keys: { readonly device: string; readonly key: string; readonly qty: number; readonly sku: string }[];
	readonly documents: string[];
	/** One-time coupons, by their number. */
	coupons: number;
}

export const stockOf = ({ replica, store }: Counter): Pool => replica.ledger(`stock/${storeName(store)}`).pool('stock');
export const shelfOf = ({ replica, store }: Counter): Pool =>
	replica.ledger(`stock/${storeName(store)}`).pool('shelf', { policy: 'soft' });
export const couponsOf = ({ replica }: Counter): Pool => replica.ledger('members/m').pool('coupon');
export const pointsOf = ({ replica }: Counter): Pool =>
	replica.ledger('members/m').pool('points', { restsAt: 'store' });
export const refundsOf = ({ replica }: Counter): Pool => replica.ledger('members/m').pool('refundable');
export const ordersOf = ({ replica, store }: Counter) => replica.ledger(`orders/${storeName(store)}`);
