import { toHex, utf8 } from '../base/bytes.js';
import type { DeviceId, LedgerName } from '../base/ids.js';
import type { Crypto } from '../ports/index.js';
import { isSameTerms } from '../trust/consent.js';
import type { Rights } from '../trust/grant.js';
import type { Trust } from '../trust/trust.js';

/**
 * What a document of a limited verb says beside its verb: `asked`, how much it does in the verb's units; and beyond its
 * author's limit `consent`, the `signed` yes that it rests on and the `input` that this one names the hash of. That the amount
 * said is the amount done is for the fold to see: only that one knows what documents mean. This is where a document stands, and
 * who wrote it.
 */
export interface Authorship {
	readonly ledger: LedgerName;
	readonly device: DeviceId;
	readonly rights: Rights;
	/** Yeses that were found good. */
	readonly trust: Pick<Trust, 'consented'>;
	readonly sha256: Crypto['sha256'];
}

type Plain = Readonly<Record<string, unknown>>;

export const asObject = (value: unknown): Plain =>
	typeof value === 'object' && value !== null ? (value as Plain) : {};

/** What a yes names of what it agrees to. */
export const hashOfInput = (sha256: Crypto['sha256'], input: string): string => toHex(sha256(utf8(input)).slice(0, 16));

/** The yes that a document rests on, where it has one. */
export function signedIn(document: Plain): string | undefined {
	const { signed } = asObject(document.consent);
	return typeof signed === 'string' ? signed : undefined;
}

/** May its author write it, with a limit of `most`? */
export function isWithinLimit(document: Plain, most: number, author: Authorship): boolean {
	const { verb, asked, date, approval } = document;
	if (typeof asked !== 'number' || !Number.isSafeInteger(asked) || asked < 0) return false;
	if (asked <= most) return true;
	const { input } = asObject(document.consent);
	if (typeof input !== 'string') return false;
	const { ledger, device: till, trust, sha256 } = author;
	const said = { ledger, till, verb, amount: asked, bindsTo: hashOfInput(sha256, input), date, id: approval };
	return isSameTerms(trust.consented(signedIn(document) ?? ''), said);
}
