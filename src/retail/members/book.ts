import type { Tx } from '../../ledger/tx.js';
import type { ContactDocument, CouponsIssued, MemberDocument } from '../documents/member.js';
import type { MemberId } from '../documents/order.js';
import { BusinessDay, type IsoDate } from '../shop/business-day.js';
import type { Index } from '../shop/index-of.js';
import { no } from '../shop/outcome.js';
import type { Shop } from '../shop/shop.js';
import { type ContactState, foldContact, KeyedHash } from './contacts.js';
import { type Batch, Coupons } from './coupons.js';
import { Debts } from './debts.js';
import { type Group, Groups } from './groups.js';
import { extendMember, foldMember, type MemberState } from './member-state.js';
import { type Bucket, Buckets, ledgerOf } from './purses.js';

/** Everything that is known here of members: one for a till, whoever is signed in. */
export class Book {
	readonly shop: Shop;
	readonly hash: KeyedHash;
	readonly members: Index<MemberDocument, MemberState>;
	readonly contacts: Index<ContactDocument, ContactState>;
	readonly groups: Groups;
	readonly buckets: Buckets;
	readonly coupons: Coupons;
	readonly debts: Debts;
	readonly #calendar: BusinessDay;
	/** By member, the coupons that are theirs alone. */
	readonly #batches = new Map<MemberId, Set<string>>();
	readonly #listeners = new Set<() => void>();
	#version = {};
	#versionOf: { readonly date: IsoDate; readonly version: object; readonly dated: object } | undefined;

	constructor(shop: Shop, secret: string | Uint8Array | undefined) {
		this.shop = shop;
		this.hash = new KeyedHash(secret, (data) => shop.platform.crypto.sha256(data));
		// Points are good until midnight, whatever hour the business day is cut at.
		this.#calendar = new BusinessDay({ zone: shop.settings.zone });
		this.members = shop.index('members', 'members', 'member', foldMember, extendMember);
		this.contacts = shop.index('contacts', 'members', 'contact', (_, entries) => foldContact(entries));
		const batches: Index<CouponsIssued, Batch> = shop.index('coupons', 'members', 'coupons', (id, entries, ledger) => {
			const [first] = entries;
			return first && { id, ledger, issued: first.value };
		});
		const touch = () => this.#touch();
		this.groups = new Groups(this.members, this.contacts);
		this.buckets = new Buckets(shop, touch);
		this.coupons = new Coupons(shop, this.hash, batches);
		this.debts = new Debts(this);
		for (const batch of batches.values()) this.#noteBatch(batch);
		batches.onChange((changes) => {
			for (const { after } of changes) if (after) this.#noteBatch(after);
			touch();
		});
		this.members.onChange(touch);
		this.contacts.onChange(touch);
		for (const name of ['coupon', 'debt']) shop.host.watch({ ledgers: 'members', of: 'pool', name }, touch);
		shop.host.watch({ ledgers: 'members', of: 'log', name: 'resolved' }, touch);
	}

	/** Who it is. Refuses `unknown_member`, and `member_not_here` where this till does not keep all that tells of them. */
	group(tx: Tx, member: MemberId): Group {
		const group = this.groups.of(member);
		for (const id of group?.ids ?? [member])
			if (!this.shop.keeps(ledgerOf(id))) return tx.refuse(no('member_not_here', member));
		return group ?? tx.refuse(no('unknown_member', member));
	}

	/** Today by the store's calendar: from midnight to midnight. */
	calendarDate(): IsoDate {
		return this.#calendar.of(this.shop.nowMs());
	}

	/** What has not expired. */
	*validBuckets(member: MemberId): Generator<Bucket> {
		const today = this.calendarDate();
		for (const bucket of this.buckets.of(member))
			if (bucket.expiresOn === undefined || bucket.expiresOn >= today) yield bucket;
	}

	batchesOf(member: MemberId): readonly string[] {
		return [...(this.#batches.get(member) ?? [])];
	}

	/** Another object when anything of members has changed, or the day has. */
	version(): object {
		const date = this.calendarDate();
		if (this.#versionOf?.date !== date || this.#versionOf.version !== this.#version)
			this.#versionOf = { date, version: this.#version, dated: {} };
		return this.#versionOf.dated;
	}

	listen(changed: () => void): () => void {
		const listener = () => changed();
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	#noteBatch({ id, issued: { member } }: Batch): void {
		if (member === undefined) return;
		this.#batches.set(member, (this.#batches.get(member) ?? new Set()).add(id));
	}

	#touch(): void {
		this.#version = {};
		for (const listener of [...this.#listeners]) listener();
	}
}
