import { expect, test } from 'vitest';
import { admitRun, type Held } from '../../../src/journal/admission.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { Epoch, Journal } from '../../../src/journal/journal.js';
import { Pen, platform } from '../relay/pen.js';

const ledger = 'stock/a';
const { crypto } = platform;

test('JRN7 rows under a checkpoint are taken though their epoch was gone on from: a copy of the device may have gone on in it', async () => {
	const pen = await Pen.open(ledger);
	pen.sell();
	// The checkpoint covers both rows and an epoch after them; a copy of the device sold on here.
	pen.sell();
	const journal = new Journal();
	const view: Held['view'] = { at: (epoch) => (epoch === pen.id ? 2 : 0), pending: () => [] };
	const bring = async (from: number, to: number) => {
		const { update, seals, segment } = await pen.update(from, to);
		const gated = gateUpdate(update);
		const run = gated.ok ? gated.runs[0] : undefined;
		if (!run) throw new TypeError('the pen writes what the gate lets in');
		const answer = await admitRun({ journal, view }, ledger, segment, run, seals[0], crypto);
		if (answer.verdict !== 'new') return answer.verdict;
		const { rows, entries, name } = answer.run;
		if (name) journal.add(new Epoch(run.epoch, name, crypto.sha256));
		const epoch = journal.get(run.epoch) as Epoch; // held or just added
		for (const [i, row] of rows.entries()) journal.push(epoch, row, entries[i]);
		return epoch.count;
	};
	// What goes on past the cover has its beginning asked for; that comes in runs of its own, under the seals that stand there.
	expect(await bring(2, 3)).toBe('gap');
	expect(await bring(0, 2)).toBe(2);
	expect(await bring(2, 3)).toBe(3);
});
