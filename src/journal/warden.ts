import { fromUtf8 } from '../base/bytes.js';
import type { DeviceId, LedgerName } from '../base/ids.js';
import type { Crypto } from '../ports/index.js';
import type { Credential } from '../trust/credential.js';
import { isAmong } from '../trust/grant.js';
import { isStale, skewMs, type Trust } from '../trust/trust.js';
import type { Checkpoint } from './checkpoint.js';
import type { Entry } from './entry.js';
import type { Leg } from './leg.js';
import { type Authorship, asObject, isWithinLimit, signedIn } from './limit.js';

/** Whose an epoch is, and by which right. */
export interface Opening {
	readonly key: Uint8Array;
	readonly credential?: Uint8Array | undefined;
}

/** What a peer says that it is to the others. */
export interface Claims {
	/** `store` and `hq`: its word of what is on that disk is passed on (SYN2). */
	readonly role?: string;
	/** What it acknowledges, a checkpoint may cover (JRN11). */
	readonly archive?: boolean;
}

export interface Author extends Opening {
	readonly device: DeviceId;
}

/** What a peer may do. */
export interface Standing {
	/** By a receiver's clock, some minutes of grace included. */
	readonly untilMs: number;
	reads(ledger: LedgerName): boolean;
}

/** The log, by device, that a document stands in which ends somebody's sessions for good; and what it must say. */
export const revokedLog = 'revoked';
export const revokeVerb = 'device.revoke';

/** Is it a document that revokes? Whether its author may write it was seen when it came. */
export const revokes = (value: Uint8Array): boolean => verbOf(documentOf(value)) === revokeVerb;

/** Whose sessions these legs end. */
export function* revokedBy(legs: readonly Leg[]): Iterable<DeviceId> {
	for (const leg of legs)
		if (leg.kind === 'append' && familyOf(leg.log) === revokedLog && revokes(leg.value))
			yield leg.log.slice(revokedLog.length + 1);
}

/** Units of these come into being by the work of a home alone. */
const ofHome: readonly string[] = ['fence', 'exception'];

/** Admission and the author's tx saw that it is JSON. */
const documentOf = (value: Uint8Array) => asObject(JSON.parse(fromUtf8(value)));

/** What a document says that it does; nothing where it is no object or says nothing. */
const verbOf = ({ verb }: ReturnType<typeof documentOf>): string => (typeof verb === 'string' ? verb : '');

/** What stands before the slash: the collection that a pool or a cell is of. */
const familyOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')));

function legObjection(author: Authorship, leg: Leg): string | undefined {
	const { rights } = author;
	switch (leg.kind) {
		case 'open':
			return leg.home && !rights.home ? 'home' : undefined;
		case 'fence':
		case 'reclaim':
			return rights.home ? undefined : leg.kind;
		case 'mint': {
			const family = familyOf(leg.pool);
			const may = ofHome.includes(family) ? rights.home : isAmong(rights.mints, family);
			return may ? undefined : `mint ${family}`;
		}
		case 'append': {
			const document = documentOf(leg.value);
			const verb = verbOf(document);
			if (!isAmong(rights.verbs, verb)) return `verb ${verb}`;
			const most = rights.most(verb);
			return most === undefined || isWithinLimit(document, most, author) ? undefined : `limit ${verb}`;
		}
		case 'set': {
			const family = familyOf(leg.cell);
			return isAmong(rights.sets, family) ? undefined : `set ${family}`;
		}
		default:
			return undefined;
	}
}

/** What of these legs is not allowed; undefined where all is. */
function legsObjection(author: Authorship, legs: readonly Leg[]): string | undefined {
	if (!author.rights.write) return 'write';
	for (const leg of legs) {
		const no = legObjection(author, leg);
		if (no !== undefined) return no;
	}
	return undefined;
}

/**
 * Who may do what, in a chain that has a root key: of every epoch by the credential in its first row, of a checkpoint and of
 * a greeting by the one that it brings. What is written counts whenever it was: only sessions look at the time, so that
 * selling never stops.
 */
export class Warden {
	readonly trust: Trust;
	readonly #sha256: Crypto['sha256'];

	/** Whose sessions were ended for good; told by whoever holds the documents. */
	isRevoked: (device: DeviceId) => boolean = () => false;

	constructor(trust: Trust, { sha256 }: Pick<Crypto, 'sha256'>) {
		this.trust = trust;
		this.#sha256 = sha256;
	}

	/** What of these entries their author may not write; undefined where all is allowed. */
	async objection(
		ledger: LedgerName,
		{ key, credential, device }: Author,
		entries: readonly Entry[],
	): Promise<string | undefined> {
		const author = await this.trust.of(key, credential);
		if (!author) return 'credential';
		for (const { legs } of entries) {
			if (author.isLimited) await this.#readConsents(legs);
			const no = this.legsObjection(author, device, ledger, legs);
			if (no !== undefined) return no;
		}
		return undefined;
	}

	/** The same of one entry, in one turn: of yeses those count that were read lately. */
	legsObjection(author: Credential, device: DeviceId, ledger: LedgerName, legs: readonly Leg[]): string | undefined {
		const { trust } = this;
		return legsObjection({ ledger, device, rights: author.rights(ledger), trust, sha256: this.#sha256 }, legs);
	}

	async #readConsents(legs: readonly Leg[]): Promise<void> {
		for (const leg of legs) {
			const signed = leg.kind === 'append' ? signedIn(documentOf(leg.value)) : undefined;
			if (signed !== undefined) await this.trust.consent(signed);
		}
	}

	/** May its author write checkpoints of this ledger? */
	async mayClose({ key, credential, ledger }: Checkpoint): Promise<boolean> {
		return (await this.trust.of(key, credential))?.rights(ledger).home ?? false;
	}

	/** What a peer may do that has proved this key. */
	async meet(
		{ key, credential, device, ...claims }: Author & Claims,
		nowMs: number,
	): Promise<Standing | 'expired' | 'not_allowed'> {
		const peer = await this.trust.of(key, credential);
		if (!peer || this.isRevoked(device) || !mayBe(peer, claims)) return 'not_allowed';
		return isStale(peer, nowMs) ? 'expired' : standingOf(peer);
	}
}

/** Rows are let go because of what such peers say that they have: they may be home of something, headquarters of everything. */
export const mayBe = ({ grants }: Credential, { role = 'device', archive = false }: Claims): boolean =>
	(role === 'device' && !archive) || grants.some(({ ledgers, home }) => home && (role !== 'hq' || ledgers === '*'));

const standingOf = (peer: Credential): Standing => ({
	untilMs: peer.notAfterMs + skewMs,
	reads: (ledger) => peer.rights(ledger).read,
});
