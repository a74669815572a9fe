import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRows } from '../../../adapters/relay/rows.js';
import type { KeptLedger } from '../../../src/relay/keeping.js';
import { Differences } from '../../../src/relay/lacking.js';
import type { RowStore } from '../../../src/relay/row-store.js';
import { decodeFrame } from '../../../src/sync/frames.js';
import { temporaryFolder } from '../../crash/child.js';
import { type Desk, deskOver, Line, Pen, updateOf } from './pen.js';

const ledger = 'stock/sh-014';
let folder: ReturnType<typeof temporaryFolder>;
let store: RowStore;
let desk: Desk;

beforeEach(async () => {
	folder = temporaryFolder();
	store = await openRows(`${folder.path}/relay.db`, 'test');
	desk = deskOver(store);
});
afterEach(async () => {
	await store.close();
	rmSync(folder.path, { recursive: true });
});

async function reopen(): Promise<void> {
	await store.close();
	store = await openRows(`${folder.path}/relay.db`, 'test');
	desk = deskOver(store);
}

const everything = (sent: (epoch: number) => number = () => 0, bytes = 1e6) => {
	const kept = desk.keeping.ledger(ledger);
	return kept && new Differences().next(kept, sent, bytes);
};

const codes = () => Object.fromEntries(desk.rejections.counts);

test('SYN2 JRN3 what is acknowledged is on disk: another opening holds it, byte for byte', async () => {
	const pen = (await Pen.open(ledger)).sell(3);
	const taken = await desk.intake.receive(await pen.update());
	expect(taken).toMatchObject({ acks: [{ epoch: pen.id, count: 4 }], again: false });
	expect(desk.grown).toEqual([{ epochs: [pen.id], forward: undefined }]);
	await reopen();
	const held = everything();
	expect(held?.runs[0]?.entries).toEqual(pen.rows);
	expect(held?.seals[0]).toEqual(await pen.seal());
	await desk.intake.receive(await pen.sell().update(4));
	expect(everything()?.runs[0]?.entries).toEqual(pen.rows);
	expect(codes()).toEqual({});
});

test('SYN1 a run that does not begin where the relay ends is asked for again; rows that are known are acknowledged', async () => {
	const pen = (await Pen.open(ledger)).sell(3);
	expect(await desk.intake.receive(await pen.update(2))).toMatchObject({ acks: [], again: true });
	await desk.intake.receive(await pen.update(0, 2));
	expect(await desk.intake.receive(await pen.update(3))).toMatchObject({ acks: [{ count: 2 }], again: true });
	const overlapping = await desk.intake.receive(await pen.update(1));
	expect(overlapping).toMatchObject({ acks: [{ count: 4 }], again: false });
	const again = await desk.intake.receive(await pen.update());
	expect(again).toMatchObject({ acks: [{ count: 4 }], again: false });
	expect(desk.keeping.ledger(ledger)).toMatchObject({ entries: 4 });
});

test('SYN2 the same rows by two ways at once are stored once, and neither is acknowledged before they are on disk', async () => {
	const pen = (await Pen.open(ledger)).sell(2);
	const update = await pen.update();
	const [a, b] = await Promise.all([desk.intake.receive(update), desk.intake.receive(update)]);
	expect(desk.grown).toHaveLength(1);
	for (const { acks } of [a, b]) expect(acks).toEqual([{ epoch: pen.id, count: 3 }]);
});

test('JRN10 an entry that names what is not held waits; rows of one update free each other, in parts where they must', async () => {
	const [a, b] = [await Pen.open(ledger), await Pen.open(ledger)];
	a.sell(1);
	b.sell(1, [{ epoch: a.id, count: 2 }]);
	a.sell(1, [{ epoch: b.id, count: 2 }]).sell(1);
	// The first part is kept, and not acknowledged: its seal is over what is missing, and without one it can be told to nobody.
	expect(await desk.intake.receive(await b.update())).toMatchObject({ again: true, acks: [] });
	const both = updateOf([a.run(), b.run()], [await a.seal(), await b.seal()], b.name);
	expect(await desk.intake.receive(both)).toMatchObject({
		again: false,
		acks: expect.arrayContaining([
			{ epoch: a.id, count: 4 },
			{ epoch: b.id, count: 2 },
		]),
	});
	await reopen();
	const held = everything();
	const rows = new Map(held?.runs.map((run) => [run.epoch, run.entries]));
	expect(rows.get(a.id)).toEqual(a.rows);
	expect(rows.get(b.id)).toEqual(b.rows);
});

test('JRN8 JRN7 what its device did not seal is refused and counted; the rest of the update is taken', async () => {
	const [sound, forged] = [(await Pen.open(ledger)).sell(), (await Pen.open(ledger)).sell()];
	const wrong = { ...(await forged.seal()), signature: (await sound.seal()).signature };
	const update = updateOf([sound.run(), forged.run()], [await sound.seal(), wrong], sound.name);
	const taken = await desk.intake.receive(update);
	expect(taken).toMatchObject({ acks: [{ epoch: sound.id, count: 2 }], again: false });
	expect(codes()).toEqual({ bad_seal: 1 });
	const [clone, other] = [sound.next('2'), sound.next('2')];
	await desk.intake.receive(await clone.sell().update());
	await desk.intake.receive(await other.write([{ kind: 'add', counter: 'sold', amount: 2 }]).update());
	expect(codes()).toEqual({ bad_seal: 1, fork: 1 });
	expect(desk.rejections.newest.at(-1)).toMatchObject({ code: 'fork', ledger, device: sound.device });
});

test('JRN7 an epoch goes on after the very rows that are stored, wherever in their runs its predecessor ends', async () => {
	const pen = await Pen.open(ledger);
	await desk.intake.receive(await pen.update());
	await desk.intake.receive(await pen.sell(3).update(1));
	await desk.intake.receive(await pen.sell(3).update(4));
	await reopen();
	for (const [i, at] of [2, 4, 6, 7].entries()) {
		const next = pen.next(String(i + 2), at);
		expect((await desk.intake.receive(await next.update())).acks, `after ${at}`).toEqual([
			{ epoch: next.id, count: 1 },
		]);
	}
	expect(codes()).toEqual({});
});

test('a forged seal under way beside sound ones is refused alone, whatever order they are checked in', async () => {
	const pen = await Pen.open(ledger);
	const first = await pen.update();
	const second = await pen.sell().update(1);
	const forged = { ...second, seals: [{ ...(await pen.seal()), signature: new Uint8Array(64) }] };
	const third = await pen.sell().update(2);
	const answers = await Promise.all([first, forged, second, third].map((update) => desk.intake.receive(update)));
	expect(answers.map(({ acks }) => acks[0]?.count)).toEqual([1, 1, 2, 3]);
	expect(desk.grown).toHaveLength(3);
	expect(codes()).toEqual({ bad_seal: 1 });
});

test('limits: a full ledger, a device past its day and an entry too large are refused and counted; others are not', async () => {
	desk = deskOver(store, { ledgerBytes: 300, deviceEntriesPerDay: 3, entryBytes: 150 });
	const [busy, other] = [(await Pen.open(ledger)).sell(2), (await Pen.open(ledger)).sell()];
	await desk.intake.receive(await busy.update());
	expect(await desk.intake.receive(await busy.sell().update(3))).toMatchObject({ acks: [{ count: 3 }], again: false });
	expect(codes()).toEqual({ device_quota: 1 });
	const large = (await Pen.open('orders/x')).write([
		{ kind: 'append', log: 'notes', value: new TextEncoder().encode(`"${'x'.repeat(150)}"`) },
	]);
	expect(await desk.intake.receive(await large.update())).toMatchObject({ acks: [], again: false });
	expect(codes()).toEqual({ device_quota: 1, entry_too_large: 1 });
	await desk.intake.receive(await other.update());
	for (let i = 0; i < 4; i++) await desk.intake.receive(await (await Pen.open(ledger)).sell().update());
	expect(codes()).toMatchObject({ ledger_full: expect.any(Number) });
	expect((await desk.intake.receive(await (await Pen.open('stock/other')).update())).acks).toHaveLength(1);
});

test('JRN10 differences come in the order of arrival, in chunks, each of one segment, each epoch from where the peer stands', async () => {
	const pens = await Promise.all([1, 2, 3].map(() => Pen.open(ledger)));
	const later = await Pen.open(ledger, '1', 1);
	for (const pen of [...pens, later]) await desk.intake.receive(await pen.update());
	for (let i = 0; i < 40; i++) {
		const pen = pens[i % 3] as Pen;
		await desk.intake.receive(await pen.sell(2).update(pen.rows.length - 2));
	}
	const at = new Map<number, number>();
	const received = new Map<number, Uint8Array[]>();
	let chunks = 0;
	const differences = new Differences();
	for (; chunks < 200; chunks++) {
		const kept = desk.keeping.ledger(ledger) as KeptLedger;
		const batch = differences.next(kept, (epoch) => at.get(epoch) ?? 0, 1000);
		expect(
			differences.next(kept, (epoch) => at.get(epoch) ?? 0, 1000),
			'remembered',
		).toBe(batch);
		if (!batch) break;
		expect(new Set(batch.runs.map(({ name }) => (name as { segment?: number }).segment))).toEqual(
			new Set([batch.segment]),
		);
		for (const [i, run] of batch.runs.entries()) {
			expect(run.from).toBe(at.get(run.epoch) ?? 0);
			received.set(run.epoch, [...(received.get(run.epoch) ?? []), ...run.entries]);
			at.set(run.epoch, run.from + run.entries.length);
			expect(batch.seals[i]).toMatchObject({ epoch: run.epoch, count: at.get(run.epoch) });
		}
	}
	expect(chunks).toBeGreaterThan(5);
	for (const pen of [...pens, later]) expect(received.get(pen.id)).toEqual(pen.rows);
	const [first] = pens as [Pen];
	await desk.intake.receive(await first.sell().update(first.rows.length - 1));
	const grown = desk.keeping.ledger(ledger) as KeptLedger;
	expect(differences.next(grown, (epoch) => at.get(epoch) ?? 0, 1000)?.runs).toMatchObject([{ epoch: first.id }]);
	const only = desk.keeping.ledger(ledger);
	const one = pens[1] as Pen;
	expect(only && new Differences().next(only, () => 0, 1e6, new Set([one.id]))?.runs.map(({ epoch }) => epoch)).toEqual(
		[one.id],
	);
});

test('SYN2 what one line brings at once is one run, one seal checked and one frame onward, with one acknowledgement', async () => {
	const [pen, other] = [await Pen.open(ledger), await Pen.open(ledger)];
	const [line, second] = [new Line(desk), new Line(desk)];
	const first = await pen.update();
	const updates = await Promise.all([1, 2, 3, 4].map((i) => pen.sell().update(i)));
	const theirs = await other.update();
	const brought = [first, ...updates.slice(0, 2)].map((update) => line.bring(update));
	const beside = second.bring(theirs);
	const rest = updates.slice(2).map((update) => line.bring(update));
	const answers = await Promise.all([...brought, ...rest]);
	expect(answers.map(({ acks }) => acks)).toEqual([[], [], [], [], [{ epoch: pen.id, count: 5 }]]);
	expect((await beside).acks).toEqual([{ epoch: other.id, count: 1 }]);
	expect(desk.grown.map(({ epochs }) => epochs)).toEqual([[pen.id], [other.id]]);
	expect(store.runs(pen.id, 0, 1)[0]?.entries).toHaveLength(5);
	const forward = desk.grown[0]?.forward;
	expect(forward).toMatchObject({ from: line.session, runs: [{ epoch: pen.id, from: 0, to: 5 }] });
	const onward = decodeFrame(forward?.frame ?? new Uint8Array());
	const reader = deskOver(store);
	expect(onward?.kind === 'update' && (await reader.intake.receive(onward)).acks).toEqual([
		{ epoch: pen.id, count: 5 },
	]);
});

test('JRN8 one bad seal among what a line brings at once costs that update alone', async () => {
	const pen = await Pen.open(ledger);
	const line = new Line(desk);
	const first = await pen.update();
	const second = await pen.sell().update(1);
	const third = await pen.sell().update(2);
	const spoilt = { ...third, seals: [{ ...(await pen.seal()), signature: new Uint8Array(64) }] };
	const answers = await Promise.all([first, second, spoilt, third].map((update) => line.bring(update)));
	expect(answers.map(({ acks }) => acks[0]?.count)).toEqual([1, 2, 2, 3]);
	expect(codes()).toEqual({ bad_seal: 1 });
	expect(desk.keeping.get(pen.id)?.sealed).toBe(3);
});

test('JRN10 what one line brings at once waits for what another brings in between', async () => {
	const [a, b] = [await Pen.open(ledger), await Pen.open(ledger)];
	const [line, second] = [new Line(desk), new Line(desk)];
	const first = await a.update();
	const between = await b.sell(1, [{ epoch: a.id, count: 1 }]).update();
	const last = await a.sell(1, [{ epoch: b.id, count: 2 }]).update(1);
	const answers = await Promise.all([line.bring(first), second.bring(between), line.bring(last)]);
	expect(answers.map(({ again }) => again)).toEqual([false, false, false]);
	expect(desk.keeping.get(a.id)?.sealed).toBe(2);
	expect(desk.keeping.get(b.id)?.sealed).toBe(2);
	expect(codes()).toEqual({});
});
