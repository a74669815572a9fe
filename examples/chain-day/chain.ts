import { membersLedger, stockLedger } from './ledgers.js';
import type { Chance } from './random.js';
import { patienceMs, pause, Station } from './station.js';
import { Till } from './till.js';

export const tillsPerStore = 4;

export interface Store {
	readonly outlet: string;
	/** Keeps the shares that no till needs, and writes the checkpoints of its store's ledgers. */
	readonly home: Station;
	readonly tills: readonly Till[];
}

export interface Chain {
	readonly headquarters: Station;
	readonly stores: readonly Store[];
}

export const allStations = ({ headquarters, stores }: Chain): Station[] => [
	headquarters,
	...stores.flatMap(({ home, tills }) => [home, ...tills.map((till) => till.station)]),
];

export const allTills = ({ stores }: Chain): Till[] => stores.flatMap((store) => store.tills);

/** Headquarters, and for every outlet a home and four tills, each with a file of its own in `folder`, all linked. */
export async function openChain(folder: string, outlets: readonly string[], chance: Chance): Promise<Chain> {
	const open = (name: string, keeps: string[], home: string[] = []) =>
		Station.open({ name, keeps, home, folder, chance: chance.branch(name) });
	const headquarters = await open('headquarters', ['stock/*', 'orders/*', 'members/*'], ['members/*']);
	const stores: Store[] = [];
	for (const outlet of outlets) {
		const own = [stockLedger(outlet), `orders/${outlet}/*`];
		const home = await open(`home-${outlet}`, [...own, membersLedger], own);
		home.plugInto(headquarters);
		const tills: Till[] = [];
		for (let i = 1; i <= tillsPerStore; i++) {
			const station = await open(`till-${outlet}-${i}`, [...own, membersLedger]);
			station.plugInto(home);
			tills.push(new Till(outlet, station));
		}
		stores.push({ outlet, home, tills });
	}
	return { headquarters, stores };
}

export async function closeChain(chain: Chain): Promise<void> {
	for (const station of allStations(chain).reverse()) await station.replica.shutdown();
}

/** Who keeps a ledger. */
export function keepersOf(chain: Chain, ledger: string): Station[] {
	const [kind, outlet] = ledger.split('/');
	if (kind === 'members') return allStations(chain);
	const store = chain.stores.find((candidate) => candidate.outlet === outlet);
	return store ? [chain.headquarters, store.home, ...store.tills.map((till) => till.station)] : [chain.headquarters];
}

/** Resolves to whether these devices came to show the same figures of these ledgers in time. */
export async function agree(stations: readonly Station[], ledgers: readonly string[], timeoutMs = patienceMs) {
	const untilMs = Date.now() + timeoutMs;
	for (let pauseMs = 5; ; pauseMs = Math.min(200, pauseMs * 2)) {
		if (ledgers.every((ledger) => new Set(stations.map(({ replica }) => replica.digest(ledger))).size === 1))
			return true;
		if (Date.now() > untilMs) return false;
		await pause(pauseMs);
	}
}
