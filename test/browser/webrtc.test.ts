import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { webRtc } from '../../adapters/link-webrtc/index.js';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { findBrowser } from '../../scripts/browser.js';
import type { LinkEnd } from '../../src/ports/link.js';
import { onlyLink, SignalHub } from '../unit/adapters/signal-hub.js';
import { Profile, type RealBrowser, Site } from './chromium.js';
import type {} from './webrtc-page.js';

const executable = findBrowser() ?? '';

// Chromium hides a page's addresses behind `.local` names. Its own pages resolve them for each other by mDNS on the host's
// interfaces, without a network beyond. Node does not resolve them: it learns the page's address from the page's checks,
// which reach the addresses that Node gives. So no flag is needed for either.
describe.skipIf(executable === '')('link-webrtc in a real Chromium', () => {
	let site: Site;
	let profile: Profile;
	let browser: RealBrowser;

	beforeAll(async () => {
		site = await Site.serve(new URL('./webrtc-page.ts', import.meta.url));
		profile = new Profile();
		browser = await profile.start(executable);
	});
	afterAll(async () => {
		await browser?.kill();
		profile?.remove();
		site?.close();
	});

	const saidBy = (page: Page) => () => page.evaluate(() => rtcPage.said());

	test('the contract suites of links and sources', async () => {
		const page = await browser.open(site.url);
		const names = await page.evaluate(() => rtcPage.testNames());
		const failed: string[] = [];
		for (const name of names) {
			const failure = await page.evaluate((test) => rtcPage.runTest(test), name);
			if (failure !== undefined) failed.push(`${name}\n${failure}`);
		}
		expect(failed).toEqual([]);
		expect(names.length).toBeGreaterThan(14);
		await page.close();
	});

	test('two pages connect; frames pass after the way of the signals is gone; a page that is closed is noticed', async () => {
		const [left, right] = [await browser.open(site.url), await browser.open(site.url)];
		await left.evaluate(() => rtcPage.meetPage('left', 'right'));
		await right.evaluate(() => rtcPage.meetPage('right', 'left'));
		await expect.poll(saidBy(left), { timeout: 20_000 }).toEqual(['up']);
		await expect.poll(saidBy(right)).toEqual(['up']);
		for (const page of [left, right]) await page.evaluate(() => rtcPage.cutSignals());
		expect(await left.evaluate(() => rtcPage.say('from the left'))).toBe(true);
		expect(await right.evaluate(() => rtcPage.sayMuch(1024 * 1024))).toBe(true);
		await expect.poll(saidBy(right)).toEqual(['up', 'from the left']);
		await expect.poll(saidBy(left)).toEqual(['up', '1048576 bytes']);
		await right.close();
		await expect.poll(saidBy(left), { timeout: 60_000 }).toEqual(['up', '1048576 bytes', 'down']);
		await left.close();
	});

	test.each([
		['a-node', 'z-page'],
		['z-node', 'a-page'],
	])('%s and %s connect, whoever offers; frames of 1 MiB pass both ways', async (node, pageName) => {
		const page = await browser.open(site.url);
		const hub = new SignalHub();
		hub.join(pageName).listen((_, message) => void page.evaluate((bytes) => rtcPage.hear(bytes), [...message]));
		await page.exposeFunction('toNode', (message: number[]) => hub.pass(pageName, node, Uint8Array.from(message)));
		const said: string[] = [];
		let end: LinkEnd | undefined;
		const link = onlyLink(webRtc(), node, hub.join(node), nodePlatform().timers);
		link.start({
			up: (opened) => {
				end = opened;
				said.push('up');
			},
			frame: (bytes) => said.push(`${bytes.length} bytes`),
			down: () => said.push('down'),
		});
		await page.evaluate(([self, peer]) => rtcPage.meetNode(self, peer), [pageName, node] as const);
		await expect.poll(saidBy(page), { timeout: 20_000 }).toEqual(['up']);
		await expect.poll(() => said).toEqual(['up']);
		expect(end?.send(new Uint8Array(1024 * 1024))).toBe(true);
		expect(await page.evaluate(() => rtcPage.sayMuch(1024 * 1024))).toBe(true);
		await expect.poll(saidBy(page), { timeout: 5_000 }).toEqual(['up', '1048576 bytes']);
		await expect.poll(() => said, { timeout: 5_000 }).toEqual(['up', '1048576 bytes']);
		await page.evaluate(() => rtcPage.stop());
		await expect.poll(() => said, { timeout: 5_000 }).toEqual(['up', '1048576 bytes', 'down']);
		link.stop();
		await page.close();
	});
});
