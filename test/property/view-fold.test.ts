import fc from 'fast-check';
import { test } from 'vitest';
import { equalBytes } from '../../src/base/bytes.js';
import type { EpochId } from '../../src/base/ids.js';
import { SegmentDocument } from '../../src/journal/segment.js';
import { encodeUpdate } from '../../src/journal/update.js';
import { History, historyLedgers } from './model/history.js';
import { epochOf } from './model/plain-cut.js';
import { checkProperty, steps } from './model/runs.js';
import { demand, Till } from './model/till.js';
import { Dice } from './update-model.js';

/** Hands over the rows of some epoch, some of them or all that are coming, some of them twice. */
function deliver(till: Till, epochs: readonly EpochId[], coming: ReadonlyMap<EpochId, number>, step: number): void {
	const dice = new Dice(step);
	const id = dice.pick(epochs);
	const [held, end] = [till.held(id), coming.get(id) ?? 0];
	const count = dice.chance(60) ? end : held + dice.below(end - held + 1);
	if (dice.chance(20)) till.store(id, count);
	else till.take(id, count);
	if (dice.chance(20)) till.repeat(id);
}

/** What ever arrives: all of it, except that some epochs break off for good. */
function arriving(history: History, dice: Dice, whole: boolean): Map<EpochId, number> {
	const coming = new Map<EpochId, number>();
	for (const { id, entries } of history.epochs.values())
		coming.set(id, whole || dice.chance(85) ? entries.length : dice.below(entries.length + 1));
	return coming;
}

function shuffled<T>(items: readonly T[], dice: Dice): T[] {
	const rest = [...items];
	return items.map(() => rest.splice(dice.below(rest.length), 1)[0] as T); // as many as there are items
}

const title =
	'P4 P26 P32 JRN4 JRN9 JRN12 the view is its plain recomputation at every step, never goes back, in any order, twice';
test(title, async () => {
	const property = fc.property(steps(60), steps(60), fc.nat(), (story, way, chance) => {
		const history = new History(story);
		if (history.epochs.size === 0) return;
		const dice = new Dice(chance);
		const ledgers = dice.chance(70) ? historyLedgers : historyLedgers.filter(() => dice.chance(60));
		const coming = arriving(history, dice, dice.chance(50));
		const epochs = [...history.epochs.keys()];
		const slow = new Till(history, ledgers);
		way.forEach((step, i) => {
			deliver(slow, epochs, coming, step);
			if (i % 4 === 0) slow.checkFigures();
			else slow.checkCut();
		});
		for (const id of shuffled(epochs, dice)) slow.take(id, coming.get(id) ?? 0);
		for (const id of epochs) slow.repeat(id);
		slow.checkFigures();

		const atOnce = new Till(history, ledgers);
		for (const id of shuffled(epochs, dice)) atOnce.store(id, coming.get(id) ?? 0);
		atOnce.checkFigures();
		demand(slow.digests() === atOnce.digests(), () => 'P4 two orders gave two digests');
	});
	await checkProperty(title, property);
});

const bytesTitle = 'P5 JRN2 equal heads give equal bytes of every segment, in Yjs and in our own encoding';
test(bytesTitle, async () => {
	const property = fc.property(steps(40), fc.nat(), (story, chance) => {
		const history = new History(story);
		const dice = new Dice(chance);
		const coming = arriving(history, dice, dice.chance(50));
		const segments = new Map<string, EpochId[]>();
		for (const { id, name } of history.epochs.values()) {
			if ((coming.get(id) ?? 0) === 0) continue;
			const key = `${name.ledger}#${name.segment}`;
			segments.set(key, [...(segments.get(key) ?? []), id]);
		}
		const run = (id: EpochId, from: number, to: number) => {
			const { name, rows } = epochOf(history.epochs, id);
			return { epoch: id, name, from, entries: rows.slice(from, to) };
		};
		for (const [key, ids] of segments) {
			const [ledger = '', segment] = key.split('#');
			const whole = encodeUpdate(ids.map((id) => run(id, 0, coming.get(id) ?? 0)));
			const document = new SegmentDocument(ledger, Number(segment));
			for (const id of shuffled([...ids, ...ids], dice)) {
				const middle = dice.below((coming.get(id) ?? 0) + 1);
				document.follow([run(id, 0, middle)]);
			}
			for (const id of shuffled(ids, dice)) document.follow([run(id, 0, coming.get(id) ?? 0)]);
			demand(equalBytes(document.stateAsUpdate(), whole), () => `P5 ${key}: Yjs and we write different bytes`);
			document.destroy();
		}
	});
	await checkProperty(bytesTitle, property, 0.5);
});
