import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { utf8 } from '../../../src/base/bytes.js';
import { rootName } from '../../../src/journal/epoch.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { type ItemModel, writeUpdate } from '../../property/update-model.js';
import { a, b, bent, eachGroup, entries, expectRefused, hex, m, mine, receiver, said } from './bad-input.js';

describe('bad input: structs', () => {
	test('the 15 bytes with a zero-length item', () => {
		const update = hex('01024d0008010170017e844d000000');
		expectRefused(update, 'not_binary_content');
		expect(gateUpdate(update)).toEqual({ ok: false, code: 'not_binary_content', offset: 4 });
	});

	const emptyContents = { any: [8, 0], text: [4, 0], JSON: [2, 0], deleted: [1, 0] } as const;
	for (const [kind, [ref, length]] of Object.entries(emptyContents))
		test(`a zero-length item of ${kind}, first or later`, () => {
			const raw = Uint8Array.of(length);
			expectRefused(
				bent((_, first) => Object.assign(first, { info: ref, raw })),
				'not_binary_content',
			);
			expectRefused(
				bent((_, _first, later) => Object.assign(later, { info: 0x80 | ref, raw })),
				'not_binary_content',
			);
		});

	test('a skip struct, of any length, anywhere', () => {
		for (const info of [10, 42])
			for (const length of [0, 1, 2 ** 31])
				for (const at of [0, 1, 2]) {
					const skip: ItemModel = { info, length, content: new Uint8Array() };
					expectRefused(
						bent((model) => eachGroup(model, ({ items }) => items.splice(at, 0, skip))),
						'skip_or_gc',
					);
				}
	});

	test('a GC struct, for a range of its own or of somebody else', () => {
		const gc: ItemModel = { info: 0, length: 3, content: new Uint8Array() };
		for (const [client, clock] of [
			[m.epoch, 0],
			[a.epoch, 3],
			[a.epoch, 0],
			[b.epoch, 1],
		] as const)
			expectRefused(writeUpdate({ groups: [{ client, clock, items: [gc] }], deletes: [] }), 'skip_or_gc');
	});

	test('garbage that an ordinary collecting document leaves', () => {
		const update = said(m.epoch, (doc) => {
			const array = doc.getArray(mine);
			array.push([entries[0], new Y.Map()]);
			array.delete(0, 2);
		});
		expectRefused(update, 'not_binary_content');
	});

	test('origin missing, of another clock, of another journal; a first item that has one', () => {
		expectRefused(
			bent((_, _first, later) => Object.assign(later, { info: 3, parent: utf8(mine) })),
			'wrong_origin',
		);
		for (const origin of [
			[m.epoch, 1],
			[m.epoch, 2],
			[a.epoch, 0],
			[a.epoch, 2],
			[m.epoch, 2n ** 60n],
			[2n ** 60n, 0],
		] as const)
			expectRefused(
				bent((_, _first, later) => Object.assign(later, { origin })),
				'wrong_origin',
			);
		expectRefused(
			bent((_, first) => Object.assign(first, { info: 0x83, origin: [a.epoch, 2] })),
			'wrong_origin',
		);
	});

	test('a right origin, beside an origin or alone', () => {
		const rightOrigin = [a.epoch, 0] as const;
		expectRefused(
			bent((_, _first, later) => Object.assign(later, { info: 0xc3, rightOrigin })),
			'right_origin',
		);
		expectRefused(
			bent((_, first) => Object.assign(first, { info: 0x43, rightOrigin })),
			'right_origin',
		);
	});

	test('an insert in front of a foreign entry, as a plain document writes it', () => {
		const thief = new Y.Doc();
		Y.applyUpdate(thief, Y.encodeStateAsUpdate(receiver.doc));
		thief.clientID = m.epoch;
		const before = Y.encodeStateVector(thief);
		thief.getArray(rootName(a.root)).insert(0, [entries[4]]);
		expectRefused(Y.encodeStateAsUpdate(thief, before), 'right_origin');
	});

	test('an append to a foreign journal under an id of its own', () => {
		const thief = new Y.Doc();
		Y.applyUpdate(thief, Y.encodeStateAsUpdate(receiver.doc));
		thief.clientID = m.epoch;
		const before = Y.encodeStateVector(thief);
		thief.getArray(rootName(a.root)).push([entries[4]]);
		expectRefused(Y.encodeStateAsUpdate(thief, before), 'wrong_origin');
	});

	test('a parent key, `__proto__` too', () => {
		for (const parentKey of ['k', '__proto__', ''])
			expectRefused(
				bent((_, first) => Object.assign(first, { info: 0x23, parentKey })),
				'parent_key',
			);
		expectRefused(
			bent((_, _first, later) => Object.assign(later, { infoByte: 0xa3 })),
			'parent_key',
		);
		expectRefused(
			said(m.epoch, (doc) => doc.getMap(mine).set('__proto__', entries[0])),
			'parent_key',
		);
	});
});

describe('bad input: content of other kinds, as plain documents write it', () => {
	const array = (doc: Y.Doc): Y.Array<unknown> => doc.getArray(mine);
	const kinds: Record<string, (doc: Y.Doc) => void> = {
		'numbers and objects': (doc) => array(doc).push([1, { __proto__: 1, a: [null] }]),
		'a key `__proto__` in a value': (doc) => array(doc).push([JSON.parse('{"__proto__":{"admin":true}}')]),
		NaN: (doc) => array(doc).push([Number.NaN]),
		'a number past 2^53': (doc) => array(doc).push([2 ** 70]),
		text: (doc) => doc.getText(mine).insert(0, 'text'),
		'formatted text': (doc) => doc.getText(mine).insert(0, 'text', { bold: true }),
		'an embed': (doc) => doc.getText(mine).insertEmbed(0, { image: 1 }),
		'an XML element': (doc) => doc.getXmlFragment(mine).push([new Y.XmlElement('p')]),
		'a sub-document': (doc) => array(doc).push([new Y.Doc({ guid: 'inner' })]),
		'nested types, 5,000 deep': (doc) => {
			let inner = array(doc);
			for (let depth = 0; depth < 5_000; depth++) {
				const next = new Y.Array<unknown>();
				inner.push([next]);
				inner = next;
			}
		},
	};
	for (const [kind, write] of Object.entries(kinds))
		test(kind, () => expectRefused(said(m.epoch, write), 'not_binary_content'));

	test('a BigInt inside `any`', () => {
		const raw = Uint8Array.of(1, 122, 0, 0, 0, 0, 0, 0, 0, 1);
		expectRefused(
			bent((_, first) => Object.assign(first, { info: 8, raw })),
			'not_binary_content',
		);
	});

	test('content kinds that do not exist', () => {
		for (let kind = 11; kind < 32; kind++)
			expectRefused(
				bent((_, first) => Object.assign(first, { info: kind, raw: Uint8Array.of(0) })),
				'not_binary_content',
			);
	});
});
