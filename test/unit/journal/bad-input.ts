/** A receiver that holds something, and ways to bend an honest update, for the tests of the gate. */
import { beforeEach, expect } from 'vitest';
import * as Y from 'yjs';
import { toHex } from '../../../src/base/bytes.js';
import { rootName } from '../../../src/journal/epoch.js';
import { encodeUpdate } from '../../../src/journal/update.js';
import { GatedSegment, journalOf, type Outcome, runOf } from '../../property/gated-segment.js';
import {
	type GroupModel,
	honestModel,
	type ItemModel,
	type UpdateModel,
	writeUpdate,
} from '../../property/update-model.js';

export const entries = [1, 2, 3, 4, 5].map((n) => Uint8Array.of(n, n, n));
/** What the receiver holds: three entries of `a`, one of `b`. The hostile device is `m`, and holds a valid key. */
export const a = journalOf({ device: 'a', nonce: '1' }, entries);
export const b = journalOf({ device: 'b', nonce: '2' }, entries.slice(0, 2));
export const m = journalOf({ device: 'm', nonce: '3' }, entries);

export let receiver: GatedSegment;

beforeEach(() => {
	receiver = new GatedSegment((epoch, root) => {
		if (root.device === 'm') return undefined;
		return [a, b].find((journal) => journal.epoch === epoch)?.entries ?? 'nobody';
	});
	expect(receiver.deliver(encodeUpdate([runOf(a, 0, 3), runOf(b, 0, 1)]))).toBe('taken');
});

/** Refused with that code; rows and document as they were, byte for byte; the next honest update is still taken. */
export function expectRefused(update: Uint8Array, code: Outcome): void {
	const rows = encodeUpdate(receiver.runs());
	const document = Y.encodeStateAsUpdate(receiver.doc);
	const sent = toHex(update);
	expect(receiver.deliver(update)).toBe(code);
	expect(encodeUpdate(receiver.runs())).toEqual(rows);
	expect(Y.encodeStateAsUpdate(receiver.doc)).toEqual(document);
	expect(receiver.faults()).toEqual([]);
	expect(toHex(update)).toBe(sent);
	expect(receiver.deliver(encodeUpdate([runOf(a, 3, 4)]))).toMatch(/taken|known/);
}

export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** The honest rest of `a` and two entries of `m`, bent. */
export function bent(bend: (model: UpdateModel, first: ItemModel, later: ItemModel) => void): Uint8Array {
	const model = honestModel([runOf(a, 3), runOf(m, 0, 2)]);
	const items = model.groups.find(({ client }) => client === m.epoch)?.items ?? [];
	const [first, later] = items;
	if (first === undefined || later === undefined) throw new Error('two entries of m were asked for');
	bend(model, first, later);
	return writeUpdate(model);
}

/** What a plain document says under a client id, about whatever `write` does in it. */
export function said(client: number, write: (doc: Y.Doc) => void): Uint8Array {
	const doc = new Y.Doc();
	doc.clientID = client;
	write(doc);
	return Y.encodeStateAsUpdate(doc);
}

export const mine = rootName(m.root);

/** `bend` for every group; what it answers is of no interest. */
export function eachGroup(model: UpdateModel, bend: (group: GroupModel) => unknown): void {
	for (const group of model.groups) bend(group);
}
