import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../scripts/browser.js';
import { bundle, Child, temporaryFolder } from '../crash/child.js';
import { Profile, type RealBrowser, Site } from './chromium.js';
import type {} from './tabs-page.js';

const executable = findBrowser() ?? '';
const wait = { timeout: 30_000 };

describe.skipIf(executable === '')('tills in tabs of one browser', () => {
	const folder = temporaryFolder();
	let server: string;
	let site: Site;
	let profile: Profile;
	let browser: RealBrowser;
	let relay: Child | undefined;

	beforeAll(async () => {
		server = bundle(new URL('./relay-process.ts', import.meta.url));
		site = await Site.serve(new URL('./tabs-page.ts', import.meta.url));
		profile = new Profile();
		browser = await profile.start(executable);
	});
	afterAll(async () => {
		await relay?.kill();
		await browser?.kill();
		profile?.remove();
		site?.close();
		rmSync(server, { force: true });
		folder.remove();
	});

	async function startRelay(): Promise<string> {
		relay = new Child(server, [join(folder.path, 'relay'), new URL(site.url).origin]);
		return (await relay.line('open ')).slice('open '.length);
	}

	const look = (page: Page) => page.evaluate(() => tabPage.look());
	const peersOf = (page: Page) => async () => (await look(page)).peers;

	test('SYN5 two tabs sync with each other after the relay was killed; a third brings the sales of both to the next one', async () => {
		const url = await startRelay();
		const [first, second] = [await browser.open(site.url), await browser.open(site.url)];
		await first.evaluate((relayUrl) => tabPage.open('till-1', relayUrl), url);
		await second.evaluate((relayUrl) => tabPage.open('till-2', relayUrl), url);
		await expect.poll(peersOf(first), wait).toEqual(['relay by ws', 'till-2 by tabs']);
		await expect.poll(peersOf(second), wait).toEqual(['relay by ws', 'till-1 by tabs']);
		await first.evaluate(() => tabPage.sell());
		await expect.poll(async () => (await look(second)).sold, wait).toBe(1);
		await expect.poll(async () => (await look(first)).waiting, wait).toBe(0);

		await relay?.kill();
		await expect.poll(peersOf(first), wait).toEqual(['till-2 by tabs']);
		await expect.poll(peersOf(second), wait).toEqual(['till-1 by tabs']);
		for (const page of [first, second, second]) expect(await page.evaluate(() => tabPage.sell())).toBe(true);
		for (const page of [first, second]) await expect.poll(async () => (await look(page)).sold, wait).toBe(4);
		expect((await look(first)).digest).toBe((await look(second)).digest);
		expect((await look(first)).waiting).toBeGreaterThan(0);

		// The second closes with sales that no store has. The first knows of no other relay: the third carries for it.
		await second.close();
		await expect.poll(peersOf(first), wait).toEqual([]);
		const nextUrl = await startRelay();
		const third = await browser.open(site.url);
		await third.evaluate((relayUrl) => tabPage.open('till-3', relayUrl), nextUrl);
		await expect.poll(peersOf(third), wait).toEqual(['relay by ws', 'till-1 by tabs']);
		await expect.poll(async () => (await look(third)).sold, wait).toBe(4);
		await expect.poll(async () => (await look(first)).waiting, wait).toBe(0);
		expect((await look(third)).digest).toBe((await look(first)).digest);
		await Promise.all([first.close(), third.close()]);
	});
});
