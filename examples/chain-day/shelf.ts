import { agree, type Chain, type Store } from './chain.js';
import { type Delivery, shelfKey } from './input.js';
import { ordersLedger, shelfOf, stockLedger, wasteOf } from './ledgers.js';
import { patienceMs, pause, type Station } from './station.js';

/** Puts the morning's delivery on the shelf of the store and hands each till a part of it; the rest stays at home. */
export async function openShelf({ outlet, home, tills }: Store, day: string, deliveries: readonly Delivery[]) {
	if (deliveries.length === 0) return;
	const shelf = shelfOf(home.replica, outlet);
	await home.replica.commit((tx) => {
		for (const { product, quantity } of deliveries) {
			const key = shelfKey(day, product);
			tx.mint(shelf, key, quantity, `delivery ${outlet} ${key}`);
			const part = Math.floor(quantity / (tills.length + 2));
			if (part > 0) for (const { station } of tills) tx.grant(shelf, key, part, station.replica.device);
		}
	});
	for (const { product, quantity } of deliveries)
		for (const { station } of tills)
			await shelfOf(station.replica, outlet)
				.total(shelfKey(day, product))
				.when(({ minted }) => minted >= quantity, { timeoutMs: patienceMs });
}

/** Books what still waits, and throws away what is left. Everybody is linked and nobody sells any more. */
export async function closeShelf(chain: Chain, store: Store, day: string, deliveries: readonly Delivery[]) {
	const { outlet, home, tills } = store;
	const keys = deliveries.map(({ product }) => shelfKey(day, product));
	const everybody = [chain.headquarters, home, ...tills.map(({ station }) => station)];
	const ledgers = [stockLedger(outlet), ordersLedger(outlet, day)];
	await agree(everybody, ledgers);
	const counted = new Set(keys);
	await bringHome(store, keys);
	for (const till of tills)
		while (till.parked.length > 0) {
			await agree([home, till.station], [stockLedger(outlet)]);
			await till.settleNext(counted);
			await bringHome(store, keys);
		}
	const { replica } = home;
	const shelf = shelfOf(replica, outlet);
	const waste = wasteOf(replica, outlet);
	const left = deliveries.filter(({ product }) => shelf.mine(shelfKey(day, product)) > 0);
	if (left.length > 0)
		await replica.commit((tx) => {
			for (const { product } of left) {
				const key = shelfKey(day, product);
				const quantity = shelf.mine(key);
				tx.append(waste, { day, product, quantity });
				tx.spend(shelf, key, quantity);
			}
		});
	await agree(everybody, ledgers);
}

/** Tills hand back what they hold, until all that is left of the shelf rests at home. */
async function bringHome({ outlet, home, tills }: Store, keys: readonly string[]) {
	const untilMs = Date.now() + patienceMs;
	const shelf = shelfOf(home.replica, outlet);
	const allHome = () => keys.every((key) => shelf.mine(key) === shelf.total(key).get().level);
	while (!allHome() && Date.now() < untilMs) {
		await Promise.all(tills.map(({ station }) => handBack(station, outlet, keys, home.replica.device)));
		for (let i = 0; i < 20 && !allHome(); i++) await pause(5);
	}
}

function handBack(station: Station, outlet: string, keys: readonly string[], home: string) {
	return station.withReplica(async (replica) => {
		const shelf = shelfOf(replica, outlet);
		const held = keys.filter((key) => shelf.mine(key) > 0);
		if (held.length === 0) return;
		await replica.commit((tx) => {
			for (const key of held) tx.grant(shelf, key, shelf.mine(key), home);
		});
	});
}
