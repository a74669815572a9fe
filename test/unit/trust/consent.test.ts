import { expect, test } from 'vitest';
import { fromBase64, toBase64 } from '../../../src/base/base64.js';
import { type ConsentTerms, signConsent } from '../../../src/trust/consent.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import type { Grant } from '../../../src/trust/grant.js';
import { Trust } from '../../../src/trust/trust.js';
import { ChainOfTrust, crypto } from './chain-of-trust.js';

const chain = await ChainOfTrust.create();
const manager: Grant = {
	ledgers: '*/sh-1',
	write: true,
	verbs: ['order.*', 'approval.*'],
	limits: { 'order.refund': 50_000 },
};
const mia = await chain.enrol([manager], chain.store, { name: 'mia' });
const terms: ConsentTerms = {
	ledger: 'orders/sh-1',
	till: 'a-till',
	verb: 'order.refund',
	amount: 30_000,
	bindsTo: '00ff',
	date: '2026-03-02',
	id: 'q-1',
};
const sign = (of: Partial<ConsentTerms> = {}, by = mia, root = chain.root) =>
	signConsent(crypto, by, root, { ...terms, ...of });
const read = async (signed: string) => new Trust(crypto, chain.root).consent(signed);

test('a yes says what it agrees to, to whoever has the root key', async () => {
	const signed = await sign();
	expect(await read(signed)).toMatchObject(terms);
	// It fits a QR: version 40 takes 2,953 bytes.
	expect(signed.length).toBeLessThan(2_953);
});

test('one byte changed anywhere, and it is none', async () => {
	const bytes = fromBase64(await sign()) as Uint8Array;
	for (let at = 0; at < bytes.length; at++) {
		const changed = bytes.slice();
		changed[at] = (changed[at] as number) ^ (1 << (at % 8));
		expect(await read(toBase64(changed)), `byte ${at}`).toBeUndefined();
	}
	for (const text of ['', 'yes', toBase64(bytes.subarray(0, 99)), toBase64(Uint8Array.of(...bytes, 0))])
		expect(await read(text)).toBeUndefined();
});

test.each<[string, readonly Grant[], Partial<ConsentTerms>]>([
	['more than the approver may do alone', [manager], { amount: 50_001 }],
	['a ledger that the approver does not write', [manager], { ledger: 'orders/sh-2' }],
	['a verb that the approver does not have', [manager], { verb: 'stock.waste' }],
	['nobody who may approve', [{ ...manager, verbs: ['order.*'] }], {}],
	['a device that only reads', [{ ...manager, write: false }], {}],
])('%s', async (_, grants, of) => {
	const by = await chain.enrol(grants, chain.store);
	expect(await read(await sign(of, by))).toBeUndefined();
});

test('of another chain, or with a credential that is not the signer’s, it is none', async () => {
	const other = await ChainOfTrust.create();
	expect(await read(await sign({}, mia, other.root))).toBeUndefined();
	expect(await read(await sign({}, await other.enrol([manager], other.store)))).toBeUndefined();
	const thief: EnrolledKeys & typeof mia = { ...(await crypto.generateKeyPair()), credential: mia.credential };
	expect(await read(await sign({}, thief))).toBeUndefined();
});

test('what was found good is not verified again', async () => {
	let verified = 0;
	const counting = {
		...crypto,
		verify: (...of: Parameters<typeof crypto.verify>) => {
			verified++;
			return crypto.verify(...of);
		},
	};
	const trust = new Trust(counting, chain.root);
	const signed = await sign();
	expect(trust.consented(signed)).toBeUndefined();
	for (let i = 0; i < 3; i++) expect(await trust.consent(signed)).toBeDefined();
	expect(trust.consented(signed)).toMatchObject(terms);
	expect(verified).toBe(3); // the manager's and the store's certificates, and the yes
});
