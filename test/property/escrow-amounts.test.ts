import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import { expect, test } from 'vitest';
import { BadArgument, type Replica } from '../../src/index.js';
import type { Leg } from '../../src/journal/leg.js';
import { runs, storedBytes, World } from './escrow-world.js';
import { Forger } from './ledger-forge.js';

const ledger = 'stock/a';
const most = Number.MAX_SAFE_INTEGER;

/** What is no amount of anything. */
const noAmount = fc.oneof(
	fc.constantFrom(
		0,
		-0,
		-1,
		0.5,
		1.5,
		most + 1,
		2 ** 60,
		-most,
		Number.NaN,
		Number.POSITIVE_INFINITY,
		Number.NEGATIVE_INFINITY,
	),
	fc.integer({ max: 0 }),
	fc.double().filter((n) => !Number.isSafeInteger(n)),
	fc.constantFrom<unknown>('3', null, [2], {}, 3n, true),
) as fc.Arbitrary<number>;

const verbs = [
	'mint',
	'spend',
	'overdraw',
	'grant',
	'hold',
	'lease',
	'capture',
	'to-self',
	'ensure',
	'too-much',
	'in-flight',
] as const;

test('P11 what is no amount is refused at every verb, by name, and leaves no trace', async () => {
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...verbs), noAmount, fc.boolean(), async (verb, amount, keyed) => {
			const world = new World();
			const storage = world.memory();
			const replica = await world.open('till', storage);
			const book = replica.ledger(ledger);
			const [hard, soft] = [book.pool('hard'), book.pool('soft', { policy: 'soft' })];
			await replica.commit((tx) => {
				tx.mint(hard, 'x', 9, 'D');
				tx.mint(soft, 'x', 1, 'D');
			});
			const held = await replica.commit((tx) => tx.hold(hard, 'x', 3, { leaseMs: 1_000 }));
			const hold = held.ok ? held.value : '';
			const before = { bytes: await storedBytes(storage), digest: replica.digest(ledger), mine: hard.mine('x') };
			const options = keyed ? { idempotencyKey: 'k' } : {};
			const commit = (work: Parameters<Replica['commit']>[0]) => replica.commit(work, options);
			const attempts: Record<(typeof verbs)[number], () => Promise<unknown>> = {
				mint: () => commit((tx) => tx.mint(hard, 'x', amount, 'E')),
				spend: () => commit((tx) => tx.spend(hard, 'x', amount)),
				overdraw: () => commit((tx) => tx.spend(soft, 'x', amount)),
				grant: () => commit((tx) => tx.grant(hard, 'x', amount, 'somebody')),
				hold: () => commit((tx) => tx.hold(hard, 'x', amount, { leaseMs: 5 })),
				lease: () => commit((tx) => tx.hold(hard, 'x', 1, { leaseMs: amount })),
				capture: () => commit((tx) => tx.capture(hard, hold, amount)),
				'to-self': () => commit((tx) => tx.grant(hard, 'x', 1, replica.device)),
				ensure: () => hard.ensure('x', amount),
				'too-much': () => commit((tx) => tx.mint(hard, 'x', most, 'E')),
				// Neither mint alone is too much: the one that is still being written counts.
				'in-flight': () =>
					commit((tx) => {
						tx.mint(hard, 'y', most - 1, 'E');
						tx.mint(hard, 'y', 2, 'F');
					}),
			};
			const error: unknown = await attempts[verb]().then(
				() => undefined,
				(reason: unknown) => reason,
			);
			expect(error).toBeInstanceOf(BadArgument);
			expect(error).toMatchObject({ code: 'bad_argument', fatal: false, retryable: false });
			expect((error as Error).message).toMatch(/expected|itself/);
			expect({ bytes: await storedBytes(storage), digest: replica.digest(ledger), mine: hard.mine('x') }).toEqual(
				before,
			);
			expect(await replica.commit((tx) => tx.capture(hard, hold))).toMatchObject({ ok: true });
		}),
		{ numRuns: runs },
	);
});

const text = (to: encoding.Encoder, value: string) => encoding.writeVarString(to, value);
const number = (to: encoding.Encoder, value: number) => encoding.writeVarUint(to, value);
/** One past 2^53 - 1, as a varint that a careless reader takes. */
const pastEnd = (to: encoding.Encoder) =>
	encoding.writeUint8Array(to, Uint8Array.of(128, 128, 128, 128, 128, 128, 128, 16));

/** A leg of a known kind with any body at all. */
const forged = (code: number, write: (to: encoding.Encoder) => void): Leg => ({
	kind: 'unknown',
	code,
	stops: [],
	body: encoding.encode(write),
});

type Case = (self: string) => Leg;
const pool = 'p/x';
const cases: Record<string, Case> = {
	'mint of nothing': () => ({ kind: 'mint', pool, amount: 0, document: 'D' }),
	'spend of nothing': () => ({ kind: 'spend', pool, amount: 0 }),
	'overdraw of nothing': () => ({ kind: 'overdraw', pool, amount: 0, operator: '', reason: '' }),
	'grant of nothing': () => ({ kind: 'grant', pool, amount: 0, to: 'b', request: '' }),
	'grant to oneself': (self) => ({ kind: 'grant', pool, amount: 1, to: self, request: '' }),
	'hold of nothing': () => ({ kind: 'hold', pool, amount: 0, hold: 'h', leaseMs: 5 }),
	'hold for no time': () => ({ kind: 'hold', pool, amount: 1, hold: 'h', leaseMs: 0 }),
	'capture of nothing': () => ({ kind: 'capture', pool, hold: 'h', held: 3, amount: 0 }),
	'capture over the hold': () => ({ kind: 'capture', pool, hold: 'h', held: 3, amount: 4 }),
	'release of nothing': () => ({ kind: 'release', pool, hold: 'h', held: 0 }),
	'expiry of nothing': () => ({ kind: 'expire', pool, hold: 'h', held: 0 }),
	'reclaim of nothing': () => ({ kind: 'reclaim', pool, from: 'b', share: 0, held: 0 }),
	'reclaim from oneself': (self) => ({ kind: 'reclaim', pool, from: self, share: 1, held: 0 }),
	'fence of oneself': (self) => ({ kind: 'fence', device: self, heads: [] }),
	'mint past 2^53 - 1': () =>
		forged(4, (to) => {
			text(to, pool);
			pastEnd(to);
			text(to, 'D');
		}),
	'spend past 2^53 - 1': () =>
		forged(5, (to) => {
			text(to, pool);
			pastEnd(to);
		}),
	'grant past 2^53 - 1': () =>
		forged(6, (to) => {
			text(to, pool);
			pastEnd(to);
			text(to, 'b');
			text(to, '');
		}),
	'a row of padding that reads as no number': () =>
		forged(5, (to) => {
			text(to, pool);
			encoding.writeUint8Array(to, new Uint8Array(300).fill(128));
			encoding.writeUint8(to, 0);
		}),
	'a count of no number': () =>
		forged(15, (to) => {
			text(to, 'c');
			encoding.writeUint8Array(to, new Uint8Array(300).fill(128));
			encoding.writeUint8(to, 0);
		}),
	'spend cut short': () => forged(5, (to) => text(to, pool)),
	'hold with no lease': () =>
		forged(7, (to) => {
			text(to, pool);
			number(to, 1);
			text(to, 'h');
		}),
	'a second open': () => ({ kind: 'open', prev: null, key: new Uint8Array(32), name: 'n', home: false }),
};

test('P11 a receiver refuses the same in entries that are otherwise in order, counts it, and stays as it was', async () => {
	const good: Leg = { kind: 'mint', pool, amount: 5, document: 'G' };
	await fc.assert(
		fc.asyncProperty(
			fc.constantFrom(...Object.keys(cases)),
			fc.integer(),
			fc.constantFrom('alone', 'after', 'before'),
			async (what, seed, where) => {
				const world = new World(seed);
				const storage = world.memory();
				const replica = await world.open('till', storage);
				const forger = new Forger(world, ledger);
				replica.addLink(forger);
				await forger.write(good);
				await world.pass(5);
				expect(replica.ledger(ledger).pool('p').total('x').get().minted).toBe(5);
				const before = { bytes: await storedBytes(storage), digest: replica.digest(ledger) };
				const bad = (cases[what] as Case)(forger.device); // one of its keys
				const spend: Leg = { kind: 'spend', pool, amount: 1 };
				await forger.write(...(where === 'alone' ? [bad] : where === 'after' ? [spend, bad] : [bad, spend]));
				const { rejected } = replica.status();
				expect({ bytes: await storedBytes(storage), digest: replica.digest(ledger) }).toEqual(before);
				expect(rejected).toMatchObject({ count: 1, newest: [{ ledger, code: 'bad_entry', device: forger.device }] });
				// The same place written well is taken: nothing of the bad one stuck.
				forger.takeBack();
				await forger.write(spend);
				expect(replica.ledger(ledger).pool('p').total('x').get()).toMatchObject({ minted: 5, spent: 1 });
				expect(replica.check()).toEqual([]);
			},
		),
		{ numRuns: runs },
	);
});

test('P32 an unknown kind stops spending from the pools it names where it says so, never reading, writing or syncing', async () => {
	const scenario = fc.record({
		code: fc.integer({ min: 16, max: 255 }),
		stops: fc.uniqueArray(fc.constantFrom<string>('p/x', 'p/y', 'q/x'), { maxLength: 3 }),
		extra: fc.uint8Array({ maxLength: 12 }),
		seed: fc.integer(),
	});
	await fc.assert(
		fc.asyncProperty(scenario, async ({ code, stops, extra, seed }) => {
			const world = new World(seed);
			const storage = world.memory();
			let replica = await world.open('till', storage);
			const peer = await world.open('peer', world.memory());
			const line = world.line();
			const unlink = replica.addLink(line.a);
			peer.addLink(line.b);
			const names = ['p/x', 'p/y', 'q/x'].map((id) => id.split('/') as [string, string]);
			const handle = (of: Replica, name: string) =>
				of.ledger(ledger).pool(name, { policy: name === 'q' ? 'soft' : 'hard' });
			await replica.commit((tx) => {
				for (const [name, key] of names) tx.mint(handle(replica, name), key, 20, 'D');
			});
			const held = await replica.commit((tx) =>
				names.map(([n, k]) => tx.hold(handle(replica, n), k, 2, { leaseMs: 9_999 })),
			);
			const holds = held.ok ? held.value : [];
			const forger = new Forger(world, ledger);
			replica.addLink(forger);
			const body = encoding.encode((to) => {
				if (code >= 128) {
					number(to, stops.length);
					for (const stop of stops) text(to, stop);
				}
				encoding.writeUint8Array(to, extra);
			});
			await forger.write({ kind: 'unknown', code, stops, body }, { kind: 'add', counter: 'c', amount: 7 });
			await world.pass(30);
			const check = async (of: Replica) => {
				expect(of.status().rejected.count).toBe(0);
				expect(of.ledger(ledger).counter('c').value.get()).toBe(7);
				for (const [i, [name, key]] of names.entries()) {
					const pool = handle(of, name);
					const stopped = code >= 128 && stops.includes(`${name}/${key}`);
					const before = pool.total(key).get();
					if (of === peer) expect(before.minted).toBeGreaterThanOrEqual(20);
					else {
						const answers = [
							await of.commit((tx) => tx.spend(pool, key, 1)),
							await of.commit((tx) => tx.grant(pool, key, 1, peer.device)),
							await of.commit((tx) => tx.hold(pool, key, 1, { leaseMs: 9_999 })),
						];
						for (const answer of answers)
							expect(answer).toMatchObject(stopped ? { ok: false, code: 'upgrade_required' } : { ok: true });
						if (stopped) expect(pool.total(key).get()).toBe(before);
						const hold = holds[i] as string; // as many as pools
						if (stopped)
							expect(await of.commit((tx) => tx.capture(pool, hold))).toMatchObject({ code: 'upgrade_required' });
					}
					expect(
						await of.commit((tx) => tx.mint(pool, key, 1, `after ${of.device} ${seed} ${name}${key}`)),
					).toMatchObject({
						ok: true,
					});
					expect(pool.total(key).get().minted).toBe(before.minted + 1);
				}
			};
			await check(replica);
			await world.pass(30);
			expect(peer.digest(ledger)).toBe(replica.digest(ledger));
			await check(peer);
			unlink();
			await replica.shutdown();
			replica = await world.open('till', storage);
			for (const [name, key] of names)
				if (code >= 128 && stops.includes(`${name}/${key}`))
					expect(await replica.commit((tx) => tx.spend(handle(replica, name), key, 1))).toMatchObject({
						ok: false,
						code: 'upgrade_required',
					});
		}),
		{ numRuns: runs },
	);
});
