/** Bytes that no honest Yjs client writes. */
export class Malformed extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Nobody nests values deeper; recursion of a reader ends somewhere, at each client somewhere else. */
const depthMax = 64;

/** Reads the primitives of lib0's encoding, and says `Malformed` where lib0 would guess, throw late or run out of stack. */
export class UpdateReader {
	readonly #bytes: Uint8Array;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	get at(): number {
		return this.#at;
	}

	get atEnd(): boolean {
		return this.#at === this.#bytes.length;
	}

	byte(): number {
		const byte = this.#bytes[this.#at++];
		if (byte === undefined) throw new Malformed('it ends too early');
		return byte;
	}

	/** From 0 to 2^53 - 1. */
	count(): number {
		let value = 0;
		for (let scale = 1; ; scale *= 128) {
			const byte = this.byte();
			value += (byte & 127) * scale;
			if (value > Number.MAX_SAFE_INTEGER) throw new Malformed('a number is too large');
			if (byte < 128) return value;
		}
	}

	bytes(): Uint8Array {
		return this.#take(this.count());
	}

	#take(length: number): Uint8Array {
		if (length > this.#bytes.length - this.#at) throw new Malformed('it ends too early');
		const start = this.#at;
		this.#at += length;
		return this.#bytes.subarray(start, this.#at);
	}

	text(): string {
		try {
			return utf8.decode(this.bytes());
		} catch (error) {
			throw error instanceof Malformed ? error : new Malformed('a text is not UTF-8');
		}
	}

	/** A JSON text; Yjs writes `undefined` as that word where `orUndefined`. */
	json(orUndefined = false): void {
		const text = this.text();
		if (orUndefined && text === 'undefined') return;
		checkJson(text);
	}

	/** lib0's `any`. */
	any(depth = 0): void {
		if (depth > depthMax) throw new Malformed('a value is nested too deep');
		const type = this.byte();
		switch (type) {
			case 127: // undefined
			case 126: // null
			case 121: // false
			case 120: // true
				return;
			case 125:
				this.#signed();
				return;
			case 124: // float32
				this.#take(4);
				return;
			case 123: // float64
			case 122: // bigint
				this.#take(8);
				return;
			case 119:
				this.text();
				return;
			case 118:
				for (let left = this.count(); left > 0; left--) {
					this.text();
					this.any(depth + 1);
				}
				return;
			case 117:
				for (let left = this.count(); left > 0; left--) this.any(depth + 1);
				return;
			case 116:
				this.bytes();
				return;
			default:
				throw new Malformed('a value is of no known type');
		}
	}

	#signed(): void {
		let byte = this.byte();
		let value = byte & 63;
		for (let scale = 64; byte >= 128; scale *= 128) {
			byte = this.byte();
			value += (byte & 127) * scale;
			if (value > Number.MAX_SAFE_INTEGER) throw new Malformed('a number is too large');
		}
	}
}

/** Throws `Malformed` for what is no JSON, or nested deeper than anybody nests. */
export function checkJson(text: string): void {
	let depth = 0;
	let inString = false;
	for (let i = 0; i < text.length; i++) {
		const character = text[i];
		if (inString) {
			if (character === '\\') i++;
			else if (character === '"') inString = false;
		} else if (character === '"') inString = true;
		else if (character === '{' || character === '[') {
			if (++depth > depthMax) throw new Malformed('a value is nested too deep');
		} else if (character === '}' || character === ']') depth--;
	}
	try {
		JSON.parse(text);
	} catch {
		throw new Malformed('a value is no JSON');
	}
}
