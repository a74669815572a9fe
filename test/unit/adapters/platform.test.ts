import { describe, expect, test } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { webPlatform } from '../../../adapters/platform-web/index.js';
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
