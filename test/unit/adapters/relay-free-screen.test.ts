import { encoding } from 'lib0';
import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { FreeDocument, type FreeHost, Full } from '../../../adapters/relay/free/document.js';
import { type FreeLimits, freeLimits } from '../../../adapters/relay/free/limits.js';
import { screenUpdate } from '../../../adapters/relay/free/screen.js';
import { FreeStore } from '../../../adapters/relay/free/store.js';
import { checkJson, Malformed } from '../../../adapters/relay/free/update-reader.js';
import { seeded } from '../../contract/check.js';
import { fromHex, writeEverything } from './free-samples.js';
import { memoryDatabase } from './relay-free-server.js';

async function document(limits: Partial<FreeLimits> = {}): Promise<{
	document: FreeDocument;
	warnings: string[];
	/** What the next one gets who opens it from disk. */
	reopen: () => FreeDocument;
}> {
	const store = new FreeStore(await memoryDatabase());
	const warnings: string[] = [];
	let queue: { name: string; update: Uint8Array }[] = [];
	const host: FreeHost = {
		store,
		limits: { ...freeLimits, ...limits },
		save: (name, update) => queue.push({ name, update }),
		flush: () => {
			store.append(queue);
			queue = [];
		},
		warn: (_, what) => warnings.push(what),
	};
	const reopen = (): FreeDocument => {
		host.flush();
		return new FreeDocument('notes', host);
	};
	return { document: reopen(), warnings, reopen };
}

/** What somebody gets who joins now; throws where the document is spoilt. */
function newcomer(held: FreeDocument): Y.Doc {
	const doc = new Y.Doc();
	Y.applyUpdate(doc, held.difference(Y.encodeStateVector(doc)));
	expect(doc.store.pendingStructs).toBeNull();
	expect(doc.store.pendingDs).toBeNull();
	return doc;
}

const updateOf = (write: (doc: Y.Doc) => void, clientID = 77): Uint8Array => {
	const doc = new Y.Doc();
	doc.clientID = clientID;
	write(doc);
	return Y.encodeStateAsUpdate(doc);
};

describe('The screen', () => {
	test('lets through whatever Yjs writes: every kind of content, deletions, many clients', () => {
		for (let seed = 1; seed <= 20; seed++) {
			const doc = new Y.Doc();
			const updates: Uint8Array[] = [];
			doc.on('update', (update: Uint8Array) => updates.push(update));
			writeEverything(doc, seeded(seed));
			const whole = Y.encodeStateAsUpdate(doc);
			for (const update of [...updates, whole, Y.mergeUpdates(updates)]) screenUpdate(update);
			let pieces = 0;
			for (const list of doc.store.clients.values()) pieces += list.length;
			expect(screenUpdate(whole).structs).toBe(pieces);
		}
	});

	test.each([
		['a text of length zero, which no newcomer can read', '01024d0008010170017e844d000000'],
		['a list of length zero', '01014d000801017000' + '00'],
		['a collected piece of length zero', '01014d000000' + '00'],
		['a piece that names itself', '01014d00844d00016100'],
		['a piece that names a later one of its client', '01014d00444d05016100'],
		['a section that promises more than there is', '01ffffffff0f4d00'],
		['two sections of one client', '02014d000001014d01000100'],
		['a clock beyond every number', '01014dffffffffffff7f000100'],
		['a kind that there is not', '01014d000b01017000'],
		['a type that there is not', '01014d0007010170' + '09' + '00'],
		['a deletion of nothing', '00014d010000'],
		['bytes after its end', '000000'],
		['nothing', ''],
		['half a number', '80'],
		['a text that is not UTF-8', '01014d0004010170' + '02c328' + '00'],
		['an embedded value that is no JSON', '01014d0005010170' + '017b' + '00'],
	])('refuses %s', (_, hex) => {
		expect(() => screenUpdate(fromHex(hex))).toThrow(Malformed);
	});

	test('refuses values nested so deep that a reader runs out of stack', () => {
		const deep = new Uint8Array(100_000).fill(117);
		for (let i = 1; i < deep.length; i += 2) deep[i] = 1;
		expect(() => screenUpdate(Uint8Array.of(1, 1, 0x4d, 0, 8, 1, 1, 0x70, 1, ...deep))).toThrow('nested too deep');
		expect(() => checkJson('['.repeat(1_000) + ']'.repeat(1_000))).toThrow('nested too deep');
		checkJson(JSON.stringify({ text: '[[[[{{{"\\'.repeat(100) }));
	});
});

/** Devices that write at the same time and hear of each other now and then. */
function concurrentUpdates(random: () => number): Uint8Array[] {
	const docs = Array.from({ length: 4 }, () => new Y.Doc());
	const updates: Uint8Array[] = [];
	for (const doc of docs) doc.on('update', (update: Uint8Array, from: unknown) => from || updates.push(update));
	for (let round = 0; round < 3; round++) {
		for (const doc of docs) writeEverything(doc, random);
		const [from, to] = [docs[Math.floor(random() * 4)], docs[Math.floor(random() * 4)]] as [Y.Doc, Y.Doc];
		Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'peer');
	}
	return updates;
}

/** Two devices in one list: the second puts each of its pieces between the very first and the very last of the other. */
function busyUpdate(pieces: number, id = 1): Uint8Array {
	return encoding.encode((encoder) => {
		const count = (...counts: number[]): void => {
			for (const n of counts) encoding.writeVarUint(encoder, n);
		};
		count(2, pieces, id, 0);
		for (let k = 0; k < pieces; k++) {
			if (k === 0) {
				count(4, 1);
				encoding.writeVarString(encoder, `t${id}`);
			} else {
				encoding.writeUint8(encoder, 0x84);
				count(id, k - 1);
			}
			encoding.writeVarString(encoder, 'x');
		}
		count(pieces, id + 1, 0);
		for (let k = 0; k < pieces; k++) {
			encoding.writeUint8(encoder, 0x44);
			count(id, pieces - 1 - (k % 7));
			encoding.writeVarString(encoder, 'y');
		}
		count(0);
	});
}

describe('Putting updates in piece by piece', () => {
	test('gives what Yjs gives, for everything at once, in any order and with parts missing', async () => {
		const random = seeded(11);
		for (let round = 0; round < 30; round++) {
			const updates = concurrentUpdates(random);
			const { document: held } = await document();
			const yjs = new Y.Doc();
			const shuffled = [...updates].sort(() => random() - 0.5);
			const parts = [shuffled.slice(0, 9), shuffled.slice(5), updates];
			for (const part of parts) held.take(Y.mergeUpdates(part));
			Y.applyUpdate(yjs, Y.mergeUpdates(updates));
			expect(Y.encodeStateVector(newcomer(held))).toEqual(Y.encodeStateVector(yjs));
			expect(newcomer(held).getText('text').toDelta()).toEqual(yjs.getText('text').toDelta());
			expect(newcomer(held).getArray('list').toJSON()).toEqual(yjs.getArray('list').toJSON());
			expect(newcomer(held).getXmlFragment('xml').toString()).toBe(yjs.getXmlFragment('xml').toString());
			expect(Object.keys(newcomer(held).getMap('map').toJSON()).sort()).toEqual(
				Object.keys(yjs.getMap('map').toJSON()).sort(),
			);
		}
	});

	test('takes as much as Yjs does of an update whose pieces wait for what never comes', async () => {
		const random = seeded(12);
		for (let round = 0; round < 30; round++) {
			const updates = concurrentUpdates(random).filter(() => random() < 0.9);
			const { document: held } = await document();
			const yjs = new Y.Doc();
			Y.applyUpdate(yjs, Y.mergeUpdates(updates));
			const lacks = yjs.store.pendingStructs !== null || yjs.store.pendingDs !== null;
			expect(held.take(Y.mergeUpdates(updates)).lacking).toBe(lacks);
			expect(Y.decodeStateVector(held.vector())).toEqual(Y.decodeStateVector(Y.encodeStateVector(yjs)));
		}
	});

	test('refuses 29 KB that would keep Yjs busy for seconds, and changes nothing', async () => {
		const { document: held } = await document();
		held.take(updateOf((doc) => doc.getText('t').insert(0, 'ours')));
		const startedMs = performance.now();
		expect(() => held.take(busyUpdate(2_400))).toThrow('keep us busy');
		expect(performance.now() - startedMs).toBeLessThan(1_000);
		expect(newcomer(held).getText('t').toString()).toBe('ours');
		held.take(busyUpdate(100));
	});

	test('counts what all updates together cost: whoever opens the document pays it again', async () => {
		const { document: held } = await document({ documentSteps: 25_000 });
		// Some 10,000 steps each, under ids and in lists of their own.
		const busy = [1, 11, 21].map((id) => busyUpdate(100, id));
		held.take(busy[0] as Uint8Array);
		held.take(busy[1] as Uint8Array);
		expect(() => held.take(busy[2] as Uint8Array)).toThrow('keep us busy');
		held.take(updateOf((doc) => doc.getText('other').insert(0, 'as ever')));
	});
});

describe('A document', () => {
	test('takes updates once, tells what was new, and is the same from disk', async () => {
		const { document: held } = await document();
		const update = updateOf((doc) => doc.getText('t').insert(0, 'hello'));
		expect(held.take(update)).toMatchObject({ lacking: false, news: expect.any(Uint8Array) });
		expect(held.take(update)).toEqual({ news: undefined, lacking: false });
		expect(newcomer(held).getText('t').toString()).toBe('hello');
	});

	test('drops what names unknown pieces, keeps the rest, and says that something lacks', async () => {
		const { document: held } = await document();
		const author = new Y.Doc();
		const updates: Uint8Array[] = [];
		author.on('update', (update: Uint8Array) => updates.push(update));
		for (const word of ['a', 'b', 'c']) author.getText('t').insert(author.getText('t').length, word);
		const [first, , third] = updates as [Uint8Array, Uint8Array, Uint8Array];
		expect(held.take(Y.mergeUpdates([first, third])).lacking).toBe(true);
		expect(newcomer(held).getText('t').toString()).toBe('a');
		expect(held.take(Y.encodeStateAsUpdate(author, held.vector())).lacking).toBe(false);
		expect(newcomer(held).getText('t').toString()).toBe('abc');
	});

	test('drops deletions of unknown pieces', async () => {
		const { document: held } = await document();
		expect(held.take(fromHex('00014d010001'))).toEqual({ news: undefined, lacking: true });
		held.take(updateOf((doc) => doc.getText('t').insert(0, 'x')));
		expect(newcomer(held).getText('t').toString()).toBe('x');
	});

	test('is as it was before an update at which Yjs throws', async () => {
		const { document: held } = await document();
		held.take(updateOf((doc) => doc.getText('t').insert(0, 'before')));
		// A good piece of client 200, then a subdocument of client 100 without options, at which Yjs throws.
		const good = '01c80100040101740161';
		const bad = `0164000901017401677e`;
		expect(() => held.take(fromHex(`02${good}${bad}00`))).toThrow('Yjs could not apply it');
		expect(newcomer(held).getText('t').toString()).toBe('before');
		held.take(updateOf((doc) => doc.getText('t').insert(0, 'after '), 78));
		expect(newcomer(held).getText('t').toString()).toContain('after');
	});

	test('refuses what is too much for it, and takes deletions all the same', async () => {
		const { document: held } = await document({
			documentBytes: 2_000,
			updateStructs: 10,
			documentClients: 3,
			updateSubdocuments: 1,
		});
		const author = new Y.Doc();
		author.getText('t').insert(0, 'x'.repeat(1_500));
		held.take(Y.encodeStateAsUpdate(author));
		const more = updateOf((doc) => doc.getText('u').insert(0, 'y'.repeat(900)));
		expect(() => held.take(more)).toThrow(Full);
		author.getText('t').delete(0, 1_500);
		held.take(Y.encodeStateAsUpdate(author, held.vector()));
		held.take(more);
		expect(newcomer(held).getText('t').toString()).toBe('');
		const many = updateOf((doc) => {
			for (let i = 0; i < 20; i++) doc.getText('v').insert(0, 'z');
		}, 3);
		expect(() => held.take(many)).toThrow('too many pieces');
		const clients = Y.mergeUpdates([1, 2, 3, 4].map((id) => updateOf((doc) => doc.getText('w').insert(0, 'w'), id)));
		expect(() => held.take(clients)).toThrow('too many clients');
		const subdocuments = updateOf((doc) => doc.getArray('d').push([new Y.Doc(), new Y.Doc()]));
		expect(() => held.take(subdocuments)).toThrow('too many subdocuments');
	});

	test('compacts its log, and stays within its limit however much is typed and deleted', async () => {
		const { document: held, warnings } = await document({ documentBytes: 20_000 });
		const author = new Y.Doc();
		author.on('update', (update: Uint8Array) => held.take(update));
		for (let i = 0; i < 3_000; i++) {
			author.getText('t').insert(author.getText('t').length, 'word');
			if (i % 2 === 1) author.getText('t').delete(0, 8);
		}
		expect(newcomer(held).getText('t').toString()).toBe(author.getText('t').toString());
		expect(warnings).toEqual([]);
	});

	test('knows what everybody had before the last news', async () => {
		const { document: held } = await document();
		held.take(updateOf((doc) => doc.getText('t').insert(0, 'one'), 5));
		const before = held.vector();
		const { news } = held.take(
			Y.mergeUpdates([
				updateOf((doc) => doc.getText('t').insert(0, 'one two'.slice(0, 3)), 5),
				updateOf((doc) => doc.getText('u').insert(0, 'two'), 6),
			]),
		);
		const reader = new Y.Doc();
		Y.applyUpdate(reader, held.difference(held.vectorBefore(news as Uint8Array)));
		expect(reader.getText('u').toString()).toBe('two');
		expect(Y.decodeStateVector(held.vectorBefore(news as Uint8Array)).get(5)).toBe(Y.decodeStateVector(before).get(5));
	});

	test('whatever bytes are changed in updates: refused, or everybody who comes later can read it and write on', async () => {
		const random = seeded(20_260_214);
		let taken = 0;
		let refused = 0;
		for (let round = 0; round < 60; round++) {
			const { document: held, reopen } = await document();
			const author = new Y.Doc();
			const updates: Uint8Array[] = [];
			author.on('update', (update: Uint8Array) => updates.push(update));
			writeEverything(author, random);
			for (const update of updates) {
				held.take(update);
				for (let i = 0; i < 3; i++) {
					const mutant = update.slice();
					for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--)
						mutant[Math.floor(random() * mutant.length)] = Math.floor(random() * 256);
					try {
						held.take(random() < 0.2 ? mutant.subarray(0, Math.floor(random() * mutant.length)) : mutant);
						taken++;
					} catch (error) {
						expect(error instanceof Malformed || error instanceof Full, String(error)).toBe(true);
						refused++;
					}
				}
			}
			const joined = newcomer(held);
			joined.getText('after').insert(0, 'still here');
			held.take(Y.encodeStateAsUpdate(joined, held.vector()));
			expect(newcomer(reopen()).getText('after').toString()).toBe('still here');
			held.compact();
			for (const each of [held, reopen()]) expect(newcomer(each).getText('after').toString()).toBe('still here');
		}
		expect(taken).toBeGreaterThan(200);
		expect(refused).toBeGreaterThan(200);
	});
});
