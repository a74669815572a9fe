import type { StoreId } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import type { Outcome } from './outcome.js';
import type { WriteOptions } from './writing.js';

/** What a person must look at, whatever capability found it. */
export interface Exception {
	/** Unlike any other of the chain; begins with its kind. */
	readonly id: string;
	readonly kind: string;
	readonly store: StoreId;
	/** What it is about: a SKU, an order, a member. */
	readonly subject: string;
	/** Units, minor units or pieces of it. */
	readonly amount: number;
	/** When what it is about happened, in milliseconds since 1970. */
	readonly atMs: number;
	readonly state: 'open' | 'done';
	readonly outcome?: string;
}

/** A capability that finds exceptions. Each is resolved once, in one place, by whoever holds its right. */
export interface ExceptionSource {
	readonly exceptions: Live<readonly Exception[]>;
	resolve(id: string, outcome: string, options: WriteOptions): Promise<Outcome<void>>;
}
