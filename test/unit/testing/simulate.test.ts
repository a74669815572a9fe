import type { Replica } from 'tillmesh';
import { type AppWorld, type Fault, type SimulateOptions, simulate } from 'tillmesh/testing';
import { afterEach, expect, test, vi } from 'vitest';

// A seed takes milliseconds, and some tests play hundreds.
vi.setConfig({ testTimeout: 60_000 });

afterEach(() => vi.unstubAllEnvs());

/** A shelf of tea with a cautious till: the smallest app. */
interface Shelf {
	readonly till: Replica;
	receive(qty: number, document: string): Promise<boolean>;
	sell(qty: number): Promise<boolean>;
}

function openShelf(till: Replica): Shelf {
	const tea = till.ledger('stock/sh-1').pool('tea');
	return {
		till,
		receive: async (qty, document) => (await till.commit((tx) => tx.mint(tea, 'oolong', qty, document))).ok,
		sell: async (qty) => (await till.commit((tx) => tx.spend(tea, 'oolong', qty))).ok,
	};
}

const shelf = {
	start: openShelf,
	actions: {
		receive: (app, pick, { unique }) => app.receive(1 + pick(9), unique()),
		sell: (app, pick) => app.sell(1 + pick(3)),
	},
} satisfies Partial<SimulateOptions<Shelf>>;

const level = ({ apps }: AppWorld<Shelf, undefined>) =>
	apps[0]?.till.ledger('stock/sh-1').pool('tea').total('oolong').get().level ?? 0;

test('an app that keeps to the rules stands every fault, and every fault happens', async () => {
	const { failed, seeds, faults } = await simulate<Shelf>({ ...shelf, seeds: 20, faults: 'all' });
	expect(failed?.report).toBeUndefined();
	expect(seeds).toBe(20);
	const stepped: Fault[] = ['partition', 'crash', 'clock', 'disk-full', 'old-version', 'restore', 'clone'];
	expect(Object.keys(faults).sort()).toEqual(stepped.sort());
});

test('ESC1 a level never falls below zero, in the midst of faults without copies', async () => {
	const check = (world: AppWorld<Shelf, undefined>) => {
		if (level(world) < 0) throw new Error(`${level(world)} left`);
	};
	const { failed } = await simulate<Shelf>({ ...shelf, seeds: 12, always: [check], finally: [check] });
	expect(failed?.report).toBeUndefined();
});

/** Reads what it sees and writes it back, one higher: two tills that do it at once lose one of the two. */
const forgetful: SimulateOptions<Replica, { told: number }> = {
	seeds: 50,
	outside: () => ({ told: 0 }),
	start: (till) => till,
	actions: {
		count: async (till, _pick, { outside }) => {
			const cell = till.ledger('desk/sh-1').cell<number>('visitors');
			const next = (cell.value.get() ?? 0) + 1;
			const { ok } = await till.commit((tx) => tx.set(cell, next));
			if (ok) outside.told++;
			return next;
		},
		look: () => 'around',
	},
	finally: [
		function everyVisitorCounts({ tills, outside }) {
			const shown = tills[0]?.ledger('desk/sh-1').cell<number>('visitors').value.get() ?? 0;
			if (shown < outside.told) throw new Error(`${shown} of ${outside.told} visitors`);
		},
	],
};

test('an update that gets lost is caught, made small, and told so that a person can read it', async () => {
	const { failed, seeds } = await simulate(forgetful);
	if (!failed) throw new Error('not caught');
	expect(failed).toMatchObject({ where: 'finally everyVisitorCounts', repeats: true, steps: { of: 60 } });
	expect(failed.seed).toBe(seeds);
	expect(failed.steps.needed).toBe(2); // two tills, or two taps
	expect(failed.error.message).toBe('1 of 2 visitors');
	const counts = failed.history.filter((line) => /^ +\d+\.\d{3} s {2}till-\d {2}count\(\) → 1$/.test(line));
	expect(counts.length).toBe(2);
	expect(failed.report).toContain('1 of 2 visitors\n2 of 60 steps are enough:\n');
	expect(failed.report).toContain(`TILLMESH_SEED=${failed.seed}`);
});

test('the seed of a failure replays it, by option and by environment', async () => {
	const first = (await simulate(forgetful)).failed;
	const again = await simulate({ ...forgetful, seed: first?.seed ?? 0 });
	expect(again.failed?.report).toBe(first?.report);
	expect(again.seeds).toBe(1);
	vi.stubEnv('TILLMESH_SEED', String(first?.seed));
	expect((await simulate({ ...forgetful, seed: 1_000_000 })).failed?.report).toBe(first?.report);
	vi.stubEnv('TILLMESH_SEED', 'seven');
	await expect(simulate(forgetful)).rejects.toMatchObject({ path: 'TILLMESH_SEED' });
});

test('what happens does not depend on what is looked at', async () => {
	const trace = async (always: boolean) => {
		const seen: unknown[] = [];
		const actions = {
			sell: async (app: Shelf, pick: (n: number) => number) => {
				const sold = await app.sell(1 + pick(3));
				seen.push([app.till.device, sold]);
			},
			receive: shelf.actions.receive,
		};
		await simulate<Shelf>({ start: openShelf, actions, seeds: 5, from: 3, ...(always ? { always: [level] } : {}) });
		return seen;
	};
	const first = await trace(true);
	expect(first.length).toBeGreaterThan(20);
	expect(await trace(false)).toEqual(first);
});

test('an error that no fault explains is a failure; one that a fault explains is none', async () => {
	const { failed } = await simulate<Shelf>({
		...shelf,
		seeds: 5,
		actions: {
			...shelf.actions,
			stumble: async (app) => {
				await app.sell(1).catch((cause: unknown) => {
					throw new Error('the app says it in its own words', { cause });
				});
				throw new RangeError('no such shelf');
			},
		},
	});
	expect(failed).toMatchObject({ where: 'action stumble', steps: { needed: 1 } });
	expect(failed?.error).toBeInstanceOf(RangeError);
	expect(failed?.history.at(-1)).toMatch(/stumble\(\) → RangeError: no such shelf$/);
});

test('an app that does not start, or an action that does not end, is a failure', async () => {
	const broken = await simulate({ ...shelf, seeds: 1, start: () => Promise.reject(new Error('no config')) });
	expect(broken.failed).toMatchObject({ where: 'start', error: { message: 'no config' } });
	const stuck = await simulate<Shelf>({
		...shelf,
		seeds: 1,
		faults: [],
		actions: { wait: ({ till }) => till.health.when(({ state }) => state === 'broken') },
	});
	expect(stuck.failed?.where).toBe('action');
	expect(stuck.failed?.error.message).toMatch(/"till-\d {2}wait\(\)" has not ended within 10 virtual minutes/);
});

test('a process that died goes on with nothing, and its app is started anew', async () => {
	let [starts, restarts, heardAfterDeath] = [0, 0, 0];
	const { faults, failed } = await simulate<{ till: Replica; no: number }, Map<number, number>>({
		seeds: 8,
		faults: ['crash'],
		outside: () => new Map(),
		start(till, { till: number, outside }) {
			if (outside.has(number)) restarts++;
			outside.set(number, ++starts);
			return { till, no: starts };
		},
		actions: {
			async slow({ till, no }, _pick, place) {
				const add = () => till.commit((tx) => tx.add(till.ledger('desk/sh-1').counter('done'), 1));
				// Nothing else than a death lets it fail here.
				const count = () => add().catch(() => heardAfterDeath++);
				const hear = () => {
					if (place.outside.get(place.till) !== no) heardAfterDeath++;
				};
				await count();
				hear();
				await place.sleep(500);
				hear();
				await count();
				hear();
			},
		},
	});
	expect(failed?.report).toBeUndefined();
	expect(heardAfterDeath).toBe(0);
	expect(faults.crash).toBeGreaterThan(15);
	expect(restarts).toBeGreaterThan((faults.crash ?? 0) / 2);
});

test('a check that does not hold in between is found when it does not hold', async () => {
	const { failed } = await simulate<Shelf>({
		...shelf,
		seeds: 5,
		faults: [],
		always: {
			'never more than five': (world) => {
				if (level(world) > 5) throw new Error('the shelf breaks down');
			},
		},
	});
	expect(failed).toMatchObject({ where: 'always never more than five', repeats: true });
	expect(failed?.history.some((line) => line.includes('everything heals'))).toBe(false);
});

test('what we promise is checked too: sums, and that everybody agrees', async () => {
	const lying = (wrong: object) => (till: Replica) => openShelf(Object.assign(till, wrong));
	const broken = { ledger: 'stock/sh-1', pool: 'tea/oolong', what: 'not_conserved', amount: 1 };
	const sums = await simulate<Shelf>({ ...shelf, seeds: 1, start: lying({ check: () => [broken] }) });
	expect(sums.failed).toMatchObject({ where: 'tillmesh' });
	expect(sums.failed?.error.message).toContain('not_conserved');
	let figures = 0;
	const digest = () => String(++figures);
	const differing = await simulate<Shelf>({ ...shelf, seeds: 1, faults: [], start: lying({ digest }), shrinkPlays: 5 });
	expect(differing.failed?.error.message).toContain('differ in stock/sh-1');
});

test('an app that no seed decides is told so', async () => {
	let calls = 0;
	const { failed } = await simulate<Shelf>({
		...shelf,
		seeds: 3,
		actions: {
			gamble: () => {
				if (++calls === 40) throw new Error('bad luck');
			},
		},
	});
	expect(failed?.repeats).toBe(false);
	expect(failed?.report).toContain('Take now, sleep and unique from the place.');
});

test('a place gives texts that nobody else was given, a clock of its own, and waits that cost nothing', async () => {
	const given: string[] = [];
	const picked = new Set<number>();
	const { failed } = await simulate({
		seeds: 2,
		start: (till) => till,
		actions: {
			async act(_till, pick, { unique, now, sleep, till, store }) {
				given.push(unique());
				picked.add(pick(3));
				const beforeMs = now();
				await sleep(300_000);
				return [till, store, now() > beforeMs];
			},
		},
		faults: [],
		finally: [
			() => {
				if (new Set(given).size !== given.length) throw new Error('given twice');
				given.length = 0;
			},
		],
	});
	expect(failed?.report).toBeUndefined();
	expect([...picked].sort()).toEqual([0, 1, 2]);
});

test('several stores are played too', async () => {
	const { failed } = await simulate({
		seeds: 3,
		stores: 2,
		tillsPerStore: 2,
		keeps: ['loyalty/*'],
		start: (till, { store }) => ({ till, store }),
		actions: {
			earn: ({ till }, pick, { unique }) => {
				const points = till.ledger('loyalty/chain').pool('points');
				return till.commit((tx) => tx.mint(points, 'm', 1 + pick(5), unique())).then(({ ok }) => ok);
			},
			sell: ({ till, store }) =>
				till.commit((tx) => tx.add(till.ledger(`stock/${store}`).counter('sold'), 1)).then(({ ok }) => ok),
		},
		finally: [
			({ tills }) => {
				const minted = tills.map((till) => till.ledger('loyalty/chain').pool('points').total('m').get().minted);
				if (new Set(minted).size > 1) throw new Error(`the chain differs: ${minted}`);
			},
		],
	});
	expect(failed?.report).toBeUndefined();
});

test.each<[string, object]>([
	['options.seeds', { seeds: 0 }],
	['options.from', { from: -1 }],
	['options.steps', { steps: 0.5 }],
	['options.start', { start: 'now' }],
	['options.actions', { actions: {} }],
	['options.actions.sell', { actions: { sell: 1 } }],
	['options.faults', { faults: 'some' }],
	['options.faults[1]', { faults: ['crash', 'fire'] }],
	['options.always.0', { always: [1] }],
	['options.finally', { finally: 'well' }],
	['options.tillsPerStore', { tillsPerStore: 0 }],
	['options.fault', { fault: 'all' }],
])('an option that does not fit is named: %s', async (path, wrong) => {
	const options = { ...shelf, seeds: 1, ...wrong } as unknown as SimulateOptions<Shelf>;
	await expect(simulate(options)).rejects.toMatchObject({ name: 'BadArgument', path });
});

test('a check that gives a promise, and a pick of nothing, are refused', async () => {
	const check = async () => {
		throw new Error('nobody would hear of it');
	};
	const promised = await simulate<Shelf>({ ...shelf, seeds: 1, finally: { check } });
	expect(promised.failed?.error.message).toContain('a check is synchronous');
	const picked = await simulate<Shelf>({ ...shelf, seeds: 1, actions: { choose: (_app, pick) => pick(0) } });
	expect(picked.failed?.error).toMatchObject({ name: 'BadArgument', path: 'pick' });
});
