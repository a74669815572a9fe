import { BadArgument } from '../../base/errors.js';
import type { LedgerName, StoreId } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { WaitOptions } from '../../ledger/live.js';
import type { CouponsIssued } from '../documents/member.js';
import type { CouponId, MemberId } from '../documents/order.js';
import { checkAmount, checkInstant, checkList, checkName } from '../shop/check.js';
import type { Index } from '../shop/index-of.js';
import { ledgers, shardChars, shardOf } from '../shop/ledgers.js';
import { doneBefore, no, type Outcome, withValue } from '../shop/outcome.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import type { KeyedHash } from './contacts.js';
import { memberPool } from './purses.js';

export interface Campaign {
	readonly campaign: string;
	/** 1 to 100,000 coupons. */
	readonly count: number;
	/** Whose they are; anybody's who has the code, where nobody is named. */
	readonly member?: MemberId;
	/** What one is worth, for the vendor's engine. At most 2 KiB. */
	readonly value: Json;
	/** ISO instants; `until` is the first moment at which it is not valid any more. */
	readonly from: string;
	readonly until: string;
	/** Where it is good; everywhere, where none are named. At most 100. */
	readonly stores?: readonly StoreId[];
}

export interface Coupon {
	readonly id: CouponId;
	readonly campaign: string;
	readonly value: Json;
	readonly from: string;
	readonly until: string;
	readonly member?: MemberId;
	readonly stores?: readonly StoreId[];
	readonly isUsed: boolean;
	/** It can be used at this till without asking anybody. */
	readonly isHere: boolean;
}

export interface Batch {
	readonly id: string;
	readonly ledger: LedgerName;
	readonly issued: CouponsIssued;
}

/** So many mints and their document stay under the limit of an entry. */
const chunkMax = 150;
const countMax = 100_000;
const storesMax = 100;
const valueCharsMax = 2_048;
const checkChars = 8;

/**
 * A coupon's code is `<batch>.<number>.<check>`: the batch's first characters say in which ledger it is, the check cannot
 * be guessed by whoever has another coupon of the batch. So a batch is one document, however many coupons it has.
 */
export class Coupons {
	readonly #shop: Shop;
	readonly #hash: KeyedHash;
	readonly #batches: Index<CouponsIssued, Batch>;

	constructor(shop: Shop, hash: KeyedHash, batches: Index<CouponsIssued, Batch>) {
		this.#shop = shop;
		this.#hash = hash;
		this.#batches = batches;
	}

	async issue(campaign: Campaign, options: WriteOptions): Promise<Outcome<readonly CouponId[]>> {
		checkCampaign(campaign);
		if (options?.idempotencyKey === undefined) throw new BadArgument('idempotencyKey', 'coupon.issue demands one.');
		const chunks = Math.ceil(campaign.count / chunkMax);
		checkName('idempotencyKey', `${options.idempotencyKey} ${chunks}`); // the longest of its chunks' keys
		const ids: CouponId[] = [];
		let last: Outcome<readonly CouponId[]> = doneBefore(ids);
		for (let i = 0; i < chunks; i++) {
			const count = Math.min(chunkMax, campaign.count - i * chunkMax);
			const keyed = { ...options, idempotencyKey: `${options.idempotencyKey} ${i}` };
			const outcome = await this.#issueChunk(campaign, count, keyed);
			if (!outcome.ok) return outcome;
			ids.push(...this.#codes(outcome.value.batch, count));
			last = withValue(outcome, () => ids);
		}
		return last;
	}

	#issueChunk(campaign: Campaign, count: number, options: WriteOptions): Promise<Outcome<{ readonly batch: string }>> {
		const { member, stores, value } = campaign;
		const document = {
			campaign: campaign.campaign,
			count,
			value,
			fromMs: Date.parse(campaign.from),
			untilMs: Date.parse(campaign.until),
			...(member !== undefined && { member }),
			...(stores && { stores }),
		};
		return this.#shop.writeKeyed('coupon.issue', { campaign, count }, options, ({ tx, head, append }) => {
			const batch = shardOf(member ?? campaign.campaign) + this.#shop.id();
			const ledger = ledgerAt(batch);
			for (const id of this.#codes(batch, count)) tx.mint(memberPool(this.#shop, ledger, 'coupon'), id, 1, 'issued');
			append<CouponsIssued>(ledger, 'coupons', batch, { ...head, verb: 'coupon.issue', ...document });
			return { batch };
		});
	}

	get(id: CouponId): Coupon | undefined {
		const batch = this.#batchOf(id);
		if (!batch) return undefined;
		const { campaign, value, fromMs, untilMs, member, stores } = batch.issued;
		const pool = memberPool(this.#shop, batch.ledger, 'coupon');
		return {
			id,
			campaign,
			value,
			from: new Date(fromMs).toISOString(),
			until: new Date(untilMs).toISOString(),
			...(member !== undefined && { member }),
			...(stores && { stores }),
			isUsed: pool.now(id).level < 1,
			isHere: pool.mine(id) > 0,
		};
	}

	/** Of those that are known here, what is valid and not used. */
	validOf(batches: Iterable<string>, nowMs: number): CouponId[] {
		const ids: CouponId[] = [];
		for (const batchId of batches) {
			const batch = this.#batches.get(batchId, ledgerAt(batchId));
			if (!batch || nowMs >= batch.issued.untilMs) continue;
			const pool = memberPool(this.#shop, batch.ledger, 'coupon');
			for (const id of this.#codes(batch.id, batch.issued.count)) if (pool.now(id).level > 0) ids.push(id);
		}
		return ids;
	}

	/** Uses it up in the commit of `w`. `isTheirs` says whether it belongs to the member of the sale. */
	use(w: Writing, id: CouponId, isTheirs: (member: MemberId) => boolean): void {
		const batch = this.#batchOf(id) ?? w.tx.refuse(no('unknown_coupon', id));
		const { fromMs, untilMs, member, stores } = batch.issued;
		const nowMs = this.#shop.nowMs();
		const pool = memberPool(this.#shop, batch.ledger, 'coupon');
		if (pool.now(id).level < 1) w.tx.refuse(no('coupon_used', id));
		if (nowMs < fromMs || nowMs >= untilMs) w.tx.refuse(no('coupon_expired', id));
		if (stores && !stores.includes(this.#shop.store)) w.tx.refuse(no('coupon_not_valid', id));
		if (member !== undefined && !isTheirs(member)) w.tx.refuse(no('coupon_not_valid', id));
		w.tx.spend(pool, id, 1);
	}

	/** Brings it to this till; false where it is used up, or nobody in reach has it. */
	async fetch(id: CouponId, options: WaitOptions): Promise<boolean> {
		const batch = this.#batchOf(id);
		if (!batch) return false;
		const pool = memberPool(this.#shop, batch.ledger, 'coupon');
		if (pool.now(id).level < 1) return false;
		return pool.mine(id) > 0 || (await pool.ensure(id, 1, options)) > 0;
	}

	/** Undefined for a code that is none of the batch's. */
	#batchOf(id: CouponId): Batch | undefined {
		const [batchId = '', number = ''] = typeof id === 'string' ? id.split('.') : [];
		const batch = this.#batches.get(batchId, ledgerAt(batchId));
		if (!batch || !/^\d{1,6}$/.test(number) || Number(number) >= batch.issued.count) return undefined;
		// Only codes are ever minted: where its mint is here, nobody has to work it out again.
		if (memberPool(this.#shop, batch.ledger, 'coupon').now(id).minted > 0) return batch;
		return this.#code(batchId, Number(number)) === id ? batch : undefined;
	}

	#codes(batch: string, count: number): CouponId[] {
		return Array.from({ length: count }, (_, i) => this.#code(batch, i));
	}

	#code(batch: string, number: number): CouponId {
		return `${batch}.${number}.${this.#hash.mac(`coupon ${batch}.${number}`).slice(0, checkChars)}`;
	}
}

const ledgerAt = (batch: string): LedgerName => ledgers.members(batch.slice(0, shardChars));

/** Where a coupon is, by its code; whatever the code is, it names one of the ledgers of members. */
export const couponLedger = (id: CouponId): LedgerName =>
	/^[0-3][0-9a-f]{2}/.test(id) ? ledgerAt(id) : ledgers.members(shardOf(id));

/** Where the coupons of a campaign will be. */
export const campaignLedger = ({ campaign, member }: Pick<Campaign, 'campaign' | 'member'>): LedgerName =>
	ledgers.members(shardOf(member ?? campaign));

function checkCampaign({ campaign, count, value, from, until, stores }: Campaign): void {
	checkName('campaign', campaign);
	checkAmount('count', count);
	if (count > countMax) throw new BadArgument('count', `at most ${countMax}.`);
	if (checkInstant('from', from) >= checkInstant('until', until)) throw new BadArgument('until', 'not after from.');
	const text = JSON.stringify(value);
	if (text === undefined || text.length > valueCharsMax)
		throw new BadArgument('value', `expected JSON of at most ${valueCharsMax} characters.`);
	if (stores === undefined) return;
	checkList('stores', stores, checkName);
	if (stores.length > storesMax) throw new BadArgument('stores', `at most ${storesMax}.`);
}
