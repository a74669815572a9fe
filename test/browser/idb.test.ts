import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { findBrowser } from '../../scripts/browser.js';
import { pause, seeded } from '../contract/check.js';
import { insecureHost, Profile, type RealBrowser, Site } from './chromium.js';
import type {} from './page.js';

const executable = findBrowser() ?? '';
/** TILLMESH_BROWSER_KILLS=100 for more. */
const kills = Number(process.env.TILLMESH_BROWSER_KILLS ?? 10);

describe.skipIf(executable === '')('IndexedDB in a real Chromium', () => {
	let site: Site;
	let profile: Profile;
	let browser: RealBrowser;

	beforeAll(async () => {
		site = await Site.serve(new URL('./page.ts', import.meta.url));
		profile = new Profile();
		browser = await profile.start(executable);
	});
	afterAll(async () => {
		await browser?.kill();
		profile?.remove();
		site?.close();
	});

	test('the contract suites of storage and link, every test of them', async () => {
		const page = await browser.open(site.url);
		const names = await page.evaluate(() => tillmesh.testNames());
		const failed: string[] = [];
		for (const name of names) {
			const failure = await page.evaluate((test) => tillmesh.runTest(test), name);
			if (failure !== undefined) failed.push(`${name}\n${failure}`);
		}
		expect(failed).toEqual([]);
		expect(names.filter((name) => name.startsWith('storage-idb')).length).toBeGreaterThan(15);
		await page.close();
	});

	test('S3 P28 JRN1 of two tabs the second is refused by the name of the first, and may have it when that is gone', async () => {
		const first = await browser.open(site.url);
		const second = await browser.open(site.url);
		expect(await first.evaluate(() => tillmesh.open('tabs', 'till 4, left tab'))).toBeUndefined();
		const refused = await second.evaluate(() => tillmesh.open('tabs', 'till 4, right tab'));
		expect(refused?.code).toBe('already_open');
		expect(refused?.message).toContain('till 4, left tab');
		expect(await first.evaluate(() => tillmesh.write('tabs', 1, 0))).toBeUndefined();
		await first.close();
		await expect.poll(() => second.evaluate(() => tillmesh.open('tabs', 'till 4, right tab'))).toBeUndefined();
		expect(await second.evaluate(() => tillmesh.count('tabs', 1))).toBe(1);
		await second.close();
	});

	test('JRN3 every transaction that writes is strict, and the browser is asked once to keep the data', async () => {
		const page = await browser.open(site.url);
		const seen = await page.evaluate(async () => {
			const durabilities: (string | undefined)[] = [];
			let asked = 0;
			const { transaction } = IDBDatabase.prototype;
			IDBDatabase.prototype.transaction = function (stores, mode, options) {
				if (mode === 'readwrite') durabilities.push(options?.durability);
				return transaction.call(this, stores, mode, options);
			};
			navigator.storage.persist = async () => {
				asked++;
				return true;
			};
			for (const name of ['strict-1', 'strict-2']) {
				await tillmesh.open(name, 'strict');
				await Promise.all([0, 1, 2].map((n) => tillmesh.write(name, 0, n)));
				await tillmesh.write(name, 0, 3);
				await tillmesh.close(name);
			}
			return { durabilities, asked };
		});
		// Three writes that wait together share one transaction.
		expect(seen).toEqual({ durabilities: ['strict', 'strict', 'strict', 'strict'], asked: 1 });
		await page.close();
	});

	test('JRN5 a full quota is storage_full, then nothing more is taken, and with room all confirmed is there', async () => {
		// An origin of its own: Chromium remembers for a while what room another one had.
		const page = await browser.open(site.url.replace('localhost', '127.0.0.1'));
		const session = await page.context().newCDPSession(page);
		const { origin } = new URL(page.url());
		await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
		expect(await page.evaluate(() => tillmesh.open('quota', 'quota'))).toBeUndefined();
		const { confirmed, failure } = await page.evaluate(async () => {
			for (let n = 0; n < 5_000; n++) {
				const failure = await tillmesh.write('quota', 3, n);
				if (failure) return { confirmed: n, failure };
			}
			return { confirmed: 5_000, failure: undefined };
		});
		expect(failure?.code).toBe('storage_full');
		expect(await page.evaluate(() => tillmesh.write('quota', 4, 0))).toEqual(failure);
		await page.evaluate(() => tillmesh.close('quota'));
		await session.send('Storage.overrideQuotaForOrigin', { origin });
		await page.evaluate(() => tillmesh.open('quota', 'quota'));
		expect(await page.evaluate(() => tillmesh.count('quota', 3))).toBe(confirmed);
		expect(await page.evaluate(() => tillmesh.write('quota', 4, 0))).toBeUndefined();
		await page.close();
	});

	test('JRN5 a database that another tab deletes fails typed', async () => {
		const page = await browser.open(site.url);
		await page.evaluate(() => tillmesh.open('deleted', 'till'));
		expect(await page.evaluate(() => tillmesh.write('deleted', 0, 0))).toBeUndefined();
		const other = await browser.open(site.url);
		await other.evaluate(
			() =>
				new Promise((resolve) => {
					indexedDB.deleteDatabase('deleted').onsuccess = () => resolve(true);
				}),
		);
		expect((await page.evaluate(() => tillmesh.write('deleted', 0, 1)))?.code).toBe('storage_failed');
		await page.close();
		await other.close();
	});

	test("a database of somebody else's is storage_foreign and stays as it was; a newer one is newer_format", async () => {
		const page = await browser.open(site.url);
		const make = (name: string, store: string, version: number): Promise<unknown> =>
			page.evaluate(
				({ name, store, version }) =>
					new Promise((resolve) => {
						const request = indexedDB.open(name, version);
						request.onupgradeneeded = () => request.result.createObjectStore(store);
						request.onsuccess = () => {
							request.result.close();
							resolve(true);
						};
					}),
				{ name, store, version },
			);
		await make('foreign', 'photos', 1);
		await make('newer', 'tillmesh', 2);
		expect((await page.evaluate(() => tillmesh.open('foreign', 'till')))?.code).toBe('storage_foreign');
		expect((await page.evaluate(() => tillmesh.open('newer', 'till')))?.code).toBe('newer_format');
		// The refused opening let go of its lock.
		expect((await page.evaluate(() => tillmesh.open('foreign', 'till')))?.code).toBe('storage_foreign');
		await page.close();
	});

	test('JRN8 Chromium signs with Ed25519 what Node verifies', async () => {
		const page = await browser.open(site.url);
		const signed = await page.evaluate(() => tillmesh.sign([1, 2, 3]));
		if ('code' in signed) throw new Error(signed.message);
		expect(signed.verified).toBe(true);
		const [publicKey, signature] = [Uint8Array.from(signed.publicKey), Uint8Array.from(signed.signature)];
		expect(await nodePlatform().crypto.verify(publicKey, Uint8Array.of(1, 2, 3), signature)).toBe(true);
		expect(await nodePlatform().crypto.verify(publicKey, Uint8Array.of(1, 2, 4), signature)).toBe(false);
		await page.close();
	});

	test('the key of a device stays in the browser: no script can read it, and the next opening signs with it', async () => {
		const page = await browser.open(site.url);
		const kept = await page.evaluate(() => tillmesh.keepKey('keys', [1, 2, 3]));
		expect(kept).toMatchObject({
			secretBytes: 16,
			records: ['m/device'],
			exported: 'InvalidAccessError',
			portableBytes: 32,
		});
		const [publicKey, signature] = [Uint8Array.from(kept.publicKey), Uint8Array.from(kept.signature)];
		expect(await nodePlatform().crypto.verify(publicKey, Uint8Array.of(1, 2, 3), signature)).toBe(true);
		await page.close();
	});

	test('a page that does not come by https is told so: unavailable, with what is missing; it signs all the same', async () => {
		const page = await browser.open(site.url.replace('localhost', insecureHost));
		const opened = await page.evaluate(() => tillmesh.open('till', 'till'));
		expect(opened).toMatchObject({ code: 'unavailable', message: expect.stringContaining('Web Locks') });
		const signed = await page.evaluate(() => tillmesh.sign([1]));
		if ('code' in signed) throw new Error(signed.message);
		const [publicKey, signature] = [Uint8Array.from(signed.publicKey), Uint8Array.from(signed.signature)];
		expect(await nodePlatform().crypto.verify(publicKey, Uint8Array.of(1), signature)).toBe(true);
		await page.close();
	});

	test('JRN3 a kill that cut what Chromium wrote, and one more: it has not thrown everything away', async () => {
		const own = new Profile();
		let killed = await own.start(executable);
		const open = async (): Promise<Page> => {
			const page = await killed.open(site.url);
			expect(await page.evaluate(() => tillmesh.open('cut', 'till'))).toBeUndefined();
			return page;
		};
		const kill = async (): Promise<void> => {
			await killed.kill();
			killed = await own.start(executable);
		};
		try {
			let page = await open();
			for (let n = 0; n < 10; n++) await page.evaluate((n) => tillmesh.write('cut', 0, n), n);
			await killed.kill();
			own.cutLog();
			killed = await own.start(executable);
			page = await open();
			const left = await page.evaluate(() => tillmesh.count('cut', 0));
			for (let n = 0; n < 10; n++) expect(await page.evaluate((n) => tillmesh.write('cut', 1, n), n)).toBeUndefined();
			await kill();
			page = await open();
			const counts = await page.evaluate(() => Promise.all([tillmesh.count('cut', 0), tillmesh.count('cut', 1)]));
			expect(left).toBeGreaterThan(7);
			expect(counts).toEqual([left, 10]);
		} finally {
			await killed.kill();
			own.remove();
		}
	});

	test(`JRN3 JRN4 P7 the browser killed ${kills} times while it writes: what was confirmed is there, no batch by half`, {
		timeout: kills * 12_000 + 30_000,
	}, async () => {
		const random = seeded(11);
		const open = async (): Promise<Page> => {
			const page = await browser.open(site.url);
			expect(await page.evaluate(() => tillmesh.open('killed', 'till'))).toBeUndefined();
			return page;
		};
		let total = 0;
		for (let life = 0; life < kills; life++) {
			let page = await open();
			const confirmed: number[] = [];
			await page.exposeFunction('confirmBatch', (n: number) => void confirmed.push(n));
			await page.evaluate((life) => {
				const { confirmBatch } = globalThis as unknown as { confirmBatch: (n: number) => void };
				tillmesh.writeOn('killed', life, confirmBatch);
			}, life);
			await pause(100 + random() * 300);
			await browser.kill();
			browser = await profile.start(executable);
			page = await open();
			for (let earlier = 0; earlier <= life; earlier++) {
				const count = await page.evaluate((life) => tillmesh.count('killed', life), earlier);
				if (earlier === life) expect(count).toBeGreaterThanOrEqual(confirmed.length);
			}
			expect(confirmed).toEqual(confirmed.map((_, i) => i));
			total += confirmed.length;
			await page.close();
		}
		console.log(`${kills} browsers killed, ${total} confirmed batches all there`);
		expect(total).toBeGreaterThan(kills);
	});
});
