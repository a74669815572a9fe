import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../contract/check.js';

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
