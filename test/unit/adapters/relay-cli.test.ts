import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseCommand } from '../../../adapters/relay/cli/arguments.js';
import { bannerText, reachableUrls } from '../../../adapters/relay/cli/banner.js';
import { createLogger, prettyLine } from '../../../adapters/relay/cli/log.js';
import { optionSpecs } from '../../../adapters/relay/cli/options.js';
import { type RunningRelay, runCommand, type World } from '../../../adapters/relay/cli/run.js';
import { helpText } from '../../../adapters/relay/cli/texts.js';
import { Wrong } from '../../../adapters/relay/cli/words.js';
import { silentLogger } from '../../../adapters/relay/logger.js';
import type { RelayOptions } from '../../../adapters/relay/options.js';
import { BadArgument, TillmeshError } from '../../../src/base/errors.js';
import { until } from '../../contract/check.js';

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');
const base = 'relay --data ./data --listen 0.0.0.0:7443';

function commandOf(line: string, env = {}) {
	const parsed = parseCommand(words(line), env);
	if (parsed.kind !== 'relay') throw new Error(`${parsed.kind}: ${'message' in parsed ? parsed.message : ''}`);
	return parsed.command;
}

const wrong = (line: string): string => {
	const parsed = parseCommand(words(line), {});
	return parsed.kind === 'wrong' ? parsed.message : parsed.kind;
};

describe('The command line', () => {
	test('is what startRelay takes', () => {
		expect(commandOf(base)).toEqual({
			relay: { data: './data', listen: '0.0.0.0:7443', chain: 'main', role: 'store', lang: 'en', limits: {} },
			tls: undefined,
			storeKeyFile: undefined,
			logLevel: 'info',
			logFile: undefined,
		});
		const all =
			'--upstream wss://a --upstream=wss://b --tls-cert c.pem --tls-key k.pem --max-connections 9 --max-ledger-bytes 2MiB ' +
			'--max-device-entries-per-day 70 --chain lily --store sh-014 --home stock/sh-014 --home members/* --name Riverside ' +
			'--origin https://till.example.com --log-level warn --log-file r.log --lang zh --store-key s.key';
		expect(commandOf(`${base} ${all}`)).toEqual({
			relay: {
				data: './data',
				listen: '0.0.0.0:7443',
				chain: 'lily',
				role: 'store',
				store: 'sh-014',
				name: 'Riverside',
				upstream: ['wss://a', 'wss://b'],
				homes: ['stock/sh-014', 'members/*'],
				origins: ['https://till.example.com'],
				lang: 'zh',
				limits: { connections: 9, ledgerBytes: 2 * 1024 * 1024, deviceEntriesPerDay: 70 },
			},
			tls: { certFile: 'c.pem', keyFile: 'k.pem' },
			storeKeyFile: 's.key',
			logLevel: 'warn',
			logFile: 'r.log',
		});
		expect(commandOf(`${base} --hq`).relay.role).toBe('hq');
	});

	test.each([
		['', 'Say what to do'],
		['serve', 'no command "serve"'],
		['relay --listen :7443', '--data is missing'],
		['relay --data d', '--listen is missing'],
		['relay --data --listen :7443', '--data needs a value'],
		[`${base} --data other`, '--data was given twice'],
		[`${base} --port 7443`, 'no option --port'],
		[`${base} -p 7443`, 'no option -p'],
		[`${base} more`, '"more" belongs to no option'],
		[`${base} --hq=yes`, '--hq takes no value'],
		['relay --data d --listen 7443', '--listen is "7443"'],
		['relay --data d --listen h:70000', '--listen is "h:70000"'],
		[`${base} --upstream https://hq`, '--upstream is "https://hq"'],
		[`${base} --upstream hq`, '--upstream is "hq"'],
		[`${base} --origin till.example.com`, '--origin is "till.example.com"'],
		[`${base} --origin https://a/page`, '--origin is "https://a/page"'],
		[`${base} --home stock`, '--home is "stock"'],
		[`${base} --max-connections 0`, '--max-connections is "0"'],
		[`${base} --max-connections 2KiB`, '--max-connections is "2KiB"'],
		[`${base} --max-ledger-bytes 2mb`, '--max-ledger-bytes is "2mb"'],
		[`${base} --max-ledger-bytes 99999999GiB`, '--max-ledger-bytes is "99999999GiB"'],
		[`${base} --log-level loud`, '--log-level is "loud"'],
		[`${base} --lang fr`, '--lang is "fr"'],
		[`${base} --tls-cert c.pem`, 'one is missing'],
		[`${base} --store-key s.key`, 'needs --store'],
		[`${base} --store s --hq`, 'exclude each other'],
	])('says clearly what is wrong with: %s', (line, message) => {
		expect(wrong(line)).toContain(message);
	});

	test('speaks the language of --lang, else of the terminal', () => {
		const language = (line: string, env = {}) => parseCommand(words(line), env).language;
		expect(language('relay --lang zh')).toBe('zh');
		expect(language('relay --lang=zh')).toBe('zh');
		expect(language('relay', { LANG: 'zh_CN.UTF-8' })).toBe('zh');
		expect(language('relay --lang en', { LANG: 'zh_CN.UTF-8' })).toBe('en');
		expect(language('relay', { LC_ALL: 'C', LANG: 'zh_CN.UTF-8' })).toBe('en');
		expect(language('relay --lang')).toBe('en');
	});

	test('help tells every option in both languages', () => {
		for (const language of ['en', 'zh'] as const)
			for (const name of Object.keys(optionSpecs)) expect(helpText(language)).toContain(`  --${name}`);
		expect(parseCommand(['--help'], {}).kind).toBe('help');
		expect(parseCommand(['relay', '--help'], {}).kind).toBe('help');
		expect(parseCommand(['--version'], {}).kind).toBe('version');
	});
});

describe('The banner', () => {
	const nic = (address: string, internal = false, family: 'IPv4' | 'IPv6' = 'IPv4') =>
		({ address, internal, family, netmask: '', mac: '', cidr: null, scopeid: 0 }) as never;

	test('names addresses that a till can use', () => {
		const interfaces = { lo: [nic('127.0.0.1', true)], eth0: [nic('192.168.1.10'), nic('fe80::1', false, 'IPv6')] };
		expect(reachableUrls('ws://0.0.0.0:7443', interfaces)).toEqual(['ws://192.168.1.10:7443']);
		expect(reachableUrls('ws://[::]:7443', {})).toEqual(['ws://127.0.0.1:7443']);
		expect(reachableUrls('wss://127.0.0.1:7443', interfaces)).toEqual(['wss://127.0.0.1:7443']);
	});

	test('says where tills connect, where the page and the data are, and how to stop', () => {
		const command = commandOf(`${base} --upstream wss://hq`);
		const started = { version: '1.2.3', urls: ['ws://192.168.1.10:7443'], homes: ['stock/sh-014'] };
		const text = bannerText(command, started, 'en');
		for (const part of [
			'1.2.3',
			'ws://192.168.1.10:7443\n',
			'http://192.168.1.10:7443/',
			'./data',
			'wss://hq',
			'stock/sh-014',
		])
			expect(text).toContain(part);
		expect(text).toContain('encrypted without a certificate too');
		expect(bannerText(command, { ...started, homes: [] }, 'zh')).toContain('按 Ctrl+C 停止');
		const here = { ...started, urls: ['ws://127.0.0.1:7443'] };
		expect(bannerText(command, here, 'en')).not.toContain('encrypted without a certificate too');
		const secured = { ...command, tls: { certFile: 'c', keyFile: 'k' } };
		expect(bannerText(secured, started, 'en')).not.toContain('encrypted without a certificate too');
	});
});

describe('The command', () => {
	class TestWorld implements World {
		readonly version = '9.9.9';
		readonly env = {};
		said = '';
		complained = '';
		exits: number[] = [];
		started: RelayOptions[] = [];
		signal = () => {};
		relay: RunningRelay = { url: 'ws://127.0.0.1:1', homes: [], stop: async () => {} };
		startFails: unknown;
		say = (text: string) => {
			this.said += text;
		};
		complain = (text: string) => {
			this.complained += text;
		};
		readFile = (path: string) => {
			if (path === 'gone.pem') throw new Error('no such file');
			return `content of ${path}`;
		};
		trust = async (file: string, store: string) => {
			if (file === 'open.key') throw new Wrong('open.key can be read by others');
			return { root: new Uint8Array(32), enrol: async () => new TextEncoder().encode(store) };
		};
		logger = async () => silentLogger;
		start = async (options: RelayOptions) => {
			if (this.startFails) throw this.startFails;
			this.started.push(options);
			return this.relay;
		};
		interfaces = () => ({});
		onSignal = (run: () => void) => {
			this.signal = run;
		};
		every = (_: number, run: () => void) => {
			run();
			return () => {};
		};
		exit = (code: number) => {
			this.exits.push(code);
		};
	}

	test('starts the relay with certificate and key read, says so, and stops gracefully at the first signal', async () => {
		const world = new TestWorld();
		const code = runCommand(words(`${base} --tls-cert c.pem --tls-key k.pem`), world);
		await until(() => world.started.length === 1 && world.said !== '', 'started');
		expect(world.started[0]?.tls).toEqual({ cert: 'content of c.pem', key: 'content of k.pem' });
		world.signal();
		expect(await code).toBe(0);
		expect(world.said).toMatch(/Stopping:[\s\S]*Still saving \(2 s\)[\s\S]*Stopped\. Everything/);
		expect(world.exits).toEqual([]);
	});

	test('starts it with what the key of its store says, and not where that cannot be used', async () => {
		const world = new TestWorld();
		const code = runCommand(words(`${base} --store sh-014 --store-key s.key`), world);
		await until(() => world.started.length === 1 && world.said !== '', 'started');
		const given = await world.started[0]?.trust?.enrol({ key: new Uint8Array(32), name: 'x', replaces: undefined });
		expect(new TextDecoder().decode(given)).toBe('sh-014');
		world.signal();
		expect(await code).toBe(0);
		const refused = new TestWorld();
		expect(await runCommand(words(`${base} --store sh-014 --store-key open.key`), refused)).toBe(2);
		expect(refused.complained).toContain('can be read by others');
	});

	test('a second signal ends it at once', async () => {
		const world = new TestWorld();
		world.relay = { ...world.relay, stop: () => new Promise(() => {}) };
		void runCommand(words(base), world);
		await until(() => world.said !== '', 'the banner');
		world.signal();
		world.signal();
		expect(world.exits).toEqual([130]);
		expect(world.complained).toContain('Stopped at once');
	});

	test('a stop that fails is no success', async () => {
		const world = new TestWorld();
		world.relay = { ...world.relay, stop: () => Promise.reject(new Error('disk gone')) };
		const code = runCommand(words(base), world);
		await until(() => world.said !== '', 'the banner');
		world.signal();
		expect(await code).toBe(1);
		expect(world.complained).toContain('disk gone');
	});

	test.each([
		['--what', undefined, 2, 'no option --what'],
		[`${base} --tls-cert gone.pem --tls-key k.pem`, undefined, 2, 'gone.pem cannot be read: no such file'],
		[base, new BadArgument('options.chain', 'too long.'), 2, 'options.chain'],
		[base, new TillmeshError('already_open', 'data is held.'), 1, '(already_open)'],
		['--help', undefined, 0, ''],
		['--version', undefined, 0, ''],
	])('%s with %s ends with code %d', async (line, startFails, code, complaint) => {
		const world = new TestWorld();
		world.startFails = startFails;
		expect(await runCommand(words(line), world)).toBe(code);
		expect(world.complained).toContain(complaint);
		expect(world.started).toEqual([]);
	});
});

describe('The log', () => {
	const folder = mkdtempSync(join(tmpdir(), 'relay-log-'));
	afterAll(() => rmSync(folder, { recursive: true }));

	test('is JSON lines in a file, from its level on', async () => {
		const file = join(folder, 'relay.log');
		const log = await createLogger('warn', { file, isTty: true, write: () => {}, nowMs: () => 0 });
		log.info({}, 'not this');
		log.warn({ device: 'till-3' }, 'a device was refused');
		const lines = readFileSync(file, 'utf8').trim().split('\n');
		expect(lines.map((line) => JSON.parse(line))).toEqual([
			{ level: 40, time: expect.any(Number), device: 'till-3', msg: 'a device was refused' },
		]);
		const noFile = createLogger('info', {
			file: join(folder, 'no', 'x'),
			isTty: false,
			write: () => {},
			nowMs: () => 0,
		});
		await expect(noFile).rejects.toThrow('ENOENT');
	});

	test('is one short line each on a terminal, and no name moves the cursor', async () => {
		let text = '';
		const write = (line: string): void => {
			text += line;
		};
		const target = { file: undefined, isTty: true, write, nowMs: () => 0 };
		const log = await createLogger('info', target);
		log.debug({}, 'not this');
		log.info({ device: 'till-3\u001b[2J\n', n: 3, name: 'two words', none: undefined }, 'here');
		expect(text).toMatch(
			/^\d\d:\d\d:\d\d info {2}here {2}device=till-3\?\[2J\? n=3 name="two words" none=undefined\n$/,
		);
		expect(prettyLine('warn', {}, 'plain', 0)).toMatch(/ warn {2}plain\n$/);
		const silent = await createLogger('silent', target);
		silent.error({}, 'not this');
		expect(text.split('\n').length).toBe(2);
	});
});
