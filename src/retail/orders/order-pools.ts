import type { LedgerName } from '../../base/ids.js';
import type { Pool } from '../../ledger/ledger.js';
import type { LineId, MatterKind, OrderId } from '../documents/order.js';
import { rights } from '../shop/rights.js';
import type { Shop, Writing } from '../shop/shop.js';
import type { OrderState } from './order-state.js';

/** One unit an order: whoever has it may settle the order, once. */
export function settlePool(shop: Shop, ledger: LedgerName): Pool {
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
	w.tx.mint(settlePool(shop, ledger), id, 1, isNamedOutside ? `${id}@${shop.device}` : id);
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

export function rightOf(exception: string, opener: string | undefined): string {
	return opener === undefined ? exception : `${exception}@${opener}`;
}

/** Under whose name the rights of an order were minted, where that matters. */
export function openerOf({ externalId, openedBy }: OrderState): string | undefined {
	return externalId === undefined ? undefined : openedBy;
}
