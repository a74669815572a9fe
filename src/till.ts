import { BadArgument } from './base/errors.js';
import { checkName } from './base/limits.js';
import type { Platform } from './ports/index.js';
import { openReplica } from './replica/open.js';
import type { OpenOptions } from './replica/options.js';
import type { Replica } from './replica/replica.js';
import type { Retail, RetailOptions } from './retail/retail.js';
import type { ShopSettings } from './retail/shop/shop.js';

/** The store's settings; `rounding` is `half-up` and `locale` is `en` by default. */
export type TillSettings = Omit<ShopSettings, 'rounding' | 'locale'> &
	Partial<Pick<ShopSettings, 'rounding' | 'locale'>>;

export interface TillOptions extends Omit<OpenOptions, 'keeps'>, TillSettings, RetailOptions {
	readonly keeps?: {
		/** `none` on a device that sells to no members, such as a warehouse's. `all` by default. */
		readonly members?: 'none' | 'all';
		/** Other stores whose orders are here too: refunds of their sales, dashboards. `all` for headquarters. */
		readonly stores?: 'all' | readonly string[];
		/** Ledgers of the vendor's own, as names or patterns. */
		readonly ledgers?: readonly string[];
	};
}

/** Everything that a shop does, and the replica below it. */
export type Till = Retail<Replica>;

/**
 * Opens this till: its replica, and the shop on it. See `openReplica` for what it throws. The part that knows shops is loaded
 * now; who needs journals and pools alone does not load it.
 */
export async function openTill(options: TillOptions): Promise<Till> {
	const { keeps = {}, store, zone, dayCut, currency, rounding, locale, taxes, slotMinutes, ...other } = options;
	const { members, approvals, alerts, ...rest } = other;
	checkName('store', store);
	if (store.includes('/')) throw new BadArgument('store', 'has no slash.');
	const replica = await openReplica({ ...rest, keeps: ledgersOf(store, keeps) });
	try {
		const settings = {
			chain: rest.chain,
			store,
			zone,
			currency,
			...given({ dayCut, rounding, locale, taxes, slotMinutes }),
		};
		const till = await tillOn(replica, options.storage.platform, settings, given({ members, approvals, alerts }));
		till.catalog.confirm(); // headquarters sees which price lists are here
		return till;
	} catch (error) {
		await replica.shutdown();
		throw error;
	}
}

/** The shop on a replica that is open already, or on a second window of one. */
export async function tillOn(
	replica: Replica,
	platform: Platform,
	settings: TillSettings,
	options: RetailOptions = {},
): Promise<Till> {
	const { openRetail } = await import('./retail/retail.js');
	return openRetail(replica, platform, { rounding: 'half-up', locale: 'en', ...settings }, options);
}

/** Without the fields that nobody gave. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never; // what is left
}

function ledgersOf(
	store: string,
	{ members = 'all', stores = [], ledgers = [] }: NonNullable<TillOptions['keeps']>,
): string[] {
	const own = ['catalog/chain', 'transfers/chain'];
	if (members === 'all') own.push('members/*');
	const of = stores === 'all' ? ['*'] : [...new Set([store, ...stores])];
	for (const scope of of)
		own.push(
			...(scope === '*' ? ['stock/*', 'desk/*', 'orders/*'] : [`stock/${scope}`, `desk/${scope}`, `orders/${scope}/*`]),
		);
	return [...own, ...ledgers];
}
