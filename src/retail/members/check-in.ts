import type { DeviceId } from '../../base/ids.js';
import type { Live, WaitOptions } from '../../ledger/live.js';
import type { Tx } from '../../ledger/tx.js';
import type { MemberId, Purse } from '../documents/order.js';
import { checkWhole } from '../shop/check.js';
import type { Minor } from '../shop/money.js';
import type { Account } from './accounts.js';
import type { Book } from './book.js';
import { type Bucket, checkPurse, memberPool } from './purses.js';

export interface CheckInOptions extends WaitOptions {
	/** What is likely to be spent: of the stored value and its bonus together, or by purse. */
	readonly expect: number | Readonly<Partial<Record<Purse, number>>>;
}

/** A member who is being served at this till. `await using` releases it. */
export interface CheckIn extends AsyncDisposable {
	readonly account: Live<Account | undefined>;
	/** What was expected is here, or there is no more of it. */
	readonly reachable: boolean;
	/** What was not spent goes home, where somebody is linked; else it stays, and goes when it has lain idle. */
	release(): Promise<void>;
}

interface Wish {
	readonly bucket: Bucket;
	/** To be here in the end. */
	readonly units: number;
}

const fetchMs = 2_000;

/** Brings what a member is expected to spend to this till, and takes the rest home (ESC10). */
export class CheckIns {
	readonly #book: Book;
	/** How often each person is checked in here. */
	readonly #open = new Map<MemberId, number>();

	/** What is lent for one sale at most. */
	readonly #perSale: Minor;

	constructor(book: Book, perSale: Minor) {
		this.#book = book;
		this.#perSale = perSale;
	}

	async open(id: MemberId, account: Live<Account | undefined>, options: CheckInOptions): Promise<CheckIn> {
		const { expect, timeoutMs = fetchMs, signal } = options;
		const expected = new Map<string, number>();
		for (const [purse, units = 0] of Object.entries(typeof expect === 'number' ? { stored: expect } : expect)) {
			checkPurse('expect', purse as Purse); // which is what it checks
			checkWhole(`expect.${purse}`, units);
			expected.set(purse, units);
		}
		const root = this.#book.groups.of(id)?.root ?? id;
		this.#open.set(root, (this.#open.get(root) ?? 0) + 1);
		const wishes = this.#wishes(id, expected);
		if (this.#isLinked) {
			const wait = { timeoutMs, ...(signal && { signal }) };
			await Promise.all([
				// The line may be down when the bill comes.
				this.#book.debts.fetchRisk(this.#perSale, wait),
				...wishes.map(async ({ bucket, units }) => {
					if (this.#book.buckets.here(bucket) < units)
						await memberPool(this.#book.shop, bucket.ledger, bucket.pool).ensure(bucket.key, units, wait);
				}),
			]);
			await this.#sendHome(wishes);
		}
		const reachable = wishes.every(({ bucket, units }) => this.#book.buckets.here(bucket) >= units);
		let isOpen = true;
		const release = async () => {
			if (!isOpen) return;
			isOpen = false;
			await this.#release(id, root);
		};
		return { account, reachable, release, [Symbol.asyncDispose]: release };
	}

	async #release(id: MemberId, root: MemberId): Promise<void> {
		const others = (this.#open.get(root) ?? 1) - 1;
		if (others > 0) {
			this.#open.set(root, others);
			return;
		}
		this.#open.delete(root);
		if (this.#isLinked) await this.#sendHome(this.#wishes(id, new Map()));
	}

	/** Of each bucket of the person how much is to be here: what expires first, the principal before the bonus. */
	#wishes(id: MemberId, expected: ReadonlyMap<string, number>): Wish[] {
		const left = new Map(expected);
		const ids = this.#book.groups.of(id)?.ids ?? [];
		const never = '9999-99-99';
		const buckets = ids
			.flatMap((member) => [...this.#book.validBuckets(member)])
			.sort((a, b) => ((a.expiresOn ?? never) < (b.expiresOn ?? never) ? -1 : 1))
			.sort((a, b) => Number(a.purse === 'bonus') - Number(b.purse === 'bonus'));
		return buckets.map((bucket) => {
			const purse = bucket.purse === 'bonus' && !left.has('bonus') ? 'stored' : bucket.purse;
			const units = Math.max(0, Math.min(left.get(purse) ?? 0, this.#book.buckets.total(bucket)));
			left.set(purse, (left.get(purse) ?? 0) - units);
			return { bucket, units };
		});
	}

	/** What is here beyond the wishes. */
	async #sendHome(wishes: readonly Wish[]): Promise<void> {
		const { shop, buckets } = this.#book;
		const grants: ((tx: Tx) => void)[] = [];
		for (const { bucket, units } of wishes) {
			const home = this.#homeOf(bucket);
			const spare = buckets.here(bucket) - units;
			if (home === undefined || spare <= 0) continue;
			const pool = memberPool(shop, bucket.ledger, bucket.pool);
			grants.push((tx) => tx.grant(pool, bucket.key, spare, home));
		}
		if (grants.length === 0) return;
		await shop.host.commit((tx) => {
			for (const grant of grants) grant(tx);
		});
	}

	#homeOf({ ledger }: Bucket): DeviceId | undefined {
		const home = this.#book.shop.host.homeOf(ledger);
		return home === this.#book.shop.device ? undefined : home;
	}

	get #isLinked(): boolean {
		return this.#book.shop.host.sync.status.get().peers.some(({ inSync }) => inSync);
	}
}
