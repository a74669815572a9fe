import { BadArgument } from '../base/errors.js';
import type { Random } from '../ports/index.js';

/** Crockford's base 32: no I, L, O or U, so that what is read aloud or off a screen has one spelling. */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeChars = 16;
const groupChars = 4;

/**
 * A one-time code of 80 bits: `7K2M-9QXT-FBRW-5N3C`. As long as that because a request shows its keyed hash to whoever
 * listens: guessing a code off that in the minutes it lives must be out of reach of any machine.
 */
export function createCode(random: Random): string {
	const all = [...random.bytes(codeChars)].map((byte) => digits.charAt(byte & 31)).join('');
	return all.replace(new RegExp(`.{${groupChars}}(?!$)`, 'g'), '$&-');
}

/** One spelling of what somebody typed. Throws `BadArgument` for what can be no code, which costs no guess. */
export function readCode(typed: string): string {
	const code = String(typed).toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replaceAll('O', '0');
	if (code.length !== codeChars || [...code].some((digit) => !digits.includes(digit)))
		throw new BadArgument('code', `expected ${codeChars} letters and digits, such as 7K2M-9QXT-FBRW-5N3C.`);
	return code;
}
