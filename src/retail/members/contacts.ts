import { toHex, utf8 } from '../../base/bytes.js';
import { BadArgument } from '../../base/errors.js';
import type { ContactDocument } from '../documents/member.js';
import type { MemberId } from '../documents/order.js';
import { checkName } from '../shop/check.js';

/** How a member may be asked for. */
export type Contact = { readonly phone: string } | { readonly card: string };

const blockBytes = 64;
const hashBytes = 16;
const secretBytesMin = 16;

/**
 * HMAC-SHA-256 (RFC 2104) under a secret of the chain, cut to 16 bytes: phone numbers are few enough to try them all, so a
 * bare hash of one would be as good as the number.
 */
export class KeyedHash {
	readonly #sha256: (data: Uint8Array) => Uint8Array;
	readonly #key: { readonly inner: Uint8Array; readonly outer: Uint8Array } | undefined;

	constructor(secret: string | Uint8Array | undefined, sha256: (data: Uint8Array) => Uint8Array) {
		this.#sha256 = sha256;
		if (secret === undefined) return;
		const given = typeof secret === 'string' ? utf8(secret) : secret;
		if (!(given instanceof Uint8Array) || given.length < secretBytesMin)
			throw new BadArgument('secret', `expected ${secretBytesMin} bytes or more.`);
		const key = given.length > blockBytes ? sha256(given) : given;
		const padded = new Uint8Array(blockBytes);
		padded.set(key);
		this.#key = { inner: padded.map((byte) => byte ^ 0x36), outer: padded.map((byte) => byte ^ 0x5c) };
	}

	/** Hex of the whole code. */
	mac(text: string): string {
		if (!this.#key)
			throw new BadArgument('members.secret', 'open the till with it: phones, cards and coupons need it.');
		const { inner, outer } = this.#key;
		return toHex(this.#sha256(joined(outer, this.#sha256(joined(inner, utf8(text))))));
	}

	of(contact: Contact): string {
		return this.mac(plainOf(contact)).slice(0, 2 * hashBytes);
	}
}

/** One text for each number, however it was typed. Country codes are the vendor's: hand them in always or never. */
function plainOf(contact: Contact): string {
	if ('phone' in contact) {
		const phone = typeof contact.phone === 'string' ? contact.phone.normalize('NFKC').replace(/[\s().·-]/g, '') : '';
		if (!/^\+?\d{4,20}$/.test(phone))
			throw new BadArgument('phone', 'expected 4 to 20 digits, with + before or without.');
		return `phone ${phone}`;
	}
	checkName('card', contact.card);
	const card = contact.card.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
	if (card === '') throw new BadArgument('card', 'expected more than spaces.');
	return `card ${card}`;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
	const bytes = new Uint8Array(a.length + b.length);
	bytes.set(a);
	bytes.set(b, a.length);
	return bytes;
}

/** Who registered one phone or card. */
export interface ContactState {
	/** Before an erasure each, and after the last one: whoever registers after it is somebody else. */
	readonly past: readonly (readonly MemberId[])[];
	/** Who has it now, the first to register first. More than one where they registered it without a line. */
	readonly now: readonly MemberId[];
}

/**
 * Entries come in the order of their writers' hybrid clocks, which is the order of cause and effect. What an old till
 * registered before an erasure, and brings later, is erased too.
 */
export function foldContact(entries: readonly { readonly value: ContactDocument }[]): ContactState | undefined {
	if (entries.length === 0) return undefined;
	const past: MemberId[][] = [];
	let now: MemberId[] = [];
	for (const { value } of entries) {
		if (value.verb === 'member.register') {
			if (!now.includes(value.member)) now.push(value.member);
		} else if (now.length > 0) {
			past.push(now);
			now = [];
		}
	}
	return { past, now };
}
