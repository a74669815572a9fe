import type { LedgerName } from '../../base/ids.js';
import type { Pool } from '../../ledger/ledger.js';
import type { Shop } from '../shop/shop.js';

/** One unit an approved payment: it settles one order, or is given back, once. */
export function paymentPool(shop: Shop, ledger: LedgerName): Pool {
	return shop.ledger(ledger).pool('payment', { restsAt: 'store' });
}
