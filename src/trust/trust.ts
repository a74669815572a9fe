import { equalBytes, toHex } from '../base/bytes.js';
import type { Crypto } from '../ports/index.js';
import { type ConsentTerms, readConsent } from './consent.js';
import { type Credential, type Distrust, verifyCredential } from './credential.js';

/** Credentials and consents kept at hand; those found good longest ago go first. */
const keptMax = 512;

function keep<V>(known: Map<string, V>, key: string, found: V): void {
	if (known.size >= keptMax) for (const oldest of known.keys()) if (known.delete(oldest)) break;
	known.set(key, found);
}

/** Clocks that differ by less are believed to agree. */
export const skewMs = 5 * 60_000;

/** What a replica or a relay of a chain with a root key believes. Only good credentials are remembered: bad ones push none out. */
export class Trust {
	readonly root: Uint8Array;
	readonly #crypto: Crypto;
	readonly #known = new Map<string, Credential>();
	readonly #consents = new Map<string, ConsentTerms>();

	constructor(crypto: Crypto, root: Uint8Array) {
		this.#crypto = crypto;
		this.root = root;
	}

	async read(bytes: Uint8Array): Promise<Credential | Distrust> {
		const hash = toHex(this.#crypto.sha256(bytes));
		const known = this.#known.get(hash);
		if (known) return known;
		const found = await verifyCredential(this.#crypto, this.root, bytes);
		if (typeof found === 'string') return found;
		keep(this.#known, hash, found);
		return found;
	}

	/** What a signed yes agrees to; undefined where it is none. From then on `consented` knows it. */
	async consent(signed: string): Promise<ConsentTerms | undefined> {
		const found = this.#consents.get(signed) ?? (await readConsent(this.#crypto, this, signed));
		if (found) {
			this.#consents.delete(signed);
			keep(this.#consents, signed, found);
		}
		return found;
	}

	/** What was found good lately. */
	consented(signed: string): ConsentTerms | undefined {
		return this.#consents.get(signed);
	}

	/** The credential of exactly this key; undefined where there is none that proves it. */
	async of(key: Uint8Array, bytes: Uint8Array | undefined): Promise<Credential | undefined> {
		const found = bytes ? await this.read(bytes) : undefined;
		return typeof found === 'object' && equalBytes(found.key, key) ? found : undefined;
	}
}

/** Its time has not come yet, or is over: by a clock that may be off by minutes. */
export const isStale = ({ notBeforeMs, notAfterMs }: Credential, nowMs: number): boolean =>
	nowMs < notBeforeMs - skewMs || nowMs > notAfterMs + skewMs;
