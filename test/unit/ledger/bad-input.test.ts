/** What a caller may get wrong: each has a code, a sentence that helps, and leaves not a byte and not a digit behind. */
import { expect, test } from 'vitest';
import type { MemoryAdapter } from '../../../adapters/storage-memory/index.js';
import { type Json, type Log, limits, type Pool, type Replica, TillmeshError, type Tx } from '../../../src/index.js';
import { settle, storedBytes, World } from '../../property/escrow-world.js';

interface Shop {
	readonly world: World;
	readonly storage: MemoryAdapter;
	readonly replica: Replica;
	readonly other: Replica;
	readonly pool: Pool;
	readonly log: Log<Json>;
	readonly hold: string;
}

async function openShop(): Promise<Shop> {
	const world = new World();
	const storage = world.memory();
	const replica = await world.open('till', storage, { keeps: ['stock/*', 'cash/a'] });
	const other = await world.open('other', world.memory());
	const pool = replica.ledger('stock/a').pool('p');
	const log = replica.ledger('stock/a').log<Json>('l');
	const done = await replica.commit(
		(tx) => {
			tx.mint(pool, 'x', 9, 'D');
			return tx.hold(pool, 'x', 2, { leaseMs: 60_000 });
		},
		{ idempotencyKey: 'used', input: { order: 1 } },
	);
	return { world, storage, replica, other, pool, log, hold: done.ok ? done.value : '' };
}

async function tracesOf({ storage, replica, pool }: Shop) {
	const ledgers = replica.ledgers().map((name) => [name, replica.digest(name)]);
	return {
		bytes: await storedBytes(storage),
		ledgers,
		mine: pool.mine('x'),
		total: pool.total('x').get(),
		health: replica.health.get(),
	};
}

type Attempt = (shop: Shop) => unknown;
const commit =
	(work: (tx: Tx, shop: Shop) => unknown, options = {}): Attempt =>
	(shop) =>
		shop.replica.commit((tx) => work(tx, shop), options);
const name = (bytes: number) => 'é'.repeat(Math.ceil(bytes / 2));
const long = name(limits.nameBytes + 1);

const cases: readonly [what: string, code: string, says: RegExp, attempt: Attempt][] = [
	['an unknown ledger', 'unknown_ledger', /keeps/, ({ replica }) => replica.ledger('orders/a')],
	[
		"another replica's ledger and pool",
		'unknown_collection',
		/collection/,
		commit((tx, { other }) => tx.spend(other.ledger('stock/a').pool('p'), 'x', 1)),
	],
	['a pool made by hand', 'unknown_collection', /collection/, commit((tx, { pool }) => tx.spend({ ...pool }, 'x', 1))],
	[
		'no pool at all',
		'unknown_collection',
		/collection/,
		commit((tx) => tx.spend(undefined as unknown as Pool, 'x', 1)),
	],
	[
		"another replica's log",
		'unknown_collection',
		/collection/,
		commit((tx, { other }) => tx.append(other.ledger('stock/a').log('l'), 1)),
	],
	['a collection name with a slash', 'bad_argument', /slash/, ({ replica }) => replica.ledger('stock/a').pool('a/b')],
	['an empty collection name', 'bad_argument', /non-empty/, ({ replica }) => replica.ledger('stock/a').pool('')],
	[
		'a pool of the library itself',
		'bad_argument',
		/library/,
		({ replica }) => replica.ledger('stock/a').pool('exception'),
	],
	[
		'a policy that there is not',
		'bad_argument',
		/policy/,
		({ replica }) => replica.ledger('stock/a').pool('q', { policy: 'firm' as 'hard' }),
	],
	[
		'a floor that is no whole number',
		'bad_argument',
		/floor/,
		({ replica }) => replica.ledger('stock/a').pool('q', { floor: 0.5 }),
	],
	[
		'another policy for the same pool',
		'bad_argument',
		/policy/,
		({ replica }) => [
			replica.ledger('stock/a').pool('r', { policy: 'hard' }),
			replica.ledger('stock/a').pool('r', { policy: 'soft' }),
		],
	],
	['a key with a control character', 'bad_argument', /control/, commit((tx, { pool }) => tx.spend(pool, 'a\nb', 1))],
	['half a surrogate pair', 'bad_argument', /well-formed/, commit((tx, { pool }) => tx.spend(pool, '\ud800', 1))],
	['a key that is too long', 'limit_exceeded', /256/, commit((tx, { pool }) => tx.spend(pool, long, 1))],
	['a document that is too long', 'limit_exceeded', /256/, commit((tx, { pool }) => tx.mint(pool, 'x', 1, long))],
	[
		'an idempotency key that is too long',
		'limit_exceeded',
		/256/,
		commit((tx, { pool }) => tx.spend(pool, 'x', 1), { idempotencyKey: long }),
	],
	[
		'an idempotency key that is no text',
		'bad_argument',
		/non-empty string/,
		commit((tx, { pool }) => tx.spend(pool, 'x', 1), { idempotencyKey: 7 }),
	],
	[
		'a key reused with other content',
		'key_reused',
		/fresh key/,
		commit((tx, { pool }) => tx.spend(pool, 'x', 1), { idempotencyKey: 'used' }),
	],
	[
		'a key reused with other input',
		'key_reused',
		/fresh key/,
		commit((tx, { pool }) => tx.spend(pool, 'x', 1), { idempotencyKey: 'used', input: { order: 2 } }),
	],
	[
		'input that JSON cannot carry',
		'bad_argument',
		/JSON/,
		commit((tx, { pool }) => tx.spend(pool, 'x', 1), { idempotencyKey: 'k', input: { n: 1n } }),
	],
	[
		'a keyed result that JSON cannot carry',
		'bad_argument',
		/JSON/,
		commit(
			(tx, { pool }) => {
				tx.spend(pool, 'x', 1);
				return new Map();
			},
			{ idempotencyKey: 'k' },
		),
	],
	[
		'an entry that JSON cannot carry',
		'bad_argument',
		/JSON/,
		commit((tx, { log }) => tx.append(log, { at: new Date() } as unknown as Json)),
	],
	['an entry of no number', 'bad_argument', /JSON/, commit((tx, { log }) => tx.append(log, [Number.NaN]))],
	[
		'a priority below zero',
		'bad_argument',
		/priority/,
		commit((tx, { replica }) => tx.set(replica.ledger('stock/a').cell('c'), 1, -1)),
	],
	[
		'a count of half',
		'bad_argument',
		/whole number/,
		commit((tx, { replica }) => tx.add(replica.ledger('stock/a').counter('c'), 0.5)),
	],
	[
		'an operator that is no text',
		'bad_argument',
		/texts/,
		commit((tx, { replica }) =>
			tx.spend(replica.ledger('stock/a').pool('s', { policy: 'soft' }), 'x', 1, { operator: 7 as unknown as string }),
		),
	],
	[
		'an exception of no ledger',
		'bad_argument',
		/exception/,
		commit((tx) => tx.resolve(undefined as unknown as { name: string }, 'e')),
	],
	['work that is none', 'bad_argument', /function/, ({ replica }) => replica.commit('spend' as unknown as () => void)],
	['asynchronous work', 'bad_argument', /synchronous/, commit(async (tx, { pool }) => tx.spend(pool, 'x', 1))],
	[
		'asynchronous work that goes on',
		'bad_argument',
		/synchronous/,
		commit(async (tx, { pool }) => {
			await settle();
			tx.spend(pool, 'x', 1);
		}),
	],
	[
		'work that throws after it spent',
		'work_failed',
		/threw/,
		commit((tx, { pool }) => {
			tx.spend(pool, 'x', 1);
			throw new Error('printer');
		}),
	],
	['work that does nothing', 'bad_argument', /nothing/, commit(() => 7)],
	[
		'too many legs',
		'limit_exceeded',
		/commitLegs is 513/,
		commit((tx, { log }) => {
			for (let i = 0; i <= limits.commitLegs; i++) tx.append(log, i);
		}),
	],
	[
		'too many ledgers',
		'limit_exceeded',
		/commitLedgers is 17/,
		commit((tx, { replica }) => {
			for (let i = 0; i <= limits.commitLedgers; i++) tx.add(replica.ledger(`stock/${i}`).counter('c'), 1);
		}),
	],
	[
		'too long an entry',
		'limit_exceeded',
		/entryBytes/,
		commit((tx, { log }) => tx.append(log, 'x'.repeat(limits.entryBytes))),
	],
	[
		'one part too long of several',
		'limit_exceeded',
		/entryBytes/,
		commit((tx, { replica, pool }) => {
			tx.spend(pool, 'x', 1);
			tx.append(replica.ledger('stock/b').log('l'), 'x'.repeat(limits.entryBytes));
		}),
	],
];

test.each(cases)('%s: %s', async (_what, code, says, attempt) => {
	const shop = await openShop();
	const before = await tracesOf(shop);
	const error: unknown = await (async () => attempt(shop))().catch((reason: unknown) => reason);
	expect(error).toBeInstanceOf(TillmeshError);
	expect(error).toMatchObject({ code, fatal: false });
	expect((error as Error).message).toMatch(says);
	await shop.world.pass(50);
	expect(await tracesOf(shop)).toEqual(before);
	// The replica is as good as before: the same hold is captured, the next sale goes through.
	const { replica, pool, hold } = shop;
	expect(await replica.commit((tx) => [tx.capture(pool, hold), tx.spend(pool, 'x', 7)])).toMatchObject({ ok: true });
});

test('a tx used after its work is dead at every verb, and writes nothing', async () => {
	const shop = await openShop();
	const { replica, pool, log, hold } = shop;
	let kept: Tx | undefined;
	await replica.commit((tx) => {
		kept = tx;
		tx.append(log, 1);
	});
	const tx = kept as unknown as Tx; // the work has run
	const before = await tracesOf(shop);
	const book = replica.ledger('stock/a');
	const late = [
		() => tx.append(log, 1),
		() => tx.set(book.cell('c'), 1),
		() => tx.add(book.counter('c'), 1),
		() => tx.mint(pool, 'x', 9, 'D'),
		() => tx.mint(pool, 'x', 9, 'E'),
		() => tx.spend(pool, 'x', 1),
		() => tx.spend(pool, 'x', 1_000),
		() => tx.grant(pool, 'x', 1, 'somebody'),
		() => tx.hold(pool, 'x', 1, { leaseMs: 5 }),
		() => tx.capture(pool, hold),
		() => tx.release(pool, hold),
		() => tx.resolve(book, 'e'),
		() => tx.refuse('late'),
	];
	for (const use of late) {
		expect(use).toThrow(TillmeshError);
		expect(use).toThrow(/the work has returned/);
	}
	await settle();
	expect(await tracesOf(shop)).toEqual(before);
});

test('a refusal that the work swallows is a refusal all the same, with what the vendor said', async () => {
	const shop = await openShop();
	const before = await tracesOf(shop);
	const swallowed = await shop.replica.commit((tx) => {
		try {
			tx.spend(shop.pool, 'x', 100);
		} catch {
			tx.append(shop.log, 'sold anyway');
		}
	});
	expect(swallowed).toMatchObject({
		ok: false,
		code: 'share_exhausted',
		short: [{ ledger: 'stock/a', pool: 'p/x', need: 100, mine: 7 }],
	});
	const own = await shop.replica.commit((tx) => tx.refuse('closed on Sundays'));
	expect(own).toMatchObject({
		ok: false,
		code: 'refused',
		reason: 'closed on Sundays',
		message: expect.stringContaining('Sundays'),
	});
	expect(await tracesOf(shop)).toEqual(before);
});

test('ESC1 a commit inside a work function is refused: both would spend the same share', async () => {
	const { replica, pool } = await openShop();
	let inner: Promise<unknown> = Promise.resolve();
	const outer = await replica.commit((tx) => {
		tx.spend(pool, 'x', 7);
		inner = replica.commit((second) => second.spend(pool, 'x', 7)).catch((error: unknown) => error);
	});
	expect(await inner).toMatchObject({ code: 'bad_argument', message: expect.stringContaining('inside') });
	expect(outer).toMatchObject({ ok: true });
	expect(pool.total('x').get()).toMatchObject({ spent: 7, held: 2 });
	expect(replica.check()).toEqual([]);
});
