import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { codeOf, qrOf, readQr } from '../../../../src/retail/approvals/code.js';

const crypto = { sha256: (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest()) };
const challenged = {
	store: 'sh-1',
	id: 'a-1',
	from: 'a-till',
	date: '2026-03-02',
	verb: 'order.refund',
	limit: 100,
	asked: 500,
	summary: '退款 "R-1"',
	bindsTo: 'b',
};

describe('a code', () => {
	test.each([16, 64, 100])('is HMAC-SHA-256 of what the QR says, with a secret of %i bytes', (length) => {
		const secret = new Uint8Array(length).fill(9);
		const mac = createHmac('sha256', secret).update(qrOf(challenged)).digest();
		expect(codeOf(crypto, secret, challenged)).toBe(String(mac.readUIntBE(0, 6) % 1e8).padStart(8, '0'));
	});

	test('is another one for every other field, and needs a secret worth the name', () => {
		const secret = new Uint8Array(32).fill(1);
		const code = codeOf(crypto, secret, challenged);
		for (const other of [{ id: 'a-2' }, { asked: 501 }, { bindsTo: 'c' }, { store: 'sh-2' }, { verb: 'stock.waste' }])
			expect(codeOf(crypto, secret, { ...challenged, ...other })).not.toBe(code);
		expect(() => codeOf(crypto, new Uint8Array(15), challenged)).toThrow('secret');
	});
});

test('a QR reads back; any other text is none', () => {
	expect(readQr(qrOf(challenged))).toEqual(challenged);
	const signed = { ...challenged, signedFor: 'orders/sh-1/2026-03-02' };
	expect(readQr(qrOf(signed))).toEqual(signed);
	for (const text of [
		'',
		'tillmesh-approval:2:',
		'tillmesh-approval:2:{}',
		'tillmesh-approval:2:[1,2,3,4,5,6,7,8,9,10]',
		'[]',
	])
		expect(() => readQr(text)).toThrow('qr');
	expect(() => readQr(qrOf(challenged).replace(':2:', ':1:'))).toThrow('qr');
});
