import { expect, test } from 'vitest';
import type { EpochId } from '../../../src/base/ids.js';
import type { Checkpoint } from '../../../src/journal/checkpoint.js';
import { type Entry, encodeEntry } from '../../../src/journal/entry.js';
import { Epoch, Journal } from '../../../src/journal/journal.js';
import { View } from '../../../src/journal/view.js';
import { Books } from '../../../src/ledger/books.js';
import { LedgerFigures, writeFigures } from '../../../src/ledger/figures.js';
import type { Core } from '../../../src/replica/core.js';
import { Feed } from '../../../src/replica/window/feed.js';
import { Follower } from '../../../src/replica/window/follower.js';
import type { About, News } from '../../../src/replica/window/messages.js';
import { sha256 } from '../../property/model/history.js';

const ledger = 'stock/a';
const nothing = new Uint8Array();
const startMs = Date.UTC(2026, 0, 1);

/** Two epochs of two devices, in each an opening and a commit with a key, all of it in view. */
class Veteran {
	readonly journal = new Journal();
	readonly books = new Books('me', () => false);
	readonly view = new View({
		journal: this.journal,
		fold: this.books,
		holds: () => true,
		limit: (epoch) => epoch.count,
	});

	constructor() {
		for (const id of [1, 2]) {
			const device = `till-${id}`;
			const epoch = new Epoch(id, { ledger, segment: 0, device, nonce: `${id}` }, sha256);
			this.journal.add(epoch);
			const said = { parts: [], relies: [], legs: [] };
			const key = { key: `sale-${id}`, digest: new Uint8Array(16), result: nothing };
			const rows: Entry[] = [
				{
					...said,
					time: { ms: startMs, counter: 0 },
					key: undefined,
					legs: [{ kind: 'open', prev: null, key: new Uint8Array(32), name: device, home: false }],
				},
				{ ...said, time: { ms: startMs + id * 10, counter: 0 }, key },
			];
			for (const entry of rows) this.journal.push(epoch, encodeEntry(entry), entry);
		}
		this.view.advance([...this.journal.all()]);
	}

	/** Adopts a checkpoint of the first rows of each epoch that has let go of keys older than that. */
	adopt(counts: readonly (readonly [EpochId, number])[], afterMs: number): void {
		const figures = new LedgerFigures(() => false);
		for (const [id, count] of counts) {
			const epoch = this.journal.get(id) as Epoch; // both are known
			for (let index = 0; index < count; index++) figures.apply({ epoch, index, entry: epoch.entry(index) }, undefined);
		}
		figures.forgetKeysBefore(startMs + afterMs);
		const cut = new Map(
			counts.map(([epoch, count]) => [epoch, { epoch, count, device: `till-${epoch}`, prev: null, hash: undefined }]),
		);
		const said = { ledger, cut, needs: new Map(), fences: [], figures: writeFigures(figures) };
		this.view.offer({ ...said, content: nothing, key: nothing, signature: nothing } satisfies Checkpoint);
		expect(this.view.choose()).toHaveLength(1);
		this.view.adopt();
	}

	get keys(): string[] {
		return [...this.books.of(ledger).keys.keys()].sort();
	}
}

const keepsMore: [EpochId, number][] = [[1, 2]];
const keepsLess: [EpochId, number][] = [
	[1, 1],
	[2, 2],
];

test('JRN9 JRN11 ESC8 which keys are known is told by the checkpoint that was adopted last, not by one before it', () => {
	const [once, twice] = [new Veteran(), new Veteran()];
	once.adopt(keepsMore, 5);
	expect(once.keys).toEqual(['sale-1', 'sale-2']);
	twice.adopt(keepsLess, 15);
	expect(twice.keys).toEqual(['sale-2']);
	twice.adopt(keepsMore, 5);
	expect(twice.keys).toEqual(['sale-1', 'sale-2']);
	expect(twice.books.digest(ledger, sha256)).toBe(once.books.digest(ledger, sha256));
});

test('JRN9 ESC8 a window knows the keys that its owner knows again', () => {
	const owner = new Veteran();
	const feed = new Feed({ ...owner, ledgers: () => [ledger], holds: () => true } as Partial<Core> as Core);
	const window = new Follower({ device: 'me', others: [] } as Partial<About> as About);
	for (const [counts, afterMs] of [
		[[], 0],
		[keepsLess, 15],
		[keepsMore, 5],
	] as const) {
		if (counts.length > 0) owner.adopt(counts, afterMs);
		window.take(feed.take() as News);
		expect(window.books.digest(ledger, sha256)).toBe(owner.books.digest(ledger, sha256));
	}
});
