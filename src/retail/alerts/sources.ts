import type { DeviceId, StoreId } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import { Sales } from '../sales/sales.js';
import { addDays } from '../shop/business-day.js';
import type { Minor } from '../shop/money.js';
import type { Shop } from '../shop/shop.js';
import type { Noticed } from './alert.js';

/** Where alerts come from: what a capability sees now. What it saw before and sees no more stays raised. */
export type AlertSource = Live<readonly Noticed[]>;

/** As stock tells of them: one request a crossing of the reorder point, by the same id at every till. */
export interface LowStock {
	readonly id: string;
	readonly sku: string;
	readonly qty: number;
	readonly store: StoreId;
}

export function lowStock(shop: Shop, requests: Live<readonly LowStock[]>): AlertSource {
	return requests.map((all) =>
		all
			.filter(({ store }) => store === shop.store)
			.map(({ id, sku, qty }) => ({ kind: 'low-stock', what: id, subject: sku, amount: qty })),
	);
}

/** Refunds of today and yesterday that gave back `threshold` or more. */
export function largeRefunds(shop: Shop, threshold: Minor): AlertSource {
	const sales = Sales.of(shop);
	return sales.live(() =>
		[...sales.between(addDays(shop.today(), -1), shop.today())]
			.filter(({ kind, store, due }) => kind === 'refund' && store === shop.store && -due >= threshold)
			.map(({ order, receiptNo, due, device }) => ({
				kind: 'large-refund',
				what: `${order}/${receiptNo}`,
				subject: receiptNo,
				amount: -due,
				device,
			})),
	);
}

/** As the list of tasks tells of them. */
export interface OpenTask {
	readonly id: string;
	readonly kind: string;
	readonly summary: string;
	readonly store: StoreId;
	readonly state: string;
}

export function openTasks(shop: Shop, tasks: Live<readonly OpenTask[]>): AlertSource {
	return tasks.map((all) =>
		all
			.filter(({ store, state }) => store === shop.store && state === 'open')
			.map(({ id, kind, summary }) => ({ kind: 'task', what: id, subject: kind, summary })),
	);
}

/** A till that sold and has not been heard of since. */
export interface SilentTill {
	readonly device: DeviceId;
	readonly name: string;
	/** Its last word, in milliseconds since 1970 by its own clock. */
	readonly lastMs: number;
}

export function silentTills(tills: Live<readonly SilentTill[]>): AlertSource {
	return tills.map((all) =>
		all.map(({ device, name, lastMs }) => ({
			kind: 'till-silent',
			what: `${device}/${lastMs}`,
			subject: name,
			amount: lastMs,
		})),
	);
}
