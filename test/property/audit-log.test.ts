import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeCrypto } from '../../adapters/platform-node/crypto.js';
import { nodePlatform } from '../../adapters/platform-node/index.js';
import { memory } from '../../adapters/storage-memory/index.js';
import { tillArchive } from '../../src/inspect/till-archive.js';
import { openTill } from '../../src/till.js';
import { sellCups, shopOptions } from '../unit/inspect/audited-shop.js';
import { checked, fileOf, lineAt, linesOf } from '../unit/inspect/log-file.js';

async function logOfOneSale(): Promise<Uint8Array> {
	const storage = memory({ platform: nodePlatform() });
	const till = await openTill({ ...shopOptions, name: 'till-1', storage });
	await sellCups(till, 1);
	await till.shutdown();
	return fileOf(await linesOf(await tillArchive(await storage.open('audit'), nodeCrypto), nodeCrypto));
}

/** Each flipped bit is found, in its line: in the one before where it was the end of that. */
async function expectFound(file: Uint8Array, at: number, bit: number): Promise<void> {
	const flipped = file.slice();
	flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
	const { wrong } = await checked(flipped, nodeCrypto);
	expect(wrong?.line, `byte ${at}, bit ${bit}`).toBe(lineAt(file, at));
}

test('JRN8 one bit flipped in any byte of an audit log is found, in its line', async () => {
	const file = await logOfOneSale();
	expect((await checked(file, nodeCrypto)).wrong).toBeUndefined();
	for (let at = 0; at < file.length; at++) await expectFound(file, at, at % 8);
}, 300_000);

test('JRN8 any bit, any byte', async () => {
	const file = await logOfOneSale();
	await fc.assert(
		fc.asyncProperty(fc.nat(file.length - 1), fc.nat(7), (at, bit) => expectFound(file, at, bit)),
		{ numRuns: 1_000 },
	);
}, 300_000);

test('JRN8 a log cut off, or with bytes taken out or put in, is found', async () => {
	const file = await logOfOneSale();
	const place = fc.nat(file.length - 1);
	await fc.assert(
		fc.asyncProperty(place, fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.nat(8), async (at, put, taken) => {
			const changed = Uint8Array.from([...file.subarray(0, at), ...put, ...file.subarray(at + taken)]);
			const isSame = Buffer.compare(changed, file) === 0;
			expect((await checked(changed, nodeCrypto)).wrong === undefined).toBe(isSame);
			expect((await checked(file.subarray(0, at), nodeCrypto)).wrong).toBeDefined();
		}),
		{ numRuns: 300 },
	);
}, 300_000);
