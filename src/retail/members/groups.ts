import type { LedgerName } from '../../base/ids.js';
import type { MemberId } from '../documents/order.js';
import type { Index } from '../shop/index-of.js';
import { ledgers, shardOf } from '../shop/ledgers.js';
import type { ContactState } from './contacts.js';
import type { MemberState } from './member-state.js';
import { ledgerOf } from './purses.js';

/** Ids that are one person: registered twice with one phone or card, or made aliases by hand. */
export interface Group {
	/** Who the others are aliases of. */
	readonly root: MemberId;
	/** The root first. */
	readonly ids: readonly MemberId[];
	readonly isErased: boolean;
}

/**
 * Who is an alias of whom. Nothing is moved and nothing is rewritten: a person's balance is the sum over the ids. It is a
 * function of what is here, so everybody who has the same comes to the same, also where two tills made aliases crosswise.
 */
export class Groups {
	readonly #members: Index<unknown, MemberState>;
	readonly #contacts: Index<unknown, ContactState>;
	/** Who was made an alias of a member by hand. */
	readonly #aliases = new Map<MemberId, Set<MemberId>>();

	constructor(members: Index<unknown, MemberState>, contacts: Index<unknown, ContactState>) {
		this.#members = members;
		this.#contacts = contacts;
		for (const state of members.values()) this.#note(state);
		members.onChange((changes) => {
			for (const { after } of changes) if (after) this.#note(after);
		});
	}

	state(member: MemberId): MemberState | undefined {
		return this.#members.get(member, ledgerOf(member));
	}

	contact(hash: string): ContactState | undefined {
		return this.#contacts.get(hash, ledgers.members(shardOf(hash)));
	}

	/** Ledgers that tell who the members of a person are, as far as is known here. */
	ledgersOf(member: MemberId): Set<LedgerName> {
		const found = new Set<LedgerName>();
		for (const id of this.of(member)?.ids ?? [member]) {
			found.add(ledgerOf(id));
			for (const contact of this.state(id)?.contacts ?? []) found.add(ledgers.members(shardOf(contact)));
		}
		return found;
	}

	/** Undefined where nothing is known here of the member. */
	of(member: MemberId): Group | undefined {
		if (!this.state(member)) return undefined;
		const found = new Set([member]);
		let isErased = false;
		for (const id of found) {
			const state = this.state(id);
			isErased ||= state?.isErased ?? false;
			for (const contact of state?.contacts ?? []) {
				const { past = [], now = [] } = this.contact(contact) ?? {};
				const erased = past.find((ids) => ids.includes(id));
				isErased ||= erased !== undefined;
				for (const other of erased ?? (now.includes(id) ? now : [])) found.add(other);
			}
			for (const other of [...(state?.aliasTo ?? []), ...(state?.aliases ?? [])]) found.add(other);
			for (const other of this.#aliases.get(id) ?? []) found.add(other);
		}
		if (found.size === 1) return { root: member, ids: [member], isErased };
		const ids = [...found].sort((a, b) => this.#rank(a) - this.#rank(b) || (a < b ? -1 : 1));
		const root = ids.find((id) => this.#isNobodysAlias(id)) ?? (ids[0] as MemberId); // at least two
		return { root, ids: [root, ...ids.filter((id) => id !== root)], isErased };
	}

	#rank(member: MemberId): number {
		return Math.min(this.state(member)?.registeredMs ?? Number.MAX_VALUE, Number.MAX_VALUE);
	}

	#isNobodysAlias(member: MemberId): boolean {
		return (this.state(member)?.aliasTo ?? []).every((to) => to === member);
	}

	#note({ id, aliasTo }: MemberState): void {
		for (const to of aliasTo) {
			const aliases = this.#aliases.get(to) ?? new Set();
			this.#aliases.set(to, aliases.add(id));
		}
	}
}
