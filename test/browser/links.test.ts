import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Listening } from '../../adapters/link-websocket/listen.js';
import { findBrowser } from '../../scripts/browser.js';
import { Profile, type RealBrowser, Site } from './chromium.js';
import type {} from './links-page.js';
import { serveRooms } from './rooms.js';

const executable = findBrowser() ?? '';

describe.skipIf(executable === '')('links in a real Chromium', () => {
	let site: Site;
	let rooms: Listening;
	let profile: Profile;
	let browser: RealBrowser;

	beforeAll(async () => {
		site = await Site.serve(new URL('./links-page.ts', import.meta.url));
		rooms = await serveRooms(new URL(site.url).origin);
		profile = new Profile();
		browser = await profile.start(executable);
	});
	afterAll(async () => {
		await browser?.kill();
		profile?.remove();
		await rooms?.close();
		site?.close();
	});

	test('the contract suites of links and sources: WebSocket, message port, tabs', async () => {
		const page = await browser.open(site.url);
		const names = await page.evaluate(() => linksPage.testNames());
		const failed: string[] = [];
		for (const name of names) {
			const failure = await page.evaluate(([test, url]) => linksPage.runTest(test, url), [
				name,
				`http://127.0.0.1:${rooms.port}`,
			] as const);
			if (failure !== undefined) failed.push(`${name}\n${failure}`);
		}
		expect(failed).toEqual([]);
		for (const suite of ['link-websocket', 'link-message-port', 'link-broadcast-channel'])
			expect(names.filter((name) => name.startsWith(suite)).length).toBeGreaterThan(8);
		await page.close();
	});

	test('two tabs find each other and a third; one that is closed and one that crashes are noticed, and found again', async () => {
		const [first, second] = [await browser.open(site.url), await browser.open(site.url)];
		await first.evaluate(() => linksPage.meet('first'));
		await second.evaluate(() => linksPage.meet('second'));
		const firstSaid = () => first.evaluate(() => linksPage.said());
		await expect.poll(firstSaid).toEqual(['up', 'I am second']);
		await expect.poll(() => second.evaluate(() => linksPage.said())).toEqual(['up', 'I am first']);
		await second.close();
		await expect.poll(firstSaid).toEqual(['up', 'I am second', 'down']);

		const third = await browser.open(site.url);
		await third.evaluate(() => linksPage.meet('third'));
		await expect.poll(firstSaid).toEqual(['up', 'I am second', 'down', 'up', 'I am third']);
		const session = await third.context().newCDPSession(third);
		session.send('Page.crash').catch(() => {}); // no answer comes from a tab that crashed
		await expect
			.poll(firstSaid, { timeout: 10_000 })
			.toEqual(['up', 'I am second', 'down', 'up', 'I am third', 'down']);

		const fourth = await browser.open(site.url);
		await fourth.evaluate(() => linksPage.meet('fourth'));
		await expect.poll(firstSaid).toContain('I am fourth');
		await Promise.all([first.close(), fourth.close()]);
	});
});
