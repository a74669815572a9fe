import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../scripts/browser.js';
import { bundle, Child, temporaryFolder } from '../crash/child.js';
import { Profile, type RealBrowser, Site } from './chromium.js';
import type {} from './p2p-page.js';

const executable = findBrowser() ?? '';

describe.skipIf(executable === '')('tills in real pages, peer to peer', () => {
	const folder = temporaryFolder();
	let server: string;
	let site: Site;
	let profile: Profile;
	let browser: RealBrowser;
	let relay: Child | undefined;

	beforeAll(async () => {
		server = bundle(new URL('./relay-process.ts', import.meta.url));
		site = await Site.serve(new URL('./p2p-page.ts', import.meta.url));
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

	test('SYN5 two pages that met through a relay sync by WebRTC after it was killed, and hand each other shares', async () => {
		relay = new Child(server, [folder.path, new URL(site.url).origin]);
		const url = (await relay.line('open ')).slice('open '.length);
		const [first, second] = [await browser.open(site.url), await browser.open(site.url)];
		await first.evaluate((relay) => tillPage.open('till-1', relay), url);
		await second.evaluate((relay) => tillPage.open('till-2', relay), url);
		await first.evaluate(() => tillPage.mint(10));
		const wait = { timeout: 30_000 };
		await expect.poll(() => first.evaluate(() => tillPage.peers()), wait).toEqual(['relay by ws', 'till-2 by webrtc']);
		await expect.poll(() => second.evaluate(() => tillPage.peers()), wait).toEqual(['relay by ws', 'till-1 by webrtc']);

		await relay.kill();
		await expect.poll(() => first.evaluate(() => tillPage.peers()), wait).toEqual(['till-2 by webrtc']);
		await expect.poll(() => second.evaluate(() => tillPage.peers()), wait).toEqual(['till-1 by webrtc']);

		expect(await first.evaluate(() => tillPage.sell(3))).toBe('sold');
		expect(await second.evaluate(() => tillPage.sell(4))).toBe('sold');
		expect(await first.evaluate(() => tillPage.sell(3))).toBe('sold');
		await expect.poll(() => first.evaluate(() => tillPage.total())).toBe(0);
		await expect.poll(() => second.evaluate(() => tillPage.total())).toBe(0);
		expect(await second.evaluate(() => tillPage.digest())).toBe(await first.evaluate(() => tillPage.digest()));
		expect(await second.evaluate(() => tillPage.sell(1))).toBe('share_exhausted');
		await Promise.all([first.close(), second.close()]);
	});
});
