import { BadArgument, StorageError, TillmeshError } from '../../src/base/errors.js';

/**
 * AES-256-GCM by WebCrypto: what it closes is 12 random bytes and the ciphertext with its tag. `about` is not in it and must be
 * the same when it is opened, so that nothing can be put in another's place.
 */
export interface Box {
	close(about: string, plain: Uint8Array): Promise<Uint8Array>;
	/** Undefined for what was closed under another key or about something else, or was changed. */
	open(about: string, closed: Uint8Array): Promise<Uint8Array | undefined>;
}

export const keyBytes = 32;
const ivBytes = 12;
const algorithm = 'AES-GCM';

/** Our arrays never lie in shared memory, which is all that the DOM's stricter type asks for. */
const plainArray = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => bytes as Uint8Array<ArrayBuffer>;
const bytesOf = (text: string) => new TextEncoder().encode(text);

export const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

function subtle(): SubtleCrypto {
	const found = globalThis.crypto?.subtle;
	if (!found)
		throw new TillmeshError('unavailable', 'WebCrypto (crypto.subtle) is missing.', { missing: 'crypto.subtle' });
	return found;
}

export async function createBox(key: Uint8Array): Promise<Box> {
	if (!(key instanceof Uint8Array) || key.length !== keyBytes)
		throw new BadArgument('key', `expected ${keyBytes} bytes.`);
	const web = subtle();
	const made = await web.importKey('raw', plainArray(key), algorithm, false, ['encrypt', 'decrypt']);
	return {
		async close(about, plain) {
			const iv = randomBytes(ivBytes);
			const how = { name: algorithm, iv: plainArray(iv), additionalData: bytesOf(about) };
			const sealed = new Uint8Array(await web.encrypt(how, made, plainArray(plain)));
			const closed = new Uint8Array(ivBytes + sealed.length);
			closed.set(iv);
			closed.set(sealed, ivBytes);
			return closed;
		},
		async open(about, closed) {
			const iv = plainArray(closed.slice(0, ivBytes));
			try {
				const how = { name: algorithm, iv, additionalData: bytesOf(about) };
				return new Uint8Array(await web.decrypt(how, made, plainArray(closed.slice(ivBytes))));
			} catch {
				return undefined; // another key, another place, other bytes: WebCrypto says no more
			}
		},
	};
}

export const notReadable = (what: string): StorageError =>
	new StorageError('storage_corrupt', `${what} does not open with its key.`, { what });
