/**
 * Checkpoints are sealed over their bytes and adopted by whoever comes after: what changes any of these bytes is a new
 * version of the content, which reads the old one too.
 */
import { expect, test } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { decodeCheckpoint, encodeContent, verifyCheckpoint } from '../../src/journal/checkpoint.js';
import { LedgerFigures, readFigures, writeFigures } from '../../src/ledger/figures.js';
import { World } from '../property/escrow-world.js';
import { checkpointOf } from './checkpoint-sample.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));

/** Cut, needs and fences of the sample. */
const head =
	'010773746f636b2f6102016102ac020201af020104000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f016201ad0202060709000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0106636173682f6102016101b00206016201b1020101016301ae0204';
const figures = [
	'0081d0eab6b73302016101620310657863657074696f6e2f38642e312e310100010101000003702f7890010002001e0203012d',
	'000003732f79000100010638632e312e3203702f780002e0d4030109702f7820504f2037370200280128030638642e312e31',
	'086f76657273656c6c03732f79034b696d0c6f6e20746865207368656c66010101056b6579206b0a646f75626c652d6b6579',
	'016b0000010200010e6d696e7420702f7820504f2037370b646f75626c652d6d696e7409702f7820504f2037370000280200',
	'0101016301ae02040103712f7ac801010101ac0202010570726963650180d0eab6b733000161ac0204313830300106647261',
	'776572f407010573616c65730180d0eab6b733000161ac020105077b226e223a317d01016b0280d0eab6b733000161ac0201',
	'000102030405060708090a0b0c0d0e0f0322722281d0eab6b733010162ad0201000102030405060708090a0b0c0d0e0f0322',
	'7222',
].join('');
const content = `${head}e102${figures}`;
/** Length and content, length and key, length and signature. */
const whole = `dd03${content}20000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f403eef4456b16d15ca5393fd4b3363a5e90da010ff3cb8e317be1435ba1c4938a61b0792f112206b1a9aaabd2088d7329a4de592ab439aea26e99c0939947a5340`;

test('golden checkpoint: cut, needs, fences and figures, in their one order', async () => {
	const sample = await checkpointOf();
	expect(toHex(sample.figures)).toBe(figures);
	expect(toHex(sample.content)).toBe(content);
	expect(toHex(sample.whole)).toBe(whole);
	const read = decodeCheckpoint(bytes(whole));
	const needs = [
		{ epoch: 304, count: 6, device: 'a' },
		{ epoch: 305, count: 1, device: 'b' },
	];
	expect(read).toMatchObject({ ...sample.given, needs: new Map([['cash/a', needs]]) });
	if (!read) throw new TypeError('checked above');
	expect(toHex(encodeContent(read, (epoch) => epoch - 300))).toBe(content);
	const { crypto } = new World();
	expect(await verifyCheckpoint(crypto, read)).toBe(true);
	expect(await verifyCheckpoint(crypto, { ...read, content: bytes(`${content.slice(0, -2)}00`) })).toBe(false);
});

test('golden figures read back as what was folded, and write the same again', async () => {
	const { folded } = await checkpointOf();
	const read = new LedgerFigures(() => false);
	readFigures(bytes(figures), read);
	expect(toHex(writeFigures(read))).toBe(figures);
	expect(read.escrow.pools.get('p/x')).toMatchObject({ minted: 80, spent: 3, held: 2, overdrawn: 0 });
	expect(read.escrow.pools.get('p/x')?.shares).toEqual(folded.escrow.pools.get('p/x')?.shares);
	for (const part of ['holds', 'documents', 'exceptions', 'fences', 'stopped', 'grantsTo'] as const)
		expect(read.escrow[part]).toEqual(folded.escrow[part]);
	for (const part of ['cells', 'counters', 'keys'] as const) expect(read[part]).toEqual(folded[part]);
	expect(read.logs.get('sales')?.entries).toEqual(folded.logs.get('sales')?.entries);
});

test('a checkpoint cut anywhere, longer, or of another version is none', () => {
	const read = bytes(whole);
	for (let length = 0; length < read.length; length++) expect(decodeCheckpoint(read.slice(0, length))).toBeUndefined();
	expect(decodeCheckpoint(bytes(`${whole}00`))).toBeUndefined();
	expect(decodeCheckpoint(bytes(whole.replace(content, `02${content.slice(2)}`)))).toBeUndefined();
});
