import { equalBytes } from '../base/bytes.js';
import type { LedgerName } from '../base/ids.js';
import type { Crypto, KeyPair } from '../ports/index.js';
import { type Certificate, decodeCredential, signedBytes } from './certificate.js';
import { type Grant, isWithin, type Rights, rightsIn } from './grant.js';

/** A key pair, and what the chain allows it; without a credential it is the root's, or of a chain that has no root. */
export interface EnrolledKeys extends KeyPair {
	readonly credential?: Uint8Array | undefined;
}

/** Why a credential proves nothing. */
export type Distrust =
	| 'unreadable' // no credential in its one form
	| 'other_chain' // signed under another root
	| 'not_an_issuer' // signed by somebody who may not sign, or not for that store
	| 'widened' // it allows what its issuer may not give
	| 'bad_signature';

/** What a credential says, once every signature up to the root was found good. */
export interface Credential {
	/** The device's public key. */
	readonly key: Uint8Array;
	readonly name: string;
	readonly store: string;
	readonly role: string;
	readonly issues: boolean;
	readonly grants: readonly Grant[];
	/** Some verb is allowed up to a limit only. */
	readonly isLimited: boolean;
	/** Of all its certificates: the last beginning, and the first end. */
	readonly notBeforeMs: number;
	readonly notAfterMs: number;
	readonly replaces: Uint8Array | undefined;
	rights(ledger: LedgerName): Rights;
}

/** Ledgers whose rights are kept at hand. */
const ledgersMax = 256;

class Verified implements Credential {
	readonly key: Uint8Array;
	readonly name: string;
	readonly store: string;
	readonly role: string;
	readonly issues: boolean;
	readonly grants: readonly Grant[];
	readonly isLimited: boolean;
	readonly notBeforeMs: number;
	readonly notAfterMs: number;
	readonly replaces: Uint8Array | undefined;
	readonly #rights = new Map<LedgerName, Rights>();

	constructor(certificates: readonly Certificate[]) {
		const { subject, name, store, role, issues = false, grants, replaces } = certificates[0] as Certificate; // at least one
		this.key = subject;
		this.name = name;
		this.store = store;
		this.role = role;
		this.issues = issues;
		this.grants = grants;
		this.isLimited = grants.some(({ limits }) => limits);
		this.replaces = replaces;
		this.notBeforeMs = Math.max(...certificates.map((each) => each.notBeforeMs));
		this.notAfterMs = Math.min(...certificates.map((each) => each.notAfterMs));
	}

	rights(ledger: LedgerName): Rights {
		const known = this.#rights.get(ledger);
		if (known) return known;
		if (this.#rights.size >= ledgersMax) this.#rights.clear();
		const rights = rightsIn(this.grants, ledger);
		this.#rights.set(ledger, rights);
		return rights;
	}
}

/** May `issuer` give what `given` says? */
export function objection(given: Pick<Certificate, 'store' | 'grants'>, issuer: Certificate): Distrust | undefined {
	if (!issuer.issues || (issuer.store !== '' && issuer.store !== given.store)) return 'not_an_issuer';
	return isWithin(given.grants, issuer.grants) ? undefined : 'widened';
}

/** Follows a credential up to the root. Whether its time has come or gone is for the caller to see. */
export async function verifyCredential(
	crypto: Crypto,
	root: Uint8Array,
	bytes: Uint8Array,
): Promise<Credential | Distrust> {
	const certificates = decodeCredential(bytes);
	if (!certificates) return 'unreadable';
	for (const [i, each] of certificates.entries()) {
		const above = certificates[i + 1];
		if (!equalBytes(each.chain, root) || !equalBytes(each.issuer, above?.subject ?? root)) return 'other_chain';
		const no = above && objection(each, above);
		if (no) return no;
	}
	for (const { issuer, content, signature } of certificates)
		if (!(await crypto.verify(issuer, signedBytes(content), signature))) return 'bad_signature';
	return new Verified(certificates);
}
