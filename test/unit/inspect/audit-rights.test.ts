import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nodeCrypto } from '../../../adapters/platform-node/crypto.js';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { memory } from '../../../adapters/storage-memory/index.js';
import { utf8 } from '../../../src/base/bytes.js';
import { rowLine, sealLine } from '../../../src/inspect/audit-lines.js';
import { spellEpoch } from '../../../src/inspect/plain-entry.js';
import { tillArchive } from '../../../src/inspect/till-archive.js';
import { decodeEntry, type Entry, encodeEntry } from '../../../src/journal/entry.js';
import type { Leg } from '../../../src/journal/leg.js';
import { chainNext, chainStart, seal } from '../../../src/journal/seal.js';
import { openTill } from '../../../src/till.js';
import { type EnrolledKeys, grantsOf, issue, type Role, rootText } from '../../../src/trust.js';
import { folder, shopOptions } from './audited-shop.js';
import { checked, fileOf, lineAt, linesOf, withEnd } from './log-file.js';
import { runWords } from './run-command.js';

const crypto = nodeCrypto;
const life = { notBeforeMs: 0, notAfterMs: Date.UTC(2100, 0) };
const root = await crypto.generateKeyPair();
const foreign = await crypto.generateKeyPair();

const credentialOf = (key: Uint8Array, role: Role, by: EnrolledKeys = root) =>
	issue(crypto, by, { subject: key, name: 'till-1', store: 'sh-014', role, grants: grantsOf(role, 'sh-014'), ...life });

/** A cashier's till that opened a shift, as it lies on its disk, and its key. */
async function shop(role: Role = 'cashier') {
	const pair = await crypto.generateKeyPair();
	const platform = { ...nodePlatform(), crypto: { ...crypto, generateKeyPair: async () => pair } };
	const storage = memory({ platform });
	const trust = { root: root.publicKey, enrol: () => credentialOf(pair.publicKey, role) };
	const till = await openTill({ ...shopOptions, name: 'till-1', storage, trust });
	onTestFinished(async () => void (await till.shutdown()));
	await till.day.openShift({ float: 10_000 }, { idempotencyKey: 'shift-1', by: 'ann' });
	const archive = await tillArchive(await storage.copy().open('audit'), crypto);
	return { pair, archive, lines: await linesOf(archive, crypto) };
}

const verify = (lines: readonly string[], by = root.publicKey) =>
	checked(fileOf(withEnd(lines, crypto)), crypto, { root: by });

/** The log as its own device would have signed it, had its program let it write `change(legs)`. */
async function resigned(
	{ pair, archive, lines }: Awaited<ReturnType<typeof shop>>,
	change: (legs: readonly Leg[]) => readonly Leg[],
) {
	let out = [...lines];
	for (const { id, name } of await archive.epochs()) {
		const { rows } = await archive.rows(id);
		let hash = chainStart(name, crypto.sha256);
		const forged = rows.map((row, index) => {
			const entry = decodeEntry(row) as Entry;
			const bytes = encodeEntry({ ...entry, legs: change(entry.legs) });
			hash = chainNext(hash, bytes, crypto.sha256);
			return rowLine({ epoch: id, name, index, title: 'till-1' }, bytes, decodeEntry(bytes), hash);
		});
		const own = (line: string) => JSON.parse(line).epoch === spellEpoch(id);
		const sealed = await seal(crypto, pair, id, rows.length, hash);
		out = out
			.filter((line) => !own(line) || line.startsWith('{"type":"epoch"'))
			.flatMap((line) => (own(line) ? [line, ...forged, sealLine(sealed)] : [line]));
	}
	return out;
}

describe('With the root key of the chain', () => {
	test('a log of devices that kept to their credentials is good, and says that this was asked', async () => {
		const made = await shop();
		expect(await verify(made.lines)).toMatchObject({ wrong: undefined, rights: true });
		expect(await checked(fileOf(made.lines), crypto)).toMatchObject({ wrong: undefined, rights: false });
		// Written again by its own hand, the same.
		expect(await verify(await resigned(made, (legs) => legs))).toMatchObject({ wrong: undefined, rights: true });
	});

	test('a row beyond what its device may is named, though its own key has signed it', async () => {
		const made = await shop();
		const beyond = await resigned(made, (legs) =>
			legs.map((leg) => (leg.kind === 'append' ? { ...leg, value: utf8('{"verb":"catalog.define"}') } : leg)),
		);
		expect(await checked(fileOf(withEnd(beyond, crypto)), crypto)).toMatchObject({ wrong: undefined });
		const { wrong } = await verify(beyond);
		expect(wrong).toMatchObject({ code: 'right', why: 'verb catalog.define', name: 'till-1' });
		expect(JSON.parse(beyond[(wrong?.line ?? 0) - 1] ?? '')).toMatchObject({ type: 'row', row: wrong?.row });
	});

	test('an author without a credential, under a foreign root, or with a credential of somebody else is named', async () => {
		const made = await shop();
		const opened = (credential: Uint8Array | undefined) =>
			resigned(made, (legs) => legs.map((leg) => (leg.kind === 'open' ? { ...leg, credential } : leg)));
		const right = (why: string) => ({ code: 'right', why, row: 0, device: expect.any(String) });
		expect((await verify(await opened(undefined))).wrong).toMatchObject(right('no credential'));
		const other = await credentialOf(made.pair.publicKey, 'cashier', foreign);
		expect((await verify(await opened(other))).wrong).toMatchObject(right('other_chain'));
		const somebody = await credentialOf(foreign.publicKey, 'headquarters');
		expect((await verify(await opened(somebody))).wrong).toMatchObject(right('credential of another device'));
		expect((await verify(made.lines, foreign.publicKey)).wrong).toMatchObject(right('other_chain'));
		// A reader of orders alone writes none.
		const reader = await credentialOf(made.pair.publicKey, 'warehouse');
		expect((await verify(await opened(reader))).wrong).toMatchObject({ code: 'right' });
	});

	test('each flipped bit is found, and its line is named', async () => {
		const { lines } = await shop();
		const file = fileOf(lines);
		for (let at = 3; at < file.length; at += 97) {
			const flipped = file.slice();
			flipped[at] = (flipped[at] as number) ^ (1 << (at % 7));
			const { wrong } = await checked(flipped, crypto, { root: root.publicKey });
			expect(wrong, `byte ${at}`).toBeDefined();
			expect(wrong?.line, `byte ${at}`).toBeLessThanOrEqual(lineAt(file, at) + 1);
		}
	});
});

test('the command takes the root key as a text or a file, and names what there was no right to', async () => {
	const { lines } = await shop();
	const at = folder();
	const [log, key] = [join(at, 'log.ndjson'), join(at, 'root.pub')];
	writeFileSync(log, fileOf(lines));
	writeFileSync(key, `# the root\n${rootText(root.publicKey)}\n`);
	expect(await runWords('verify-log', log, '--root', key)).toMatchObject({
		code: 0,
		out: expect.stringContaining('had the right'),
	});
	expect((await runWords('verify-log', log)).out).toContain('was not asked: --root');
	const other = await runWords('verify-log', log, '--root', rootText(foreign.publicKey));
	expect(other).toMatchObject({ code: 1, out: expect.stringContaining('no right to: other_chain') });
	expect((await runWords('verify-log', log, '--root', rootText(foreign.publicKey), '--lang', 'zh')).out).toContain(
		'无权',
	);
	expect(await runWords('verify-log', log, '--root', 'none')).toMatchObject({
		code: 2,
		err: expect.stringContaining('no file none'),
	});
	writeFileSync(key, rootText(root.publicKey).slice(0, 30));
	expect(await runWords('verify-log', log, '--root', key)).toMatchObject({
		code: 2,
		err: expect.stringContaining('root'),
	});
});
