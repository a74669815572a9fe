import { BadArgument } from '../../base/errors.js';
import type { LedgerName } from '../../base/ids.js';
import type { Pool } from '../../ledger/ledger.js';
import type { MemberId, Purse } from '../documents/order.js';
import type { IsoDate } from '../shop/business-day.js';
import { checkName } from '../shop/check.js';
import { ledgers, shardOf } from '../shop/ledgers.js';
import type { Shop } from '../shop/shop.js';

export const purseKinds = ['stored', 'bonus', 'points', 'pack'] as const;
export type PurseKind = (typeof purseKinds)[number];

/** Units of a purse that expire together: one pool. */
export interface Bucket {
	readonly ledger: LedgerName;
	readonly member: MemberId;
	readonly pool: PurseKind;
	readonly key: string;
	readonly purse: Purse;
	/** The last day they are good for, by the store's calendar. */
	readonly expiresOn: IsoDate | undefined;
}

export const ledgerOf = (member: MemberId): LedgerName => ledgers.members(shardOf(member));

/** Pools of members and their debts; balances wait at the home of the ledger for whoever serves the member (ESC10). */
export function memberPool(shop: Shop, ledger: LedgerName, name: PurseKind | 'coupon' | 'debt'): Pool {
	return shop.ledger(ledger).pool(name, { restsAt: 'hq' });
}

/** What a store may lend without a line: minted by headquarters, shared by the store's tills. */
export const riskPool = (shop: Shop, ledger: LedgerName): Pool =>
	shop.ledger(ledger).pool('risk', { restsAt: 'store' });

const memberId = /^[A-Za-z0-9._-]{1,64}$/;

/** Ids stand in names of pools before `:` and `@`. */
export function checkMember(path: string, member: MemberId): void {
	if (typeof member !== 'string' || !memberId.test(member))
		throw new BadArgument(path, 'expected 1 to 64 letters, digits, dots, dashes or underscores.');
}

export function checkPack(path: string, pack: string): void {
	checkName(path, pack);
	if (pack.includes('@')) throw new BadArgument(path, 'expected a name without @.');
}

export function checkPurse(path: string, purse: Purse): void {
	if (purse === 'stored' || purse === 'bonus' || purse === 'points') return;
	if (typeof purse !== 'string' || !purse.startsWith('pack:'))
		throw new BadArgument(path, `expected stored, bonus, points or pack:name, got ${String(purse)}.`);
	checkPack(path, purse.slice('pack:'.length));
}

export const kindOf = (purse: Purse): PurseKind => (purse.startsWith('pack:') ? 'pack' : (purse as PurseKind)); // checked

export function bucketOf(member: MemberId, purse: Purse, expiresOn?: IsoDate): Bucket {
	const pool = kindOf(purse);
	const name = pool === 'pack' ? `${member}${purse.slice('pack'.length)}` : member;
	const key = expiresOn === undefined ? name : `${name}@${expiresOn}`;
	return { ledger: ledgerOf(member), member, pool, key, purse, expiresOn };
}

export function bucketAt(ledger: LedgerName, pool: PurseKind, key: string): Bucket {
	const [name = '', expiresOn] = key.split('@');
	const colon = name.indexOf(':');
	const isPack = pool === 'pack' && colon > 0;
	const purse: Purse = isPack ? `pack:${name.slice(colon + 1)}` : (pool as 'stored' | 'bonus' | 'points');
	return { ledger, member: isPack ? name.slice(0, colon) : name, pool, key, purse, expiresOn };
}

/** Which buckets each member has, with units in them or not. */
export class Buckets {
	readonly #shop: Shop;
	readonly #of = new Map<MemberId, Map<string, Bucket>>();

	constructor(shop: Shop, changed: (members: ReadonlySet<MemberId>) => void) {
		this.#shop = shop;
		for (const ledger of shop.host.ledgers())
			if (ledger.startsWith('members/')) for (const pool of purseKinds) this.#note(ledger, pool, undefined);
		for (const pool of purseKinds)
			shop.host.watch({ ledgers: 'members', of: 'pool', name: pool }, (ledger, keys) =>
				changed(this.#note(ledger, pool, keys)),
			);
	}

	of(member: MemberId): Iterable<Bucket> {
		return this.#of.get(member)?.values() ?? [];
	}

	/** What may be spent of it here now. */
	here(bucket: Bucket): number {
		return memberPool(this.#shop, bucket.ledger, bucket.pool).mine(bucket.key);
	}

	/** What is left of it anywhere, as far as is known here. */
	total(bucket: Bucket): number {
		return memberPool(this.#shop, bucket.ledger, bucket.pool).now(bucket.key).level;
	}

	#note(ledger: LedgerName, pool: PurseKind, keys: ReadonlySet<string> | undefined): ReadonlySet<MemberId> {
		const members = new Set<MemberId>();
		// Asked for once, they rest where they should, whatever this opening does with them.
		if (!keys) for (const other of ['coupon', 'debt'] as const) memberPool(this.#shop, ledger, other);
		for (const key of keys ?? memberPool(this.#shop, ledger, pool).keys()) {
			const bucket = bucketAt(ledger, pool, key);
			members.add(bucket.member);
			const known = this.#of.get(bucket.member) ?? new Map<string, Bucket>();
			this.#of.set(bucket.member, known);
			if (!known.has(`${pool}/${key}`)) known.set(`${pool}/${key}`, bucket);
		}
		return members;
	}
}
