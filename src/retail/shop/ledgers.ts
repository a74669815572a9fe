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

/** Members are spread over so many ledgers, by their id: so few come along with the one who is asked for (decision 0018). */
export const memberShards = 1024;
/** Characters of a shard's name. */
export const shardChars = 3;

const hashed = (text: string): number => utf8(text).reduce(step, 0);

function step(hash: number, byte: number): number {
	return (Math.imul(hash, 31) + byte) | 0;
}

/** Ids that follow each other must not lie side by side. */
function shardAt(hash: number): number {
	const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	return (mixed ^ (mixed >>> 13)) & (memberShards - 1);
}

export function shardOf(member: string): string {
	return shardAt(hashed(member)).toString(16).padStart(shardChars, '0');
}

/** This id, with as little after it as it takes to lie in a shard. */
export function idIn(shard: string, id: string): string {
	const [start, wanted] = [hashed(id), Number.parseInt(shard, 16)];
	for (let i = 0; ; i++) {
		const end = i.toString(36);
		let hash = start;
		for (let at = 0; at < end.length; at++) hash = step(hash, end.charCodeAt(at));
		if (shardAt(hash) === wanted) return id + end;
	}
}

/** The store that a ledger of a store belongs to. */
export function storeOf(ledger: LedgerName): StoreId {
	return ledger.split('/')[1] ?? '';
}
