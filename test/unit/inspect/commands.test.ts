import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commands } from '../../../adapters/cli/desk.js';
import type { CommandName } from '../../../adapters/cli/texts.js';
import { deskTexts } from '../../../adapters/cli/texts-by-language.js';
import { webSocket } from '../../../adapters/link-websocket/index.js';
import { startRelay } from '../../../adapters/relay/index.js';
import { encrypted } from '../../../adapters/storage-encrypted/index.js';
import { sqlite } from '../../../adapters/storage-sqlite/index.js';
import { until } from '../../contract/check.js';
import { folder, openOn, sellCups, startAt } from './audited-shop.js';
import { runWords } from './run-command.js';

const run = (command: CommandName, ...argv: string[]) => runWords(...command.split(' '), ...argv);

describe('Looking into the file of a till that is open', () => {
	test('disturbs it not, and tells what it has just written', async () => {
		const at = folder();
		const file = join(at, 'till.db');
		const till = await openOn(file, 'till-1');
		await sellCups(till, 2);
		const log = join(at, 'log.ndjson');
		const exported = await run('export', '--data', file, '--out', log);
		expect(exported).toMatchObject({ code: 0, err: '' });
		expect(exported.out).toContain(`tillmesh verify-log ${log}`);
		await sellCups(till, 1, 'meanwhile');
		const verified = await run('verify-log', log, '--json');
		expect(JSON.parse(verified.out)).toMatchObject({ chain: 'lily-tea', rows: 9 });
		expect((await run('explain', 'stock/sh-014/CUP', '--data', file)).out).toContain(
			'40 came in, 6 went out, 34 are left.',
		);
		expect((await run('doctor', '--data', file)).out).toContain('Nothing is wrong with it.');
		await till.shutdown();
		// Closed it is one plain file, and reads the same.
		expect((await run('explain', 'stock/sh-014/CUP', '--data', file)).out).toContain('till-1 has 34.');
		const again = await openOn(file, 'till-1');
		expect(again.stock.level({ sku: 'CUP' }).get().sellable).toBe(34);
	});

	test('is told in words that fit, by a line that does not', async () => {
		const at = folder();
		expect(await run('doctor', '--data', join(at, 'none.db'))).toMatchObject({
			code: 2,
			err: expect.stringContaining('no file'),
		});
		expect(await run('doctor', '--data', at)).toMatchObject({ code: 2, err: expect.stringContaining('no relay.db') });
		writeFileSync(join(at, 'text.db'), 'x'.repeat(5_000));
		expect(await run('doctor', '--data', join(at, 'text.db'))).toMatchObject({
			code: 1,
			err: expect.stringContaining('storage_foreign'),
		});
		writeFileSync(join(at, 'empty.db'), '');
		expect((await run('doctor', '--data', join(at, 'empty.db'))).err).toContain('storage_foreign');
		expect((await run('export')).err).toBe('--data is missing.\nSee: tillmesh export --help\n');
		expect((await run('export', '--data', 'a', '--from', '2026-02-30')).err).toContain('--from is "2026-02-30"');
		expect((await run('export', '--data', 'a', '--format', 'csv')).err).toContain('--format is "csv"');
		expect((await run('verify-log')).err).toContain('FILE is missing');
		expect((await run('verify-log', join(at, 'none'))).err).toContain('There is no file');
		expect((await run('explain', 'x', '--data', 'a', '--last', '0')).err).toContain('--last is "0"');
		writeFileSync(join(at, 'there'), '');
		expect((await run('export', '--data', 'a', '--out', join(at, 'there'))).err).toContain('is there already');
		expect((await run('export', '--data', 'a', '--lang', 'zh', '--out', join(at, 'there'))).err).toContain('已存在');
	});

	test('names the nearest where there is no such pool', async () => {
		const file = join(folder(), 'till.db');
		const till = await openOn(file, 'till-1');
		await sellCups(till, 1);
		const unknown = await run('explain', 'stock/sh-014/CUB', '--data', file);
		expect(unknown).toMatchObject({ code: 1, out: '' });
		expect(unknown.err).toContain('  stock/sh-014/CUP\n');
		const chinese = await run('explain', 'stock/sh-014/goods/CUP', '--data', file, '--lang', 'zh');
		expect(chinese.out).toContain('带入 40，用去 2，剩余 38。');
		const [story] = JSON.parse((await run('explain', 'stock/sh-014/CUP', '--data', file, '--json')).out);
		expect(story.events.at(-1)).toMatchObject({ kind: 'spend', by: ['ann'], did: ['order.open', 'order.settle'] });
		expect((await run('explain', 'stock/sh-014/CUP', '--data', file, '--last', '1')).out).toContain('1 older');
	});

	test('says which record is damaged', async () => {
		const file = join(folder(), 'till.db');
		const till = await openOn(file, 'till-1');
		await sellCups(till, 1);
		await till.shutdown();
		const { DatabaseSync } = await import('@photostructure/sqlite');
		const database = new DatabaseSync(file);
		const row = database.prepare("SELECT key FROM tillmesh_record WHERE key LIKE 'r/%/000001' LIMIT 1").get() as {
			key: string;
		};
		database.prepare('UPDATE tillmesh_record SET value = ? WHERE key = ?').run(new Uint8Array(20), row.key);
		database.close();
		for (const command of ['doctor', 'export'] as const) {
			const told = await run(command, '--data', file);
			expect(told.code).toBe(1);
			expect(told.err).toContain(`Record ${row.key}`);
			expect(told.err).toContain('keep a copy');
		}
	});
});

describe('Looking into a relay that runs', () => {
	test('exports what every till brought, under their seals', async () => {
		const at = folder();
		const data = join(at, 'relay');
		mkdirSync(data);
		const { link } = await startAt(data);
		const ann = await openOn(join(at, 'a.db'), 'till-1', { links: [link()] });
		const bob = await openOn(join(at, 'b.db'), 'till-2', { links: [link()] });
		await sellCups(ann, 2);
		await ann.replica.sync.flush({ tier: 'copy', timeoutMs: 5_000 });
		await until(() => bob.stock.level({ sku: 'CUP' }).get().store === 36, 'the other till has heard of it', 5_000);
		const log = join(at, 'log.ndjson');
		expect(await run('export', '--data', data, '--out', log)).toMatchObject({ code: 0, err: '' });
		const verified = JSON.parse((await run('verify-log', log, '--json')).out);
		expect(verified).toMatchObject({ wrong: null, chain: 'lily-tea', unsealed: 0 });
		expect(verified.rows).toBeGreaterThan(7);
		expect((await run('explain', 'stock/sh-014/CUP', '--data', data)).out).toContain('till-1');
		const told = await run('doctor', '--data', data);
		expect(told.code, told.out).toBe(0);
		expect(told.out).toContain('A relay. Chain: lily-tea');

		const bytes = readFileSync(log);
		bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
		writeFileSync(log, bytes);
		const wrong = await run('verify-log', log);
		expect(wrong.code).toBe(1);
		expect(wrong.out).toContain('NOT as it was written');
		expect(wrong.out).toMatch(/line \d+: .*\n {2}ledger: /);
	});
});

test('every command tells its options, in both languages', async () => {
	for (const command of Object.keys(commands) as CommandName[])
		for (const language of ['en', 'zh'] as const) {
			const { code, out } = await run(command, '--help', '--lang', language);
			expect(code).toBe(0);
			for (const option of Object.keys(commands[command].options)) {
				expect(out).toContain(`--${option}`);
				expect(deskTexts[language].optionHelp[option], option).toBeTruthy();
			}
		}
});

test('half a command is told the other half', async () => {
	expect(await runWords('chain')).toMatchObject({ code: 2, err: expect.stringContaining('tillmesh chain init') });
	expect(await runWords('enrol', 'x', '--lang', 'zh')).toMatchObject({
		code: 2,
		err: expect.stringContaining('请说明'),
	});
	expect(await runWords('chain', '--help')).toMatchObject({ code: 0, err: '' });
	expect((await runWords('relay')).code).toBeUndefined();
});

test('a till on its own prefix, in a database of the vendor', async () => {
	const file = join(folder(), 'pos.db');
	const till = await openOn(file, 'till-1', { storage: sqlite(file, { prefix: 'mesh_' }) });
	await sellCups(till, 1);
	expect((await run('doctor', '--data', file)).code).toBe(0);
});

describe('Data that lies encrypted', () => {
	const key = new Uint8Array(32).fill(7);
	const keyFiles = () => {
		const at = folder();
		const file = (name: string, content: string | Uint8Array, mode = 0o600) => {
			writeFileSync(join(at, name), content, { mode });
			return join(at, name);
		};
		return {
			right: file('right', key),
			hex: file('hex', `${'07'.repeat(32)}\n`),
			wrong: file('wrong', new Uint8Array(32)),
			short: file('short', 'abc'),
			open: file('open', key, 0o644),
		};
	};

	test('of a till is read with its key, and not without', async () => {
		const file = join(folder(), 'till.db');
		const till = await openOn(file, 'till-1', { storage: encrypted(sqlite(file), key) });
		await sellCups(till, 2);
		const { right, hex, wrong, short, open } = keyFiles();
		const log = join(folder(), 'log.ndjson');
		expect(await run('export', '--data', file, '--key-file', right, '--out', log)).toMatchObject({ code: 0, err: '' });
		expect(JSON.parse((await run('verify-log', log, '--json')).out)).toMatchObject({ wrong: null, chain: 'lily-tea' });
		const story = await run('explain', 'stock/sh-014/CUP', '--data', file, '--key-file', hex);
		expect(story.out).toContain('40 came in, 4 went out, 36 are left.');
		expect((await run('doctor', '--data', file, '--key-file', hex)).out).toContain('Nothing is wrong with it.');
		for (const more of [[], ['--key-file', wrong]])
			expect(await run('doctor', '--data', file, ...more)).toMatchObject({
				code: 1,
				out: '',
				err: expect.stringMatching(/\(wrong_key\)\n.*--key-file/),
			});
		expect(await run('doctor', '--data', file, '--key-file', short)).toMatchObject({
			code: 2,
			err: expect.stringContaining('64 hex'),
		});
		if (process.platform !== 'win32')
			expect((await run('doctor', '--data', file, '--key-file', open)).err).toContain('chmod 600');
		await till.shutdown();
		expect((await run('explain', 'stock/sh-014/CUP', '--data', file, '--key-file', right)).out).toContain(
			'till-1 has 36.',
		);

		const plain = join(folder(), 'plain.db');
		await (await openOn(plain, 'till-1')).shutdown();
		expect((await run('doctor', '--data', plain, '--key-file', right)).err).toContain('wrong_key');
	});

	test('of a relay likewise', async () => {
		const data = folder();
		const relay = await startRelay({ data, listen: '127.0.0.1:0', chain: 'lily-tea', store: 'sh-014', key });
		const till = await openOn(join(folder(), 'till.db'), 'till-1', { links: [webSocket(relay.url)] });
		await sellCups(till, 2);
		await till.replica.sync.flush({ tier: 'store', timeoutMs: 5_000 });
		const { right, wrong } = keyFiles();
		const story = await run('explain', 'stock/sh-014/CUP', '--data', data, '--key-file', right);
		expect(story.out).toContain('40 came in, 4 went out, 36 are left.');
		for (const more of [[], ['--key-file', wrong]])
			expect((await run('doctor', '--data', data, ...more)).err).toContain('wrong_key');
		await till.shutdown();
		await relay.close();
		const told = await run('doctor', '--data', data, '--key-file', right);
		expect(told.out).toContain('A relay. Chain: lily-tea');
	});
});
