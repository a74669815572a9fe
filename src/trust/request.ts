/**
 * What a new device says of itself to whoever may give it a credential:
 *
 *   request = said:bytes mac:32
 *   said    = key:32 name:text store:text replaces:bytes (empty or 32)
 *   mac     = HMAC-SHA256(code, `tillmesh/request/1`:text and said)
 *
 * Nothing of it is secret. The code is, for the minutes that it lives: only who was told it can ask, and what was asked
 * cannot be changed on its way. It is known to the two screens that it is typed between, and is sent nowhere.
 */
import { utf8 } from '../base/bytes.js';
import { bytes, bytesOrNone, encoded, fixed, record, text, writeBytes } from '../base/codec.js';
import { BadArgument } from '../base/errors.js';
import { hmac } from '../base/hkdf.js';
import { checkName } from '../base/limits.js';
import { readCode } from './code.js';
import { readText, readWhole, writeText } from './texts.js';

type Sha256 = (data: Uint8Array) => Uint8Array;

export interface Asked {
	/** Public key of the device. */
	readonly key: Uint8Array;
	readonly name: string;
	readonly store: string;
	/** The key that it had before. */
	readonly replaces: Uint8Array | undefined;
}

export interface Request {
	readonly asked: Asked;
	/** As it is signed. */
	readonly said: Uint8Array;
	readonly mac: Uint8Array;
}

const asked = record<Asked>({ key: fixed(32), name: text, store: text, replaces: bytesOrNone });
const outer = record<Pick<Request, 'said' | 'mac'>>({ said: bytes, mac: fixed(32) });

/** Throws `BadArgument` for a code that can be none. */
export const macOf = (sha256: Sha256, code: string, said: Uint8Array): Uint8Array =>
	hmac(
		sha256,
		utf8(readCode(code)),
		encoded((to) => {
			text.write(to, 'tillmesh/request/1');
			writeBytes(to, said);
		}),
	);

/** The text that a QR code on the new device shall hold. */
export function requestText(sha256: Sha256, of: Asked, code: string): string {
	checkName('name', of.name);
	checkName('store', of.store);
	const said = encoded((to) => asked.write(to, of));
	return writeText(
		'request',
		encoded((to) => outer.write(to, { said, mac: macOf(sha256, code, said) })),
	);
}

/** Throws `BadArgument` for anything but the text of a request. Who made it is not known yet. */
export function readRequest(textOf: string): Request {
	const { said, mac } = readWhole('request', outer, readText('request', 'request', textOf));
	const of: Asked = readWhole('request', asked, said);
	checkName('request.name', of.name);
	checkName('request.store', of.store);
	if (of.replaces && of.replaces.length !== 32) throw new BadArgument('request', 'replaces what is no key.');
	return { asked: of, said, mac };
}
