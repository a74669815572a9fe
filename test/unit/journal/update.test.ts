import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { Bug } from '../../../src/base/assert.js';
import { equalBytes } from '../../../src/base/bytes.js';
import { rootName } from '../../../src/journal/epoch.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { encodeUpdate, type Run } from '../../../src/journal/update.js';
import { type Journal, journalOf, runOf } from '../../property/gated-segment.js';
import { Dice } from '../../property/update-model.js';

/** A replica that knows nothing of us: a `Y.Doc` under the epoch's client id that pushes into the epoch's array. */
class PlainReplica {
	readonly doc = new Y.Doc({ gc: false });
	readonly updates: Uint8Array[] = [];
	constructor(readonly journal: Journal) {
		this.doc.clientID = journal.epoch;
		this.doc.on('update', (update: Uint8Array) => this.updates.push(update));
	}
	push(from: number, end: number): void {
		this.doc.getArray<Uint8Array>(rootName(this.journal.root)).push(this.journal.entries.slice(from, end));
	}
}

const nonce = (dice: Dice): string => (1 + dice.below(2 ** 31) * 2 ** 21).toString(36);

function journals(dice: Dice, count: number): Journal[] {
	return Array.from({ length: count }, (_, i) =>
		journalOf(
			{ device: dice.pick(['a', 'till-7', 'Kasse 3', 'レジ', '\u{1F4A1}', '\ufeffx']), nonce: nonce(dice) },
			Array.from({ length: 1 + dice.below(9) }, () => dice.bytes(dice.below(i === 0 ? 300 : 20))),
		),
	);
}

/** Replicas that wrote everything and met each other, and nobody but each other, at random. */
function mesh(dice: Dice, count: number): PlainReplica[] {
	const replicas = journals(dice, count).map((journal) => new PlainReplica(journal));
	const written = replicas.map(() => 0);
	while (replicas.some(({ journal }, i) => (written[i] ?? 0) < journal.entries.length)) {
		const i = dice.below(count);
		const one = replicas[i] as PlainReplica; // i < count
		const from = written[i] ?? 0;
		const end = Math.min(one.journal.entries.length, from + 1 + dice.below(3));
		if (end > from) one.push(from, end);
		written[i] = end;
		const other = dice.pick(replicas);
		if (dice.chance(50)) Y.applyUpdate(one.doc, Y.encodeStateAsUpdate(other.doc, Y.encodeStateVector(one.doc)));
	}
	return replicas;
}

const heldBy = (doc: Y.Doc, all: readonly Journal[], since?: Y.Doc): Run[] =>
	all.flatMap((journal) => {
		const from = since === undefined ? 0 : Y.getState(since.store, journal.epoch);
		const end = Y.getState(doc.store, journal.epoch);
		return end > from ? [runOf(journal, from, end)] : [];
	});

/** What is in it, whoever holds it. */
function contentOf(update: Uint8Array): Run[] {
	const verdict = gateUpdate(update);
	expect(verdict).toMatchObject({ ok: true });
	return verdict.ok ? verdict.runs.map(({ root, ...run }) => ({ ...run, name: root })) : [];
}

describe('P5 encodeUpdate gives the bytes that Yjs gives', () => {
	test('for nothing at all', () => {
		expect(encodeUpdate([])).toEqual(Y.encodeStateAsUpdate(new Y.Doc()));
		expect(encodeUpdate([{ epoch: 5, from: 3, entries: [] }])).toEqual(Y.encodeStateAsUpdate(new Y.Doc()));
	});

	test('for each push of one writer, one entry or several', () => {
		const dice = new Dice(1);
		const [journal] = journals(dice, 1) as [Journal];
		const writer = new PlainReplica(journal);
		writer.push(0, 1);
		writer.push(1, 4);
		const { length } = journal.entries;
		for (let i = 4; i < length; i++) writer.push(i, i + 1);
		expect(writer.updates[0]).toEqual(encodeUpdate([runOf(journal, 0, 1)]));
		expect(writer.updates[1]).toEqual(encodeUpdate([runOf(journal, 1, 4)]));
		for (let i = 4; i < length; i++) expect(writer.updates[i - 2]).toEqual(encodeUpdate([runOf(journal, i, i + 1)]));
	});

	test('for every clock length, across 1, 2 and 3 bytes', () => {
		const journal = journalOf(
			{ device: 'a', nonce: '1' },
			Array.from({ length: 16_500 }, (_, i) => Uint8Array.of(i & 255)),
		);
		const writer = new PlainReplica(journal);
		writer.push(0, 16_500);
		const same = (run: Run, wanted: Uint8Array): boolean => equalBytes(encodeUpdate([run]), wanted);
		expect(same(runOf(journal, 0), Y.encodeStateAsUpdate(writer.doc))).toBe(true);
		for (const from of [1, 2, 127, 128, 129, 16_383, 16_384, 16_385]) {
			const since = Y.encodeStateVector(new Map([[journal.epoch, from]]));
			expect([from, same(runOf(journal, from), Y.encodeStateAsUpdate(writer.doc, since))]).toEqual([from, true]);
		}
	});

	test('after random syncs of several writers: whole states, differences, merged and diffed updates', () => {
		for (let seed = 1; seed <= 60; seed++) {
			const dice = new Dice(seed);
			const replicas = mesh(dice, 1 + dice.below(5));
			const all = replicas.map(({ journal }) => journal);
			for (const { doc } of replicas) {
				const whole = Y.encodeStateAsUpdate(doc);
				expect(encodeUpdate(heldBy(doc, all))).toEqual(whole);
				const other = dice.pick(replicas).doc;
				const vector = Y.encodeStateVector(other);
				const difference = encodeUpdate(heldBy(doc, all, other));
				expect(difference).toEqual(Y.encodeStateAsUpdate(doc, vector));
				expect(difference).toEqual(Y.diffUpdate(whole, vector));
				const merged = Y.mergeUpdates([whole, Y.encodeStateAsUpdate(other)]);
				const both = new Y.Doc({ gc: false });
				Y.applyUpdate(both, merged);
				expect(encodeUpdate(heldBy(both, all))).toEqual(merged);
			}
		}
	});

	test('in whatever order the runs are handed over', () => {
		const runs = journals(new Dice(3), 6).map((journal) => runOf(journal, 0));
		expect(encodeUpdate([...runs].reverse())).toEqual(encodeUpdate(runs));
	});
});

test('P5 the gate takes every update that plain replicas send, and finds their entries in it', () => {
	for (let seed = 1; seed <= 60; seed++) {
		const replicas = mesh(new Dice(seed), 3);
		const all = replicas.map(({ journal }) => journal);
		const wanted = new Map(all.map(({ epoch, entries }) => [epoch, entries]));
		const merged = Y.mergeUpdates(replicas.flatMap(({ updates }) => updates));
		const sent = [merged, ...replicas.flatMap(({ updates, doc }) => [...updates, Y.encodeStateAsUpdate(doc)])];
		for (const update of sent)
			for (const run of contentOf(update))
				expect(run.entries).toEqual(wanted.get(run.epoch)?.slice(run.from, run.from + run.entries.length));
		expect(contentOf(merged).map(({ epoch }) => epoch)).toEqual(all.map(({ epoch }) => epoch).sort((a, b) => b - a));
	}
});

test('JRN1 two runs of one epoch are a bug, and so are an epoch without a name, no id and too high a clock', () => {
	const entries = [Uint8Array.of(1)];
	const name = { device: 'a', nonce: '1' };
	expect(() =>
		encodeUpdate([
			{ epoch: 9, name, from: 0, entries },
			{ epoch: 9, from: 1, entries },
		]),
	).toThrow(Bug);
	expect(() => encodeUpdate([{ epoch: 9, from: 0, entries }])).toThrow(Bug);
	expect(() => encodeUpdate([{ epoch: 0, name, from: 0, entries }])).toThrow(Bug);
	expect(() => encodeUpdate([{ epoch: 2 ** 53, name, from: 0, entries }])).toThrow(Bug);
	expect(() => encodeUpdate([{ epoch: 9, from: 2 ** 31 - 1, entries }])).toThrow(Bug);
});
