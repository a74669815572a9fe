import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { decodeEntry, encodeEntry } from '../../../src/journal/entry.js';
import { epochIdOf } from '../../../src/journal/epoch.js';
import { Epoch } from '../../../src/journal/journal.js';
import type { Leg } from '../../../src/journal/leg.js';
import { nextBatch } from '../../../src/sync/batches.js';

const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(data).digest());

test('JRN3 rows that are admitted and still on their way to this disk go nowhere, sealed or not', () => {
	const name = { ledger: 'stock/a', segment: 0, device: 'another', nonce: 'n' };
	const id = epochIdOf(name, sha256);
	const epoch = new Epoch(id, name, sha256);
	const said = { time: { ms: 1_800_000_000_000, counter: 0 }, parts: [], relies: [], key: undefined };
	const open: Leg = { kind: 'open', prev: null, key: new Uint8Array(32), name: 'another', home: false };
	for (const legs of [[open], [], []]) {
		const row = encodeEntry({ ...said, legs });
		epoch.push(row, decodeEntry(row));
	}
	epoch.durable = 2;
	for (const count of [2, 3]) epoch.seals.push({ epoch: id, count, signature: new Uint8Array(64) });

	const batch = nextBatch([epoch], () => 0, 1_000);
	expect(batch?.seals.map(({ count }) => count)).toEqual([2]);
	expect(batch?.runs.map(({ entries }) => entries.length)).toEqual([2]);
	expect(nextBatch([epoch], () => 2, 1_000)).toBeUndefined();
	epoch.durable = 3;
	expect(nextBatch([epoch], () => 2, 1_000)?.seals.map(({ count }) => count)).toEqual([3]);
});
