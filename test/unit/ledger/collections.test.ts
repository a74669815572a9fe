/** What a vendor reads and writes through a ledger's collections, on one device and on two. */
import { describe, expect, test } from 'vitest';
import type { Replica, Schema } from '../../../src/index.js';
import { canonicalJson } from '../../../src/ledger/collections.js';
import { World } from '../../property/escrow-world.js';

const ledger = 'stock/a';

async function two() {
	const world = new World(7);
	const skew = { a: 0, b: 0 };
	const a = await world.open(
		'a',
		world.memory(() => skew.a),
	);
	const b = await world.open(
		'b',
		world.memory(() => skew.b),
	);
	const line = world.line();
	a.addLink(line.a);
	b.addLink(line.b);
	await world.pass(20);
	return { world, skew, a, b, line };
}

const cell = (of: Replica) => of.ledger(ledger).cell<string>('price');

test('asking twice gives the same handle, whose live values are the same too', async () => {
	const { a } = await two();
	const book = a.ledger(ledger);
	expect(a.ledger(ledger)).toBe(book);
	expect(book.pool('p')).toBe(book.pool('p'));
	expect(book.pool('p').total('x')).toBe(book.pool('p').total('x'));
	expect(book.pool('p').holders('x')).toBe(book.pool('p').holders('x'));
	expect(book.log('l').all()).toBe(book.log('l').all());
	expect(book.cell('c').value).toBe(book.cell('c').value);
	expect(book.counter('c').value).toBe(book.counter('c').value);
	// One name may stand for a pool and a log: they are different things.
	expect(book.log('p')).not.toBe(book.pool('p'));
});

describe('a cell', () => {
	test('keeps the higher priority, then the later time, and is the same everywhere', async () => {
		const { world, skew, a, b, line } = await two();
		line.cut();
		skew.b = 30_000;
		await a.commit((tx) => tx.set(cell(a), 'from a'));
		await b.commit((tx) => tx.set(cell(b), 'from b, later'));
		line.heal();
		await world.pass(50);
		expect([cell(a).value.get(), cell(b).value.get()]).toEqual(['from b, later', 'from b, later']);
		line.cut();
		await a.commit((tx) => tx.set(cell(a), 'by the manager', 1));
		await world.pass(5);
		await b.commit((tx) => tx.set(cell(b), 'later still'));
		line.heal();
		await world.pass(50);
		expect([cell(a).value.get(), cell(b).value.get()]).toEqual(['by the manager', 'by the manager']);
	});

	test('takes the last value of one commit', async () => {
		const { world, a, b } = await two();
		await a.commit((tx) => {
			tx.set(cell(a), 'z');
			tx.set(cell(a), 'a');
		});
		await world.pass(50);
		expect([cell(a).value.get(), cell(b).value.get()]).toEqual(['a', 'a']);
	});
});

test('a log is in order of time wherever it is read, and its folds follow', async () => {
	const { world, a, b, line } = await two();
	const log = (of: Replica) => of.ledger(ledger).log<{ n: number }>('sales');
	const sum = log(b).fold({ initial: 0, step: (total, { n }) => total + n });
	line.cut();
	for (const [by, n] of [
		[b, 1],
		[a, 2],
		[b, 3],
		[a, 4],
	] as const) {
		await world.pass(10);
		await by.commit((tx) => tx.append(log(by), { n }));
	}
	expect(sum.get()).toBe(4);
	line.heal();
	await world.pass(50);
	const read = (of: Replica) => log(of).all().get();
	expect(read(a).map(({ value, device }) => [value.n, device])).toEqual([
		[1, b.device],
		[2, a.device],
		[3, b.device],
		[4, a.device],
	]);
	expect(read(b)).toEqual(read(a));
	expect(sum.get()).toBe(10);
});

test('a schema says no before anything is written, and may change what is', async () => {
	const { a } = await two();
	const even: Schema<number> = {
		'~standard': {
			validate: (value) =>
				typeof value === 'number' && value % 2 === 0 ? { value: value / 2 } : { issues: [{ message: 'odd.' }] },
		},
	};
	const log = a.ledger(ledger).log('even', even);
	await expect(a.commit((tx) => tx.append(log, 3))).rejects.toMatchObject({
		code: 'bad_argument',
		path: 'entry',
		message: expect.stringContaining('odd.'),
	});
	expect(await a.commit((tx) => tx.append(log, 4))).toMatchObject({ ok: true });
	expect(
		log
			.all()
			.get()
			.map(({ value }) => value),
	).toEqual([2]);
	const later: Schema<number> = { '~standard': { validate: async (value) => ({ value }) } };
	await expect(a.commit((tx) => tx.append(a.ledger(ledger).log('later', later), 4))).rejects.toMatchObject({
		code: 'bad_argument',
	});
});

test('a floor is credit that a level may show', async () => {
	const { a } = await two();
	const pool = a.ledger(ledger).pool('credit', { floor: -20 });
	await a.commit((tx) => tx.mint(pool, 'x', 20, 'limit'));
	await a.commit((tx) => tx.spend(pool, 'x', 15));
	expect(pool.total('x').get()).toEqual({ minted: 20, spent: 15, held: 0, overdrawn: 0, level: -15 });
	expect(pool.now('x')).toEqual(pool.total('x').get());
	expect(pool.now('y')).toEqual({ minted: 0, spent: 0, held: 0, overdrawn: 0, level: -20 });
	expect(pool.keys()).toEqual(['x']);
});

test('equal content is equal text, whatever the order of its keys', () => {
	expect(canonicalJson('v', { b: 1, a: [true, null, { d: 'é', c: undefined }] })).toBe(
		'{"a":[true,null,{"d":"é"}],"b":1}',
	);
	expect(canonicalJson('v', Object.assign(Object.create(null) as object, { a: -0 }))).toBe('{"a":0}');
	const many = Array.from({ length: 40 }, (_, i) => `k${(i * 17) % 40}`);
	expect(canonicalJson('v', Object.fromEntries(many.map((key) => [key, 1])))).toBe(
		`{${[...many]
			.sort()
			.map((key) => `"${key}":1`)
			.join()}}`,
	);
	for (const text of ['plain ~!', '"', '\\', '\n', '\u007f', 'é', '\ud800'])
		expect(canonicalJson('v', { [text]: text })).toBe(`{${JSON.stringify(text)}:${JSON.stringify(text)}}`);
	for (const wrong of [
		undefined,
		new Array(1),
		() => 1,
		Symbol('s'),
		1n,
		Number.NaN,
		Number.POSITIVE_INFINITY,
		new Date(),
		new Map(),
		[undefined],
		{ a: { b: 1n } },
	])
		expect(() => canonicalJson('v', wrong)).toThrow(/has no JSON form/);
	expect(() => canonicalJson('v', { a: [1, { b: 1n }] })).toThrow(/^v\.a\[1\]\.b/);
});
