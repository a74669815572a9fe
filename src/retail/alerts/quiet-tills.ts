import type { DeviceId } from '../../base/ids.js';
import { createLive, type Live } from '../../ledger/live.js';
import { AccountMoney } from '../sales/account-money.js';
import { Sales } from '../sales/sales.js';
import { addDays } from '../shop/business-day.js';
import type { Shop } from '../shop/shop.js';
import type { SilentTill } from './sources.js';

const lookEveryMs = 60_000;

/** Tills of this store that took money today or yesterday and have written nothing for `afterMs`. Looked at once a minute. */
export function quietTills(shop: Shop, afterMs: number): Live<readonly SilentTill[]> {
	const [sales, money] = [Sales.of(shop), AccountMoney.of(shop)];
	let minute = 0;
	return createLive({
		version: () => `${sales.version} ${money.version} ${minute}`,
		read: () => quiet(shop, [sales, money], afterMs),
		timers: shop.platform.timers,
		listen(changed) {
			let cancel = () => {};
			const look = () => {
				minute++;
				changed();
				cancel = shop.platform.timers.after(lookEveryMs, look, true);
			};
			cancel = shop.platform.timers.after(lookEveryMs, look, true);
			return () => cancel();
		},
	});
}

function quiet(shop: Shop, all: readonly (Sales | AccountMoney)[], afterMs: number): SilentTill[] {
	const today = shop.today();
	const last = new Map<DeviceId, number>();
	for (const facts of all)
		for (const { store, device, atMs } of facts.between(addDays(today, -1), today))
			if (store === shop.store && device !== shop.device) last.set(device, Math.max(last.get(device) ?? 0, atMs));
	const nowMs = shop.nowMs();
	return [...last]
		.filter(([, lastMs]) => nowMs - lastMs > afterMs)
		.map(([device, lastMs]) => ({ device, name: device, lastMs }));
}
