import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { Bug } from '../../../src/base/assert.js';
import { rootName } from '../../../src/journal/epoch.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { SegmentDocument } from '../../../src/journal/segment.js';
import { encodeUpdate } from '../../../src/journal/update.js';
import { journalOf, runOf, segment } from '../../property/gated-segment.js';

const entries = [1, 2, 3, 4].map((n) => Uint8Array.of(n, n));
const till = journalOf({ device: 'till', nonce: 'a1' }, entries);
const desk = journalOf({ device: 'desk', nonce: 'zz' }, entries.slice(0, 2));

const built = (...runs: Parameters<typeof encodeUpdate>[0][number][]): SegmentDocument =>
	new SegmentDocument(segment.ledger, segment.segment, runs);

test('JRN2 a document built from rows is named after its segment, keeps what is deleted and equals the rows', () => {
	const document = built(runOf(till, 0), runOf(desk, 0));
	expect(document.doc.guid).toBe('stock/sh-1#0');
	expect(document.doc.gc).toBe(false);
	expect(document.stateAsUpdate()).toEqual(encodeUpdate([runOf(till, 0), runOf(desk, 0)]));
	expect(document.doc.getArray(rootName(till.root)).toArray()).toEqual(entries);
});

test('P5 following row by row, with repetitions, ends in the same bytes as building at once', () => {
	const document = built();
	for (const [from, end] of [
		[0, 1],
		[0, 3],
		[2, 3],
		[3, 4],
	] as const)
		document.follow([runOf(till, from, end)]);
	document.follow([]);
	document.follow([runOf(desk, 0)]);
	expect(document.stateAsUpdate()).toEqual(built(runOf(till, 0), runOf(desk, 0)).stateAsUpdate());
});

test('JRN10 a gap is our bug, and leaves the document as it was', () => {
	const document = built(runOf(till, 0, 1));
	const before = document.stateAsUpdate();
	expect(() => document.follow([runOf(desk, 0), runOf(till, 2)])).toThrow(Bug);
	expect(document.stateAsUpdate()).toEqual(before);
	expect(document.doc.store.pendingStructs).toBeNull();
});

test('what a document holds reads back through the gate, past the size of one update', () => {
	const large = journalOf(
		{ device: 'a', nonce: '2' },
		Array.from({ length: 40 }, () => new Uint8Array(16_000)),
	);
	const document = built(runOf(large, 0));
	expect(gateUpdate(document.stateAsUpdate())).toMatchObject({ ok: false, code: 'too_large' });
	expect(document.readRuns()).toMatchObject({ ok: true, runs: [{ epoch: large.epoch, root: large.root, from: 0 }] });
});

test('what a provider puts in is handed out for the gate; what we put in is not', () => {
	const document = built(runOf(till, 0, 1));
	const seen: Uint8Array[] = [];
	const stop = document.onForeign((update) => seen.push(update));
	document.follow([runOf(till, 1, 2)]);
	expect(seen).toEqual([]);
	Y.applyUpdate(document.doc, encodeUpdate([runOf(till, 0, 3)]), 'provider');
	expect(seen).toEqual([encodeUpdate([runOf(till, 2, 3)])]);
	stop();
	Y.applyUpdate(document.doc, encodeUpdate([runOf(desk, 0)]), 'provider');
	expect(seen).toHaveLength(1);
	document.destroy();
});

test('JRN2 a document that a provider spoiled says so: a foreign root, a deletion, a gap that Yjs keeps pending', () => {
	const spoil: [string, (doc: Y.Doc) => void][] = [
		['foreign_root', (doc) => doc.getArray('p').push([Uint8Array.of(1)])],
		['delete_set', (doc) => doc.getArray(rootName(till.root)).delete(0, 1)],
		['skip_or_gc', (doc) => Y.applyUpdate(doc, encodeUpdate([runOf(till, 3)]))],
	];
	for (const [code, spoiling] of spoil) {
		const document = built(runOf(till, 0, 2));
		// A high client id is written first, so the foreign root is what the gate meets first.
		document.doc.clientID = Number.MAX_SAFE_INTEGER;
		spoiling(document.doc);
		expect(document.readRuns()).toMatchObject({ ok: false, code });
	}
});
