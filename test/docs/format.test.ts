import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { describe, expect, test } from 'vitest';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { toHex } from '../../src/base/bytes.js';
import { decodeEntry, encodeEntry } from '../../src/journal/entry.js';
import { epochIdOf } from '../../src/journal/epoch.js';
import { gateUpdate } from '../../src/journal/gate.js';
import { readLeg, writeLeg } from '../../src/journal/leg-codec.js';
import { encodeUpdate } from '../../src/journal/update.js';
import { LedgerFigures, writeFigures } from '../../src/ledger/figures.js';
import { fromRecord, keys, toRecord } from '../../src/replica/records.js';
import { byes, decodeFrame, encodeFrame, protocol } from '../../src/sync/frames.js';
import { next } from '../../src/sync/states.js';
import { readDoc } from './blocks.js';

const format = readDoc('docs/FORMAT.md');

const bytesOf = (hex: string): Uint8Array =>
	Uint8Array.from(hex.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));

/** The indented lines under `<!-- name -->`. */
function example(name: string): Uint8Array {
	const [, after = ''] = format.split(`<!-- ${name} -->\n\n`);
	const lines = after.split('\n');
	return bytesOf(lines.slice(0, lines.indexOf('')).join(' '));
}

/** Rows `| code | kind | body | example |`. */
const rowsOf = (page: string) =>
	[...page.matchAll(/^\| (\d+) \| `(\w+)` \| .* \| `([0-9a-f ]+)` \|$/gm)].map(([, code, kind, hex = '']) => ({
		code: Number(code),
		kind,
		bytes: bytesOf(hex),
	}));

describe('legs', () => {
	const legs = rowsOf(format);

	test('are all there, in order', () => {
		expect(legs.map(({ code }) => code)).toEqual(legs.map((_, i) => i + 1));
		const next = decoding.createDecoder(Uint8Array.of(legs.length + 1, 0));
		expect(readLeg(next).kind).toBe('unknown');
	});

	test.each(legs)('$code $kind', ({ code, kind, bytes }) => {
		expect(bytes[0]).toBe(code);
		const leg = readLeg(decoding.createDecoder(bytes));
		expect(leg.kind).toBe(kind);
		expect(toHex(encoding.encode((to) => writeLeg(to, leg)))).toBe(toHex(bytes));
	});
});

describe('frames', () => {
	const page = readDoc('docs/PROTOCOL.md');
	const frames = rowsOf(page);

	test('are all there, in order', () => {
		expect(frames.map(({ code }) => code)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
		expect(page).toContain(`Protocol version ${protocol.newest}.`);
		expect(decodeFrame(Uint8Array.of(0))).toBeUndefined();
		expect(decodeFrame(Uint8Array.of(17))).toBeUndefined();
	});

	test.each(frames)('$code $kind', ({ code, kind, bytes }) => {
		expect(bytes[0]).toBe(code);
		const frame = decodeFrame(bytes);
		expect(frame?.kind).toBe(kind);
		if (frame) expect(toHex(encodeFrame(frame))).toBe(toHex(bytes));
	});

	test('the states and what leads from one to another are as the page says', () => {
		const [events = [], ...states] = [...page.matchAll(/^\| (?:state|`(\w+)`) \| (\w+(?: \| \w+){4}) \|$/gm)].map(
			([, state = '', cells = '']) => [state, ...cells.split(' | ')],
		);
		const table = Object.fromEntries(
			states.map(([state = '', ...cells]) => [state, Object.fromEntries(cells.map((to, i) => [events[i + 1], to]))]),
		);
		expect(table).toEqual(next);
		for (const bye of byes) expect(page).toContain(`\`${bye}\``);
	});
});

test('the entry is one, with a part, a relied head, a key and a leg', () => {
	const bytes = example('entry');
	const entry = decodeEntry(bytes);
	expect(entry).toMatchObject({
		time: { ms: Date.UTC(2020, 0, 1) + 1, counter: 0 },
		parts: [{ ledger: 'a/b', epoch: 5, index: 1 }],
		relies: [{ epoch: 7, count: 4 }],
		key: { key: 'k' },
		legs: [{ kind: 'spend', pool: 'p/x', amount: 2 }],
	});
	if (entry) expect(toHex(encodeEntry(entry))).toBe(toHex(bytes));
});

test('the update is what we write, and passes the gate', () => {
	const entries = [Uint8Array.of(0x2a), Uint8Array.of(0x2b)];
	const update = encodeUpdate([{ epoch: 77, name: { device: 'a', nonce: '1' }, from: 0, entries }]);
	expect(toHex(example('update'))).toBe(toHex(update));
	expect(gateUpdate(update).ok).toBe(true);
});

test('names, keys, a record and empty figures are as the page says', () => {
	const { sha256 } = nodePlatform().crypto;
	const id = epochIdOf({ ledger: 'stock/sh-014', segment: 0, device: 'till-1', nonce: '1' }, sha256);
	expect(format).toContain(`\`stock/sh-014#0/till-1/1\` is ${id}.`);
	const key = keys.row(77, 3);
	expect(format).toContain(`\`${key}\``);
	const value = example('record');
	expect(toHex(fromRecord({ key, value }))).toBe('2a');
	expect(toHex(toRecord(key, Uint8Array.of(0x2a)).value)).toBe(toHex(value));
	expect(toHex(writeFigures(new LedgerFigures(() => false)))).toBe('00'.repeat(14));
});
