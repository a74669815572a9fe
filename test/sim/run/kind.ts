import type { Violation } from '../result.js';

/** What two failing seeds have in common that fail alike: the property, and what is said without its figures and names. */
export function kindOf({ property, message }: Violation): string {
	const [line = ''] = message.split('\n');
	// Names of stores, devices, pools and places hold digits; what is left are the words of who found it.
	const words = line.split(/\s+/).filter((word) => /^[a-z'’,.:;()]+$/i.test(word) && !/["']/.test(word));
	return `${property} ${words.join(' ')}`;
}
