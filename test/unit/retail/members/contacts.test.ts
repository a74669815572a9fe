import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { foldContact, KeyedHash } from '../../../../src/retail/members/contacts.js';

const sha256 = (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest());
const hash = new KeyedHash('a secret of the chain', sha256);

test.each([
	['a short secret', 'sixteen bytes ok'],
	['a secret longer than a block of the hash', 'k'.repeat(131)],
])('the code under %s is HMAC-SHA-256', (_, secret) => {
	const text = 'Test Using Larger Than Block-Size Key';
	expect(new KeyedHash(secret, sha256).mac(text)).toBe(createHmac('sha256', secret).update(text).digest('hex'));
});

describe('one phone is one hash', () => {
	test.each([
		'13800000001',
		'138 0000 0001',
		'138-0000-0001',
		'(138) 0000.0001',
		'１３８０００００００１',
	])('%s', (phone) => {
		expect(hash.of({ phone })).toBe(hash.of({ phone: '13800000001' }));
	});

	test('and another one for another number, a card of the same digits, or another secret', () => {
		const others = [
			hash.of({ phone: '13800000002' }),
			hash.of({ phone: '+13800000001' }),
			hash.of({ card: '13800000001' }),
			new KeyedHash('another secret here', sha256).of({ phone: '13800000001' }),
		];
		expect(new Set([...others, hash.of({ phone: '13800000001' })]).size).toBe(5);
	});

	test.each(['', 'Ada', '123', '+86 138x', '1'.repeat(21)])('"%s" is none', (phone) => {
		expect(() => hash.of({ phone })).toThrow(expect.objectContaining({ path: 'phone' }));
	});
});

test('a secret of less than 16 bytes is refused', () => {
	expect(() => new KeyedHash('secret', sha256)).toThrow(expect.objectContaining({ path: 'secret' }));
});

const head = { v: 1, date: '2026-02-14' } as const;
const registered = (member: string) => ({ value: { ...head, verb: 'member.register', member } as const });
const erased = { value: { ...head, verb: 'member.erase', member: 'a' } as const };

test('who registers first is the first, and once', () => {
	expect(foldContact([registered('b'), registered('a'), registered('b')])).toEqual({ past: [], now: ['b', 'a'] });
	expect(foldContact([])).toBeUndefined();
});

test('whoever registers after an erasure is somebody else', () => {
	expect(foldContact([registered('a'), registered('b'), erased, erased, registered('c')])).toEqual({
		past: [['a', 'b']],
		now: ['c'],
	});
});
