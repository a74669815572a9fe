import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRows } from '../../../adapters/relay/rows.js';
import { encodeCheckpoint, sealCheckpoint } from '../../../src/journal/checkpoint.js';
import { Warden } from '../../../src/journal/warden.js';
import { PointIntake } from '../../../src/relay/point-intake.js';
import type { RowStore } from '../../../src/relay/row-store.js';
import { Trust } from '../../../src/trust/trust.js';
import { temporaryFolder } from '../../crash/child.js';
import { ChainOfTrust, cashier, crypto, ofStore } from '../trust/chain-of-trust.js';
import { deskOver, Line, Pen, platform } from './pen.js';

const ledger = 'stock/sh-1';
const chain = await ChainOfTrust.create();
let folder: ReturnType<typeof temporaryFolder>;
let store: RowStore;

beforeEach(async () => {
	folder = temporaryFolder();
	store = await openRows(`${folder.path}/relay.db`, 'test');
});
afterEach(async () => {
	await store.close();
	folder.remove();
});

function openDesk() {
	const desk = deskOver(store);
	desk.keeping.held.warden = new Warden(new Trust(crypto, chain.root));
	return { ...desk, line: new Line(desk) };
}

const enrol = (grants = [cashier]) => chain.enrol(grants, chain.store);
const verb = (name: string) => new TextEncoder().encode(JSON.stringify({ verb: name }));

test('a relay takes what the credential in the first row allows, after a restart too, and nothing else', async () => {
	const pen = await Pen.open(ledger, '1', 0, await enrol());
	pen.write([{ kind: 'append', log: 'order/1', value: verb('order.open') }]);
	const first = openDesk();
	expect((await first.line.bring(await pen.update())).acks).toEqual([{ epoch: pen.id, count: 2 }]);
	// Its first row is on disk by now, and nowhere else.
	await store.close();
	store = await openRows(`${folder.path}/relay.db`, 'test');
	const { line, rejections } = openDesk();
	pen.write([{ kind: 'append', log: 'order/1', value: verb('order.add') }]);
	expect((await line.bring(await pen.update(2))).acks).toEqual([{ epoch: pen.id, count: 3 }]);
	pen.write([{ kind: 'append', log: 'order/1', value: verb('member.erase') }]);
	expect(await line.bring(await pen.update(3))).toMatchObject({ acks: [{ epoch: pen.id, count: 3 }], again: false });
	expect(rejections.newest).toMatchObject([{ code: 'not_allowed', device: pen.device, reason: 'verb member.erase' }]);
	// What comes after it fits nowhere, and is not asked for.
	pen.sell();
	expect((await line.bring(await pen.update(4))).again).toBe(false);
	expect(rejections.newest).toHaveLength(1);
});

test('a relay takes nothing of a device without a credential, or of another ledger than its own', async () => {
	const { line, rejections } = openDesk();
	for (const [pen, reason] of [
		[await Pen.open(ledger), 'credential'],
		[await Pen.open('stock/sh-2', '1', 0, await enrol()), 'write'],
	] as const) {
		expect((await line.bring(await pen.update())).acks).toEqual([]);
		expect(rejections.newest.at(-1)).toMatchObject({ code: 'not_allowed', reason });
	}
});

test('a relay keeps checkpoints of those alone who may be home', async () => {
	const { keeping, rejections } = openDesk();
	const points = new PointIntake({ platform, store, keeping, rejections });
	const cut = new Map([[7, { epoch: 7, count: 1, device: 'd', prev: null, hash: undefined }]]);
	const content = { ledger, cut, needs: new Map(), fences: [], figures: new Uint8Array() };
	const point = async (pair: Awaited<ReturnType<typeof enrol>>) =>
		encodeCheckpoint(await sealCheckpoint(crypto, pair, content, () => 0));
	expect(await points.receive(await point(await enrol()))).toBeUndefined();
	expect(rejections.newest).toMatchObject([{ code: 'not_allowed', ledger }]);
	expect(await points.receive(await point(await enrol([ofStore])))).toBe(ledger);
});
