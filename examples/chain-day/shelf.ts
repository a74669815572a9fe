import { agree, type Chain, type Store } from './chain.js';
import { type Delivery, shelfKey } from './input.js';
import { ordersLedger, stockLedger } from './ledgers.js';

/** The first till of a store takes the delivery in, and counts what is left at closing. */
function splitTills({ outlet, tills }: Store) {
	const [first, ...others] = tills;
	if (!first) throw new Error(`Store ${outlet} has no till.`);
	return { first, others };
}

export async function openShelf(store: Store, day: string, deliveries: readonly Delivery[]): Promise<void> {
	if (deliveries.length === 0) return;
	const { outlet, tills } = store;
	const { first, others } = splitTills(store);
	const devices = others.map(({ station }) => station.device);
	await first.station.ask((program) => program.ask('receive', outlet, day, deliveries, devices));
	await Promise.all(
		tills.map(({ station }) => station.ask((program) => program.ask('seesDelivery', outlet, deliveries))),
	);
}

/** Books what still waits, and throws away what is left. Everybody is linked and nobody sells any more. */
export async function closeShelf(chain: Chain, store: Store, day: string, deliveries: readonly Delivery[]) {
	const { outlet, tills } = store;
	const { first, others } = splitTills(store);
	const stations = tills.map(({ station }) => station);
	const keys = deliveries.map(({ product }) => shelfKey(day, product));
	await agree(stations, [stockLedger(outlet)]);
	const to = first.station.device;
	await Promise.all(others.map(({ station }) => station.ask((program) => program.ask('handBack', outlet, keys, to))));
	await first.station.ask((program) => program.ask('gather', outlet, keys));
	const waiting = tills.flatMap((till) => till.parked.splice(0));
	await first.station.ask((program) => program.ask('settle', waiting, keys));
	const products = deliveries.map(({ product }) => product);
	await first.station.ask((program) => program.ask('throwAway', outlet, day, products));
	await agree([chain.office, ...stations], [stockLedger(outlet), ordersLedger(outlet, day)]);
}
