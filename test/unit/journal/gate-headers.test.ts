import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { rootName } from '../../../src/journal/epoch.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { encodeUpdate } from '../../../src/journal/update.js';
import { runOf } from '../../property/gated-segment.js';
import { honestModel, type ItemModel, writeUpdate } from '../../property/update-model.js';
import { a, bent, eachGroup, expectRefused, hex, m, receiver } from './bad-input.js';

describe('bad input: clients, clocks and headers', () => {
	test('the same client twice, beside itself or apart', () => {
		expectRefused(
			bent((model) => model.groups.push(...model.groups.slice(-1))),
			'clients_disorder',
		);
		expectRefused(
			bent((model) => model.groups.push(...model.groups.slice(0, 1))),
			'clients_disorder',
		);
	});

	test('clients in ascending order', () => {
		expectRefused(
			bent((model) => model.groups.reverse()),
			'clients_disorder',
		);
	});

	test('headers that claim 33,554,431 structs, or as many clients, are refused where they stand', () => {
		const structs = hex('01 ffffff0f 4d 00 03 01 05 6a2f612f31 01 2a 00');
		expect(gateUpdate(structs)).toEqual({ ok: false, code: 'truncated', offset: 1 });
		expectRefused(structs, 'truncated');
		const clients = hex('ffffff0f 01 4d 00 03 01 05 6a2f612f31 01 2a 00');
		expect(gateUpdate(clients)).toEqual({ ok: false, code: 'truncated', offset: 4 });
		expectRefused(clients, 'truncated');
	});

	test('counts and lengths past 2^53 - 1', () => {
		for (const count of [2n ** 53n, 2n ** 60n, 2n ** 64n]) {
			expectRefused(
				bent((model) => Object.assign(model, { count })),
				'count_range',
			);
			expectRefused(
				bent(({ groups }) => Object.assign(groups[0] as object, { count })),
				'count_range',
			);
			expectRefused(
				bent((_, first) => Object.assign(first, { length: count })),
				'count_range',
			);
		}
	});

	test('a group without items, and a count that leaves items over', () => {
		expectRefused(
			bent((model) => eachGroup(model, ({ items }) => items.splice(0))),
			'empty',
		);
		const [group] = honestModel([runOf(m, 0, 2)]).groups;
		if (group !== undefined)
			expectRefused(writeUpdate({ groups: [{ ...group, count: 1 }], deletes: [] }), 'delete_set');
	});

	test('a clock gap is left to the journal, which asks again; Yjs would keep it pending', () => {
		expectRefused(encodeUpdate([runOf(a, 4)]), 'resync');
		expectRefused(encodeUpdate([runOf(m, 1)]), 'resync');
		expectRefused(
			bent((model) => eachGroup(model, (group) => Object.assign(group, { clock: 7 }))),
			'wrong_origin',
		);
	});

	test('clocks of 2^31, 2^53 and 2^60, and items that run past 2^31', () => {
		const item: ItemModel = { info: 0x83, origin: [m.epoch, 0], content: new Uint8Array() };
		for (const clock of [2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, 2n ** 53n, 2n ** 60n, 2n ** 64n])
			expectRefused(writeUpdate({ groups: [{ client: m.epoch, clock, items: [item] }], deletes: [] }), 'clock_range');
		const clock = 2 ** 31 - 2;
		const last = encodeUpdate([{ epoch: m.epoch, from: clock, entries: [Uint8Array.of(1)] }]);
		expect(gateUpdate(last).ok).toBe(true);
	});

	test('client ids 0, 2^53 and 2^60', () => {
		for (const client of [0, 2n ** 53n, 2n ** 60n])
			expectRefused(
				bent((model) => Object.assign(model.groups.at(-1) as object, { client })),
				'client_range',
			);
	});

	test('a varint with one byte too many, in every place where one stands', () => {
		const varints = bent(() => {});
		let refused = 0;
		for (let widen = 0; ; widen++) {
			const update = bent((model) => Object.assign(model, { widen }));
			if (update.length === varints.length) break;
			expectRefused(update, 'varint_not_minimal');
			refused++;
		}
		// Groups; items, client, clock of each; parent, root length, entry length of a first; origin and length of three.
		expect(refused).toBe(1 + 2 * 3 + 3 + 3 * 3 + 1);
	});
});

describe('bad input: delete sets and ends', () => {
	test('a delete of another journal, of its own, of nothing, of what is not there yet', () => {
		for (const client of [a.epoch, m.epoch, 1])
			for (const range of [
				[0, 1],
				[0, 0],
				[9, 2 ** 31],
				[2n ** 60n, 1],
			] as const)
				expectRefused(
					bent((model) => model.deletes.push({ client, ranges: [[...range]] })),
					'delete_set',
				);
		expectRefused(
			bent((model) => model.deletes.push({ client: a.epoch, ranges: [] })),
			'delete_set',
		);
	});

	test('a delete as a plain document writes it, alone and beside honest entries', () => {
		const thief = new Y.Doc({ gc: false });
		Y.applyUpdate(thief, Y.encodeStateAsUpdate(receiver.doc));
		const before = Y.encodeStateVector(thief);
		thief.getArray(rootName(a.root)).delete(0, 3);
		expectRefused(Y.encodeStateAsUpdate(thief, before), 'delete_set');
		expectRefused(Y.mergeUpdates([Y.encodeStateAsUpdate(thief, before), encodeUpdate([runOf(a, 3)])]), 'delete_set');
	});

	test('a truncated delete set, and one that claims a billion ranges', () => {
		const update = bent(() => {});
		expectRefused(update.slice(0, -1), 'truncated');
		expectRefused(Uint8Array.from([...update.slice(0, -1), 0xff, 0xff, 0xff, 0xff, 0x03]), 'delete_set');
		expectRefused(Uint8Array.from([...update.slice(0, -1), 1]), 'delete_set');
	});

	test('trailing bytes', () => {
		const update = bent(() => {});
		for (const tail of [[0], [0, 0], [1, 2, 3]]) expectRefused(Uint8Array.from([...update, ...tail]), 'trailing_bytes');
	});

	test('every truncation of an honest update, and the empty array', () => {
		const update = bent(() => {});
		for (let length = 0; length < update.length; length++) {
			const verdict = gateUpdate(update.slice(0, length));
			expect([length, verdict.ok || verdict.code]).toEqual([length, 'truncated']);
		}
		expectRefused(new Uint8Array(0), 'truncated');
	});

	test('V2 updates, the empty one too', () => {
		expectRefused(Y.encodeStateAsUpdateV2(new Y.Doc()), 'trailing_bytes');
		for (const journal of [a, m]) {
			const doc = new Y.Doc({ gc: false });
			Y.applyUpdate(doc, encodeUpdate([runOf(journal, 0)]));
			expect(['delete_set', 'trailing_bytes', 'varint_not_minimal']).toContain(
				receiver.deliver(Y.encodeStateAsUpdateV2(doc)),
			);
		}
	});
});
