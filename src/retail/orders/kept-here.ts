import type { Shop } from '../shop/shop.js';
import type { OrderIndex } from './order-index.js';
import { settleRight } from './order-pools.js';

/** Less than half of what makes a share idle (ESC10). */
const everyMs = 4 * 60_000;

/**
 * The right to settle goes to rest where nothing happens to it for a while, and a table may sit for hours: as long as an
 * order is open, the till that has the right keeps it, so that it can settle without a line. What is parked goes to rest.
 */
export function keepOpenOrdersHere(shop: Shop, orders: OrderIndex): void {
	let isWaiting = false;
	const wait = () => {
		if (isWaiting || orders.unsettled.size === 0) return;
		isWaiting = true;
		shop.platform.timers.after(everyMs, touch, true);
	};
	const touch = () => {
		isWaiting = false;
		const open = [...orders.unsettled.values()].filter(({ state }) => state === 'open');
		const here = open.map((order) => settleRight(shop, order)).filter(({ pool, key }) => pool.mine(key) > 0);
		if (here.length === 0) return; // the next change to an order begins anew
		const touched = here.map(({ pool, key }) => pool.ensure(key, 1));
		Promise.all(touched).then(wait, () => {}); // closed
	};
	orders.states.onChange(wait);
	wait();
}
