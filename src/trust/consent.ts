/**
 * A yes that stands alone: somebody's device agrees that a till writes one document beyond its own limit (docs/FORMAT.md).
 *
 *   consent = version:u8(1) content:bytes credential:bytes signature:64
 *   content = chain:32 ledger:text till:text verb:text amount:varuint bindsTo:text date:text id:text
 *
 * The signature is Ed25519, by the key that the credential is for, over `tillmesh/consent/1`:text and the content.
 */
import { createDecoder, hasContent } from 'lib0/decoding';
import { fromBase64, toBase64 } from '../base/base64.js';
import { equalBytes } from '../base/bytes.js';
import { byte, bytes, encoded, fixed, number, record, text, writeBytes } from '../base/codec.js';
import type { DeviceId, LedgerName } from '../base/ids.js';
import type { Crypto } from '../ports/index.js';
import type { Credential, EnrolledKeys } from './credential.js';
import { type Grant, isAmong } from './grant.js';

/** What is agreed to. */
export interface ConsentTerms {
	/** Where the document will stand. */
	readonly ledger: LedgerName;
	/** Who may write it. */
	readonly till: DeviceId;
	readonly verb: string;
	/** Exactly so much, in the verb's units. */
	readonly amount: number;
	/** Hash of the input. */
	readonly bindsTo: string;
	/** The business day that the document says. */
	readonly date: string;
	/** Of the question: a yes is used once. */
	readonly id: string;
}

/** Yeses of this device and of others, in a chain with a root key. */
export interface Consents {
	/** What this device's own certificate allows. */
	readonly grants: readonly Grant[];
	/** This device's yes; undefined where its own rights do not go so far. */
	give(terms: ConsentTerms): Promise<string | undefined>;
	/** Is it somebody's yes to exactly this? A commit on this device may rest on it from then on. */
	take(terms: ConsentTerms, signed: string): Promise<boolean>;
}

/** The same question, word for word: what is read back has its fields in this order. */
export const isSameTerms = (
	a: ConsentTerms | undefined,
	{ ledger, till, verb, amount, bindsTo, date, id }: { readonly [F in keyof ConsentTerms]: unknown },
): boolean => JSON.stringify(a) === JSON.stringify({ ledger, till, verb, amount, bindsTo, date, id });

/** Whoever may say yes has this verb, and the one that is limited, for at least as much. */
export const consentVerb = 'approval.decide';

const version = 1;
const key = fixed(32);
const termsField = record<ConsentTerms>({
	ledger: text,
	till: text,
	verb: text,
	amount: number,
	bindsTo: text,
	date: text,
	id: text,
});
const outer = record({ version: byte, content: bytes, credential: bytes, signature: fixed(64) });

const signedBytes = (of: Uint8Array): Uint8Array =>
	encoded((to) => {
		text.write(to, 'tillmesh/consent/1');
		writeBytes(to, of);
	});

/** Do its holder's own rights go so far? */
export function mayConsent(by: Credential, { ledger, verb, amount }: ConsentTerms): boolean {
	const { write, verbs, most } = by.rights(ledger);
	const limit = most(verb);
	return write && isAmong(verbs, verb) && isAmong(verbs, consentVerb) && (limit === undefined || amount <= limit);
}

/** As text, for a document or a QR. */
export async function signConsent(
	crypto: Crypto,
	{ credential, ...pair }: EnrolledKeys & { readonly credential: Uint8Array },
	chain: Uint8Array,
	terms: ConsentTerms,
): Promise<string> {
	const said = encoded((to) => {
		key.write(to, chain);
		termsField.write(to, terms);
	});
	const signature = await crypto.sign(pair, signedBytes(said));
	return toBase64(encoded((to) => outer.write(to, { version, content: said, credential, signature })));
}

/** What it agrees to; undefined for anything but a consent in its one form, by somebody who may give it. */
export async function readConsent(
	crypto: Crypto,
	trust: { readonly root: Uint8Array; read(credential: Uint8Array): Promise<Credential | string> },
	signed: string,
): Promise<ConsentTerms | undefined> {
	const found = decode(signed);
	const by = found && (await trust.read(found.credential));
	if (!found || typeof by !== 'object' || !equalBytes(found.chain, trust.root)) return undefined;
	if (!mayConsent(by, found.terms)) return undefined;
	const isGood = await crypto.verify(by.key, signedBytes(found.content), found.signature);
	return isGood ? found.terms : undefined;
}

function decode(signed: string) {
	const whole = fromBase64(signed);
	if (!whole) return undefined;
	try {
		const from = createDecoder(whole);
		const found = outer.read(from);
		const inner = createDecoder(found.content);
		const [chain, terms] = [key.read(inner), termsField.read(inner)];
		return found.version === version && !hasContent(from) && !hasContent(inner)
			? { ...found, chain, terms }
			: undefined;
	} catch {
		// The decoders throw on bytes that end early: the bytes are no consent.
		return undefined;
	}
}
