import { utf8 } from '../../base/bytes.js';
import { BadArgument } from '../../base/errors.js';
import type { DeviceId } from '../../base/ids.js';
import type { Crypto } from '../../ports/index.js';
import type { IsoDate } from '../shop/business-day.js';
import type { ApprovalAsk } from '../shop/outcome.js';
import type { ApprovalId, StaffId } from '../shop/writing.js';

/**
 * Secrets that a manager's device shares with the tills of a store, by manager. Kept by the vendor outside the ledgers, as
 * personal data is; brought to both sides when the manager's device is set up. 16 bytes at least, of chance.
 */
export interface ApprovalSecrets {
	of(manager: StaffId): Uint8Array | undefined;
}

/** What a QR of a challenge says. */
export interface Challenged extends ApprovalAsk {
	readonly store: string;
	readonly id: ApprovalId;
	/** The till that asks, and its business day. */
	readonly from: DeviceId;
	readonly date: IsoDate;
}

const prefix = 'tillmesh-approval:2:';
const yesPrefix = 'tillmesh-yes:1:';
const secretBytesMin = 16;
const blockBytes = 64;
const digits = 8;

export function qrOf({
	store,
	id,
	from,
	date,
	verb,
	limit,
	asked,
	summary,
	bindsTo,
	signedFor = '',
}: Challenged): string {
	return prefix + JSON.stringify([store, id, from, date, verb, limit, asked, summary, bindsTo, signedFor]);
}

/** A signed yes as the text of a QR. */
export const yesQrOf = (signed: string): string => yesPrefix + signed;

/** The yes in what was typed or scanned; undefined where that is a code. */
export function readYes(answer: string): string | undefined {
	return answer.startsWith(yesPrefix) ? answer.slice(yesPrefix.length) : undefined;
}

/** Throws `BadArgument` for anything but the text of a challenge. */
export function readQr(text: string): Challenged {
	const fields: unknown =
		typeof text === 'string' && text.startsWith(prefix) ? parsed(text.slice(prefix.length)) : undefined;
	if (!Array.isArray(fields) || fields.length !== 10) throw new BadArgument('qr', 'no challenge of an approval.');
	const [store, id, from, date, verb, limit, asked, summary, bindsTo, signedFor] = fields as unknown[];
	const texts = [store, id, from, date, verb, summary, bindsTo, signedFor];
	const isText = texts.every((field) => typeof field === 'string');
	if (!isText || typeof limit !== 'number' || typeof asked !== 'number')
		throw new BadArgument('qr', 'no challenge of an approval.');
	const said = { store, id, from, date, verb, limit, asked, summary, bindsTo };
	return { ...said, ...(signedFor !== '' && { signedFor }) } as Challenged; // checked field by field
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/**
 * Eight digits that only who has the secret can make for exactly this challenge: HMAC-SHA-256 (RFC 2104) over everything
 * that the manager was shown, the first 48 bits of it modulo 10^8. One guess in 10^8 is right, and a till takes few. Whoever
 * can read the storage of a till can read the secret: the code holds against people, not against a till that was broken into.
 */
export function codeOf(crypto: Pick<Crypto, 'sha256'>, secret: Uint8Array, challenged: Challenged): string {
	if (!(secret instanceof Uint8Array) || secret.length < secretBytesMin)
		throw new BadArgument('secret', `expected ${secretBytesMin} bytes or more.`);
	const key = new Uint8Array(blockBytes);
	key.set(secret.length > blockBytes ? crypto.sha256(secret) : secret);
	const keyed = (pad: number, data: Uint8Array) => {
		const all = new Uint8Array(blockBytes + data.length);
		all.set(key.map((byte) => byte ^ pad));
		all.set(data, blockBytes);
		return crypto.sha256(all);
	};
	const mac = keyed(0x5c, keyed(0x36, utf8(qrOf(challenged))));
	const number = mac.slice(0, 6).reduce((n, byte) => n * 256 + byte, 0) % 10 ** digits;
	return String(number).padStart(digits, '0');
}
