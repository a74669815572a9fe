import { beforeEach, describe, expect, test } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { readCode } from '../../../src/trust/code.js';
import { verifyCredential } from '../../../src/trust/credential.js';
import {
	credentialText,
	keysText,
	readCredential,
	readKeys,
	readRoot,
	rootText,
	writeText,
} from '../../../src/trust/texts.js';
import type { Asked } from '../../../src/trust.js';
import { createEnrolmentDesk, type DeskRefusal, type EnrolmentDesk, requestText } from '../../../src/trust.js';
import { ChainOfTrust, cashier, crypto, ofStore } from './chain-of-trust.js';

const chain = await ChainOfTrust.create();
const day = 86_400_000;
let nowMs = 0;
let desk: EnrolmentDesk;
let asked: Asked;

beforeEach(async () => {
	nowMs = Date.UTC(2026, 1, 14);
	const platform = { ...nodePlatform(), clock: { nowMs: () => nowMs } };
	desk = createEnrolmentDesk({ platform, issuer: chain.store });
	const { publicKey } = await crypto.generateKeyPair();
	asked = { key: publicKey, name: 'till-1', store: 'sh-1', replaces: undefined };
});

const invite = (more = {}) => desk.invite({ role: 'cashier', grants: [cashier], ...more }).code;
const request = (code: string, of: Partial<Asked> = {}) => requestText(crypto.sha256, { ...asked, ...of }, code);
const refused = (reason: DeskRefusal) => ({ code: 'not_enrolled', details: { reason } });
const wrong = '0000-0000-0000-0000';

test('whoever has the code is given what the desk decided, for the store of its key', async () => {
	const code = invite({ days: 7 });
	expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
	const answer = await desk.answer(request(code));
	expect(answer).toMatchObject({ key: asked.key, name: 'till-1', store: 'sh-1', role: 'cashier' });
	const found = await verifyCredential(crypto, chain.root, readCredential(answer.text));
	expect(found).toMatchObject({ key: asked.key, name: 'till-1', role: 'cashier', issues: false, replaces: undefined });
	expect(found).toMatchObject({ notBeforeMs: nowMs, notAfterMs: nowMs + 7 * day });
});

test('a code works once, and the one before works no more', async () => {
	const before = invite();
	const code = invite();
	await expect(desk.answer(request(before))).rejects.toMatchObject(refused('wrong_code'));
	await desk.answer(request(code));
	await expect(desk.answer(request(code))).rejects.toMatchObject(refused('no_code'));
});

test('two that ask at once with one code are not both answered', async () => {
	const code = invite();
	const { publicKey } = await crypto.generateKeyPair();
	const both = await Promise.allSettled(
		[request(code), request(code, { key: publicKey })].map((text) => desk.answer(text)),
	);
	expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test('a code holds for minutes', async () => {
	const code = invite({ minutes: 2 });
	nowMs += 2 * 60_000 + 1;
	await expect(desk.answer(request(code))).rejects.toMatchObject(refused('expired'));
	await expect(desk.answer(request(code))).rejects.toMatchObject(refused('expired'));
});

test('five wrong guesses end a code, and what is no request is no guess', async () => {
	const code = invite();
	for (const text of ['', 'tillmesh-request:1:', 'tillmesh-request:1:AAAA', rootText(chain.root)])
		await expect(desk.answer(text)).rejects.toMatchObject({ code: 'bad_argument' });
	for (let i = 0; i < 5; i++) await expect(desk.answer(request(wrong))).rejects.toMatchObject(refused('wrong_code'));
	await expect(desk.answer(request(code))).rejects.toMatchObject(refused('too_many'));
	expect(await desk.answer(request(invite()))).toMatchObject({ name: 'till-1' });
});

test('no bit of a request can be changed on its way', async () => {
	const code = invite();
	const content = Buffer.from(request(code).split(':')[2] ?? '', 'base64url');
	for (let at = 0; at < content.length; at++) {
		invite(); // five wrong ones end a code
		const other = Uint8Array.from(content, (byte, i) => (i === at ? byte ^ 1 : byte));
		await expect(desk.answer(writeText('request', other)), `byte ${at}`).rejects.toThrow();
	}
});

test('another store and another name are told so, and the code still holds', async () => {
	const code = invite({ name: 'till-1' });
	await expect(desk.answer(request(code, { store: 'sh-2' }))).rejects.toMatchObject(refused('other_store'));
	await expect(desk.answer(request(code, { name: 'till-2' }))).rejects.toMatchObject(refused('other_name'));
	// Only who has the code is told.
	await expect(desk.answer(request(wrong, { store: 'sh-2' }))).rejects.toMatchObject(refused('wrong_code'));
	expect(await desk.answer(request(code))).toMatchObject({ name: 'till-1' });
});

test('what it replaces the device says, or else whoever made the code', async () => {
	const [old, older] = [chain.root, chain.store.publicKey];
	expect(await desk.answer(request(invite({ replaces: old })))).toMatchObject({ replaces: old });
	expect(await desk.answer(request(invite({ replaces: old }), { replaces: older }))).toMatchObject({ replaces: older });
});

test('nothing outlives the certificate of the desk, and nothing is signed after it', async () => {
	const store = await chain.enrol([cashier], chain.pair, { issues: true, notAfterMs: nowMs + 3 * day });
	const platform = { ...nodePlatform(), clock: { nowMs: () => nowMs } };
	desk = createEnrolmentDesk({ platform, issuer: store });
	expect((await desk.answer(request(invite()))).notAfterMs).toBe(nowMs + 3 * day);
	nowMs += 3 * day;
	await expect(desk.answer(request(invite()))).rejects.toMatchObject(refused('issuer_stale'));
});

describe('a certificate is renewed without a code', () => {
	const enrolled = async (more = {}) => (await desk.answer(request(invite({ days: 10, ...more })))).text;
	const verified = async (text: string) => verifyCredential(crypto, chain.root, readCredential(text));
	const no = refused('not_renewable');

	test('for the same key and rights, for as long again, and not before half of its time is over', async () => {
		const text = await enrolled({ replaces: chain.root });
		nowMs += 5 * day - 1;
		expect(await desk.renew(text)).toMatchObject({ text, isNew: false });
		nowMs += 1;
		const renewed = await desk.renew(text);
		expect(renewed).toMatchObject({ key: asked.key, name: 'till-1', isNew: true, notAfterMs: nowMs + 10 * day });
		const [before, after] = [await verified(text), await verified(renewed.text)];
		if (typeof before === 'string' || typeof after === 'string') throw new Error('both are good');
		expect(after).toMatchObject({ key: before.key, role: 'cashier', grants: before.grants, replaces: chain.root });
		expect(after.issues).toBe(false);
	});

	test('for a month after its end, by the next key of the store too', async () => {
		const text = await enrolled();
		const next = await chain.enrol([ofStore], chain.pair, { issues: true, name: 'sh-1' });
		const platform = { ...nodePlatform(), clock: { nowMs: () => nowMs } };
		desk = createEnrolmentDesk({ platform, issuer: next });
		nowMs += 40 * day;
		expect(await desk.renew(text)).toMatchObject({ isNew: true });
		nowMs += 1;
		await expect(desk.renew(text)).rejects.toMatchObject(no);
	});

	test("and not for another store's device, a store itself, another chain's, or what was changed", async () => {
		const { publicKey } = await crypto.generateKeyPair();
		const elsewhere = await chain.give(publicKey, [cashier], { by: chain.pair, store: 'sh-2' });
		const foreign = await (await ChainOfTrust.create()).give(publicKey, [cashier]);
		const store = chain.store.credential as Uint8Array;
		const bent = readCredential(await enrolled());
		bent[bent.length - 1] = (bent[bent.length - 1] as number) ^ 1;
		for (const credential of [elsewhere, foreign, store, bent])
			await expect(desk.renew(credentialText(credential))).rejects.toMatchObject(no);
		await expect(desk.renew('tillmesh-credential:1:AAAA')).rejects.toMatchObject({ code: 'bad_argument' });
	});
});

test('a code may be typed as people type', () => {
	expect(readCode(' 7k2m 9qxt-FBRW 5n3o\n')).toBe('7K2M9QXTFBRW5N30');
	expect(readCode('lIoO-0000-0000-0000')).toBe('1100000000000000');
	for (const bad of ['', '7K2M', '7K2M-9QXT-FBRW-5N3U', '7K2M-9QXT-FBRW-5N3CC'])
		expect(() => readCode(bad), bad).toThrow('expected 16 letters');
});

test('texts read back whole, over broken lines, and no other way', () => {
	expect(readRoot(`# for people\n${rootText(chain.root).replace(/(.{20})/g, '$1\n ')}`)).toEqual(chain.root);
	expect(readKeys(keysText(chain.store))).toEqual(chain.store);
	expect(readKeys(keysText(chain.pair))).toEqual({ ...chain.pair, credential: undefined });
	expect(() => readRoot(rootText(chain.root).slice(0, -2))).toThrow('root');
	expect(() => readRoot(keysText(chain.pair))).toThrow('tillmesh-root:1:');
	expect(() => readKeys(keysText({ ...chain.pair, credential: chain.store.credential }))).toThrow('another key');
	expect(() => readCredential(writeText('credential', Uint8Array.of(1, 2, 3)))).toThrow('damaged');
});
