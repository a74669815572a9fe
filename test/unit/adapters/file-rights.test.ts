import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startRelay } from '../../../adapters/relay/index.js';
import { sqlite } from '../../../adapters/storage-sqlite/index.js';
import { folder, openOn, sellCups } from '../inspect/audited-shop.js';

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const modes = (at: string): Record<string, string> =>
	Object.fromEntries(readdirSync(at).map((name) => [name, mode(join(at, name))]));

describe.skipIf(process.platform === 'win32')('Where a secret key lies on a disk', () => {
	test("a till's file is its owner's alone, and its logs are, open and closed", async () => {
		const before = process.umask(0);
		onTestFinished(() => void process.umask(before));
		const at = folder();
		const till = await openOn(join(at, 'till.db'), 'till-1');
		await sellCups(till, 1);
		expect(modes(at)).toEqual({
			'till.db': '600',
			'till.db-wal': '600',
			'till.db-shm': '600',
			'till.db.lock': '600',
		});
		await till.shutdown();
		expect(modes(at)).toEqual({ 'till.db': '600', 'till.db.lock': '600' });
	});

	test('what was there keeps the rights that its owner gave it', async () => {
		const file = join(folder(), 'till.db');
		writeFileSync(file, '');
		chmodSync(file, 0o640);
		await (await sqlite(file).open('till-1')).close();
		expect(mode(file)).toBe('640');
	});

	test("a relay's folder is its owner's alone where it is made now, and the rows in it are", async () => {
		const data = join(folder(), 'relay');
		const relay = await startRelay({ data, chain: 'c', store: 'sh-1' });
		onTestFinished(() => relay.close());
		expect(mode(data)).toBe('700');
		const files = modes(data);
		for (const name of ['relay.db', 'relay.db-wal', 'home.db', 'home.db-wal'])
			expect([name, files[name]]).toEqual([name, '600']);
	});
});
