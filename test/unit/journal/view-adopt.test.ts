import { expect, test } from 'vitest';
import type { DeviceId, EpochId, LedgerName, Position } from '../../../src/base/ids.js';
import type { Checkpoint, Need } from '../../../src/journal/checkpoint.js';
import { type Entry, encodeEntry } from '../../../src/journal/entry.js';
import { Epoch, Journal } from '../../../src/journal/journal.js';
import type { Leg } from '../../../src/journal/leg.js';
import { View } from '../../../src/journal/view.js';
import { sha256 } from '../../property/model/history.js';

const nothing = new Uint8Array();

/** What a till of device `till` wrote, all of it gone but for two checkpoints; and rows that came after them. */
class Newcomer {
	readonly journal = new Journal();
	readonly view = new View({
		journal: this.journal,
		fold: { apply() {}, shown() {}, restore() {}, letGo: () => true },
		holds: () => true,
		limit: (epoch) => epoch.count,
	});

	rows(id: EpochId, device: DeviceId, ledger: LedgerName, prev: Position | null, ...said: Partial<Entry>[]): void {
		const epoch = new Epoch(id, { ledger, segment: 0, device, nonce: id.toString(36) }, sha256);
		this.journal.add(epoch);
		const head = prev && { ...prev, hash: new Uint8Array(32) };
		const open: Leg = { kind: 'open', prev: head, key: new Uint8Array(32), name: device, home: false };
		for (const each of [{ legs: [open] }, ...said]) {
			const time = { ms: epoch.count, counter: 0 };
			const entry: Entry = { time, parts: [], relies: [], key: undefined, legs: [], ...each };
			this.journal.push(epoch, encodeEntry(entry), entry);
		}
		this.view.advance([epoch]);
	}

	/** Of one epoch of the till, which rests on another one in another ledger. */
	point(ledger: LedgerName, { epoch, count }: Position, other: LedgerName, need: Position): void {
		const at = { epoch, count, device: 'till', prev: null, hash: sha256(nothing) };
		const needs = new Map<LedgerName, Need[]>([[other, [{ ...need, device: 'till' }]]]);
		const said = { ledger, cut: new Map([[epoch, at]]), needs, fences: [], figures: nothing };
		const bytes = { content: nothing, key: nothing, signature: nothing };
		this.view.offer({ ...said, ...bytes } satisfies Checkpoint);
	}
}

const lost = { ledger: 'members/m', epoch: 2, index: 2 };
/** The till's third entry in stock has its other part in members, where the disk lost it. */
const stock = { epoch: 1, count: 3 };
const members = { epoch: 2, count: 2 };

const fence: Leg = { kind: 'fence', device: 'till', heads: [members] };
const torn: Leg = { kind: 'torn', part: lost };

test.each<readonly [string, DeviceId, LedgerName, Position | null, Leg]>([
	['a fence that rests on one of them', 'home', 'members/m', null, fence],
	['its author’s word in an epoch after it', 'till', 'stock/a', stock, torn],
])('JRN9 checkpoints that need each other are adopted where the lost part is closed by %s', (_, by, ledger, prev, leg) => {
	const newcomer = new Newcomer();
	const { view } = newcomer;
	newcomer.rows(3, by, ledger, prev, { relies: prev ? [] : [members], legs: [leg] });
	newcomer.point('stock/a', stock, 'members/m', { epoch: 2, count: 3 });
	newcomer.point('members/m', members, 'stock/a', { epoch: 1, count: 2 });
	expect(
		view
			.choose()
			.map((c) => c.ledger)
			.sort(),
	).toEqual(['members/m', 'stock/a']);
	expect([1, 2].map(view.at)).toEqual([0, 0]);
	view.adopt();
	expect([1, 2, 3].map(view.at)).toEqual([3, 2, 2]);
});

test('JRN9 a checkpoint that needs a part is not adopted by a word about it that is not shown itself', () => {
	const newcomer = new Newcomer();
	const { view } = newcomer;
	newcomer.rows(3, 'till', 'stock/a', stock, { relies: [{ epoch: 9, count: 1 }], legs: [torn] });
	newcomer.point('stock/a', stock, 'members/m', { epoch: 2, count: 3 });
	newcomer.point('members/m', members, 'stock/a', { epoch: 1, count: 2 });
	expect(view.choose()).toEqual([]);
});
