import { expect, test } from 'vitest';
import { decodeEntry } from '../../../src/journal/entry.js';
import { Epoch, Journal } from '../../../src/journal/journal.js';
import { firmRows } from '../../../src/replica/core.js';
import { Pen, platform } from '../relay/pen.js';

/** Four rows are here, three of them on disk, so many under a seal. */
async function epochOf(pen: Pen, sealed: number): Promise<Epoch> {
	pen.sell(4 - pen.rows.length);
	const epoch = new Epoch(pen.id, pen.name, platform.crypto.sha256);
	const journal = new Journal();
	journal.add(epoch);
	for (const row of pen.rows) journal.push(epoch, row, decodeEntry(row));
	epoch.durable = 3;
	if (sealed > 0) epoch.addSeal(await pen.seal(sealed));
	return epoch;
}

test('JRN8 of what others wrote, rows on disk and under a seal are firm: the rest can be told to nobody', async () => {
	const pen = await Pen.open('stock/a');
	const { pair } = await Pen.open('stock/a');
	for (const [sealed, firm] of [
		[0, 0],
		[2, 2],
		[3, 3],
		[4, 3],
	] as const)
		expect(firmRows(await epochOf(pen, sealed), [pair])).toBe(firm);
});

test('JRN3 of what this device wrote, under whatever name, rows on disk are firm: it makes the seals', async () => {
	const pen = await Pen.open('stock/a');
	const { pair } = await Pen.open('stock/a');
	for (const pairs of [[pen.pair], [pen.pair, pair], [pair, pen.pair]])
		for (const sealed of [0, 2, 4]) expect(firmRows(await epochOf(pen, sealed), pairs)).toBe(3);
});
