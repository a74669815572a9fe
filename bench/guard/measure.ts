/** Figures that noise cannot move: counts and bytes, not microseconds. A few seconds in all. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { memoryLink } from '../../adapters/link-memory/index.js';
import { memory } from '../../adapters/storage-memory/index.js';
import { openReplica } from '../../src/index.js';
import type { EpochName } from '../../src/journal/epoch.js';
import { encodeUpdate } from '../../src/journal/update.js';
import { openShop as openTillShop } from '../checkout.js';
import { openShop } from '../ledger-shop.js';
import { collect, median, round } from '../rounds.js';
import { playDay } from '../shares.js';
import { storeDay } from '../shares-demand.js';
import { byDemand } from '../shares-strategies.js';
import { chanceOf, ShopTime } from '../shares-world.js';
import { weighed } from '../size.js';
import { counted, countedLink, type Sent, type Written } from './counted.js';
import { countSyncs } from './syncs.js';

type Figures = Record<string, number>;

/** Bytes that `run` allocates on the heap, where the heap is large enough that nothing is collected meanwhile. */
async function allocated(count: number, run: () => Promise<void>): Promise<number> {
	const each: number[] = [];
	for (let part = 0; part < 7; part++) {
		collect();
		const before = process.memoryUsage().heapUsed;
		for (let i = 0; i < count; i++) await run();
		each.push((process.memoryUsage().heapUsed - before) / count);
	}
	// The first parts still compile.
	return median(each.slice(2));
}

async function written(name: string, to: Written, count: number, run: () => Promise<void>): Promise<Figures> {
	const before = { ...to };
	for (let i = 0; i < count; i++) await run();
	const each = (key: keyof Written) => round((to[key] - before[key]) / count, 2);
	const figures = { batches: each('batches'), records: each('records'), rows: each('rows'), bytes: each('bytes') };
	return Object.fromEntries(Object.entries(figures).map(([key, value]) => [`${name}.${key}`, value]));
}

/** A commit of five legs in three ledgers, and a sale through the shop. */
async function sales(): Promise<Figures> {
	const [plain, shop] = [counted(memory()), counted(memory())];
	const { replica, checkout } = await openShop(plain.storage);
	const { till, sell } = await openTillShop(shop.storage, 4_000);
	const warmUp = 600;
	for (let i = 0; i < warmUp; i++) {
		await checkout();
		await sell();
	}
	const figures = {
		...(await written('commit', plain.written, 300, checkout)),
		...(await written('sale', shop.written, 300, sell)),
		commitAllocatedBytes: round(await allocated(300, checkout), 0),
		saleAllocatedBytes: round(await allocated(150, sell), 0),
	};
	if (replica.check().length + till.replica.check().length > 0) throw new Error('the books do not balance');
	await replica.shutdown();
	await till.shutdown();
	return figures;
}

/** An update of 128-byte entries: one of them, and a hundred. */
function updates(): Figures {
	const name: EpochName = { ledger: 'stock/sh-014', segment: 0, device: 'till-1', nonce: '2gosa7pa2gv' };
	const bytes = (count: number) => {
		const entries = Array.from({ length: count }, () => new Uint8Array(128));
		return encodeUpdate([{ epoch: 2 ** 48 + 1, name, from: 1, entries }]).length / count;
	};
	return { 'update.oneBytes': bytes(1), 'update.hundredBytes': round(bytes(100), 2) };
}

/** Sales at one till, one a second of virtual time, to a home that has each on its disk. */
async function line(): Promise<Figures> {
	const time = new ShopTime();
	const chance = chanceOf(7);
	const ledger = 'stock/sh-014';
	const open = (name: string, home: boolean) =>
		openReplica({
			chain: 'bench',
			name,
			storage: memory({ platform: time.platform(chance) }),
			keeps: [ledger],
			links: [],
			...(home && { home: [ledger] }),
		});
	const [store, till] = [await open('home', true), await open('till-1', false)];
	const [up, down]: [Sent, Sent] = [
		{ frames: 0, bytes: 0 },
		{ frames: 0, bytes: 0 },
	];
	const way = memoryLink({ timers: time.timers, turnMs: 3 });
	till.addLink(countedLink(way.a, up));
	store.addLink(countedLink(way.b, down));
	const pool = till.ledger(ledger).pool('stock');
	await till.commit((tx) => tx.mint(pool, 'CUP-L', 1_000, 'delivery-1'));
	await time.pass(time.nowMs + 60_000);
	const before = { up: { ...up }, down: { ...down } };
	const count = 200;
	for (let i = 0; i < count; i++) {
		await till.commit((tx) => tx.spend(pool, 'CUP-L', 1));
		await time.pass(time.nowMs + 1_000);
	}
	const figures = {
		'line.upFrames': round((up.frames - before.up.frames) / count, 2),
		'line.upBytes': round((up.bytes - before.up.bytes) / count, 1),
		'line.downFrames': round((down.frames - before.down.frames) / count, 2),
		'line.downBytes': round((down.bytes - before.down.bytes) / count, 1),
	};
	const seen = store.ledger(ledger).pool('stock').total('CUP-L').get().spent;
	if (seen !== count) throw new Error(`the home saw ${seen} sales of ${count}.`);
	await till.shutdown();
	await store.shutdown();
	return figures;
}

/** A simulated day: what it takes that shares are where customers are. */
async function shares(): Promise<Figures> {
	const sums = { customers: 0, atOnce: 0, waited: 0, refused: 0, grants: 0 };
	await playDay(byDemand, 1, storeDay.offline, sums);
	return { 'shares.grantsPerSale': round(sums.grants / (sums.atOnce + sums.waited)) };
}

export async function guard(): Promise<Figures> {
	mkdirSync('bench/.data', { recursive: true });
	const folder = mkdtempSync('bench/.data/guard-');
	const figures = {
		...(await weighed()),
		...updates(),
		...(await sales()),
		...(await countSyncs(folder)),
		...(await line()),
		...(await shares()),
	};
	rmSync(folder, { recursive: true, force: true });
	return figures;
}
