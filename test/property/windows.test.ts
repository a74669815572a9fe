import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome, Replica, Tx } from '../../src/index.js';
import type { OpenReplica } from '../../src/replica/open-replica.js';
import { aboutOf } from '../../src/replica/window/about.js';
import { isMessage, type Message, type News, tagged } from '../../src/replica/window/messages.js';
import { attachReplica, shareReplica, type Wire } from '../../src/windows.js';
import { runs, settle, World } from './escrow-world.js';

const ledgers = ['stock/a', 'cash/a'];

/** A port whose messages arrive when the history says so, as copies and in order. */
class SlowPort {
	readonly #queues: [unknown[], unknown[]] = [[], []];
	readonly #heard: [((value: unknown) => void) | undefined, ((value: unknown) => void) | undefined] = [
		undefined,
		undefined,
	];
	readonly ends: readonly [Wire, Wire] = [this.#end(0), this.#end(1)];
	#closed = false;

	#end(side: 0 | 1): Wire {
		return {
			post: (message) => {
				if (!this.#closed) this.#queues[side === 0 ? 1 : 0].push(structuredClone(message));
			},
			listen: (heard) => {
				this.#heard[side] = heard;
			},
			close: () => {
				this.#closed = true;
			},
		};
	}

	get waiting(): number {
		return this.#queues[0].length + this.#queues[1].length;
	}

	/** What waits longest for one side. */
	deliver(side: 0 | 1, oursAlone = true): void {
		if (!this.#heard[side] || this.#queues[side].length === 0) return;
		const message = this.#queues[side].shift();
		if (oursAlone) expect(isMessage(message)).toBe(true);
		this.#heard[side]?.(message);
	}
}

type Verb = 'mint' | 'spend' | 'soft' | 'hold' | 'capture' | 'release' | 'grant' | 'append' | 'set' | 'add' | 'refuse';
const kinds: readonly Verb[] = ['mint', 'spend', 'soft', 'hold', 'capture', 'release', 'grant', 'append', 'set', 'add'];

const work = fc.array(
	fc.record({
		verb: fc.oneof(
			{ weight: 40, arbitrary: fc.constantFrom(...kinds) },
			{ weight: 1, arbitrary: fc.constant('refuse' as const) },
		),
		amount: fc.integer({ min: 1, max: 4 }),
	}),
	{ minLength: 1, maxLength: 4 },
);

const steps = fc.array(
	fc.oneof(
		{
			weight: 6,
			arbitrary: fc.record({
				what: fc.constant('commit' as const),
				by: fc.nat(2),
				work,
				key: fc.option(fc.constantFrom('k1', 'k2'), { nil: undefined, freq: 3 }),
			}),
		},
		{
			weight: 8,
			arbitrary: fc.record({
				what: fc.constant('deliver' as const),
				by: fc.nat(1),
				count: fc.integer({ min: 1, max: 4 }),
			}),
		},
		{ weight: 4, arbitrary: fc.record({ what: fc.constant('settle' as const) }) },
		{ weight: 1, arbitrary: fc.record({ what: fc.constant('reattach' as const), by: fc.nat(1) }) },
	),
	{ minLength: 5, maxLength: 30 },
);

const marksIn = (replica: Replica): string[] =>
	replica
		.ledger('stock/a')
		.log<string>('log')
		.all()
		.get()
		.map(({ value }) => value);

const stateOf = (replica: Replica): string => ledgers.map((ledger) => replica.digest(ledger)).join();

test('a window that does not keep up costs its owner a few messages, and is then brought up to date', async () => {
	const world = new World();
	const till = await world.open('till', world.memory());
	const port = new SlowPort();
	shareReplica(till, port.ends[0]);
	const attaching = attachReplica(port.ends[1], { platform: world.platform() });
	for (let turn = 0; turn < 4; turn++) {
		port.deliver(0);
		port.deliver(1);
	}
	const window = await attaching;
	const pool = till.ledger('stock/a').pool('hard');
	const late = window.commit((tx) => tx.add(window.ledger('cash/a').counter('drawer'), 7));
	port.deliver(0);
	for (let i = 0; i < 300; i++) {
		await till.commit((tx) => tx.mint(pool, 'x', 1, `D${i}`));
		await settle();
	}
	expect(port.waiting).toBe(32);
	for (let turn = 0; turn < 50 && (turn < 3 || port.waiting > 0); turn++) {
		for (let i = 0; i < 64; i++) {
			port.deliver(0);
			port.deliver(1);
		}
		await settle();
	}
	expect((await late).ok).toBe(true);
	expect(window.ledger('stock/a').pool('hard').mine('x')).toBe(300);
	expect(stateOf(window)).toBe(stateOf(till));
	await till.shutdown();
});

test('SYN5 each side finds out by itself that the other is gone: the window in 18 s, the owner in 10 minutes', async () => {
	const world = new World();
	const till = await world.open('till', world.memory());
	const { followers } = (till as OpenReplica).core.books;
	const port = new SlowPort();
	shareReplica(till, port.ends[0]);
	const attaching = attachReplica(port.ends[1], { platform: world.platform() });
	const deliver = () => {
		for (let turn = 0; turn < 4; turn++) {
			port.deliver(0);
			port.deliver(1);
		}
	};
	deliver();
	const window = await attaching;
	for (let round = 0; round < 60; round++) {
		await world.pass(3_000);
		deliver();
		await world.pass(7_000);
		deliver();
	}
	expect(followers.size).toBe(1);
	const waiting = window.sync.flush({ tier: 'hq' }).catch((error: unknown) => error);
	await world.pass(17_000);
	expect(await Promise.race([waiting, settle().then(() => 'waits')])).toBe('waits');
	await world.pass(4_000);
	expect(await waiting).toMatchObject({ code: 'closed' });
	expect(followers.size).toBe(1);
	await world.pass(600_000);
	expect(followers.size).toBe(0);
	await till.shutdown();
});

test('a window that cannot read what its owner writes leaves, and says why', async () => {
	const world = new World();
	const port = new SlowPort();
	const heard: string[] = [];
	port.ends[0].listen(
		(message) => heard.push((message as Message).kind),
		() => {},
	);
	const till = await world.open('till', world.memory());
	const attaching = attachReplica(port.ends[1], { platform: world.platform() });
	const news: News = {
		kind: 'news',
		n: 1,
		ledgers: [],
		rows: [{ ledger: 'stock/a', epoch: 7, device: 'd', from: 0, rows: [Uint8Array.of(99)] }],
		rebased: [],
		about: aboutOf(till as OpenReplica),
		answers: [],
	};
	port.ends[0].post(tagged(news));
	port.deliver(1);
	await expect(attaching).rejects.toMatchObject({ code: 'closed', cause: { code: 'storage_corrupt' } });
	for (let turn = 0; turn < 3; turn++) port.deliver(0);
	expect(heard).toEqual(['hello', 'bye']);
	await till.shutdown();
});

test('whatever else comes by the port is let go or refused, and writes nothing', async () => {
	const world = new World();
	const till = await world.open('till', world.memory());
	const pool = till.ledger('stock/a').pool('hard');
	await till.commit((tx) => tx.mint(pool, 'x', 9, 'D'));
	const before = stateOf(till);
	const port = new SlowPort();
	shareReplica(till, port.ends[0]);
	const heard: unknown[] = [];
	port.ends[1].listen(
		(message) => heard.push(message),
		() => {},
	);
	const post = port.ends[1].post as (message: unknown) => void;
	const verb = (verb: string, ...args: unknown[]) => ({ verb, ledger: 'stock/a', name: 'hard', args });
	const commit = (...verbs: unknown[]) => ['commit', { verbs, key: undefined, input: undefined, result: undefined }];
	const calls: unknown[][] = [
		['shutdown'],
		['constructor'],
		[undefined],
		['reached', 'nonsense', 'device'],
		['commit'],
		['commit', { verbs: 7 }],
		commit(),
		commit({ verb: 'toString', ledger: 'stock/a', name: 'hard', args: [] }),
		commit(verb('spend', 'x', -1)),
		commit(verb('spend', 'x', '1')),
		commit(verb('spend', 5, 1)),
		commit(verb('grant', 'x', 1, 7)),
		commit(verb('hold', 'x', 1)),
		commit(verb('append', '{')),
		commit(verb('add', 0.5)),
		commit({ ...verb('spend', 'x', 1), ledger: 'other/a' }),
		commit({ ...verb('append', '1'), ledger: 'other/a' }),
		commit({ ...verb('spend', 'x', 1), args: undefined }),
	];
	for (const message of [null, 7, 'hello', {}, { kind: 'hello' }, { tillmesh: 'hello', from: 1, to: 0 }]) post(message);
	post({ tillmesh: 'window 1', kind: 'hello', window: 'w' });
	post({ tillmesh: 'window 1', kind: 'took', n: Number.NaN });
	post({ tillmesh: 'window 1', kind: 'abort', id: 999 });
	for (const [id, [call, ...args]] of calls.entries()) post({ tillmesh: 'window 1', kind: 'call', id, call, args });
	for (let turn = 0; turn < 100; turn++) {
		port.deliver(0, false);
		port.deliver(1, false);
		await settle();
	}
	const answers = new Map<number, object>();
	for (const message of heard)
		for (const answer of (message as { answers?: { id: number }[] }).answers ?? []) answers.set(answer.id, answer);
	expect([...answers.keys()].sort((a, b) => a - b)).toEqual(calls.map((_, id) => id));
	expect([...answers.values()].filter((answer) => !('error' in answer))).toEqual([]);
	expect(stateOf(till)).toBe(before);
	await till.shutdown();
});

test('P28 ESC1 JRN4 windows show what the owner has shown, read their own writes, and spend no unit twice', async () => {
	await fc.assert(
		fc.asyncProperty(steps, fc.integer(), async (history, seed) => {
			const world = new World(seed);
			const till = await world.open('till', world.memory());
			const replicas: Replica[] = [till];
			const ports: SlowPort[] = [];
			const states = new Set([stateOf(till)]);
			(till as OpenReplica).core.books.followers.add(() => states.add(stateOf(till)));
			const attach = async (i: number): Promise<void> => {
				await replicas[i + 1]?.shutdown();
				const port = new SlowPort();
				ports[i] = port;
				shareReplica(till, port.ends[0]);
				const attaching = attachReplica(port.ends[1], { platform: world.platform() });
				for (let turn = 0; turn < 4; turn++) {
					port.deliver(0);
					port.deliver(1);
				}
				replicas[i + 1] = await attaching;
			};
			await attach(0);
			await attach(1);

			let documents = 0;
			let marks = 0;
			const holds: string[] = [];
			const first = new Map<string, string>();
			const committed: Promise<void>[] = [];
			/** What each commit takes where it goes through, by the mark that it leaves. */
			const took = new Map<string, { readonly spent: number; readonly granted: number }>();
			const refused = new Set<string>();
			const wrong: unknown[] = [];

			const commit = (
				replica: Replica,
				verbs: readonly { verb: Verb; amount: number }[],
				key: string | undefined,
			): void => {
				const stock = replica.ledger('stock/a');
				const [hard, loose] = [stock.pool('hard'), stock.pool('loose', { policy: 'soft' })];
				const [log, cell, drawer] = [
					stock.log<string>('log'),
					stock.cell<number>('cell'),
					replica.ledger('cash/a').counter('drawer'),
				];
				// The same for every attempt with one key: a key stands for one content.
				const mark = key === undefined ? `mark ${marks++}` : key;
				const document = `D${documents++}`;
				const chosen = key === undefined ? verbs : [{ verb: 'spend' as const, amount: key === 'k1' ? 1 : 2 }];
				const sums = { spent: 0, granted: 0 };
				for (const { verb, amount } of chosen) {
					if (verb === 'spend') sums.spent += amount;
					if (verb === 'capture') sums.spent += 1;
					if (verb === 'grant') sums.granted += amount;
				}
				const run = (tx: Tx): string => {
					let held = '';
					for (const { verb, amount } of chosen) {
						const hold = holds[amount] ?? 'none';
						if (verb === 'mint') tx.mint(hard, 'x', amount, document);
						if (verb === 'spend') tx.spend(hard, 'x', amount);
						if (verb === 'soft') tx.spend(loose, 'x', amount, { operator: 'ann' });
						if (verb === 'hold') held = tx.hold(hard, 'x', amount, { leaseMs: 1_000 });
						if (verb === 'capture') tx.capture(hard, hold, 1);
						if (verb === 'release') tx.release(hard, hold);
						if (verb === 'grant') tx.grant(hard, 'x', amount, 'elsewhere');
						if (verb === 'set') tx.set(cell, amount, amount);
						if (verb === 'add') tx.add(drawer, amount);
						if (verb === 'refuse') tx.refuse('no');
					}
					tx.append(log, mark);
					return held;
				};
				const shows = () => marksIn(replica).includes(mark);
				const ended = (outcome: Outcome<string>): void => {
					if (outcome.ok) expect(shows(), 'its own write').toBe(true);
					else if (key === undefined) refused.add(mark);
					if (!outcome.ok) return;
					expect(first.get(mark) ?? outcome.commit, 'one commit for a key').toBe(outcome.commit);
					first.set(mark, outcome.commit);
					expect(outcome.value).not.toMatch(/^hold-/);
					if (outcome.value && !outcome.replayed) holds.push(outcome.value);
				};
				took.set(mark, sums);
				committed.push(
					replica
						.commit(run, key === undefined ? {} : { idempotencyKey: key })
						.then(ended)
						.catch((error) => {
							// A window that was attached anew has not heard what became of it.
							if ((error as { code?: unknown }).code !== 'closed') wrong.push(error);
						}),
				);
			};

			for (const step of history) {
				if (step.what === 'commit') commit(replicas[step.by] as Replica, step.work, step.key);
				else if (step.what === 'settle') await settle();
				else if (step.what === 'reattach') await attach(step.by);
				else
					for (let i = 0; i < step.count; i++) {
						ports[step.by]?.deliver(i % 2 === 0 ? 0 : 1);
						await Promise.resolve();
					}
				for (const window of replicas.slice(1)) expect(states.has(stateOf(window)), 'a state of the owner').toBe(true);
			}
			for (let turn = 0; turn < 100 && (turn < 5 || ports.some(({ waiting }) => waiting > 0)); turn++) {
				for (const port of ports) {
					port.deliver(0);
					port.deliver(1);
				}
				await settle();
			}
			await Promise.all(committed);
			expect(wrong).toEqual([]);
			const marked = marksIn(till);
			expect(new Set(marked).size, 'no commit twice').toBe(marked.length);
			expect(marked.filter((mark) => refused.has(mark))).toEqual([]);
			const sum = (of: 'spent' | 'granted') => marked.reduce((all, mark) => all + (took.get(mark)?.[of] ?? 0), 0);
			for (const replica of replicas) {
				expect(stateOf(replica)).toBe(stateOf(till));
				expect(replica.check()).toEqual([]);
				const pool = replica.ledger('stock/a').pool('hard');
				expect(pool.mine('x')).toBe(till.ledger('stock/a').pool('hard').mine('x'));
				const { minted, spent, held } = pool.total('x').get();
				expect(spent).toBe(sum('spent'));
				expect(minted - spent - held - sum('granted')).toBe(pool.mine('x'));
			}
			await till.shutdown();
		}),
		{ numRuns: Math.ceil(runs / 4) },
	);
}, 300_000);
