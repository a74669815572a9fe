import type { LedgerName } from '../../base/ids.js';
import type { Pool } from '../../ledger/ledger.js';
import type { LineId, MatterKind, OrderId } from '../documents/order.js';
import { rights } from '../shop/rights.js';
import type { Shop, Writing } from '../shop/shop.js';
import type { OrderState } from './order-state.js';

/** The right to settle an order: one unit, and whoever has it may settle, once. */
export interface SettleRight {
	readonly pool: Pool;
	readonly key: string;
}

type Opened = Pick<OrderState, 'id' | 'ledger' | 'externalId' | 'openedBy'>;

/** Of several rights, made by tills that opened what is named outside before they heard of each other, the first counts (S10). */
export function settleRight(shop: Shop, order: Opened): SettleRight {
	return { pool: settlePool(shop, order.ledger), key: rightOf(order.id, openerOf(order)) };
}

function settlePool(shop: Shop, ledger: LedgerName): Pool {
	return shop.ledger(ledger).pool('settle', { restsAt: 'store' });
}

/** What may still be given back of each line, by `order:line`, in units of its SKU. */
export function refundablePool(shop: Shop, ledger: LedgerName): Pool {
	return shop.ledger(ledger).pool('refundable', { restsAt: 'hq' });
}

export function refundableKey(order: OrderId, line: LineId): string {
	return `${order}:${line}`;
}

const kinds: readonly MatterKind[] = ['late_change', 'refund_request'];

/**
 * The right to settle an order, and one for each thing that may go wrong with it. What is named outside may be opened at
 * two tills: then each mints its own, under its own name, and the ones of the first opening count.
 */
export function mintOpening(w: Writing, shop: Shop, ledger: LedgerName, id: OrderId, isNamedOutside: boolean): void {
	const right = rightOf(id, isNamedOutside ? shop.device : undefined);
	w.tx.mint(settlePool(shop, ledger), right, 1, right);
	for (const kind of isNamedOutside ? [...kinds, 'double_settle' as const] : kinds)
		rights.mint(w, shop, ledger, rightOf(exceptionId(kind, id, 0), isNamedOutside ? shop.device : undefined));
}

/** After so many resolutions of this kind: what comes to light later is an exception of its own. */
export function exceptionId(kind: MatterKind, order: OrderId, resolved: number): string {
	return resolved === 0 ? `${kind}:${order}` : `${kind}:${order}:${resolved + 1}`;
}

export function nextException(kind: MatterKind, { id, resolutions }: OrderState): string {
	return exceptionId(kind, id, resolutions.filter(({ value }) => value.kind === kind).length);
}

export function rightOf(right: string, opener: string | undefined): string {
	return opener === undefined ? right : `${right}@${opener}`;
}

/** Under whose name the rights of an order were minted, where that matters. */
export function openerOf({ externalId, openedBy }: Pick<OrderState, 'externalId' | 'openedBy'>): string | undefined {
	return externalId === undefined ? undefined : openedBy;
}
