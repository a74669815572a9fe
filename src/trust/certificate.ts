/**
 * A certificate: who somebody is and what they may do, signed by whoever may say so (docs/FORMAT.md).
 *
 *   certificate = content:bytes signature:64
 *   content     = version:u8(1) chain:32 issuer:32 subject:32 name:text store:text role:text issues:u8(1 yes)
 *                 count grant* notBeforeMs:varuint notAfterMs:varuint replaces:bytes (empty or 32)
 *   grant       = ledgers:text flags:u8(1 read | 2 write | 4 home | 8 limits) count verbs:text* count mints:text* count sets:text*
 *                 [count (verb:text amount:varuint)*, by verb]
 *   credential  = version:u8(1) count certificate*, from the device up to what the root has signed
 *
 * The signature is Ed25519 by `issuer` over `tillmesh/certificate/1`:text and the content. There is one form of each: bytes
 * that do not come out the same when they are written again are none.
 */
import { createDecoder, type Decoder, hasContent } from 'lib0/decoding';
import type { Encoder } from 'lib0/encoding';
import { equalBytes } from '../base/bytes.js';
import {
	byte,
	bytes,
	encoded,
	type Field,
	fixed,
	flag,
	list,
	mapOf,
	number,
	record,
	text,
	writeBytes,
} from '../base/codec.js';
import { limits } from '../base/limits.js';
import type { Grant } from './grant.js';

/** What a certificate says beside who gave it. */
export interface CertificateFields {
	/** Ed25519 public key that it is for. */
	readonly subject: Uint8Array;
	/** How people call it: `till-1`. */
	readonly name: string;
	/** Empty where it is of no single store. */
	readonly store: string;
	/** Shown to people; what it allows is in `grants`. */
	readonly role: string;
	/** May give certificates itself, for the same store and within its own grants. */
	readonly issues?: boolean;
	readonly grants: readonly Grant[];
	/** From then on, and before then: by a receiver's clock. What was written stays written. */
	readonly notBeforeMs: number;
	readonly notAfterMs: number;
	/** The key of the same till before its disk was changed. */
	readonly replaces?: Uint8Array | undefined;
}

export interface Certificate extends CertificateFields {
	/** The chain's public root key. */
	readonly chain: Uint8Array;
	readonly issuer: Uint8Array;
	/** Canonical bytes of everything above. */
	readonly content: Uint8Array;
	readonly signature: Uint8Array;
}

type Content = Omit<Certificate, 'content' | 'signature'>;

const version = 1;
/** Device, store, and whoever the root has sign stores. */
export const certificatesMax = 3;
const key = fixed(32);
const texts = list(text);

const limitsField = mapOf(text, number);

const grant: Field<Grant> = {
	write(to, { ledgers, read, write, home, verbs = [], mints = [], sets = [], limits: most = {} }) {
		const limited = new Map(Object.entries(most));
		text.write(to, ledgers);
		byte.write(to, (read ? 1 : 0) | (write ? 2 : 0) | (home ? 4 : 0) | (limited.size > 0 ? 8 : 0));
		for (const each of [verbs, mints, sets]) texts.write(to, each);
		if (limited.size > 0) limitsField.write(to, limited);
	},
	read(from) {
		const ledgers = text.read(from);
		const is = byte.read(from);
		const [verbs, mints, sets] = [texts.read(from), texts.read(from), texts.read(from)];
		const more = is & 8 ? { limits: Object.fromEntries(limitsField.read(from)) } : {};
		return { ledgers, read: (is & 1) !== 0, write: (is & 2) !== 0, home: (is & 4) !== 0, verbs, mints, sets, ...more };
	},
};

const orNothing: Field<Uint8Array | undefined> = {
	write: (to, value) => bytes.write(to, value ?? new Uint8Array()),
	read(from) {
		const value = bytes.read(from);
		if (value.length !== 0 && value.length !== 32) throw new RangeError('no key');
		return value.length === 0 ? undefined : value;
	},
};

const content = record<Required<Content>>({
	chain: key,
	issuer: key,
	subject: key,
	name: text,
	store: text,
	role: text,
	issues: flag,
	grants: list(grant),
	notBeforeMs: number,
	notAfterMs: number,
	replaces: orNothing as Field<Uint8Array>, // an absent key is written as nothing
});
const outer = list(record<Pick<Certificate, 'content' | 'signature'>>({ content: bytes, signature: fixed(64) }));

export function encodeContent(of: Content): Uint8Array {
	return encoded((to) => {
		byte.write(to, version);
		content.write(to, { issues: false, ...of } as Required<Content>); // as above
	});
}

/** What an issuer signs. */
export const signedBytes = (of: Uint8Array): Uint8Array =>
	encoded((to) => {
		text.write(to, 'tillmesh/certificate/1');
		writeBytes(to, of);
	});

function readVersion(from: Decoder): void {
	if (byte.read(from) !== version) throw new RangeError('another version');
}

function writeCredential(to: Encoder, certificates: readonly Pick<Certificate, 'content' | 'signature'>[]): void {
	byte.write(to, version);
	outer.write(to, certificates);
}

/** Certificates from the device up, as one text of bytes. */
export const encodeCredential = (certificates: readonly Pick<Certificate, 'content' | 'signature'>[]): Uint8Array =>
	encoded((to) => writeCredential(to, certificates));

/** Undefined for anything that is not exactly one credential in its one form; who signed what is not looked at. */
export function decodeCredential(whole: Uint8Array): readonly Certificate[] | undefined {
	if (whole.length > limits.credentialBytes) return undefined;
	try {
		const from = createDecoder(whole);
		readVersion(from);
		const found = outer.read(from);
		if (hasContent(from) || found.length === 0 || found.length > certificatesMax) return undefined;
		const certificates = found.map((each): Certificate => {
			const inner = createDecoder(each.content);
			readVersion(inner);
			return { ...content.read(inner), ...each };
		});
		const again = certificates.map((each) => ({ ...each, content: encodeContent(each) }));
		return equalBytes(encodeCredential(again), whole) ? certificates : undefined;
	} catch {
		// The decoders throw on bytes that end early: the bytes are no credential.
		return undefined;
	}
}
