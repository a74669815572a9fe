import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { yWebSocket } from '../../adapters/y-websocket/index.js';
import { findBrowser } from '../../scripts/browser.js';
import { until } from '../contract/check.js';
import { sourceAsLink } from '../contract/source-as-link.js';
import { freeServer, type YServer } from '../unit/adapters/y-websocket-servers.js';
import { Profile, type RealBrowser, Site } from './chromium.js';
import type {} from './y-websocket-page.js';

const executable = findBrowser() ?? '';

describe.skipIf(executable === '')('y-websocket in a real Chromium', () => {
	let site: Site;
	let server: YServer;
	let profile: Profile;
	let browser: RealBrowser;

	beforeAll(async () => {
		site = await Site.serve(new URL('./y-websocket-page.ts', import.meta.url));
		server = await freeServer({ origins: [new URL(site.url).origin] });
		profile = new Profile();
		browser = await profile.start(executable);
	});
	afterAll(async () => {
		await browser?.kill();
		profile?.remove();
		await server?.stop();
		site?.close();
	});

	test('the contract suites of links and sources, over the relay’s documents', async () => {
		const page = await browser.open(site.url);
		const names = await page.evaluate(() => yPage.testNames());
		const failed: string[] = [];
		for (const name of names) {
			const failure = await page.evaluate(([each, url]) => yPage.runTest(each, url), [name, server.url] as const);
			if (failure !== undefined) failed.push(`${name}\n${failure}`);
		}
		expect(failed).toEqual([]);
		expect(names.length).toBeGreaterThan(12);
		await page.close();
	});

	test('a page and a Node process: notes of the stock provider, and frames of 1 MiB through the pipe', async () => {
		const page = await browser.open(site.url);
		const doc = new Y.Doc();
		const provider = new WebsocketProvider(server.url, 'notes', doc, { WebSocketPolyfill: WebSocket as never });
		await page.evaluate((url) => yPage.openNotes(url), server.url);
		await page.evaluate(() => yPage.write('from the page'));
		await expect.poll(() => doc.getText('t').toString(), { timeout: 10_000 }).toBe('from the page');
		doc.getText('t').insert(0, 'and ');
		await expect.poll(() => page.evaluate(() => yPage.read())).toBe('and from the page');
		provider.destroy();
		doc.destroy();

		await page.evaluate((url) => yPage.echo(url, 'pair'), server.url);
		const frames: Uint8Array[] = [];
		let send = (_: Uint8Array): boolean => false;
		const link = sourceAsLink(yWebSocket({ url: server.url, room: 'pair' }), 'node', nodePlatform().timers);
		link.start({
			up: (end) => {
				send = (frame) => end.send(frame);
			},
			frame: (frame) => frames.push(frame),
			down: () => {},
		});
		const frame = new Uint8Array(1024 * 1024).map((_, i) => (i * 7) >> 3);
		await until(() => send(frame), 'taken', 10_000);
		await until(() => frames.length === 1, 'echoed', 10_000);
		expect(frames[0]?.every((byte, i) => byte === frame[i])).toBe(true);
		link.stop();
		await page.close();
	});
});
