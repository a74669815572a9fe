import { restAt, wordAt } from './keys.js';

/** What happened, as one number that grows with every event: two runs that give the same did the same. */
export class Trace {
	#high = 0x2545f491;
	#low = 0x9e3779b9;
	events = 0;

	add(what: number, detail = 0): void {
		this.events++;
		this.#low = Math.imul(this.#low ^ what, 0x01000193) + detail;
		this.#high = Math.imul(this.#high ^ (this.#low >>> 7), 0x5bd1e995) ^ this.#low;
	}

	bytes(what: number, bytes: Uint8Array): void {
		const { length } = bytes;
		const whole = length & ~3;
		let sum = length;
		for (let i = 0; i < whole; i += 4) sum = (Math.imul(sum, 0x01000193) ^ wordAt(bytes, i)) | 0;
		this.add(what, Math.imul(sum, 0x01000193) ^ restAt(bytes, whole));
	}

	text(what: string): void {
		let sum = what.length;
		for (let i = 0; i < what.length; i++) sum = Math.imul(sum, 31) + what.charCodeAt(i);
		this.add(sum);
	}

	get hash(): string {
		return [this.#high, this.#low].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
	}
}
