import type { Till, TillOptions } from './open-till.js';

export type { Till, TillOptions, TillSettings } from './open-till.js';

/**
 * Opens this till: its replica, and the shop on it. See `openReplica` for what it throws. The part that knows shops is loaded
 * now; who needs journals and pools alone does not load it.
 */
export async function openTill(options: TillOptions): Promise<Till> {
	const shop = await import('./open-till.js');
	return shop.openTill(options);
}

type OnReplica = typeof import('./open-till.js').tillOn;

/** The shop on a replica that is open already, or on a second window of one. */
export async function tillOn(...on: Parameters<OnReplica>): Promise<Till> {
	const shop = await import('./open-till.js');
	return shop.tillOn(...on);
}
