import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { renderUnicodeCompact } from 'uqr';
import { describe, expect, test } from 'vitest';
import { enrolBy } from '../../../adapters/enrolment/index.js';
import { nodeCrypto } from '../../../adapters/platform-node/crypto.js';
import { type EnrolRequest, readCredential, readRoot, requestText, verifyCredential } from '../../../src/trust.js';
import { until } from '../../contract/check.js';
import { folder, openOn } from '../inspect/audited-shop.js';
import { runWords, startLine } from '../inspect/run-command.js';
import { selfSigned } from './self-signed.js';

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** A chain, and the key of one of its stores. */
async function madeChain() {
	const dir = join(folder(), 'keys');
	const { root } = JSON.parse((await runWords('chain', 'init', '--dir', dir, '--name', 'lily-tea', '--json')).out);
	expect((await runWords('chain', 'store', 'sh-014', '--dir', dir)).code).toBe(0);
	return { dir, root: readRoot(root), key: join(dir, 'sh-014.key') };
}

/** Until somebody came, or nobody can any more. */
async function serve(...words: string[]) {
	const line = startLine(['enrol', 'serve', '--listen', '127.0.0.1:0', ...words]);
	await until(() => /https?:\S+/.test(line.heard.err), 'the desk listens', 2_000);
	const { err } = line.heard;
	return {
		...line,
		code: /Code: (\S+)/.exec(err)?.[1] ?? '',
		ended: line.code,
		url: /https?:\S+/.exec(err)?.[0] ?? '',
	};
}

const wrong = '0000-0000-0000-0000';

describe('Keys of a chain', () => {
	test.skipIf(process.platform === 'win32')(
		'are in files of their owner alone, and are never written over',
		async () => {
			const { dir, key } = await madeChain();
			const secret = join(dir, 'root.key');
			expect([mode(dir), mode(secret), mode(key), mode(join(dir, 'root.pub'))]).toEqual(['700', '600', '600', '644']);
			const before = readFileSync(secret, 'utf8');
			expect(await runWords('chain', 'init', '--dir', dir)).toMatchObject({
				code: 2,
				err: expect.stringContaining('is there already'),
			});
			expect((await runWords('chain', 'store', 'sh-014', '--dir', dir)).code).toBe(2);
			expect(readFileSync(secret, 'utf8')).toBe(before);
			expect(readFileSync(join(dir, 'root.pub'), 'utf8')).not.toContain(before.split('\n').at(-2));
		},
	);

	test.skipIf(process.platform === 'win32')('are refused where others can read them', async () => {
		const { dir, key } = await madeChain();
		await chmod(join(dir, 'root.key'), 0o640);
		const open = await runWords('chain', 'store', 'sh-015', '--dir', dir);
		expect(open).toMatchObject({ code: 2, err: expect.stringContaining('chmod 600') });
		expect(existsSync(join(dir, 'sh-015.key'))).toBe(false);
		await chmod(key, 0o604);
		expect((await runWords('enrol', 'serve', '--key', key, '--listen', '127.0.0.1:0')).err).toContain('chmod 600');
	});

	test('make stores from the root alone, for as many days as asked, and say so in both languages', async () => {
		const { dir, key } = await madeChain();
		const { out } = await runWords('chain', 'store', 'sh-015', '--dir', dir, '--days', '10', '--json');
		expect(JSON.parse(out).notAfterMs).toBeLessThan(Date.now() + 10 * 86_400_000 + 1);
		writeFileSync(join(dir, 'root.key'), readFileSync(key));
		expect((await runWords('chain', 'store', 'sh-016', '--dir', dir)).err).toContain('not a root key');
		expect((await runWords('chain', 'store', 'a/b', '--dir', dir)).err).toContain('slash');
		expect((await runWords('chain', 'store', 'x', '--dir', dir, '--days', '0')).err).toContain('--days is "0"');
		expect((await runWords('chain', 'init', '--dir', join(dir, 'zh'), '--lang', 'zh')).out).toContain('私钥');
	});
});

describe('A new till in the store, over the LAN', () => {
	test('asks with the code that its cashier types, sells, and does no more than its role', async () => {
		const { root, key } = await madeChain();
		const desk = await serve('--key', key, '--name', 'till-1');
		const enrol = enrolBy({ url: desk.url, store: 'sh-014', code: async () => desk.code.toLowerCase() });
		const till = await openOn(join(folder(), 'till.db'), 'till-1', { trust: { root, enrol } });
		expect(await desk.ended).toBe(0);
		expect(desk.heard.out).toContain(`Enrolled: till-1 (${till.replica.device}) of sh-014, role cashier`);
		expect((await till.day.openShift({ float: 10_000 }, { idempotencyKey: 'shift-1' })).ok).toBe(true);
		const defined = await till.catalog.define([{ sku: 'CUP', name: 'Cup' }]);
		expect(defined.ok || defined.code).toBe('not_allowed');
		await till.shutdown();
	});

	test('scans address and code from one QR', async () => {
		const { root, key } = await madeChain();
		const desk = await serve('--key', key, '--qr');
		const url = `${desk.url}/#${desk.code}`;
		expect(desk.heard.err).toContain(renderUnicodeCompact(url, { border: 2 }));
		const enrol = enrolBy({ url, store: 'sh-014' });
		const till = await openOn(join(folder(), 'till.db'), 'till-1', { trust: { root, enrol } });
		expect(await desk.ended).toBe(0);
		await till.shutdown();
		expect(() => enrolBy({ url: desk.url, store: 'sh-014' })).toThrow('the code');
	});

	test('with a new disk takes the place of the old one, by its name', async () => {
		const { root, key } = await madeChain();
		const enrolled = async (...words: string[]) => {
			const desk = await serve('--key', key, ...words);
			const enrol = enrolBy({ url: desk.url, store: 'sh-014', code: desk.code });
			const till = await openOn(join(folder(), 'till.db'), 'till-1', { trust: { root, enrol } });
			expect(await desk.ended).toBe(0);
			const { device } = till.replica;
			await till.shutdown();
			return { device, out: desk.heard.out };
		};
		const before = await enrolled();
		const after = await enrolled('--replaces', 'till-1');
		expect(after.device).not.toBe(before.device);
		expect(after.out).toContain(`It takes the place of ${before.device}`);
		const never = await runWords('enrol', 'serve', '--key', key, '--listen', '127.0.0.1:0', '--replaces', 'till-9');
		expect(never).toMatchObject({ code: 2, err: expect.stringContaining('till-9') });
	});

	test('is renewed without a code, while nobody makes one', async () => {
		const { root, key } = await madeChain();
		const desk = await serve('--key', key, '--days', '2');
		let { url } = desk;
		const codes: string[] = [];
		const code = () => {
			codes.push(desk.code);
			return desk.code;
		};
		const enrol = (request: EnrolRequest) => enrolBy({ url, store: 'sh-014', code })(request);
		const till = await openOn(join(folder(), 'till.db'), 'till-1', { trust: { root, enrol } });
		expect(await desk.ended).toBe(0);
		const renewing = startLine(['enrol', 'renew', '--key', key, '--listen', '127.0.0.1:0'], [], 86_400_001);
		await until(() => /http:\S+/.test(renewing.heard.err), 'it listens', 2_000);
		url = /http:\S+/.exec(renewing.heard.err)?.[0] ?? '';
		await till.replica.renew();
		expect(codes).toHaveLength(1);
		await until(() => renewing.heard.out !== '', 'it says so', 2_000);
		expect(renewing.heard.out).toContain(`Enrolled: till-1 (${till.replica.device}) of sh-014, role cashier`);
		// Whoever has nothing to renew needs a code, and there is none.
		const stranger = { key: (await nodeCrypto.generateKeyPair()).publicKey, name: 'x', replaces: undefined };
		await expect(enrol(stranger)).rejects.toMatchObject({ details: { reason: 'no_code' } });
		renewing.stop();
		expect(await renewing.code).toBe(0);
		await till.shutdown();
	});

	test('a stranger without the code is given nothing, and his fifth guess ends it for everybody', async () => {
		const { root, key } = await madeChain();
		const desk = await serve('--key', key);
		const file = join(folder(), 'till.db');
		const ask = (code: string) =>
			openOn(file, 'x', { trust: { root, enrol: enrolBy({ url: desk.url, store: 'sh-014', code }) } });
		for (let i = 0; i < 5; i++)
			await expect(ask(wrong)).rejects.toMatchObject({ code: 'not_enrolled', details: { reason: 'wrong_code' } });
		await expect(ask(desk.code)).rejects.toMatchObject({ code: 'not_enrolled' });
		expect(await desk.ended).toBe(1);
		expect(desk.heard.out).toBe('');
		expect(desk.heard.err).toContain('Nobody came with this code');
	});

	test('what a listener caught of a request is of no use with another key', async () => {
		const { key } = await madeChain();
		const desk = await serve('--key', key);
		const [mine, theirs] = [await nodeCrypto.generateKeyPair(), await nodeCrypto.generateKeyPair()];
		const of = { name: 'till-1', store: 'sh-014', replaces: undefined };
		const caught = requestText(nodeCrypto.sha256, { ...of, key: theirs.publicKey }, desk.code);
		const bytes = Buffer.from(caught.split(':')[2] ?? '', 'base64url');
		bytes.set(mine.publicKey, bytes.indexOf(theirs.publicKey));
		const post = (body: string, headers = {}) => fetch(`${desk.url}/enrol`, { method: 'POST', body, headers });
		expect(await (await post(`tillmesh-request:1:${bytes.toString('base64url')}`)).text()).toBe('wrong_code');
		// Nor is anything else: other pages, other ways, too much, and nonsense cost no guess either.
		expect((await post(caught, { origin: 'https://elsewhere.example' })).status).toBe(403);
		expect((await fetch(`${desk.url}/enrol`)).status).toBe(404);
		expect((await post('x'.repeat(20_000))).status).toBe(413);
		for (let i = 0; i < 9; i++) expect((await post('nonsense')).status).toBe(400);
		const answer = await post(caught);
		expect([answer.status, await desk.ended]).toEqual([200, 0]);
		expect(readCredential(await answer.text()).length).toBeGreaterThan(500);
	});

	test('asks from a page of a named origin, over https', async () => {
		const { key } = await madeChain();
		const tls = selfSigned();
		const at = folder();
		writeFileSync(join(at, 'cert.pem'), tls.cert);
		writeFileSync(join(at, 'key.pem'), tls.key);
		const origin = 'https://till.example.com';
		const pems = ['--tls-cert', join(at, 'cert.pem'), '--tls-key', join(at, 'key.pem')];
		const desk = await serve('--key', key, '--origin', origin, ...pems);
		expect(desk.url).toMatch(/^https:/);
		const { publicKey } = await nodeCrypto.generateKeyPair();
		const of = { key: publicKey, name: 'till-1', store: 'sh-014', replaces: undefined };
		const answered = await new Promise<{ status: number | undefined; allowed: unknown }>((resolve, reject) => {
			const options = { method: 'POST', ca: tls.cert, headers: { origin } };
			request(`${desk.url}/enrol`, options, (response) => {
				response.resume();
				const allowed = response.headers['access-control-allow-origin'];
				response.on('end', () => resolve({ status: response.statusCode, allowed }));
			})
				.on('error', reject)
				.end(requestText(nodeCrypto.sha256, of, desk.code));
		});
		expect(answered).toEqual({ status: 200, allowed: origin });
		expect(await desk.ended).toBe(0);
	});

	test('is told what keeps it from its certificate', async () => {
		const { key } = await madeChain();
		const request = { key: (await nodeCrypto.generateKeyPair()).publicKey, name: 'till-1', replaces: undefined };
		const desk = await serve('--key', key);
		const refused = (reason: string) => ({ code: 'not_enrolled', details: { reason } });
		const by = (more: object) => enrolBy({ url: desk.url, store: 'sh-014', code: desk.code, ...more })(request);
		await expect(by({ store: 'sh-015' })).rejects.toMatchObject(refused('other_store'));
		await expect(by({ code: '123' })).rejects.toMatchObject({ code: 'bad_argument', path: 'code' });
		await expect(by({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject(refused('unreachable'));
		expect(() => enrolBy({ store: 'sh-014', code: desk.code })).toThrow('either url or ask');
		expect((await by({})).length).toBeGreaterThan(500);
		expect(await desk.ended).toBe(0);
		const roles = await runWords('enrol', 'serve', '--key', key, '--listen', '127.0.0.1:0', '--role', 'headquarters');
		expect(roles.err).toContain('cashier, warehouse, manager, relay');
	});
});

describe('A new till with no network at all', () => {
	test('shows a request, and reads the answer that was brought', async () => {
		const { root, key } = await madeChain();
		let typed: (request: string) => void = () => {};
		const request = new Promise<string>((resolve) => {
			typed = resolve;
		});
		const lines = (async function* () {
			yield '';
			yield 'something else';
			yield await request;
		})();
		const line = startLine(['enrol', 'answer', '--key', key, '--role', 'warehouse'], lines);
		await until(() => line.heard.err.includes('Code: '), 'a code is shown', 2_000);
		const [, code = ''] = /Code: (\S+)/.exec(line.heard.err) ?? [];
		const enrol = enrolBy({
			store: 'sh-014',
			code,
			async ask(text) {
				typed(text);
				expect(await line.code).toBe(0);
				return line.heard.out;
			},
		});
		const till = await openOn(join(folder(), 'till.db'), 'tablet', { trust: { root, enrol } });
		expect(line.heard.err).toContain('role warehouse');
		expect(line.heard.out).toMatch(/^tillmesh-credential:1:[\w-]+\n$/);
		const shift = await till.day.openShift({ float: 0 }, { idempotencyKey: 'shift-1' });
		expect(shift.ok || shift.code).toBe('not_allowed');
	});

	test("is headquarters' own, by the root's key", async () => {
		const { dir, root } = await madeChain();
		const { publicKey } = await nodeCrypto.generateKeyPair();
		let code = '';
		const lines = (async function* () {
			await until(() => code !== '', 'a code is shown', 2_000);
			yield requestText(nodeCrypto.sha256, { key: publicKey, name: 'hq', store: 'hq', replaces: undefined }, code);
		})();
		const line = startLine(['chain', 'device', '--dir', dir, '--json'], lines);
		await until(() => line.heard.err.includes('Code: '), 'a code is shown', 2_000);
		code = /Code: (\S+)/.exec(line.heard.err)?.[1] ?? '';
		expect(await line.code).toBe(0);
		const { answer } = JSON.parse(line.heard.out);
		expect(await verifyCredential(nodeCrypto, root, readCredential(answer))).toMatchObject({
			name: 'hq',
			role: 'headquarters',
		});
	});

	test('nobody is waited for once nothing more can be typed', async () => {
		const { key } = await madeChain();
		const { code, err } = await runWords('enrol', 'answer', '--key', key, '--lang', 'zh');
		expect([code, err.includes('什么都没有签发')]).toEqual([1, true]);
	});
});
