import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRows } from '../../../adapters/relay/rows.js';
import { encodeCheckpoint, sealCheckpoint } from '../../../src/journal/checkpoint.js';
import { Differences } from '../../../src/relay/lacking.js';
import { PointIntake } from '../../../src/relay/point-intake.js';
import type { RowStore } from '../../../src/relay/row-store.js';
import { temporaryFolder } from '../../crash/child.js';
import { type Desk, deskOver, Pen, platform } from './pen.js';

const ledger = 'stock/sh-014';
let folder: ReturnType<typeof temporaryFolder>;
let store: RowStore;
let desk: Desk;
let points: PointIntake;

function openDesk(): void {
	desk = deskOver(store);
	points = new PointIntake({ platform, store, keeping: desk.keeping, rejections: desk.rejections });
}

beforeEach(async () => {
	folder = temporaryFolder();
	store = await openRows(`${folder.path}/relay.db`, 'test');
	openDesk();
});
afterEach(async () => {
	await store.close();
	folder.remove();
});

async function reopen(): Promise<void> {
	await store.close();
	store = await openRows(`${folder.path}/relay.db`, 'test');
	openDesk();
}

/** A checkpoint over the first rows of some epochs; a relay looks at its cut and its seal, and never into its figures. */
async function pointOver(...at: readonly (readonly [Pen, number])[]): Promise<Uint8Array> {
	const pair = await platform.crypto.generateKeyPair();
	const cut = new Map(
		at.map(([pen, count]) => {
			const { id: epoch, device } = pen;
			return [epoch, { epoch, count, device, prev: null, hash: pen.hash(count) }];
		}),
	);
	const content = { ledger, cut, needs: new Map(), fences: [], figures: new Uint8Array([1]) };
	return encodeCheckpoint(await sealCheckpoint(platform.crypto, pair, content, () => 0));
}

const codes = () => Object.fromEntries(desk.rejections.counts);

test('JRN11 the newest checkpoint of a ledger is kept, over restarts; one that says less, or whose seal fails, is not', async () => {
	const [a, b] = [(await Pen.open(ledger)).sell(5), (await Pen.open(ledger)).sell(5)];
	const [small, large, other] = [await pointOver([a, 2]), await pointOver([a, 4], [b, 1]), await pointOver([b, 3])];
	expect(await points.receive(small)).toBe(ledger);
	expect(await points.receive(small)).toBeUndefined();
	const forged = large.slice();
	forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
	expect(await points.receive(forged)).toBeUndefined();
	expect(codes()).toEqual({ bad_checkpoint: 1 });
	expect(await points.receive(large)).toBe(ledger);
	expect(await points.receive(small)).toBeUndefined();
	// Goes further with one device, and would give up what it covers of another, whose rows are not here.
	expect(await points.receive(other)).toBeUndefined();
	await reopen();
	expect(store.point(ledger)).toEqual(large);
	expect(new Map(desk.keeping.ledger(ledger)?.counts)).toEqual(
		new Map([
			[a.id, 4],
			[b.id, 1],
		]),
	);
	await desk.intake.receive(await a.update());
	expect(await points.receive(await pointOver([b, 3])), 'the rows of the other are here').toBe(ledger);
	expect(await points.receive(new Uint8Array([1, 2, 3]))).toBeUndefined();
	expect(codes()).toEqual({ bad_checkpoint: 1 });
});

test('JRN10 JRN11 what a checkpoint covers counts as held: rows that name it are taken, and so are covered rows that come', async () => {
	const [old, fresh] = [(await Pen.open(ledger)).sell(5), await Pen.open(ledger)];
	await points.receive(await pointOver([old, 6]));
	const next = old.next('2').sell();
	expect(await desk.intake.receive(await next.update())).toMatchObject({ acks: [{ count: 2 }], again: false });
	fresh.sell(1, [{ epoch: old.id, count: 6 }]);
	expect(await desk.intake.receive(await fresh.update())).toMatchObject({ acks: [{ count: 2 }], again: false });
	const kept = desk.keeping.ledger(ledger);
	expect(kept?.have(old.id)).toBe(6);
	expect(kept && new Differences().next(kept, () => 0, 1e6)?.runs.map(({ epoch }) => epoch)).toEqual([
		next.id,
		fresh.id,
	]);
	// An archive that lost its disk gets the rows back from whoever has them.
	expect(await desk.intake.receive(await old.update(0, 3))).toMatchObject({ acks: [{ count: 3 }], again: false });
	expect(await desk.intake.receive(await old.update(3))).toMatchObject({ acks: [{ count: 6 }], again: false });
	expect(store.runs(old.id, 5, 1)[0]?.entries.at(-1)).toEqual(old.rows[5]);
	expect(codes()).toEqual({});
});
