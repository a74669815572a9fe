import { BadArgument } from '../base/errors.js';
import type { DeviceId, LedgerName } from '../base/ids.js';
import { checkName } from '../base/limits.js';
import { includes } from '../base/patterns.js';
import type { Journal } from '../journal/journal.js';
import type { Leg } from '../journal/leg.js';
import { headsOf, type RevokedHeads, writeHeads } from '../journal/revocation.js';
import type { View } from '../journal/view.js';
import { type Claims, mayBe, revokedLog, revokes, revokeVerb, Warden } from '../journal/warden.js';
import type { Books } from '../ledger/books.js';
import type { Json } from '../ledger/collections.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Outcome } from '../ledger/outcome.js';
import type { Tx } from '../ledger/tx.js';
import type { Crypto, WriteBatch } from '../ports/index.js';
import { type Consents, isSameTerms, mayConsent, signConsent } from '../trust/consent.js';
import type { Credential, EnrolledKeys } from '../trust/credential.js';
import { Trust } from '../trust/trust.js';
import type { TrustOptions } from './options.js';
import { deviceRecord } from './records.js';

/** What a device keeps. */
interface Kept {
	readonly journal: Journal;
	readonly view: View;
	ledgers(): Iterable<LedgerName>;
}

/** Whoever says in a ledger that a device is revoked. */
interface Author {
	ledger(name: LedgerName): Ledger;
	commit(work: (tx: Tx) => void): Promise<Outcome<void>>;
}

/** A device with its keys: that of its present name, and all it ever had. */
interface Renewing {
	readonly pairs: EnrolledKeys[];
	readonly writer: { readonly pair: EnrolledKeys; renew(pair: EnrolledKeys): void };
	readonly disk: { write(batch: WriteBatch): Promise<void> };
}

/** A key, and what it may do. */
export interface Enrolled {
	readonly pair: EnrolledKeys;
	readonly credential: Credential;
}

function checkTrust({ root, enrol }: Partial<TrustOptions>): void {
	if (!(root instanceof Uint8Array) || root.length !== 32)
		throw new BadArgument('options.trust.root', 'expected 32 bytes.');
	if (typeof enrol !== 'function') throw new BadArgument('options.trust.enrol', 'expected a function.');
}

/** How this device comes by its credential; loaded only where the chain has a root key. */
export class Enrolment {
	readonly warden: Warden;
	/** What this device may do now. */
	own: Credential | undefined;
	readonly #crypto: Crypto;
	readonly #name: string;
	readonly #options: TrustOptions;
	readonly #home: readonly string[];
	readonly #claims: Claims;

	constructor(crypto: Crypto, name: string, options: TrustOptions, home: readonly string[], claims: Claims) {
		checkTrust(options);
		this.warden = new Warden(new Trust(crypto, options.root), crypto);
		this.#crypto = crypto;
		this.#name = name;
		this.#options = options;
		this.#home = home;
		this.#claims = claims;
	}

	/** On opening: from now on the device is who the pair says. */
	async begin(made: EnrolledKeys): Promise<EnrolledKeys> {
		const { pair, credential } = await this.settle(made);
		this.own = credential;
		return pair;
	}

	/** The pair as it is where its credential is sound, else with the one that is asked for now. */
	async settle(pair: EnrolledKeys, replaces?: Uint8Array): Promise<Enrolled> {
		const known = await this.warden.trust.of(pair.publicKey, pair.credential);
		if (known) return this.#fit({ pair, credential: known });
		return this.ask(pair, replaces);
	}

	async ask(pair: EnrolledKeys, replaces?: Uint8Array): Promise<Enrolled> {
		const { publicKey: key, credential } = pair;
		return this.check(pair, await this.#options.enrol({ key, name: this.#name, replaces, credential }));
	}

	/** Throws `BadArgument` where this is no credential for the key. */
	async check(pair: EnrolledKeys, bytes: Uint8Array): Promise<Enrolled> {
		if (!(bytes instanceof Uint8Array)) throw new BadArgument('credential', 'expected bytes.');
		const credential = await this.warden.trust.of(pair.publicKey, bytes);
		if (credential) return this.#fit({ pair: { ...pair, credential: bytes.slice() }, credential });
		const found = await this.warden.trust.read(bytes);
		throw new BadArgument(
			'credential',
			typeof found === 'string' ? `proves nothing: ${found}.` : 'is for another key.',
		);
	}

	/** Nobody would believe a home that may not be one, nor talk to an archive. */
	#fit(enrolled: Enrolled): Enrolled {
		if (!mayBe(enrolled.credential, this.#claims))
			throw new BadArgument('credential', 'a relay or an archive must be allowed to be home.');
		for (const pattern of this.#home) {
			const may = enrolled.credential.grants.some(({ ledgers, home }) => home && includes(ledgers, pattern));
			if (!may) throw new BadArgument('options.home', `the credential does not allow "${pattern}".`);
		}
		return enrolled;
	}

	/** Whose sessions were ended for good is read off the logs in view. */
	follow(books: Books): void {
		this.warden.isRevoked = (device) => {
			const log = `${revokedLog}/${device}`;
			for (const ledger of books.names())
				if (
					books
						.of(ledger)
						.logs.get(log)
						?.entries.some(({ value }) => revokes(value))
				)
					return true;
			return false;
		};
	}

	/** Names the device, and all that is held of it here, so that people see what came later. */
	revoke(author: Author, kept: Kept, ledger: LedgerName, device: DeviceId, reason: string): Promise<Outcome<void>> {
		checkName('device', device);
		const heads: Record<LedgerName, RevokedHeads[LedgerName]> = {};
		for (const of of kept.ledgers()) {
			const held = headsOf(kept.journal, kept.view.base(of), of, device);
			if (held.length > 0) heads[of] = writeHeads(held);
		}
		const at = author.ledger(ledger).logs<Json>(revokedLog).at(device);
		return author.commit((tx) => tx.append(at, { verb: revokeVerb, device, reason, heads }));
	}

	/** The device goes on with this credential, or with one that it asks for; on disk when this resolves. */
	async renew(device: Renewing, credential: Uint8Array | undefined): Promise<void> {
		const { writer } = device;
		const renewed = await (credential ? this.check(writer.pair, credential) : this.ask(writer.pair));
		const pairs = device.pairs.map((pair) => (pair === writer.pair ? renewed.pair : pair));
		await device.disk.write({ puts: [deviceRecord(pairs)], deletes: [] });
		if (device.writer !== writer) throw new BadArgument('credential', 'is for a name that this device had before.');
		device.pairs.splice(0, device.pairs.length, ...pairs);
		this.own = renewed.credential;
		writer.renew(renewed.pair);
	}

	/** What of these legs the device may not write. */
	forbids(device: DeviceId, ledger: LedgerName, legs: readonly Leg[]): string | undefined {
		return this.own && this.warden.legsObjection(this.own, device, ledger, legs);
	}

	consents({ credential, ...pair }: EnrolledKeys): Consents {
		const { own, warden } = this;
		const { trust } = warden;
		return {
			grants: own?.grants ?? [],
			give: async (terms) =>
				credential && own && mayConsent(own, terms)
					? signConsent(this.#crypto, { ...pair, credential }, trust.root, terms)
					: undefined,
			take: async (terms, signed) => isSameTerms(await trust.consent(signed), terms),
		};
	}
}
