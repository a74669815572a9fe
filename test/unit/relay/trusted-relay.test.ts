import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRows } from '../../../adapters/relay/rows.js';
import { encodeCheckpoint, sealCheckpoint } from '../../../src/journal/checkpoint.js';
import { hashOfInput } from '../../../src/journal/limit.js';
import { Warden } from '../../../src/journal/warden.js';
import { PointIntake } from '../../../src/relay/point-intake.js';
import type { RowStore } from '../../../src/relay/row-store.js';
import { signConsent } from '../../../src/trust/consent.js';
import type { Grant } from '../../../src/trust/grant.js';
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
	desk.keeping.held.warden = new Warden(new Trust(crypto, chain.root), crypto);
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

test('beyond its author’s limit a document counts with a yes alone that is for exactly it', async () => {
	const limited: Grant = { ...cashier, limits: { 'order.refund': 20_000 } };
	const till = await enrol([limited]);
	const mia = await enrol([{ ...cashier, verbs: ['order.refund', 'approval.decide'] }]);
	const pen = await Pen.open(ledger, '1', 0, till);
	const input = '["order.refund",{"order":"o-1"}]';
	const bindsTo = hashOfInput(crypto.sha256, input);
	const terms = {
		ledger,
		till: pen.device,
		verb: 'order.refund',
		amount: 30_000,
		bindsTo,
		date: '2026-03-02',
		id: 'q-1',
	};
	const consent = async (of: object = {}, by = mia) => ({
		input,
		signed: await signConsent(crypto, by, chain.root, { ...terms, ...of }),
	});
	const refund = (more: object) => ({
		verb: 'order.refund',
		date: '2026-03-02',
		approval: 'q-1',
		asked: 30_000,
		...more,
	});
	const { line, rejections } = openDesk();
	let n = 1;
	const bring = async (document: object) => {
		const next = await Pen.open(ledger, `${++n}`, 0, till);
		next.write([{ kind: 'append', log: 'order/1', value: new TextEncoder().encode(JSON.stringify(document)) }]);
		const { acks } = await line.bring(await next.update());
		return acks.length > 0;
	};
	const refused = async (document: object) => {
		expect(await bring(document)).toBe(false);
		expect(rejections.newest.at(-1)).toMatchObject({ code: 'not_allowed', reason: 'limit order.refund' });
	};
	expect(await bring(refund({ asked: 20_000 }))).toBe(true);
	expect(await bring({ verb: 'order.open' })).toBe(true);
	expect(await bring(refund({ consent: await consent() }))).toBe(true);
	for (const asked of [undefined, 20_001, '1', -1, 0.5, null]) await refused(refund({ asked }));
	for (const other of [
		{ ledger: 'stock/sh-1/x' },
		{ till: mia.publicKey.join() },
		{ verb: 'order.void' },
		{ amount: 29_999 },
		{ amount: 30_001 },
		{ bindsTo: 'another' },
		{ date: '2026-03-03' },
		{ id: 'q-2' },
	])
		await refused(refund({ consent: await consent(other) }));
	await refused(refund({ consent: { ...(await consent()), input: input.replace('o-1', 'o-2') } }));
	await refused(refund({ consent: await consent({}, { ...till, credential: till.credential }) }));
	await refused(refund({ consent: { input } }));
	await refused(refund({ consent: 'yes' }));
});
