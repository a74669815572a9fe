import { nodePlatform } from '../../../adapters/platform-node/index.js';
import type { Crypto, KeyPair } from '../../../src/ports/index.js';
import type { CertificateFields } from '../../../src/trust/certificate.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import { everything, type Grant } from '../../../src/trust/grant.js';
import { issue } from '../../../src/trust/issue.js';

export const { crypto } = nodePlatform();
/** A year of which every test is in the middle. */
export const year = { notBeforeMs: 0, notAfterMs: Date.UTC(2100, 0) };

export const ofStore: Grant = {
	ledgers: '*/sh-1',
	read: true,
	write: true,
	home: true,
	verbs: ['*'],
	mints: ['*'],
	sets: ['*'],
};
export const cashier: Grant = {
	ledgers: 'stock/sh-1',
	read: true,
	write: true,
	verbs: ['order.*', 'stock.count'],
	mints: ['goods'],
};

/** A chain's root, and a store below it. */
export class ChainOfTrust {
	private constructor(
		readonly crypto: Crypto,
		readonly pair: KeyPair,
		readonly store: EnrolledKeys,
	) {}

	static async create(of: Crypto = crypto, grants: readonly Grant[] = [ofStore]): Promise<ChainOfTrust> {
		const [root, store] = [await of.generateKeyPair(), await of.generateKeyPair()];
		const fields = {
			subject: store.publicKey,
			name: 'sh-1',
			store: 'sh-1',
			role: 'store',
			issues: true,
			grants,
			...year,
		};
		return new ChainOfTrust(of, root, { ...store, credential: await issue(of, root, fields) });
	}

	get root(): Uint8Array {
		return this.pair.publicKey;
	}

	/** A credential that the store gives, or the root. */
	give(
		subject: Uint8Array,
		grants: readonly Grant[],
		{ by = this.store, ...fields }: Partial<CertificateFields> & { readonly by?: EnrolledKeys } = {},
	): Promise<Uint8Array> {
		return issue(this.crypto, by, { subject, name: 'till-1', store: 'sh-1', role: 'till', grants, ...year, ...fields });
	}

	/** A new key, and what it is allowed. */
	async enrol(
		grants: readonly Grant[] = [everything],
		by: EnrolledKeys = this.pair,
		fields: Partial<CertificateFields> = {},
	): Promise<EnrolledKeys & { readonly credential: Uint8Array }> {
		const pair = await this.crypto.generateKeyPair();
		return { ...pair, credential: await this.give(pair.publicKey, grants, { by, ...fields }) };
	}
}
