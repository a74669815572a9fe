import type { Till } from 'tillmesh';
import type { ChainInput } from './input.js';
import { patienceMs } from './patience.js';

/**
 * What is ever delivered is counted, and never sold beyond the stock. A day without a row in the stock table does not count
 * it, and a receipt may sell more than came: those units are a product of their own, which is not counted.
 */
export interface Products {
	readonly counted: readonly string[];
	readonly others: readonly string[];
}

const beside = ' beside the shelf';

export function productsOf({ tickets, deliveries }: ChainInput): Products {
	const counted = new Set(deliveries.map(({ product }) => product));
	const sold = new Set(tickets.flatMap(({ lines }) => lines.map(({ product }) => product)));
	return { counted: [...counted], others: [...sold].filter((product) => !counted.has(product)) };
}

/** The SKU of units that no shelf gives up. */
export function uncountedSku(till: Till, product: string): string {
	return till.catalog.sku(product)?.policy === 'none' ? product : product + beside;
}

export const productOf = (sku: string): string => sku.replace(beside, '');

export async function defineProducts(till: Till, { counted, others }: Products): Promise<void> {
	const uncounted = [...others, ...counted.map((product) => product + beside)];
	await till.catalog.define([
		...counted.map((sku) => ({ sku, name: `pastry ${sku}`, policy: 'hard' as const })),
		...uncounted.map((sku) => ({ sku, name: `product ${sku}`, policy: 'none' as const })),
	]);
}

/** What is written last is here, and so is all before it. */
export async function seesProducts(till: Till, { counted, others }: Products): Promise<void> {
	for (const sku of [...others, ...counted.map((product) => product + beside)])
		await till.catalog.live(sku).when(Boolean, { timeoutMs: patienceMs });
}

/** The members who come today, from the table that headquarters keeps: by number, without names. */
export async function enrol(till: Till, members: readonly string[]): Promise<void> {
	const fresh = members.filter((id) => till.members.accountNow(id) === undefined);
	await Promise.all(fresh.map((id) => till.members.register({ id }, { idempotencyKey: `member ${id}` })));
}

export async function seesMembers(till: Till, members: readonly string[]): Promise<void> {
	for (const id of members) await till.members.account(id).when(Boolean, { timeoutMs: patienceMs });
}
