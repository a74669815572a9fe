import { BadArgument } from '../../base/errors.js';
import type { LedgerName } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import { createLive, type Live } from '../../ledger/live.js';
import type { MemberDocument, Redeemed } from '../documents/member.js';
import type { Exception, ExceptionSource } from '../shop/exceptions.js';
import { no, type Outcome } from '../shop/outcome.js';
import { rights } from '../shop/rights.js';
import type { Shop } from '../shop/shop.js';
import type { WriteOptions } from '../shop/writing.js';
import { type Bucket, bucketAt, memberPool } from './purses.js';

/** One source that several devices credited, none knowing of the others. */
interface DoubleCredit {
	readonly id: string;
	readonly ledger: LedgerName;
	readonly bucket: Bucket;
	readonly source: string;
	/** Beyond what one credit comes to. */
	readonly amount: number;
	readonly devices: readonly string[];
}

export interface DoubleCreditParts {
	readonly shop: Shop;
	version(): object;
	listen(changed: () => void): () => void;
}

const fetchMs = 2_000;

/**
 * Points that were credited twice for one source, by tills that had no line. Both credits are facts (ESC3); so each device
 * but the first of them takes its own back as soon as it hears of the other. What the member has spent meanwhile is gone.
 * Where a device is gone for good the exception stays open until a person has looked at it.
 */
export class DoubleCredits implements ExceptionSource {
	readonly exceptions: Live<readonly Exception[]>;
	readonly #shop: Shop;
	readonly #mending = new Set<string>();

	constructor({ shop, version, listen }: DoubleCreditParts) {
		this.#shop = shop;
		this.exceptions = createLive({
			version,
			read: () => this.#all().map((credit) => this.#exception(credit)),
			listen,
			timers: shop.platform.timers,
		});
		// Not in the turn that tells of it: others are still being told.
		const look = () => shop.platform.timers.after(0, () => this.#mendAll(), true);
		look();
		shop.host.watch({ ledgers: 'members', of: 'pool', name: 'points' }, (ledger) => {
			if (shop.ledger(ledger).exceptions().length > 0) look();
		});
	}

	/** It has been looked at; nothing is taken back by it. */
	async resolve(id: string, outcome: string, options: WriteOptions): Promise<Outcome<void>> {
		if (typeof outcome !== 'string' || outcome === '') throw new BadArgument('outcome', 'expected a text.');
		const credit = this.#all().find((one) => one.id === id);
		return this.#shop.writeKeyed('task.resolve', { id, outcome }, options, ({ tx, head, append }) => {
			const { ledger } = credit ?? tx.refuse(no('unknown_task', id));
			if (rights.outcome(this.#shop, ledger, id) !== undefined) tx.refuse(no('already_resolved', id));
			append(ledger, 'resolved', id, { ...head, outcome });
		});
	}

	#all(): DoubleCredit[] {
		return this.#shop.host
			.ledgers()
			.filter((ledger) => ledger.startsWith('members/'))
			.flatMap((ledger) => this.#in(ledger));
	}

	#in(ledger: LedgerName): DoubleCredit[] {
		return this.#shop
			.ledger(ledger)
			.exceptions()
			.filter(({ kind, subject }) => kind === 'double-mint' && subject.startsWith('points/'))
			.map(({ subject, amount, devices }) => {
				const space = subject.indexOf(' ');
				const bucket = bucketAt(ledger, 'points', subject.slice('points/'.length, space));
				const id = `double_credit-${this.#shop.hash([ledger, subject])}`;
				return { id, ledger, bucket, source: subject.slice(space + 1), amount, devices };
			});
	}

	#mendAll(): void {
		for (const credit of this.#all())
			if (credit.devices.indexOf(this.#shop.device) > 0 && !this.#mending.has(credit.id)) {
				this.#mending.add(credit.id);
				// A till that has shut down does it at its next opening.
				this.#mend(credit)
					.catch(() => {})
					.finally(() => this.#mending.delete(credit.id));
			}
	}

	async #mend({ id, ledger, bucket, source, amount, devices }: DoubleCredit): Promise<void> {
		if (rights.outcome(this.#shop, ledger, id) !== undefined) return;
		const mine = Math.floor(amount / (devices.length - 1));
		const pool = memberPool(this.#shop, ledger, 'points');
		const left = () => Math.min(mine, pool.now(bucket.key).level);
		if (pool.mine(bucket.key) < left()) await pool.ensure(bucket.key, left(), { timeoutMs: fetchMs });
		if (pool.mine(bucket.key) < left()) return; // tried again when something moves
		const options = { idempotencyKey: id };
		await this.#shop.writeKeyed('member.redeem', { id }, options, ({ tx, head, append }) => {
			const units = left();
			append(ledger, 'resolved', id, { ...head, outcome: `${units} of ${mine} taken back` });
			if (units === 0) return;
			tx.spend(pool, bucket.key, units);
			append<Redeemed>(ledger, 'member', bucket.member, {
				...head,
				verb: 'member.redeem',
				store: this.#shop.store,
				purse: 'points',
				units,
				taken: [{ member: bucket.member, pool: 'points', key: bucket.key, units }],
				reason: `credited twice: ${source}`.slice(0, 200),
			});
		});
	}

	#exception({ id, ledger, bucket, source, amount }: DoubleCredit): Exception {
		const earned = this.#shop
			.ledger(ledger)
			.logs<Json>('member')
			.entries(bucket.member)
			.map(({ value, atMs }) => ({ document: value as unknown as MemberDocument, atMs })) // what `append` wrote
			.filter(({ document }) => document.verb === 'member.earn' && document.source === source)
			.at(-1);
		const outcome = rights.outcome(this.#shop, ledger, id);
		return {
			id,
			kind: 'double_credit',
			store: earned?.document.verb === 'member.earn' ? earned.document.store : this.#shop.store,
			subject: bucket.member,
			amount,
			atMs: earned?.atMs ?? 0,
			...(outcome === undefined ? { state: 'open' } : { state: 'done', outcome }),
		};
	}
}
