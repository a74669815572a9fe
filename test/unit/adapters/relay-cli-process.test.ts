import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { enrolBy } from '../../../adapters/enrolment/index.js';
import { webSocket } from '../../../adapters/link-websocket/websocket.js';
import { nodeCrypto } from '../../../adapters/platform-node/crypto.js';
import { memory } from '../../../adapters/storage-memory/index.js';
import { openReplica } from '../../../src/index.js';
import { readCredential, readRoot, requestText } from '../../../src/trust.js';
import { until } from '../../contract/check.js';
import { runWords, startLine } from '../inspect/run-command.js';
import { selfSigned } from './self-signed.js';

const folder = mkdtempSync(join(tmpdir(), 'relay-cli-'));
const children: ChildProcess[] = [];

afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
	rmSync(folder, { recursive: true, force: true });
});

function tillmesh(...args: string[]) {
	const child = spawn(process.execPath, ['--import', 'tsx', 'adapters/cli/main.ts', ...args], {
		env: { ...process.env, LANG: 'C', LC_ALL: 'C' },
	});
	children.push(child);
	const heard = { out: '', err: '' };
	child.stdout.on('data', (data) => {
		heard.out += data;
	});
	child.stderr.on('data', (data) => {
		heard.err += data;
	});
	const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
	return { child, heard, ended };
}

test('SYN2 the command starts a relay with a page, and a signal ends it after it has saved', async () => {
	const { child, heard, ended } = tillmesh('relay', '--data', folder, '--listen', '127.0.0.1:0');
	await until(() => heard.out.includes('Ctrl+C') || child.exitCode !== null, `the banner: ${heard.err}`, 9_000);
	const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(heard.out)?.[0];
	expect(url, heard.out + heard.err).toBeDefined();
	expect((await fetch(`${url}healthz`)).status).toBe(200);
	expect(await (await fetch(`${url}`)).text()).toContain('May I switch this box off?');
	expect((await fetch(`${url}status.json`)).status).toBe(200);
	expect(await (await fetch(`${url}metrics`)).text()).toContain('tillmesh_relay_up 1');
	// Standard error is no terminal here: each line of the log is JSON.
	for (const line of heard.err.trim().split('\n')) JSON.parse(line);
	child.kill('SIGTERM');
	expect(await ended).toBe(0);
	expect(heard.out).toContain('Stopped. Everything that was acknowledged is on disk.');
	expect(readdirSync(folder)).toContain('relay.db');
}, 20_000);

test('a line that does not fit ends with 2', async () => {
	const { heard, ended } = tillmesh('relay', '--listen', '127.0.0.1:0');
	expect(await ended).toBe(2);
	expect(heard.err).toBe('--data is missing.\nSee: tillmesh relay --help\n');
}, 20_000);

test('with the key of its store, and a certificate, it serves the tills that are enrolled there', async () => {
	const keys = join(folder, 'keys');
	const { root } = JSON.parse((await runWords('chain', 'init', '--dir', keys, '--json')).out);
	expect((await runWords('chain', 'store', 'sh-1', '--dir', keys)).code).toBe(0);
	const key = join(keys, 'sh-1.key');
	const tls = selfSigned();
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'cert.pem'), tls.cert);
	writeFileSync(join(folder, 'key.pem'), tls.key);
	const line = `relay --data ${join(folder, 'data')} --listen 127.0.0.1:0 --store sh-1 --store-key ${key}`;
	const { child, heard } = tillmesh(
		...`${line} --tls-cert ${join(folder, 'cert.pem')} --tls-key ${join(folder, 'key.pem')}`.split(' '),
	);
	await until(() => heard.out.includes('Ctrl+C') || child.exitCode !== null, `the banner: ${heard.err}`, 9_000);
	const [url = ''] = /wss:\S+/.exec(heard.out) ?? [];
	const desk = startLine(['enrol', 'serve', '--key', key, '--listen', '127.0.0.1:0']);
	await until(() => /http:\S+/.test(desk.heard.err), 'the desk listens');
	const enrol = enrolBy({
		url: /http:\S+/.exec(desk.heard.err)?.[0] ?? '',
		store: 'sh-1',
		code: /Code: (\S+)/.exec(desk.heard.err)?.[1] ?? '',
	});
	const Secure = class extends WebSocket {
		constructor(address: string, protocol: string) {
			super(address, protocol, { ca: tls.cert });
		}
	};
	await using till = await openReplica({
		chain: 'main',
		name: 'till-1',
		storage: memory(),
		keeps: ['desk/sh-1'],
		links: [webSocket(url, { WebSocket: Secure })],
		trust: { root: readRoot(root), enrol },
	});
	const done = await till.commit((tx) =>
		tx.append(till.ledger('desk/sh-1').logs('task').at('1'), { verb: 'task.open' }),
	);
	if (!done.ok) throw new Error(done.message);
	expect(await done.reached('store', { timeoutMs: 5_000 })).toMatchObject({ tier: 'store' });
	child.kill('SIGTERM');
}, 20_000);

test('with the key of another store it does not start', async () => {
	const keys = join(folder, 'keys');
	await runWords('chain', 'init', '--dir', keys);
	await runWords('chain', 'store', 'sh-2', '--dir', keys);
	const line = `relay --data ${join(folder, 'data')} --listen 127.0.0.1:0 --store sh-1 --store-key ${join(keys, 'sh-2.key')}`;
	const { heard, ended } = tillmesh(...line.split(' '));
	expect(await ended).toBe(2);
	expect(heard.err).toContain('is the key of sh-2, not the key of sh-1.');
}, 20_000);

test('an answer by hand ends the command, though its input stays open', async () => {
	const keys = join(folder, 'keys');
	await runWords('chain', 'init', '--dir', keys);
	await runWords('chain', 'store', 'sh-1', '--dir', keys);
	const { child, heard, ended } = tillmesh('enrol', 'answer', '--key', join(keys, 'sh-1.key'));
	await until(() => heard.err.includes('press Enter') || child.exitCode !== null, heard.err, 9_000);
	const asked = { key: (await nodeCrypto.generateKeyPair()).publicKey, name: 'x', store: 'sh-1', replaces: undefined };
	const code = /Code: (\S+)/.exec(heard.err)?.[1] ?? '';
	child.stdin?.write(`${requestText(nodeCrypto.sha256, asked, code)}\n`);
	expect(await ended).toBe(0);
	expect(readCredential(heard.out).length).toBeGreaterThan(500);
}, 20_000);
