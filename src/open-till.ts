import { BadArgument } from './base/errors.js';
import { checkAmount, checkName } from './base/limits.js';
import type { Platform } from './ports/index.js';
import { openReplica } from './replica/open.js';
import type { OpenOptions } from './replica/options.js';
import type { Replica } from './replica/replica.js';
import { firstOf, openRetail, type Retail, type RetailOptions } from './retail/retail.js';
import type { IsoDate } from './retail/shop/business-day.js';
import type { ShopSettings } from './retail/shop/shop.js';

/** The store's settings; `rounding` is `half-up` and `locale` is `en` by default. */
export type TillSettings = Omit<ShopSettings, 'rounding' | 'locale'> &
	Partial<Pick<ShopSettings, 'rounding' | 'locale'>>;

export interface TillOptions extends Omit<OpenOptions, 'keeps'>, TillSettings, RetailOptions {
	readonly keeps?: {
		/**
		 * `none` on a device that sells to no members, such as a warehouse's. `visited`: only those who come to this till, and
		 * who lie in a ledger with them; whoever is asked for is fetched where a line is there. `all` by default.
		 */
		readonly members?: 'none' | 'visited' | 'all';
		/**
		 * Orders of so many business days of this store, today's among them, counted when this till is first opened; what it
		 * keeps from then on stays. An older day comes when somebody asks for it: `orders.find`, a refund. All by default.
		 */
		readonly orderDays?: number;
		/** Other stores whose orders are here too: refunds of their sales, dashboards. `all` for headquarters. */
		readonly stores?: 'all' | readonly string[];
		/** Ledgers of the vendor's own, as names or patterns. */
		readonly ledgers?: readonly string[];
	};
}

/** Everything that a shop does, and the replica below it. */
export type Till = Retail<Replica>;

export async function openTill(options: TillOptions): Promise<Till> {
	const { keeps = {}, store, zone, dayCut, currency, rounding, locale, taxes, slotMinutes, ...other } = options;
	const { members, approvals, alerts, ...rest } = other;
	checkName('store', store);
	if (store.includes('/')) throw new BadArgument('store', 'has no slash.');
	const since = sinceOf(options);
	const replica = await openReplica({ ...rest, keeps: ledgersOf(store, keeps, since) });
	try {
		const settings = {
			chain: rest.chain,
			store,
			zone,
			currency,
			...given({ dayCut, rounding, locale, taxes, slotMinutes }),
		};
		const visited = keeps.members === 'visited';
		const till = tillOn(
			replica,
			options.storage.platform,
			settings,
			given({ members: visited ? { ...members, visited } : members, approvals, alerts }),
		);
		till.catalog.confirm(); // headquarters sees which price lists are here
		return till;
	} catch (error) {
		await replica.shutdown();
		throw error;
	}
}

export function tillOn(
	replica: Replica,
	platform: Platform,
	settings: TillSettings,
	options: RetailOptions = {},
): Till {
	return openRetail(replica, platform, { rounding: 'half-up', locale: 'en', ...settings }, options);
}

/** Without the fields that nobody gave. */
function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never; // what is left
}

/** The first business day whose orders this till keeps from its first opening. */
function sinceOf({ keeps, storage, zone, dayCut }: TillOptions): IsoDate | undefined {
	if (keeps?.orderDays === undefined) return undefined;
	checkAmount('keeps.orderDays', keeps.orderDays);
	return firstOf(keeps.orderDays, storage.platform.clock.nowMs(), { zone, ...given({ dayCut }) });
}

function ledgersOf(
	store: string,
	{ members = 'all', stores = [], ledgers = [] }: NonNullable<TillOptions['keeps']>,
	since: IsoDate | undefined,
): string[] {
	const own = ['catalog/chain', 'transfers/chain'];
	if (members === 'all') own.push('members/*');
	const of = stores === 'all' ? ['*'] : [...new Set([store, ...stores])];
	for (const scope of of)
		own.push(
			...(scope === '*'
				? ['stock/*', 'desk/*', 'orders/*']
				: [`stock/${scope}`, `desk/${scope}`, `orders/${scope}/*${(scope === store && since) || ''}`]),
		);
	return [...own, ...ledgers];
}
