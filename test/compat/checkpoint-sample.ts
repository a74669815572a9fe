/** One of everything that a checkpoint can say. */
import { utf8 } from '../../src/base/bytes.js';
import { type CheckpointContent, encodeCheckpoint, sealCheckpoint } from '../../src/journal/checkpoint.js';
import { type Entry, encodeEntry } from '../../src/journal/entry.js';
import { Epoch } from '../../src/journal/journal.js';
import type { Leg } from '../../src/journal/leg.js';
import { LedgerFigures, writeFigures } from '../../src/ledger/figures.js';
import { sha256, World } from '../property/escrow-world.js';

const hash = Uint8Array.from({ length: 32 }, (_, i) => i);
const text = (value: unknown) => utf8(JSON.stringify(value));

const written: readonly [epoch: number, device: string, legs: readonly Leg[]][] = [
	[
		300,
		'a',
		[
			{ kind: 'open', prev: null, key: hash, name: 'till-1', home: false },
			{ kind: 'mint', pool: 'p/x', amount: 40, document: 'PO 77' },
			{ kind: 'spend', pool: 'p/x', amount: 3 },
			{ kind: 'hold', pool: 'p/x', amount: 2, hold: '8c.1.2', leaseMs: 60_000 },
			{ kind: 'grant', pool: 'p/x', amount: 5, to: 'b', request: 'r1' },
			{ kind: 'append', log: 'sales', value: text({ n: 1 }) },
			{ kind: 'set', cell: 'price', priority: 1, value: text(1800) },
			{ kind: 'add', counter: 'drawer', amount: -500 },
		],
	],
	[
		301,
		'b',
		[
			{ kind: 'mint', pool: 'p/x', amount: 40, document: 'PO 77' },
			{ kind: 'overdraw', pool: 's/y', amount: 1, operator: 'Kim', reason: 'on the shelf' },
			{ kind: 'fence', device: 'c', heads: [{ epoch: 302, count: 4 }] },
			{ kind: 'unknown', code: 200, stops: ['q/z'], body: Uint8Array.of(1, 3, 113, 47, 122) },
		],
	],
];

export async function checkpointOf() {
	const figures = new LedgerFigures(() => false);
	for (const [i, [id, device, legs]] of written.entries()) {
		const epoch = new Epoch(id, { ledger: 'stock/a', segment: 0, device, nonce: '1' }, sha256);
		const key = { key: 'k', digest: hash.slice(0, 16), result: text('r') };
		const entry: Entry = { time: { ms: Date.UTC(2026, 0, 1) + i, counter: i }, parts: [], relies: [], key, legs };
		encodeEntry(entry);
		figures.apply({ epoch, index: 1, entry }, undefined);
	}
	const content: CheckpointContent = {
		ledger: 'stock/a',
		cut: new Map(
			[
				{ epoch: 300, count: 2, device: 'a', prev: null, hash: undefined },
				{ epoch: 303, count: 1, device: 'a', prev: { epoch: 300, count: 2 }, hash },
				{ epoch: 301, count: 2, device: 'b', prev: { epoch: 7, count: 9 }, hash },
			].map((at) => [at.epoch, at]),
		),
		needs: new Map([
			[
				'cash/a',
				[
					{ epoch: 305, count: 1, device: 'b' },
					{ epoch: 304, count: 6, device: 'a' },
				],
			],
		]),
		fences: [{ device: 'c', heads: [{ epoch: 302, count: 4 }] }],
		figures: writeFigures(figures),
	};
	const pair = { publicKey: hash, secret: hash };
	const checkpoint = await sealCheckpoint(new World().crypto, pair, content, (epoch) => epoch - 300);
	return {
		given: content,
		figures: content.figures,
		content: checkpoint.content,
		whole: encodeCheckpoint(checkpoint),
		folded: figures,
	};
}
