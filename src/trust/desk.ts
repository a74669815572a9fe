import { equalBytes } from '../base/bytes.js';
import { BadArgument, TillmeshError } from '../base/errors.js';
import type { Platform } from '../ports/index.js';
import { decodeCredential } from './certificate.js';
import { createCode } from './code.js';
import { type Credential, type EnrolledKeys, verifyCredential } from './credential.js';
import type { Grant } from './grant.js';
import { issue } from './issue.js';
import { type Asked, macOf, type Request, readRequest } from './request.js';
import { credentialText, issuerOf, readCredential } from './texts.js';

/** Why a desk gave no credential. A reason never changes its meaning. */
export const deskRefusals = {
	no_code: 'No code is open: it was used, or nobody made one. Make a new one.',
	expired: 'The code was made too long ago. Make a new one.',
	wrong_code: 'The code is not the one that was made here, or the request was changed on its way.',
	too_many: 'The code was wrong too often and holds no more. Make a new one.',
	other_store: 'The device is set up for another store.',
	other_name: 'The code was made for a device of another name.',
	not_renewable:
		'It is no certificate of a device of this desk, or its time was over too long ago: the device needs a code.',
	issuer_stale: 'The certificate that this desk signs under is not in force: its time is over, or this clock is wrong.',
} as const;

export type DeskRefusal = keyof typeof deskRefusals;

/** Thrown with `not_enrolled`; `details.reason` is the refusal. */
export const refusedBy = (reason: DeskRefusal): TillmeshError =>
	new TillmeshError('not_enrolled', deskRefusals[reason], { reason });

export interface DeskOptions {
	/** Of the machine that holds the key: `nodePlatform()`, or a storage's `platform`. */
	readonly platform: Pick<Platform, 'clock' | 'crypto' | 'random'>;
	/** The store's key with its credential, or the root's for devices of headquarters: `readKeys`. */
	readonly issuer: EnrolledKeys;
}

/** What one device is given, whichever comes with the code. */
export interface Invitation {
	/** Shown to people; what it allows is in `grants`. */
	readonly role: string;
	readonly grants: readonly Grant[];
	/** Only a device that calls itself so. */
	readonly name?: string | undefined;
	/** How long its certificate holds; 90 days by default, and never longer than the issuer's. */
	readonly days?: number | undefined;
	/** How long the code holds; five minutes by default. */
	readonly minutes?: number | undefined;
	/** The key of the same till before its disk was changed, where the till cannot know it any more. */
	readonly replaces?: Uint8Array | undefined;
}

export interface Answer {
	/** For the device: `credentialText`. */
	readonly text: string;
	readonly credential: Uint8Array;
	readonly key: Uint8Array;
	readonly name: string;
	readonly store: string;
	readonly role: string;
	readonly notAfterMs: number;
	readonly replaces: Uint8Array | undefined;
	/** False where nothing was signed: it is the credential that was to be renewed. */
	readonly isNew: boolean;
}

interface Open extends Invitation {
	readonly code: string;
	readonly endsMs: number;
	guesses: number;
}

const dayMs = 86_400_000;
/** How long after its end a certificate is still renewed without a code. */
const graceMs = 30 * dayMs;
const guessesMax = 5;

/**
 * Where new devices come for their credential: whoever holds the store's key makes a code, somebody types it at the device,
 * and the request that comes with it is answered. One code is open at a time, for one device, for minutes, for five guesses.
 */
export class EnrolmentDesk {
	readonly #o: DeskOptions;
	#open: Open | undefined;
	/** Why there is none open. */
	#shut: DeskRefusal = 'no_code';

	constructor(options: DeskOptions) {
		this.#o = options;
	}

	/** Whose devices it may enrol; undefined for the root's desk, which is of no store. */
	get store(): string | undefined {
		return issuerOf(this.#o.issuer).certificates[0]?.store || undefined;
	}

	/** The chain's public root key. */
	get root(): Uint8Array {
		return issuerOf(this.#o.issuer).root;
	}

	/** Makes a code and forgets the one before. Throws `BadArgument`. */
	invite(invitation: Invitation): { readonly code: string; readonly endsMs: number } {
		const { days = 90, minutes = 5 } = invitation;
		if (!(days > 0 && days <= 36_500)) throw new BadArgument('days', 'expected more than none, and at most 36500.');
		if (!(minutes > 0 && minutes <= 1_440))
			throw new BadArgument('minutes', 'expected more than none, and at most 1440.');
		const code = createCode(this.#o.platform.random);
		const endsMs = this.#o.platform.clock.nowMs() + minutes * 60_000;
		this.#open = { ...invitation, code, endsMs, guesses: 0 };
		return { code, endsMs };
	}

	/** The code holds no more. */
	close(): void {
		this.#shutFor('no_code');
	}

	#shutFor(why: DeskRefusal): void {
		this.#open = undefined;
		this.#shut = why;
	}

	/** Throws `not_enrolled` with a reason, or `BadArgument` for what is no request, which costs no guess. */
	async answer(text: string): Promise<Answer> {
		const request = readRequest(text);
		const nowMs = this.#o.platform.clock.nowMs();
		const open = this.#admit(request, nowMs);
		// From here on the code is used, whatever else comes of it.
		this.#shutFor('no_code');
		return this.#sign(request.asked, open, nowMs);
	}

	/**
	 * A new certificate for a device of this desk, by the text of its credential: what it may stays as it was, for as long
	 * again. It needs no code, since only the device itself has a use for it; while less than half of the time is over it is
	 * the same. Throws `not_enrolled`, or `BadArgument` for what is no credential.
	 */
	async renew(text: string): Promise<Answer> {
		const bytes = readCredential(text);
		const { crypto, clock } = this.#o.platform;
		const nowMs = clock.nowMs();
		const found = await verifyCredential(crypto, this.root, bytes);
		const [own, ...above] = decodeCredential(bytes) ?? [];
		if (typeof found === 'string' || !own || !this.#renews(found, above.length) || nowMs > found.notAfterMs + graceMs)
			throw refusedBy('not_renewable');
		const { key, name, store, role, grants, replaces, notBeforeMs, notAfterMs } = found;
		if (nowMs < (notBeforeMs + notAfterMs) / 2)
			return {
				text: credentialText(bytes),
				credential: bytes,
				key,
				name,
				store,
				role,
				notAfterMs,
				replaces,
				isNew: false,
			};
		const days = (own.notAfterMs - own.notBeforeMs) / dayMs;
		return this.#sign({ key, name, store, replaces }, { role, grants, days }, nowMs);
	}

	/** One of a device, of this store, or straight under the root. */
	#renews({ issues, store }: Credential, above: number): boolean {
		return !issues && (this.store === undefined ? above === 0 : this.store === store);
	}

	#admit({ said, mac, asked }: Request, nowMs: number): Open {
		const open = this.#open;
		if (open && nowMs > open.endsMs) this.#shutFor('expired');
		if (!open || !this.#open) throw refusedBy(this.#shut);
		if (!equalBytes(macOf(this.#o.platform.crypto.sha256, open.code, said), mac)) {
			open.guesses++;
			if (open.guesses >= guessesMax) this.#shutFor('too_many');
			throw refusedBy('wrong_code');
		}
		// Said to nobody but who has the code; it still holds, for the till to be set up right.
		if (this.store !== undefined && this.store !== asked.store) throw refusedBy('other_store');
		if (open.name !== undefined && open.name !== asked.name) throw refusedBy('other_name');
		return open;
	}

	async #sign(asked: Asked, { role, grants, days = 90, replaces }: Invitation, nowMs: number): Promise<Answer> {
		const { certificates } = issuerOf(this.#o.issuer);
		const fromMs = Math.max(nowMs, ...certificates.map((each) => each.notBeforeMs));
		const untilMs = Math.min(nowMs + Math.round(days * dayMs), ...certificates.map((each) => each.notAfterMs));
		if (untilMs <= nowMs || fromMs >= untilMs) throw refusedBy('issuer_stale');
		const fields = {
			subject: asked.key,
			name: asked.name,
			store: asked.store,
			role,
			grants,
			notBeforeMs: fromMs,
			notAfterMs: untilMs,
			replaces: asked.replaces ?? replaces,
		};
		const credential = await issue(this.#o.platform.crypto, this.#o.issuer, fields);
		const { key, name, store } = asked;
		const text = credentialText(credential);
		return { text, credential, key, name, store, role, notAfterMs: untilMs, replaces: fields.replaces, isNew: true };
	}
}

export const createEnrolmentDesk = (options: DeskOptions): EnrolmentDesk => new EnrolmentDesk(options);
