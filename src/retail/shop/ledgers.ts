import { utf8 } from '../../base/bytes.js';
import type { LedgerName, StoreId } from '../../base/ids.js';
import type { IsoDate } from './business-day.js';

/** Which ledger keeps what. A kind is what roles allow and what `keeps` is told in. */
export const ledgers = {
	/** Products, prices, promotions: written by headquarters, kept by everybody. */
	catalog: 'catalog/chain' as LedgerName,
	/** Goods under way between stores: kept by everybody. */
	transfers: 'transfers/chain' as LedgerName,
	stock: (store: StoreId): LedgerName => `stock/${store}`,
	orders: (store: StoreId, date: IsoDate): LedgerName => `orders/${store}/${date}`,
	/** Tasks, approvals, appointments, shifts, receipt ranges. */
	desk: (store: StoreId): LedgerName => `desk/${store}`,
	members: (shard: string): LedgerName => `members/${shard}`,
} as const;

/** What stands before the slash. */
export type LedgerKind = 'catalog' | 'transfers' | 'stock' | 'orders' | 'desk' | 'members';

/** Members are spread over so many ledgers, by their id. */
export const memberShards = 16;

export function shardOf(member: string): string {
	let hash = 0;
	for (const byte of utf8(member)) hash = (Math.imul(hash, 31) + byte) | 0;
	return ((hash ^ (hash >>> 16)) & (memberShards - 1)).toString(16);
}

/** The store that a ledger of a store belongs to. */
export function storeOf(ledger: LedgerName): StoreId {
	return ledger.split('/')[1] ?? '';
}
