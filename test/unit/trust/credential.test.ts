import { expect, test } from 'vitest';
import { decodeCredential, encodeContent, encodeCredential, signedBytes } from '../../../src/trust/certificate.js';
import { type Credential, verifyCredential } from '../../../src/trust/credential.js';
import { everything, type Grant } from '../../../src/trust/grant.js';
import { issue } from '../../../src/trust/issue.js';
import { isStale, skewMs, Trust } from '../../../src/trust/trust.js';
import { ChainOfTrust, cashier, crypto, ofStore, year } from './chain-of-trust.js';

const chain = await ChainOfTrust.create();
const till = await crypto.generateKeyPair();
const credential = await chain.give(till.publicKey, [cashier]);
const verify = (bytes: Uint8Array, root = chain.root) => verifyCredential(crypto, root, bytes);
const good = async (bytes: Uint8Array): Promise<Credential> => {
	const found = await verify(bytes);
	if (typeof found === 'string') throw new TypeError(found);
	return found;
};

test('a credential says who somebody is and what they may do', async () => {
	const found = await good(credential);
	expect(found).toMatchObject({
		key: till.publicKey,
		name: 'till-1',
		store: 'sh-1',
		role: 'till',
		issues: false,
		...year,
	});
	expect(found.rights('stock/sh-1')).toMatchObject({
		read: true,
		write: true,
		home: false,
		verbs: cashier.verbs,
		mints: ['goods'],
	});
	expect(found.rights('stock/sh-2')).toMatchObject({ read: false, write: false, verbs: [] });
	expect(found.replaces).toBeUndefined();
});

test('what several grants allow in one ledger adds up', async () => {
	const desk: Grant = { ledgers: 'stock/*', verbs: ['task.*'] };
	const more: Grant = { ...cashier, home: true, verbs: [] };
	const bytes = await chain.give(till.publicKey, [cashier, more, desk], { by: chain.pair, replaces: chain.root });
	const found = await good(bytes);
	expect(found.rights('stock/sh-1')).toMatchObject({ home: true, verbs: ['order.*', 'stock.count', 'task.*'] });
	expect(found.rights('stock/sh-2')).toMatchObject({ write: false, verbs: ['task.*'] });
	expect(found.replaces).toEqual(chain.root);
});

const limited: Grant = { ...cashier, limits: { 'order.refund': 20_000, 'order.void': 0 } };
const most = async (...grants: readonly Grant[]) =>
	(await good(await chain.give(till.publicKey, grants, { by: chain.pair }))).rights('stock/sh-1').most;

test('a grant limits verbs that it names; the most generous grant that names one counts', async () => {
	const alone = await most(limited);
	expect(['order.refund', 'order.void', 'order.open', 'member.erase'].map(alone)).toEqual([
		20_000,
		0,
		undefined,
		undefined,
	]);
	const elsewhere: Grant = { ...limited, ledgers: 'stock/sh-1/x', limits: {} };
	expect((await most(limited, elsewhere))('order.refund')).toBe(20_000);
	expect(
		(await most(limited, { ...cashier, verbs: ['order.refund'], limits: { 'order.refund': 30_000 } }))('order.refund'),
	).toBe(30_000);
	expect((await most(limited, cashier))('order.refund')).toBeUndefined();
	expect((await most(limited, { ...cashier, verbs: ['stock.count'] }))('order.refund')).toBe(20_000);
});

test('nobody gives a higher limit than their own, or none', async () => {
	const below = await ChainOfTrust.create(crypto, [{ ...ofStore, limits: { 'order.refund': 20_000 } }]);
	const give = (grant: Grant) => below.give(till.publicKey, [grant]);
	await expect(give(cashier)).rejects.toThrow('may not allow that much');
	await expect(give({ ...cashier, limits: { 'order.refund': 20_001 } })).rejects.toThrow('may not allow that much');
	expect(typeof (await verify(await give(limited), below.root))).toBe('object');
	expect(typeof (await verify(await give({ ...cashier, verbs: ['stock.count'] }), below.root))).toBe('object');
	for (const limits of [{ 'order.refund': -1 }, { 'order.refund': 1.5 }, { 'member.erase': 1 }])
		await expect(chain.give(till.publicKey, [{ ...cashier, limits }])).rejects.toThrow('limits.');
});

test('limits have one form, and cost nothing where there are none', async () => {
	const fields = {
		subject: till.publicKey,
		name: 'x',
		store: '',
		role: '',
		...year,
		chain: chain.root,
		issuer: chain.root,
	};
	const content = (limits: Grant['limits']) =>
		encodeContent({ ...fields, grants: [{ ...limited, limits }] as Grant[] });
	expect(content({})).toEqual(encodeContent({ ...fields, grants: [cashier] }));
	const written = content({ 'order.void': 0, 'order.refund': 20_000 });
	expect(written).toEqual(content(limited.limits));
	const at = Buffer.from(written).lastIndexOf('order.void');
	const twice = written.slice();
	twice.set(new TextEncoder().encode('order.refund'.slice(0, 10)), at);
	for (const bytes of [written, twice])
		expect(decodeCredential(encodeCredential([{ content: bytes, signature: new Uint8Array(64) }])) !== undefined).toBe(
			bytes === written,
		);
});

test('it proves nothing under another root', async () => {
	const other = await crypto.generateKeyPair();
	expect(await verify(credential, other.publicKey)).toBe('other_chain');
});

test('nobody gives more than is theirs, and a till gives nothing', async () => {
	const wide = { ...cashier, ledgers: 'members/*' };
	await expect(chain.give(till.publicKey, [wide])).rejects.toThrow('may not allow that much');
	await expect(chain.give(till.publicKey, [cashier], { store: 'sh-2' })).rejects.toThrow('may not sign');
	const below = { ...till, credential };
	await expect(chain.give(chain.root, [cashier], { by: below })).rejects.toThrow('may not sign');
});

/** As whoever does not keep to the rules would. */
async function forged(issuer: { readonly pair: typeof till; readonly above: Uint8Array }, grants: readonly Grant[]) {
	const above = decodeCredential(issuer.above) ?? [];
	const fields = { subject: till.publicKey, name: 'x', store: 'sh-1', role: 'x', grants, ...year };
	const content = encodeContent({ ...fields, chain: chain.root, issuer: issuer.pair.publicKey });
	const signature = await crypto.sign(issuer.pair, signedBytes(content));
	return encodeCredential([{ content, signature }, ...above]);
}

test('what a store signed beyond its own rights is refused by whoever reads it', async () => {
	const store = { pair: chain.store, above: chain.store.credential as Uint8Array };
	expect(await verify(await forged(store, [everything]))).toBe('widened');
	expect(await verify(await forged(store, [{ ...ofStore, ledgers: 'stock/sh-2' }]))).toBe('widened');
	expect(typeof (await verify(await forged(store, [ofStore])))).toBe('object');
	expect(await verify(await forged({ pair: till, above: credential }, [cashier]))).toBe('not_an_issuer');
	const unsigned = await forged({ pair: till, above: store.above }, [cashier]);
	expect(await verify(unsigned)).toBe('other_chain');
});

test('each bit of a credential counts', async () => {
	for (let at = 0; at < credential.length; at++) {
		const changed = credential.slice();
		changed[at] = (changed[at] as number) ^ (1 << (at % 8));
		expect(typeof (await verify(changed)), `byte ${at}`).toBe('string');
	}
});

test('bytes before the end, after it, and in another form are no credential', async () => {
	expect(await verify(Uint8Array.of(...credential, 0))).toBe('unreadable');
	for (let length = 0; length < credential.length; length += 7)
		expect(await verify(credential.slice(0, length))).toBe('unreadable');
	// 81 00 reads as 1, as 01 does.
	expect(credential[1]).toBe(2);
	expect(await verify(Uint8Array.of(1, 0x82, 0, ...credential.slice(2)))).toBe('unreadable');
	expect(await verify(new Uint8Array(9000))).toBe('unreadable');
});

test('its time is that of all its certificates, by a clock that may be some minutes off', async () => {
	const short = await chain.give(till.publicKey, [cashier], { notBeforeMs: 1_000_000, notAfterMs: 2_000_000 });
	const found = await good(short);
	expect(isStale(found, 1_500_000)).toBe(false);
	expect(isStale(found, 2_000_000 + skewMs)).toBe(false);
	expect(isStale(found, 2_000_001 + skewMs)).toBe(true);
	expect(isStale(found, 999_999 - skewMs)).toBe(true);
	await expect(chain.give(till.publicKey, [], { notBeforeMs: 2, notAfterMs: 2 })).rejects.toThrow('notAfterMs');
});

test('what was found good is not verified again, and what was not pushes nothing out', async () => {
	let verified = 0;
	const counting = {
		...crypto,
		verify: (...of: Parameters<typeof crypto.verify>) => {
			verified++;
			return crypto.verify(...of);
		},
	};
	const trust = new Trust(counting, chain.root);
	expect(await trust.of(till.publicKey, credential)).toBeDefined();
	expect(await trust.of(till.publicKey, credential.slice())).toBeDefined();
	expect(verified).toBe(2); // the till's and the store's
	expect(await trust.of(chain.root, credential)).toBeUndefined();
	expect(await trust.of(till.publicKey, undefined)).toBeUndefined();
});

test('what does not fit is not issued', async () => {
	const many = Array.from(
		{ length: 300 },
		(_, i): Grant => ({ ledgers: `stock/sh-1`, verbs: [`a-long-verb-of-its-own.${i}`] }),
	);
	await expect(
		issue(crypto, chain.pair, { subject: till.publicKey, name: 'x', store: '', role: '', grants: many, ...year }),
	).rejects.toThrow('fields');
	await expect(chain.give(till.publicKey.slice(1), [])).rejects.toThrow('subject');
});
