import type { KeyPair } from '../../../src/ports/platform.js';
import type { EnrolRequest, TrustOptions } from '../../../src/replica/options.js';
import type { Grant } from '../../../src/trust/grant.js';
import { issue } from '../../../src/trust/issue.js';
import type { Chance } from './chance.js';
import type { Keyring } from './keys.js';

const life = { notBeforeMs: 0, notAfterMs: Number.MAX_SAFE_INTEGER };

/** The chain's root key, in somebody's safe: it gives every machine that asks what its name may do. */
export class Root {
	readonly #keys: Keyring;
	readonly #chance: Chance;
	readonly #pair: KeyPair;
	readonly #grants: (name: string) => readonly Grant[];

	constructor(keys: Keyring, chance: Chance, grants: (name: string) => readonly Grant[]) {
		this.#keys = keys;
		this.#chance = chance.fork();
		this.#pair = keys.pair(this.#chance);
		this.#grants = grants;
	}

	get trust(): TrustOptions {
		return { root: this.#pair.publicKey, enrol: (request) => this.give(request, this.#grants(request.name)) };
	}

	give({ key, name, replaces }: EnrolRequest, grants: readonly Grant[]): Promise<Uint8Array> {
		const store = name.split('/')[0] as string; // a split text has a first part
		const fields = { subject: key, name, store, role: 'machine', grants, replaces, ...life };
		return issue(this.#keys.crypto(this.#chance), this.#pair, fields);
	}
}
