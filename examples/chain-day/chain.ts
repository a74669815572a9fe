import { patienceMs, until } from './patience.js';
import type { Programs } from './programs.js';
import type { Chance } from './random.js';
import { RelayBox } from './relay-box.js';
import { headquarters as headquartersStore } from './shop.js';
import { linkedIn, Station } from './station.js';
import { Till } from './till.js';

export const tillsPerStore = 4;

export interface Store {
	readonly outlet: string;
	/** Has every entry of its store on disk, and its home, which keeps the shares that no till needs. */
	readonly relay: RelayBox;
	readonly tills: readonly Till[];
}

export interface Chain {
	readonly headquarters: RelayBox;
	/** A desk at headquarters that shows everything. */
	readonly office: Station;
	readonly stores: readonly Store[];
}

export const allTills = ({ stores }: Chain): Till[] => stores.flatMap((store) => store.tills);
export const allStations = (chain: Chain): Station[] => [chain.office, ...allTills(chain).map((till) => till.station)];
const allRelays = ({ headquarters, stores }: Chain): RelayBox[] => [headquarters, ...stores.map(({ relay }) => relay)];

/**
 * Headquarters' relay with a desk beside it, and for every outlet a relay and four tills: each a process of its own with
 * files of its own in `folder`, all linked over WebSocket.
 */
export async function openChain(
	folder: string,
	programs: Programs,
	outlets: readonly string[],
	chance: Chance,
): Promise<Chain> {
	const headquarters = await RelayBox.open({ name: 'headquarters', folder, programs });
	const open = (name: string, store: string, relay: RelayBox) =>
		Station.open({ name, store, folder, chance: chance.branch(name), relay });
	const office = open('office', headquartersStore, headquarters);
	const stores = outlets.map(async (outlet): Promise<Store> => {
		const relay = await RelayBox.open({ name: `store-${outlet}`, folder, programs, outlet, above: headquarters });
		const tills = Array.from({ length: tillsPerStore }, async (_, i) => {
			return new Till(outlet, await open(`till-${outlet}-${i + 1}`, outlet, relay));
		});
		return { outlet, relay, tills: await Promise.all(tills) };
	});
	const chain = { headquarters, office: await office, stores: await Promise.all(stores) };
	await Promise.all([...allStations(chain).map(linkedIn), ...chain.stores.map(({ relay }) => relay.linked())]);
	return chain;
}

export async function closeChain(chain: Chain): Promise<void> {
	await Promise.all(allStations(chain).map((station) => station.close()));
	for (const relay of allRelays(chain).reverse()) await relay.close();
}

export async function complaintsOf(chain: Chain): Promise<string[]> {
	return (await Promise.all(allRelays(chain).map((relay) => relay.complaints()))).flat();
}

const chainWide: ReadonlySet<string> = new Set(['catalog', 'transfers', 'members']);

/** Who shows a ledger. */
export function keepersOf(chain: Chain, ledger: string): Station[] {
	const [kind = '', outlet] = ledger.split('/');
	if (chainWide.has(kind)) return allStations(chain);
	return [chain.office, ...allTills(chain).flatMap((till) => (till.outlet === outlet ? [till.station] : []))];
}

/** Resolves to whether these devices came to show the same figures of these ledgers in time. */
export function agree(stations: readonly Station[], ledgers: readonly string[], timeoutMs = patienceMs) {
	return until(async () => {
		const shown = stations.map((station) => station.ask((program) => program.ask('digests', ledgers)));
		return new Set((await Promise.all(shown)).map((digests) => digests.join())).size === 1;
	}, timeoutMs);
}
