import { BadArgument } from '../../base/errors.js';

/**
 * No card numbers: not one is written, whoever typed it. Looked for in what people write freely, never where numbers belong
 * (SKUs, lots, documents, contacts, idempotency keys).
 *
 * A card number is 13 to 19 digits whose check digit fits (Luhn, ISO/IEC 7812) and that begin and are as long as some brand's
 * do. They stand together, or in the groups that cards have, with single spaces or dashes between. Not one: what stands
 * directly beside a letter or another digit, or behind a `+` (phone numbers), and 13 digits with the check digit of an EAN.
 */
const brands: readonly RegExp[] = [
	/^4(\d{12}|\d{15}|\d{18})$/, // Visa
	/^(5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d+$(?<=^\d{16})/, // Mastercard
	/^3[47]\d{13}$/, // American Express
	/^3(0[0-5]|[689])\d{11,16}$/, // Diners Club
	/^(6011|64[4-9]|65|62|81|352[89]|35[3-8]\d|220[0-4])\d+$(?<=^\d{16,19})/, // Discover, UnionPay, JCB, Mir
	/^(50|5[6-8]|63|67)\d+$(?<=^\d{16,19})/, // Maestro
];

const dash = '[ \\-\\u2010-\\u2015]';
const digits = new RegExp(`(?<![0-9A-Za-z+])\\d+(?:${dash}\\d+)*(?![0-9A-Za-z])`, 'g');
const between = new RegExp(dash);
/** How many digits stand together on cards: all of them, fours, 4-6-5 and 4-6-4, or a bank's six and the rest. */
const groupings = /^(\d{13,19}|(4 ){3,4}[1-4]|4 6 [45]|6 (7|8|9|1[0-3]))$/;

export function hasCardNumber(text: string): boolean {
	if (text.length < 13) return false;
	for (const [run] of text.normalize('NFKC').matchAll(digits)) {
		const groups = run.split(between);
		for (let from = 0; from < groups.length; from++) {
			for (let to = from + 1, whole = ''; to <= groups.length && whole.length < 19; to++) {
				whole += groups[to - 1];
				if (isCard(whole, groups.slice(from, to))) return true;
			}
		}
	}
	return false;
}

function isCard(whole: string, groups: readonly string[]): boolean {
	if (whole.length < 13 || whole.length > 19) return false;
	if (groups.length > 1 && !groupings.test(groups.map(({ length }) => length).join(' '))) return false;
	if (!brands.some((brand) => brand.test(whole)) || sumOf(whole, luhn) % 10 !== 0) return false;
	return whole.length > 13 || sumOf(whole, ean) % 10 !== 0;
}

/** Over the digits from the right, `fromRight` counted from 0. */
function sumOf(number: string, weigh: (digit: number, fromRight: number) => number): number {
	let sum = 0;
	for (let i = 0; i < number.length; i++) sum += weigh(Number(number[number.length - 1 - i]), i);
	return sum;
}

const luhn = (digit: number, fromRight: number): number => {
	const doubled = fromRight % 2 === 0 ? digit : digit * 2;
	return doubled > 9 ? doubled - 9 : doubled;
};
const ean = (digit: number, fromRight: number): number => (fromRight % 2 === 0 ? digit : digit * 3);

/** Fields that people write in, and those that are the vendor's own with all that is in them. */
const free = new Set('note reason name text summary outcome what title ref reference ext value personal'.split(' '));

/** Throws `BadArgument` with the code `card_number` and the path of the first field that has one. The number is not told. */
export function checkNoCards(path: string, given: unknown, isFree = false): void {
	if (typeof given === 'string' || typeof given === 'number') {
		if (isFree && hasCardNumber(String(given)))
			throw new BadArgument(path, 'holds what looks like a card number.', 'card_number');
	} else if (Array.isArray(given)) for (const [i, item] of given.entries()) checkNoCards(`${path}[${i}]`, item, isFree);
	else if (typeof given === 'object' && given !== null)
		for (const [key, item] of Object.entries(given))
			checkNoCards(path === '' ? key : `${path}.${key}`, item, isFree || free.has(key));
}
