import { afterEach, describe, expect, test, vi } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { type KeyCabinet, webPlatform } from '../../../adapters/platform-web/index.js';
import { toHex, utf8 } from '../../../src/base/bytes.js';

const platforms = { node: nodePlatform(), web: webPlatform() };
const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

// RFC 8032, section 7.1, test 2.
const secret = Uint8Array.from(Buffer.from('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb', 'hex'));
const publicKey = Uint8Array.from(
	Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex'),
);
const signature =
	'92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';

/** Points that bring every agreement to nothing: the orders 1, 2, 4 and 8, and other ways to write them (RFC 7748, section 6.1). */
const lowOrder = [
	'00'.repeat(32),
	`01${'00'.repeat(31)}`,
	'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
	'5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
	`ec${'ff'.repeat(30)}7f`,
	`ed${'ff'.repeat(30)}7f`,
	`ee${'ff'.repeat(30)}7f`,
];
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

// RFC 8439, section 2.8.2.
const sunscreen = {
	text: utf8(
		"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
	),
	associated: hex('50515253c0c1c2c3c4c5c6c7'),
	key: Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i),
	nonce: hex('070000004041424344454647'),
	sealed: hex(`
		d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b
		1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc
		3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691`),
};

for (const [name, platform] of Object.entries(platforms)) {
	const { crypto, random, timers, clock } = platform;
	describe(`platform-${name}`, () => {
		test('JRN8 SHA-256 of "abc", as plain bytes of its own', () => {
			const hash = crypto.sha256(utf8('abc'));
			expect(toHex(hash)).toBe(abc);
			expect(hash.constructor).toBe(Uint8Array);
			expect(hash.buffer.byteLength).toBe(32);
		});

		test('JRN8 Ed25519 as in RFC 8032', async () => {
			const pair = { publicKey, secret };
			expect(toHex(await crypto.sign(pair, Uint8Array.of(0x72)))).toBe(signature);
			// The second time the key comes from the cache.
			expect(toHex(await crypto.sign(pair, Uint8Array.of(0x72)))).toBe(signature);
		});

		test('JRN8 a pair made on any platform, stored as bytes, signs and verifies on the other', async () => {
			const data = random.bytes(100);
			const made = await crypto.generateKeyPair();
			expect([made.publicKey.length, made.secret.length]).toEqual([32, 32]);
			const restored = { publicKey: made.publicKey.slice(), secret: made.secret.slice() };
			for (const other of Object.values(platforms)) {
				const signed = await other.crypto.sign(restored, data);
				expect(await crypto.verify(made.publicKey, data, signed)).toBe(true);
				expect(await other.crypto.verify(made.publicKey, data, signed)).toBe(true);
			}
		});

		test('JRN8 verify says false, and never throws, for anything else', async () => {
			const pair = await crypto.generateKeyPair();
			const data = utf8('sold');
			const signed = await crypto.sign(pair, data);
			const flipped = signed.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
			const stranger = await crypto.generateKeyPair();
			expect(await crypto.verify(pair.publicKey, data, flipped)).toBe(false);
			expect(await crypto.verify(pair.publicKey, utf8('sole'), signed)).toBe(false);
			expect(await crypto.verify(stranger.publicKey, data, signed)).toBe(false);
			for (const key of [new Uint8Array(), new Uint8Array(31), new Uint8Array(33), new Uint8Array(32).fill(255)])
				expect(await crypto.verify(key, data, signed)).toBe(false);
			for (const length of [0, 63, 65])
				expect(await crypto.verify(pair.publicKey, data, new Uint8Array(length))).toBe(false);
		});

		test('X25519: two sides of any platforms share 32 bytes, which no third has', () => {
			const mine = crypto.createAgreement();
			const shared = [...Object.values(platforms)].map((other) => {
				const theirs = other.crypto.createAgreement();
				const [here, there] = [mine.agree(theirs.publicKey), theirs.agree(mine.publicKey)];
				expect(here).toEqual(there);
				expect(here?.constructor).toBe(Uint8Array);
				return toHex(here ?? new Uint8Array());
			});
			expect(new Set(shared).size).toBe(2);
			expect(shared.map((text) => text.length)).toEqual([64, 64]);
			expect(toHex(crypto.createAgreement().publicKey)).not.toBe(toHex(mine.publicKey));
		});

		test('X25519 refuses points of low order, and what is no key', () => {
			const mine = crypto.createAgreement();
			for (const point of lowOrder) expect(mine.agree(hex(point))).toBeUndefined();
			for (const length of [0, 31, 33]) expect(mine.agree(new Uint8Array(length).fill(9))).toBeUndefined();
			expect(mine.agree(hex(`09${'00'.repeat(31)}`))?.length).toBe(32);
		});

		test('ChaCha20-Poly1305 as in RFC 8439', () => {
			const { text, associated, key, nonce, sealed } = sunscreen;
			expect(toHex(crypto.seal(key, nonce, text, associated))).toBe(toHex(sealed));
			const behind = crypto.seal(key, nonce, text, associated, 3);
			expect([toHex(behind.subarray(0, 3)), toHex(behind.subarray(3))]).toEqual(['000000', toHex(sealed)]);
			const opened = crypto.open(key, nonce, sealed, associated);
			expect(opened).toEqual(text);
			expect([opened?.constructor, opened?.buffer.byteLength]).toEqual([Uint8Array, text.length]);
			expect(crypto.open(key, nonce, crypto.seal(key, nonce, new Uint8Array(), nonce), nonce)).toEqual(
				new Uint8Array(),
			);
		});

		test('ChaCha20-Poly1305 opens nothing that differs in a bit', () => {
			const { associated, key, nonce, sealed } = sunscreen;
			const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
			for (let at = 0; at < sealed.length; at++)
				expect(crypto.open(key, nonce, flipped(sealed, at), associated)).toBeUndefined();
			expect(crypto.open(flipped(key, 3), nonce, sealed, associated)).toBeUndefined();
			expect(crypto.open(key, flipped(nonce, 3), sealed, associated)).toBeUndefined();
			expect(crypto.open(key, nonce, sealed, flipped(associated, 3))).toBeUndefined();
			for (const length of [0, 15, 16, sealed.length - 1])
				expect(crypto.open(key, nonce, sealed.subarray(0, length), associated)).toBeUndefined();
		});

		test('JRN6 random bytes of any length, never the same', () => {
			expect(random.bytes(0).length).toBe(0);
			const [a, b] = [random.bytes(200_000), random.bytes(200_000)];
			expect(a.length).toBe(200_000);
			expect(Buffer.compare(a, b)).not.toBe(0);
			const short = Array.from({ length: 1_000 }, (_, i) => random.bytes((i % 60) + 8));
			expect(new Set(short.map((bytes) => toHex(bytes.subarray(0, 8)))).size).toBe(1_000);
			expect(new Set(short.map(({ buffer }) => buffer)).size).toBe(1_000);
			// Beyond what one call of getRandomValues fills.
			expect(a.subarray(150_000).some((byte) => byte !== 0)).toBe(true);
		});

		test('timers run later, once, not too early, and not at all once cancelled', async () => {
			const ran: string[] = [];
			const startMs = performance.now();
			timers.after(0, () => ran.push('zero'));
			timers.after(2 ** 33, () => ran.push('in 99 days'));
			const cancel = timers.after(5, () => ran.push('cancelled'));
			cancel();
			cancel();
			expect(ran).toEqual([]);
			await new Promise<void>((resolve) => timers.after(20, resolve));
			expect(performance.now() - startMs).toBeGreaterThan(18);
			expect(ran).toEqual(['zero']);
			expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1_000);
		});
	});
}

describe('platform-web where WebCrypto has no Ed25519', () => {
	afterEach(() => {
		vi.unstubAllGlobals();
		vi.resetModules();
	});

	const unknown = () => Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'));
	const runtimes = {
		'a browser that lacks the algorithm': { generateKey: unknown, importKey: unknown, sign: unknown, verify: unknown },
		'a page that did not come by https': undefined,
	};

	for (const [runtime, subtle] of Object.entries(runtimes))
		test(`JRN8 ${runtime} signs what Node verifies, and the other way round`, async () => {
			const { getRandomValues } = globalThis.crypto;
			vi.stubGlobal('crypto', { getRandomValues: getRandomValues.bind(globalThis.crypto), subtle });
			vi.resetModules();
			const fresh = (await import('../../../adapters/platform-web/index.js')).webPlatform().crypto;
			const node = platforms.node.crypto;
			expect(toHex(await fresh.sign({ publicKey, secret }, Uint8Array.of(0x72)))).toBe(signature);
			const [here, there] = [await fresh.generateKeyPair(), await node.generateKeyPair()];
			const data = utf8('sold');
			expect(await node.verify(here.publicKey, data, await fresh.sign(here, data))).toBe(true);
			expect(await fresh.verify(there.publicKey, data, await node.sign(there, data))).toBe(true);
			expect(await fresh.verify(there.publicKey, utf8('sole'), await node.sign(there, data))).toBe(false);
			for (const key of [new Uint8Array(), new Uint8Array(31), new Uint8Array(32).fill(255)])
				expect(await fresh.verify(key, data, await node.sign(there, data))).toBe(false);
			expect(await fresh.verify(there.publicKey, data, new Uint8Array(63))).toBe(false);
		});
});

describe('platform-web with a cabinet for keys', () => {
	const cabinet = () => {
		const keys = new Map<string, CryptoKey>();
		const kept: KeyCabinet = {
			put: async (name, key) => void keys.set(name, key),
			get: async (name) => keys.get(name),
		};
		return { keys, crypto: webPlatform(() => kept).crypto };
	};

	test('JRN8 makes keys that no script can read, and signs with them after a restart', async () => {
		const { keys, crypto } = cabinet();
		const pair = await crypto.generateKeyPair();
		const [[name, key]] = [...keys] as [[string, CryptoKey]];
		expect([pair.secret.length, name, key.extractable]).toEqual([16, toHex(pair.secret), false]);
		const data = utf8('sold');
		// Read back from the disk it is another object.
		const stored = { publicKey: pair.publicKey.slice(), secret: pair.secret.slice() };
		for (const by of [pair, stored])
			expect(await platforms.node.crypto.verify(pair.publicKey, data, await crypto.sign(by, data))).toBe(true);
	});

	test('signs with secrets of before, has portable ones, and says where a key is gone', async () => {
		const { keys, crypto } = cabinet();
		expect(toHex(await crypto.sign({ publicKey, secret }, Uint8Array.of(0x72)))).toBe(signature);
		expect((await crypto.portable?.generateKeyPair())?.secret.length).toBe(32);
		expect(keys.size).toBe(0);
		const lost = await crypto.generateKeyPair();
		keys.clear();
		await expect(crypto.sign(lost, utf8('sold'))).rejects.toMatchObject({ code: 'storage_corrupt' });
		expect((await webPlatform(() => undefined).crypto.generateKeyPair()).secret.length).toBe(32);
	});
});
