import { describe, expect, test } from 'vitest';
import { agoText, bytesText, durationText } from '../../../adapters/relay/http/figures.js';
import { html } from '../../../adapters/relay/http/html.js';
import { pickLanguage } from '../../../adapters/relay/http/language.js';
import { statusPage } from '../../../adapters/relay/http/page.js';
import { texts } from '../../../adapters/relay/http/texts.js';
import { type AlarmCode, alarmCodes } from '../../../adapters/relay/status.js';
import { relayStatus } from './relay-status-sample.js';

const en = (changes = {}) => statusPage(relayStatus(changes), 'en', 'UTC');
const nothingWaits = { entries: 0, bytes: 0, oldestMs: undefined };

describe('The status page', () => {
	test('says what a shop manager asks: tills, last seen, what waits, shares, alarms', () => {
		const page = en();
		for (const text of ['till-1', 'connected', 'till-2', '3 hours ago', '2 entries still on it', '31 entries for it'])
			expect(page).toContain(text);
		for (const text of ['stock/CUP-L', '120', '43', 'No line to headquarters. 12 entries wait.', '120,455 entries'])
			expect(page).toContain(text);
	});

	test('shows who is away before who is here, and what is urgent before what is not', () => {
		const page = en();
		expect(page.indexOf('till-2')).toBeLessThan(page.indexOf('till-1'));
		expect(page.indexOf('The disk failed: EIO')).toBeLessThan(page.indexOf('No line to headquarters'));
	});

	test('answers whether the box may be switched off', () => {
		expect(en()).toContain('Better wait');
		expect(en()).toContain('12 entries not yet at headquarters, and the line is down');
		expect(en()).toContain('The oldest is of Feb 14, 2026, 5:51 AM (11 minutes ago)');
		const upstream = { url: 'wss://hq', up: true, lastSeenMs: 1, waiting: nothingWaits };
		expect(en({ upstream })).toContain('<section class="yes">');
		expect(en({ upstream: undefined })).toContain('<section class="yes">');
		expect(en({ upstream, disk: { ok: false, usedBytes: 1, freeBytes: 0 } })).toContain('<section class="no">');
	});

	test('speaks Chinese throughout', () => {
		const page = statusPage(relayStatus(), 'zh', 'UTC');
		for (const text of ['lang="zh-CN"', '最好等一等', '3 小时前', '存放在本机的份额', '已连接', '硬盘故障：EIO'])
			expect(page).toContain(text);
		const sentences = page.replaceAll(/<[^>]*>/g, ' ');
		for (const text of ['Tills', 'connected', 'ago', 'entries', 'Waiting']) expect(sentences).not.toContain(text);
	});

	test('has a sentence for every alarm in both languages, and shows any other as it is', () => {
		const params = { device: 'till-9', url: 'u', ledger: 'l', pool: 'p', reason: 'r', code: 'c' };
		const numbers = { entries: 3, units: 2, bytes: 1_024, freeBytes: 1_024, ms: 61_000 };
		for (const language of ['en', 'zh'] as const)
			for (const code of Object.keys(alarmCodes)) {
				const text = texts[language].alarm[code as AlarmCode]({ ...params, ...numbers });
				expect(text, code).not.toMatch(/undefined|NaN/);
			}
		const alarms = [{ code: 'melted', level: 'info', sinceMs: 0, params: { device: 'till-3' } }];
		expect(en({ alarms })).toContain('melted, device till-3');
		expect(en({ alarms: [{ code: 'toString', level: 'info', sinceMs: 0, params: {} }] })).toContain('toString');
	});

	test('escapes whatever others have named', () => {
		const evil = `<script>alert("x")</script>'&`;
		const status = relayStatus();
		const [peer] = status.peers;
		const page = en({
			name: evil,
			chain: evil,
			store: evil,
			url: evil,
			version: evil,
			device: evil,
			peers: [{ ...peer, name: evil, via: evil, device: evil }],
			sharesAtRest: [{ ledger: evil, pool: evil, atRest: 1, elsewhere: 1 }],
			alarms: [{ code: evil, level: 'info', sinceMs: 0, params: { [evil]: evil } }],
			counters: { ...status.counters, rejected: { [evil]: 1 } },
		});
		expect(page).not.toContain('<script');
		expect(page).not.toContain(`alert("x")`);
		expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;');
	});

	test('a thousand tills do not make a page of a thousand rows', () => {
		const [peer] = relayStatus().peers;
		const peers = Array.from({ length: 1_000 }, (_, i) => ({ ...peer, name: `till-${i}` }));
		expect(en({ peers }).match(/<tr>/g)?.length).toBeLessThan(600);
	});

	test('refreshes itself and loads nothing', () => {
		expect(en()).toContain('http-equiv="refresh" content="5"');
		expect(en()).not.toMatch(/src=|<link|<script|url\(/);
	});
});

describe('Its figures', () => {
	test('are words', () => {
		expect([999, 1_000, 61_000, 3_600_000, 48 * 3_600_000, -5].map((ms) => durationText(ms, 'en'))).toEqual([
			'a moment',
			'1 second',
			'1 minute',
			'1 hour',
			'2 days',
			'a moment',
		]);
		expect([0, Number.NaN, 90_000].map((ms) => agoText(ms, 'zh'))).toEqual(['刚刚', '刚刚', '1 分钟前']);
		expect([0, 1_023, 1_536, 5 * 1024 ** 5].map((bytes) => bytesText(bytes, 'en'))).toEqual([
			'0 B',
			'1,023 B',
			'1.5 KiB',
			'5,120 TiB',
		]);
	});

	test('a template escapes text, attributes and lists', () => {
		expect(html`<a title="${'"'}">${['<', html`<b>${'>'}</b>`]}${undefined}</a>`.text).toBe(
			'<a title="&quot;">&lt;<b>&gt;</b></a>',
		);
	});
});

describe('The language', () => {
	test.each([
		['zh', 'en', 'zh'],
		['ZH-cn', undefined, 'zh'],
		['fr', 'zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
		[null, 'fr;q=1, en;q=0.7, zh;q=0.8', 'zh'],
		[null, 'zh;q=0, en', 'en'],
		[null, 'zh;q=oops,;;,=', 'zh'],
		[null, 'fr', 'en'],
		[null, undefined, 'en'],
	] as const)('?lang=%s and Accept-Language: %s give %s', (asked, accepted, expected) => {
		const fallback = accepted === 'zh;q=oops,;;,=' ? 'zh' : 'en';
		expect(pickLanguage(asked, accepted, fallback)).toBe(expected);
	});
});
