import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRelayHttp } from '../../../adapters/relay/http/index.js';
import { style, styleHash } from '../../../adapters/relay/http/style.js';
import type { RelayStatus } from '../../../adapters/relay/status.js';
import { relayStatus } from './relay-status-sample.js';

let status: RelayStatus | Error;
let failures: unknown[];
const server = () =>
	createServer(
		createRelayHttp({
			status: () => {
				if (status instanceof Error) throw status;
				return status;
			},
			failed: (error) => failures.push(error),
		}),
	);
let running: ReturnType<typeof server>;
let base: string;

beforeEach(async () => {
	status = relayStatus();
	failures = [];
	running = server();
	await new Promise<void>((resolve) => running.listen(0, '127.0.0.1', resolve));
	base = `http://127.0.0.1:${(running.address() as AddressInfo).port}`;
});

afterEach(() => {
	running.closeAllConnections();
	running.close();
});

const get = async (path: string, init?: RequestInit) => {
	const response = await fetch(base + path, init);
	return { response, code: response.status, text: await response.text() };
};

describe('The relay over plain HTTP', () => {
	test('/ is the page, in the language asked for', async () => {
		const { response, code, text } = await get('/', { headers: { 'Accept-Language': 'zh-CN' } });
		expect([code, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
		expect(text).toContain('lang="zh-CN"');
		expect((await get('/?lang=en')).text).toContain('lang="en"');
	});

	test('every answer carries a policy under which the page loads its own style and nothing else', async () => {
		for (const path of ['/', '/status.json', '/nowhere', '/metrics']) {
			const { response } = await get(path);
			const policy = response.headers.get('content-security-policy') ?? '';
			expect(policy).toContain(`default-src 'none'; style-src '${styleHash}'`);
			expect(response.headers.get('x-content-type-options')).toBe('nosniff');
			expect(response.headers.get('cache-control')).toBe('no-store');
		}
		expect((await get('/')).text).toContain(`<style>${style}</style>`);
	});

	test('/status.json is the status', async () => {
		const { text } = await get('/status.json');
		expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(status)));
	});

	test('/healthz says 200 while it listens and saves, and 503 otherwise; a line that is down is no ill health', async () => {
		expect(await get('/healthz')).toMatchObject({ code: 200 });
		expect(JSON.parse((await get('/healthz')).text)).toEqual({
			ok: true,
			listening: true,
			disk: true,
			upstream: 'down',
		});
		status = relayStatus({ disk: { ok: false, usedBytes: 0, freeBytes: undefined } });
		expect(await get('/healthz')).toMatchObject({ code: 503 });
		status = relayStatus({ listening: false, upstream: undefined });
		expect(JSON.parse((await get('/healthz')).text)).toMatchObject({ ok: false, upstream: 'none' });
	});

	test('/metrics follows the status, with cumulative buckets and escaped labels', async () => {
		const first = await get('/metrics');
		expect(first.response.headers.get('content-type')).toContain('text/plain');
		const lines = first.text.split('\n');
		for (const line of [
			'tillmesh_relay_entries_in_total 900',
			'tillmesh_relay_rejected_total{reason="chain_broken"} 2',
			'tillmesh_relay_limit_closes_total{limit="frame \\"rate\\"\\n"} 1',
			'tillmesh_relay_fsync_seconds_bucket{le="0.001"} 300',
			'tillmesh_relay_fsync_seconds_bucket{le="0.005"} 308',
			'tillmesh_relay_fsync_seconds_bucket{le="+Inf"} 310',
			'tillmesh_relay_fsync_seconds_sum 0.42',
			'tillmesh_relay_fsync_seconds_count 310',
			'tillmesh_relay_upstream_waiting_oldest_seconds 660',
			'tillmesh_relay_alarms{code="disk_failed",level="critical"} 1',
			'tillmesh_relay_peers_online 1',
		])
			expect(lines).toContain(line);
		expect(first.text).toContain('process_cpu_seconds_total');
		status = relayStatus({ upstream: undefined, ledgers: { count: 7, entries: 1, bytes: 1 } });
		const second = (await get('/metrics')).text.split('\n');
		expect(second).toContain('tillmesh_relay_ledgers 7');
		expect(second.some((line) => line.startsWith('tillmesh_relay_upstream_up '))).toBe(false);
	});

	test('only GET and HEAD; other paths are not there; a body is not waited for', async () => {
		expect(await get('/', { method: 'POST', body: 'x'.repeat(10_000) })).toMatchObject({ code: 405 });
		expect((await get('/', { method: 'DELETE' })).response.headers.get('allow')).toBe('GET, HEAD');
		const head = await get('/', { method: 'HEAD' });
		expect([head.code, head.text]).toEqual([200, '']);
		for (const path of ['/index.html', '//', '/../etc/passwd', '/status.json/', '/constructor'])
			expect((await get(path)).code, path).toBe(404);
	});

	test('a request line that is no address gets 404, and the next request an answer', async () => {
		const answer = await new Promise<string>((resolve, reject) => {
			const socket = connect((running.address() as AddressInfo).port, '127.0.0.1', () => {
				socket.write('GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
			});
			let text = '';
			socket.on('data', (data) => {
				text += data;
			});
			socket.on('end', () => resolve(text));
			socket.on('error', reject);
		});
		expect(answer).toMatch(/^HTTP\/1\.1 404 /);
		expect((await get('/healthz')).code).toBe(200);
	});

	test('a status that cannot be taken is a 500 without its reason, and is heard', async () => {
		status = new Error('secret');
		const { code, text } = await get('/');
		expect([code, text]).toEqual([500, 'failed\n']);
		expect(failures).toEqual([status]);
	});
});
