/** What a sale costs in memory, one commit each and 100 to a commit, beside counters of other CRDTs. */
import { nodePlatform } from '../adapters/platform-node/index.js';
import { memory } from '../adapters/storage-memory/index.js';
import { openReplica } from '../src/index.js';
import { round, rounds, shown, type Taken, taken } from './rounds.js';
import { type Sales, type Seller, sellAutomerge, sellLoro, sellMap, sellYKeyValue, sellYMap } from './spend-peers.js';
import { sellRxDb, sellTinyBase } from './spend-stores.js';
import type { BenchOptions, Table } from './table.js';

const skus = Array.from({ length: 500 }, (_, i) => `SKU-${String(i).padStart(4, '0')}`);
const stock = 1_000_000;
/** Commits handed over in one turn where they are not awaited one by one. */
const inFlight = 1_000;

function sales(count: number, each: number): Sales {
	const picks = new Uint16Array(count);
	let state = 1;
	for (let i = 0; i < count; i++) {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		picks[i] = (state >>> 8) % skus.length;
	}
	return { skus, picks, stock, each };
}

const sellTillmesh =
	(awaitEach: boolean): Seller =>
	async ({ skus: keys, picks, stock: minted, each }) => {
		const storage = memory({ platform: nodePlatform() });
		const replica = await openReplica({ chain: 'bench', name: 'till-1', storage, keeps: ['stock/*'] });
		const pool = replica.ledger('stock/sh-014').pool('stock');
		for (let at = 0; at < keys.length; at += 100)
			await replica.commit((tx) => {
				for (const key of keys.slice(at, at + 100)) tx.mint(pool, key, minted, 'delivery-1');
			});
		const sell = (at: number) =>
			replica.commit((tx) => {
				for (let i = at; i < at + each; i++) tx.spend(pool, keys[picks[i] as number] as string, 1); // i < length
			});
		const start = performance.now();
		if (awaitEach)
			for (let at = 0; at < picks.length; at += each) {
				const outcome = await sell(at);
				if (!outcome.ok) throw new Error(outcome.message);
			}
		else
			for (let from = 0; from < picks.length; from += inFlight * each) {
				const waiting = [];
				for (let at = from; at < Math.min(picks.length, from + inFlight * each); at += each) waiting.push(sell(at));
				for (const outcome of await Promise.all(waiting)) if (!outcome.ok) throw new Error(outcome.message);
			}
		const us = ((performance.now() - start) * 1000) / picks.length;
		const left = keys.reduce((sum, key) => sum + pool.mine(key), 0);
		if (left !== keys.length * minted - picks.length || replica.check().length > 0)
			throw new Error(`sold otherwise: ${left} units are left`);
		await replica.shutdown();
		return us;
	};

interface Line {
	readonly key: string;
	readonly what: string;
	readonly sell: Seller;
	/** Part of the sales, where all would take minutes. */
	readonly share?: number;
	/** Why it cannot put a hundred sales into one commit. */
	readonly noHundred?: string;
}

const stale = 'cannot: a transaction reads what was before it';

const sellers: readonly Line[] = [
	{ key: 'tillmesh', what: 'tillmesh, each commit awaited', sell: sellTillmesh(true) },
	{ key: 'tillmeshInFlight', what: `tillmesh, ${inFlight} commits in flight`, sell: sellTillmesh(false) },
	{ key: 'ymapBytes', what: 'Y.Map, update bytes taken', sell: sellYMap(true) },
	{
		key: 'ykeyvalueBytes',
		what: 'YKeyValue, update bytes taken',
		sell: sellYKeyValue(true),
		share: 0.1,
		noHundred: stale,
	},
	{ key: 'loroBytes', what: 'loro-crdt, update bytes taken', sell: sellLoro(true) },
	{ key: 'tinybaseBytes', what: 'TinyBase, changes taken as JSON', sell: sellTinyBase(true), share: 0.1 },
	{ key: 'automergeBytes', what: 'automerge, change bytes taken', sell: sellAutomerge(true), share: 0.1 },
	{
		key: 'rxdb',
		what: 'RxDB, $inc of its CRDT plugin, memory storage',
		sell: sellRxDb,
		share: 0.02,
		noHundred: 'cannot: a commit is one document',
	},
	{ key: 'ymap', what: 'Y.Map, bytes never made', sell: sellYMap(false) },
	{ key: 'ykeyvalue', what: 'YKeyValue, bytes never made', sell: sellYKeyValue(false), share: 0.1, noHundred: stale },
	{ key: 'loro', what: 'loro-crdt, bytes never made', sell: sellLoro(false) },
	{ key: 'tinybase', what: 'TinyBase, changes not taken', sell: sellTinyBase(false), share: 0.1 },
	{ key: 'automerge', what: 'automerge, bytes not taken', sell: sellAutomerge(false), share: 0.1 },
	{ key: 'map', what: 'a plain Map: the floor', sell: sellMap, noHundred: 'it has no commits' },
];

export async function spend({ quick = false }: BenchOptions): Promise<Table> {
	const count = quick ? 4_000 : 20_000;
	const roundCount = quick ? 3 : 9;
	const measure = async (lines: readonly Line[], each: number): Promise<Map<string, Taken>> => {
		const runs = lines.map(
			({ sell, share = 1 }) =>
				() =>
					sell(sales(Math.max(100, count * share), each)),
		);
		const results = await rounds(runs, roundCount, 3);
		return new Map(lines.map(({ key }, i) => [key, taken(results[i] ?? [])]));
	};
	const single = await measure(sellers, 1);
	const hundred = await measure(
		sellers.filter(({ noHundred }) => noHundred === undefined),
		100,
	);
	const figures: Record<string, number> = {};
	for (const [key, { median }] of single) figures[`${key}Us`] = round(median);
	for (const [key, { median }] of hundred) figures[`hundred.${key}Us`] = round(median);
	const cell = (of: Taken | undefined, otherwise = '') => (of ? shown(of) : otherwise);
	return {
		title: 'spend: one sale in memory',
		note: [
			`µs a sale, median (least-most) of ${roundCount} alternating rounds of ${count} sales over 500 SKUs by one device, each`,
			'"is there enough? then take one off". Ours also checks the share that this device may spend, encodes the entry,',
			'writes it with its checksum to a storage and answers by a promise once it is there; nothing is sealed, as nobody',
			'is linked. The lines with bytes do what a store or a peer needs as well: they hand each commit over as bytes, kept in',
			'an array without a checksum. Those without leave that out. None of the peers keeps a share: two devices that sell',
			'the same unit both succeed there. automerge, YKeyValue and TinyBase sell a tenth of the sales, RxDB a fiftieth; TinyBase has no',
			'counter and keeps a cell for each device, as the Y.Map and YKeyValue of y-utility do.',
		].join(' '),
		columns: ['what', 'one commit each, µs', '100 to a commit, µs'],
		rows: sellers.map(({ key, what, noHundred }) => [what, cell(single.get(key)), cell(hundred.get(key), noHundred)]),
		figures,
	};
}
