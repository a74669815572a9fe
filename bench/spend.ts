/** What a sale costs in memory, one commit each and 100 to a commit, beside counters of other CRDTs. */
import { nodePlatform } from '../adapters/platform-node/index.js';
import { memory } from '../adapters/storage-memory/index.js';
import { openReplica } from '../src/index.js';
import { round, rounds, shown, type Taken, taken } from './rounds.js';
import { type Sales, type Seller, sellAutomerge, sellLoro, sellYMap } from './spend-peers.js';
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

const sellers: readonly (readonly [key: string, what: string, sell: Seller, share: number])[] = [
	['tillmesh', 'tillmesh, each commit awaited', sellTillmesh(true), 1],
	['tillmeshInFlight', `tillmesh, ${inFlight} commits in flight`, sellTillmesh(false), 1],
	['ymapBytes', 'Y.Map, update bytes taken', sellYMap(true), 1],
	['loroBytes', 'loro-crdt, update bytes taken', sellLoro(true), 1],
	['automergeBytes', 'automerge, change bytes taken', sellAutomerge(true), 0.1],
	['ymap', 'Y.Map, bytes never made', sellYMap(false), 1],
	['loro', 'loro-crdt, bytes never made', sellLoro(false), 1],
	['automerge', 'automerge, bytes not taken', sellAutomerge(false), 0.1],
];

export async function spend({ quick = false }: BenchOptions): Promise<Table> {
	const count = quick ? 4_000 : 20_000;
	const roundCount = quick ? 3 : 9;
	const measure = async (each: number): Promise<Taken[]> => {
		const runs = sellers.map(
			([, , sell, share]) =>
				() =>
					sell(sales(count * share, each)),
		);
		return (await rounds(runs, roundCount, 3)).map((us) => taken(us));
	};
	const single = await measure(1);
	const hundred = await measure(100);
	const figures: Record<string, number> = {};
	for (const [i, [key]] of sellers.entries()) {
		figures[`${key}Us`] = round(single[i]?.median ?? Number.NaN);
		figures[`hundred.${key}Us`] = round(hundred[i]?.median ?? Number.NaN);
	}
	return {
		title: 'spend: one sale in memory',
		note: [
			`µs a sale, median (least-most) of ${roundCount} alternating rounds of ${count} sales over 500 SKUs by one device, each`,
			'"is there enough? then take one off". Ours also checks the share that this device may spend, encodes the entry,',
			'writes it with its checksum to a storage and answers by a promise once it is there; nothing is sealed, as nobody',
			'is linked. The lines with bytes do what a store or a peer needs as well: they hand each commit over as bytes, kept in',
			'an array without a checksum. The last three leave that out. None of the peers keeps a share: two devices that sell',
			'the same unit both succeed there. automerge sells a tenth of the sales.',
		].join(' '),
		columns: ['what', 'one commit each, µs', '100 to a commit, µs'],
		rows: sellers.map(([, what], i) => [what, shown(single[i] as Taken), shown(hundred[i] as Taken)]), // one for each
		figures,
	};
}
