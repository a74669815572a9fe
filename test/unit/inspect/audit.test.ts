import { describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../../adapters/platform-node/crypto.js';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { memory } from '../../../adapters/storage-memory/index.js';
import { fromBase64, toBase64 } from '../../../src/base/base64.js';
import { openReplica } from '../../../src/index.js';
import { epochLine, rowLine } from '../../../src/inspect/audit-lines.js';
import { spellEpoch } from '../../../src/inspect/plain-entry.js';
import { tillArchive } from '../../../src/inspect/till-archive.js';
import { decodeEntry, encodeEntry } from '../../../src/journal/entry.js';
import { chainNext, chainStart } from '../../../src/journal/seal.js';
import { openTill, type Till } from '../../../src/till.js';
import { World } from '../../property/escrow-world.js';
import { sellCups, shopOptions } from './audited-shop.js';
import { checked, fileOf, linesOf, withEnd } from './log-file.js';

const crypto = nodeCrypto;

/** A till that sold cups, as it lies on its disk. */
async function shop(sales = 3) {
	const storage = memory({ platform: nodePlatform() });
	const till: Till = await openTill({ ...shopOptions, name: 'till-1', storage });
	await sellCups(till, sales);
	const archive = await tillArchive(await storage.copy().open('audit'), crypto);
	return { till, storage, archive, lines: await linesOf(archive, crypto) };
}

const at = (lines: readonly string[], start: string, skip = 0) =>
	lines.findIndex(
		(line, i) => line.includes(start) && lines.slice(0, i).filter((l) => l.includes(start)).length === skip,
	);

const put = (lines: readonly string[], i: number, line: string) => lines.map((each, at) => (at === i ? line : each));
const without = (lines: readonly string[], i: number) => lines.filter((_, at) => at !== i);

describe('An audit log', () => {
	test('says who did what, when, on which device, in words and in bytes, and proves it by itself', async () => {
		const { till, lines } = await shop();
		const rows = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'row');
		const sold = rows.find(({ did }) => did.includes('order.settle'));
		expect(sold).toMatchObject({
			device: till.replica.device,
			name: 'till-1',
			by: ['ann'],
			ledger: expect.stringMatching(/^orders/),
		});
		expect(Date.parse(sold.at)).toBeGreaterThan(Date.UTC(2026));
		const spent = rows.find(({ entry }) => entry.legs.some(({ kind }: { kind: string }) => kind === 'spend'));
		expect(spent.entry.legs).toContainEqual({ kind: 'spend', pool: 'goods/CUP', amount: 2 });
		expect(await checked(fileOf(lines), crypto)).toMatchObject({
			wrong: undefined,
			chain: 'lily-tea',
			rows: rows.length,
		});
		await till.shutdown();
	});

	test('tells how far it got', async () => {
		const { till, lines } = await shop();
		const told: number[] = [];
		await checked(fileOf(lines), crypto, { progress: ({ rows }) => told.push(rows), pieceBytes: 7 });
		expect(told.at(-1)).toBe(lines.filter((line) => line.startsWith('{"type":"row"')).length);
		await till.shutdown();
	});

	test('of a time has whole epochs, and what goes before them need not be there', async () => {
		const { till, storage, archive } = await shop();
		await till.shutdown();
		const again = await openTill({ ...shopOptions, name: 'till-1', storage });
		await sellCups(again, 1, 'again');
		const newer = await tillArchive(await storage.copy().open('audit'), crypto);
		const all = await newer.epochs();
		const old = new Set((await archive.epochs()).map(({ id }) => id));
		const fromMs = Math.min(...all.filter(({ id }) => !old.has(id)).map(({ firstMs }) => firstMs));
		const lines = await linesOf(newer, crypto, { fromMs: fromMs + 1 });
		expect(await checked(fileOf(lines), crypto)).toMatchObject({ wrong: undefined });
		expect((await checked(fileOf(await linesOf(newer, crypto, { toMs: 1 })), crypto)).rows).toBe(0);
		expect(await checked(fileOf(lines), crypto)).toMatchObject({ from: new Date(fromMs + 1).toISOString(), to: null });
		await again.shutdown();
	});

	test('says which rows a checkpoint stands for', async () => {
		const ledger = 'stock/a';
		const w = new World();
		const home = await w.open('home', w.memory(), { home: [ledger], archive: true });
		const other = await w.open('other', w.memory(), { archive: true });
		const between = w.line();
		home.addLink(between.a);
		other.addLink(between.b);
		for (let i = 0; i < 5; i++) await home.commit((tx) => tx.mint(home.ledger(ledger).pool('cup'), 'S', 5, `D${i}`));
		await w.pass(2_000);
		await home.tend({ compact: true });
		const disk = w.memory();
		const till = await w.open('till', disk);
		const line = w.line();
		till.addLink(line.a);
		home.addLink(line.b);
		await w.pass(2_000);
		const { crypto: played } = disk.platform;
		const lines = await linesOf(await tillArchive(await disk.copy().open('audit'), played), played);
		const verified = await checked(fileOf(lines), played);
		const { hash, by } = JSON.parse(lines[1] ?? '');
		expect(by).toBe(home.device);
		expect(verified).toMatchObject({ wrong: undefined, covered: [{ ledger, checkpoint: hash, epochs: 1 }] });
		expect(verified.covered[0]?.rows).toBeGreaterThanOrEqual(5);
	});
});

describe('Whoever changes an audit log and makes its sums fit again is found', () => {
	const verify = (lines: readonly string[]) => checked(fileOf(withEnd(lines, crypto)), crypto);

	test('by the words beside the bytes', async () => {
		const { till, lines } = await shop();
		const i = at(lines, '"kind":"spend"');
		const changed = put(
			lines,
			i,
			(lines[i] ?? '').replace('"pool":"goods/CUP","amount":2', '"pool":"goods/CUP","amount":1'),
		);
		const { row, epoch } = JSON.parse(lines[i] ?? '');
		expect((await verify(changed)).wrong).toEqual({
			code: 'field_changed',
			line: i + 1,
			epoch,
			row,
			ledger: 'stock/sh-014',
			device: till.replica.device,
			name: 'till-1',
			field: expect.stringMatching(/^entry\.legs\[\d\]\.amount$/),
			said: '1',
			is: '2',
		});
		await till.shutdown();
	});

	test('by the signature, where bytes, words and hashes are all made anew', async () => {
		const { till, lines, archive } = await shop();
		const epoch = (await archive.epochs()).find(({ name }) => name.ledger === 'stock/sh-014');
		if (!epoch) throw new Error('no stock');
		const { id, name } = epoch;
		const { rows } = await archive.rows(id);
		let hash = chainStart(name, crypto.sha256);
		const forged = rows.map((row, index) => {
			const entry = decodeEntry(row);
			const legs = entry?.legs.map((leg) => (leg.kind === 'spend' ? { ...leg, amount: 1 } : leg)) ?? [];
			const bytes = entry ? encodeEntry({ ...entry, legs }) : row;
			hash = chainNext(hash, bytes, crypto.sha256);
			return rowLine({ epoch: id, name, index, title: 'till-1' }, bytes, decodeEntry(bytes), hash);
		});
		const first = lines.findIndex(
			(line) => /^.{0,60}"type":"row"/.test(line) && JSON.parse(line).ledger === 'stock/sh-014',
		);
		const changed = [...lines.slice(0, first), ...forged, ...lines.slice(first + rows.length)];
		expect((await verify(changed)).wrong).toMatchObject({
			code: 'seal',
			device: till.replica.device,
			fromRow: 0,
			row: rows.length - 1,
		});
		await till.shutdown();
	});

	test('by what is missing', async () => {
		const { till, storage } = await shop();
		await till.shutdown();
		const again = await openTill({ ...shopOptions, name: 'till-1', storage });
		await sellCups(again, 1, 'again');
		const archive = await tillArchive(await storage.copy().open('audit'), crypto);
		const lines = await linesOf(archive, crypto);
		const [first, second] = (await archive.epochs()).filter(({ name }) => name.ledger === 'stock/sh-014');
		if (!first || !second) throw new Error('two openings, two epochs');
		const of = (line: string) => String(JSON.parse(line).epoch ?? '');
		const spelled = spellEpoch(first.id);
		const rest = lines.filter((line) => of(line) !== spelled);
		expect((await verify(rest)).wrong).toMatchObject({ code: 'epoch_missing', said: spelled });

		const seal = lines.findIndex((line) => line.startsWith('{"type":"seal"') && of(line) === spelled);
		expect((await verify(without(lines, seal))).wrong).toMatchObject({ code: 'unsealed', epoch: spelled });
		expect((await verify(without(lines, seal - 1))).wrong).toMatchObject({ code: 'out_of_place', epoch: spelled });

		// All of an epoch but its opening, with a line that says so.
		const rows = lines.filter((line) => line.startsWith('{"type":"row"') && of(line) === spelled);
		const cut = lines
			.map((line) =>
				line.startsWith('{"type":"epoch"') && of(line) === spelled
					? epochLine(first.id, first.name, 0, 0, crypto.sha256)
					: line,
			)
			.filter((line) => !rows.includes(line) && line !== lines[seal]);
		expect((await verify(cut)).wrong).toMatchObject({ code: 'rows_missing', said: spelled, fromRow: 0 });
		expect((await verify([...lines.slice(0, 3), ...lines.slice(1)])).wrong).toBeDefined();
		expect((await checked(fileOf(lines.slice(0, -1)), crypto)).wrong?.code).toBe('cut_off');
		expect((await checked(fileOf([...lines, '{}']), crypto)).wrong?.code).toBe('after_end');
		await again.shutdown();
	});

	test('by the key of the device, and by what it had no right to', async () => {
		const { till, lines } = await shop();
		const thief = await openReplica({ chain: 'lily-tea', name: 'till-1', storage: memory(), keeps: ['stock/*'] });
		const i = at(lines, '"kind":"open"');
		const { bytes } = JSON.parse(lines[i] ?? '');
		const entry = decodeEntry(fromBase64(bytes) ?? new Uint8Array());
		const name = JSON.parse(lines[i - 1] ?? '');
		const other = await crypto.generateKeyPair();
		const legs = entry?.legs.map((leg) => (leg.kind === 'open' ? { ...leg, key: other.publicKey } : leg)) ?? [];
		const forged = encodeEntry({ ...(entry as NonNullable<typeof entry>), legs });
		const hash = chainNext(chainStart(name, crypto.sha256), forged, crypto.sha256);
		const place = { epoch: Number.parseInt(name.epoch, 36), name, index: 0, title: 'till-1' };
		const line = rowLine(place, forged, decodeEntry(forged), hash);
		expect((await verify(put(lines, i, line))).wrong).toMatchObject({ code: 'key', line: i + 1, row: 0 });
		const refused = await checked(fileOf(lines), crypto, {
			checkOpening: ({ name: { ledger } }) => (ledger.startsWith('stock/') ? 'no warehouse' : undefined),
		});
		expect(refused.wrong).toMatchObject({ code: 'right', ledger: 'stock/sh-014', said: 'no warehouse' });
		await thief.shutdown();
		await till.shutdown();
	});
});

test('base64 is one text for each byte sequence', () => {
	for (let length = 0; length < 40; length++) {
		const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255);
		expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
		expect(fromBase64(toBase64(bytes))).toEqual(bytes);
	}
	for (const text of ['A', 'AB=', 'AB==', 'AAB=', 'A===', '====', 'AA=A', 'AA A', 'AA-A'])
		expect(fromBase64(text), text).toBeUndefined();
});
