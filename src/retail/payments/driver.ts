import type { Minor } from '../shop/money.js';

/** What a terminal said of a key. */
export interface Charge {
	readonly state: 'approved' | 'declined' | 'unknown';
	/** The terminal's own number of it. */
	readonly ref?: string;
	readonly brand?: string;
	readonly last4?: string;
}

/**
 * A terminal or a wallet's server. Each key is one intent to pay: asked twice for one key, it charges once. Anything that
 * it throws counts as `unknown`.
 */
export interface PaymentDriver {
	readonly name: string;
	/** The key is on this device's disk before this is called. */
	charge(key: string, amount: Minor): Promise<Charge>;
	/** What became of a key; asked before an unknown one is tried again. */
	query(key: string): Promise<Charge | 'never-heard-of-it'>;
	/** Gives the money of a key back, once however often it is asked. */
	reverse(key: string): Promise<void>;
}
