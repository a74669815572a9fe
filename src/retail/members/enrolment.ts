import { BadArgument } from '../../base/errors.js';
import { canonicalJson, type Json } from '../../ledger/collections.js';
import type { ContactRegistered, MemberAliased, MemberErased, MemberRegistered } from '../documents/member.js';
import type { MemberId } from '../documents/order.js';
import { checkNoCards } from '../shop/card-numbers.js';
import { ledgers, shardOf } from '../shop/ledgers.js';
import { no, type Outcome, withValue } from '../shop/outcome.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import type { Book } from './book.js';
import type { Contact } from './contacts.js';
import type { PersonalStore } from './personal-store.js';
import { checkMember, ledgerOf } from './purses.js';
import type { Visits } from './visits.js';

export interface NewMember {
	/**
	 * The vendor's own number for the member, where there is one: two imports of it are one member. A member who is here
	 * already gets another phone or card, or other personal data.
	 */
	readonly id?: MemberId;
	readonly phone?: string;
	readonly card?: string;
	/** Goes to the personal store, and into no journal. */
	readonly personal?: Json;
}

/** Who is a member, under which phones and cards; and who is not any more. */
export class Enrolment {
	readonly #shop: Shop;
	readonly #book: Book;
	readonly #personal: PersonalStore;
	readonly #visits: Visits;

	constructor(shop: Shop, book: Book, personal: PersonalStore, visits: Visits) {
		this.#visits = visits;
		this.#shop = shop;
		this.#book = book;
		this.#personal = personal;
	}

	async register(given: NewMember, options: WriteOptions): Promise<Outcome<MemberId>> {
		const { id, phone, card, personal } = given;
		if (id !== undefined) checkMember('id', id);
		const contacts: string[] = [];
		if (phone !== undefined) contacts.push(this.#book.hash.of({ phone }));
		if (card !== undefined) contacts.push(this.#book.hash.of({ card }));
		// The digest of the input is in the journal: what is personal goes into it under the secret only.
		const about = personal === undefined ? undefined : this.#book.hash.mac(canonicalJson('personal', personal));
		checkNoCards('', { personal });
		const input = { contacts, ...(id !== undefined && { id }), ...(about !== undefined && { about }) };
		const fresh = id ?? this.#visits.newId(contacts[0]);
		const visit = { members: [fresh], contacts: contactsOf(given) };
		const coming = this.#visits.come(visit);
		if (coming) await coming;
		const outcome = await this.#shop.writeKeyed('member.register', input, options, (w) => {
			if (!this.#visits.isHere(visit)) w.tx.refuse(no('member_not_here', id));
			this.#enrol(w, fresh, contacts);
			return { member: fresh };
		});
		if (!outcome.ok) return outcome;
		const { member } = outcome.value;
		const isErased = () => this.#book.groups.of(member)?.isErased ?? false;
		if (personal !== undefined && !isErased()) {
			await this.#personal.put(member, personal);
			if (isErased()) await this.#personal.delete(member); // heard of while it was being put
		}
		return withValue(outcome, () => member);
	}

	#enrol({ tx, head, append }: Writing, member: MemberId, contacts: readonly string[]): void {
		const { groups } = this.#book;
		const known = groups.of(member);
		if (known?.isErased) tx.refuse(no('member_erased', member));
		for (const contact of contacts) {
			const [holder] = groups.contact(contact)?.now ?? [];
			if (holder !== undefined && !known?.ids.includes(holder)) tx.refuse(no('member_exists', holder));
		}
		append<MemberRegistered>(ledgerOf(member), 'member', member, {
			...head,
			verb: 'member.register',
			store: this.#shop.store,
			contacts,
		});
		for (const contact of contacts)
			append<ContactRegistered>(ledgers.members(shardOf(contact)), 'contact', contact, {
				...head,
				verb: 'member.register',
				member,
			});
	}

	/** The member who has it now: undefined where nobody is known here to, `null` where this till does not keep its ledger. */
	holderOf(contact: Contact): MemberId | undefined | null {
		const hash = this.#book.hash.of(contact);
		if (!this.#shop.keeps(ledgers.members(shardOf(hash)))) return null;
		const [holder] = this.#book.groups.contact(hash)?.now ?? [];
		return holder === undefined ? undefined : (this.#book.groups.of(holder)?.root ?? holder);
	}

	alias(from: MemberId, to: MemberId, options: WriteOptions): Promise<Outcome<void>> {
		checkMember('from', from);
		checkMember('to', to);
		if (from === to) throw new BadArgument('to', 'a member cannot be an alias of itself.');
		return this.#shop.writeKeyed('member.alias', { from, to }, options, ({ tx, head, append }) => {
			for (const id of [from, to]) {
				if (this.#book.group(tx, id).isErased) tx.refuse(no('member_erased', id));
			}
			append<MemberAliased>(ledgerOf(from), 'member', from, { ...head, verb: 'member.alias', to });
			// Whoever is asked for by this name alone is the other one too.
			append<MemberAliased>(ledgerOf(to), 'member', to, { ...head, verb: 'member.alias', to, from });
		});
	}

	async erase(id: MemberId, options: WriteOptions): Promise<Outcome<void>> {
		checkMember('id', id);
		const outcome = await this.#shop.writeKeyed('member.erase', { id }, options, ({ tx, head, append }) => {
			const group = this.#book.group(tx, id);
			if (group.isErased) tx.refuse(no('member_erased', id));
			const contacts = new Set<string>();
			for (const member of group.ids) {
				for (const contact of this.#book.groups.state(member)?.contacts ?? []) contacts.add(contact);
				append<MemberErased>(ledgerOf(member), 'member', member, { ...head, verb: 'member.erase', member });
			}
			for (const contact of contacts)
				append<MemberErased>(ledgers.members(shardOf(contact)), 'contact', contact, {
					...head,
					verb: 'member.erase',
					member: id,
				});
		});
		if (outcome.ok) await Promise.all((this.#book.groups.of(id)?.ids ?? [id]).map((of) => this.#personal.delete(of)));
		return outcome;
	}
}

const contactsOf = ({ phone, card }: NewMember): Contact[] => [
	...(phone === undefined ? [] : [{ phone }]),
	...(card === undefined ? [] : [{ card }]),
];

/**
 * Wherever a till hears of an erasure, what it has of the person goes: what was typed in there before it heard, too. What
 * could not be deleted is deleted at the next opening.
 */
export function forgetErased(book: Book, personal: PersonalStore): void {
	const forgotten = new Set<MemberId>();
	const forget = (member: MemberId) => {
		const group = book.groups.of(member);
		if (!group?.isErased) return;
		for (const id of group.ids) {
			if (forgotten.has(id)) continue;
			forgotten.add(id);
			personal.delete(id).catch(() => forgotten.delete(id));
		}
	};
	for (const state of book.members.values()) if (state.isErased) forget(state.id);
	for (const { past } of book.contacts.values()) for (const ids of past) for (const id of ids) forget(id);
	book.members.onChange((changes) => {
		for (const { id } of changes) forget(id);
	});
	book.contacts.onChange((changes) => {
		for (const { after } of changes) for (const ids of after?.past ?? []) for (const id of ids) forget(id);
	});
}
