import { join } from 'node:path';
import { openTill, type Till } from 'tillmesh';
import { sqlite } from 'tillmesh/sqlite';

export const chain = 'store-lan';
export const store = 'main';
export const port = 7443;

/** What everything costs here, in minor units. */
export const priceMinor = 1800;

/** A till of the store. Its links are empty: the counter plugs the cable in, and pulls it. */
export const openStoreTill = (name: string, folder: string): Promise<Till> =>
	openTill({
		chain,
		store,
		name,
		storage: sqlite(join(folder, 'till.db')),
		zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
		currency: { code: 'CNY', decimals: 2 },
		links: [],
	});

/** Where a program of this example keeps what it must not lose. */
export const folderOf = (name: string) => join('.store-lan', name);
