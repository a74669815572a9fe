import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../scripts/browser.js';
import { Profile, type RealBrowser, Site } from './chromium.js';
import type {} from './window-page.js';

const executable = findBrowser() ?? '';

describe.skipIf(executable === '')('windows of one till in a real Chromium', () => {
	let site: Site;
	let profile: Profile;
	let browser: RealBrowser;

	beforeAll(async () => {
		site = await Site.serve(new URL('./window-page.ts', import.meta.url));
		profile = new Profile();
		browser = await profile.start(executable);
	});
	afterAll(async () => {
		await browser?.kill();
		profile?.remove();
		site?.close();
	});

	test('S3 JRN1 a page owns the till, two windows that it opens sell from the same share, and none sells a unit twice', async () => {
		const owner = await browser.open(site.url);
		await owner.evaluate(() => windowPage.own('windows'));
		const windows = [];
		for (let i = 0; i < 2; i++) {
			const [page] = await Promise.all([
				owner.context().waitForEvent('page'),
				owner.evaluate((name) => {
					open(location.href, name, 'popup');
				}, `display-${i}`),
			]);
			await page.waitForFunction(() => 'windowPage' in globalThis);
			await page.evaluate(() => windowPage.attach());
			windows.push(page);
		}
		const pages = [owner, ...windows];
		const all = await Promise.all(
			pages.flatMap((page) => [1, 2].map((amount) => page.evaluate((n) => windowPage.sell(n, undefined), amount))),
		);
		// 9 of 10 units: all of them go through.
		expect(all.filter((answer) => answer === 'share_exhausted')).toEqual([]);
		expect(new Set(all).size).toBe(6);
		const last = await Promise.all(pages.map((page) => page.evaluate(() => windowPage.sell(1))));
		expect(last.filter((answer) => answer === 'share_exhausted').length).toBe(2);
		const seen = () => Promise.all(pages.map((page) => page.evaluate(() => windowPage.seen())));
		await expect.poll(async () => new Set((await seen()).map((each) => JSON.stringify(each))).size).toBe(1);
		expect((await seen())[0]?.mine).toBe(0);

		await owner.evaluate(() => windowPage.leave());
		for (const page of windows) await expect.poll(() => page.evaluate(() => windowPage.sell(1))).toBe('closed');
		for (const page of pages) await page.close();
	});

	test('a window whose owner is closed without a word finds that out', async () => {
		const owner = await browser.open(site.url);
		await owner.evaluate(() => windowPage.own('gone'));
		const [window] = await Promise.all([
			owner.context().waitForEvent('page'),
			owner.evaluate(() => {
				open(location.href, 'display-gone', 'popup');
			}),
		]);
		await window.waitForFunction(() => 'windowPage' in globalThis);
		await window.evaluate(() => windowPage.attach());
		const waiting = window.evaluate(() => windowPage.never());
		await owner.close();
		expect(await waiting).toBe('closed');
		expect(await window.evaluate(() => windowPage.sell(1))).toBe('closed');
		await window.close();
	});
});
