import { type Change, openReplica, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { beforeAll, expect, test } from 'vitest';
import { HandDriven, settle } from '../../property/model/hand-driven.js';
import { Line } from '../../property/model/line.js';
import { Machine } from '../../property/model/machine.js';
import { windowOf } from './window-world.js';

const ledger = 'stock/1';
const keeps = [ledger, 'cash/1'];

// Loading it the first time takes longer than `rest` waits.
beforeAll(() => import('../../../src/replica/changes-reader.js'));

const open = (storage = memory(), name = 'till'): Promise<Replica> => openReplica({ chain: 'c', name, keeps, storage });

function append(replica: Replica, ...values: string[]) {
	return replica.commit((tx) => {
		for (const value of values) tx.append(replica.ledger(ledger).logs('order').at('o-1'), { verb: 'order.add', value });
	});
}

const textOf = ({ data }: Change): string => (data as { readonly value: string }).value;

/** All that there is now. */
async function rest(from: AsyncIterator<Change>): Promise<Change[]> {
	const all: Change[] = [];
	for (;;) {
		const turns = (async () => {
			for (let i = 0; i < 8; i++) await settle();
		})();
		const next = await Promise.race([from.next(), turns]);
		if (!next || next.done) break;
		all.push(next.value);
	}
	await from.return?.();
	return all;
}

const read = (replica: Replica, since?: string) =>
	rest(replica.changes(since === undefined ? {} : { since })[Symbol.asyncIterator]());

test('a document in its public shape', async () => {
	const till = await open();
	const done = await append(till, 'a');
	await till.commit((tx) => tx.append(till.ledger('cash/1').log('drawer'), 5));
	const [first, second] = await read(till);
	expect({ ...first, at: '', stamp: '' }).toEqual({
		v: 1,
		id: `${done.ok && done.commit}.0`,
		cursor: expect.stringMatching(/^1;stock\/1=[0-9a-z]+\.2$/),
		commit: done.ok && done.commit,
		ledger,
		log: 'order',
		key: 'o-1',
		kind: 'order.add',
		at: '',
		stamp: '',
		device: till.device,
		late: false,
		data: { verb: 'order.add', value: 'a' },
	});
	expect(first?.at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
	expect(first?.stamp).toMatch(/^[0-9a-z]{9}\.[0-9a-z]{7}\.[0-9a-z]+\.[0-9a-z]{11}\.[0-9a-z]{8}\.[0-9a-z]{3}$/);
	expect(second).toMatchObject({ log: 'drawer', key: undefined, kind: 'drawer', data: 5 });
	expect(JSON.parse(JSON.stringify(second)).cursor).toBe(second?.cursor);
	await till.shutdown();
});

test('the greatest stamp is of the write whose value a cell has: of one commit, of one millisecond, of two tills', async () => {
	const chain = new Chain();
	const tills = [await chain.join('one'), await chain.join('two')];
	const say = ({ replica }: Machine, ...values: string[]) =>
		replica.commit((tx) => {
			for (const value of values) {
				tx.set(replica.ledger(ledger).cell('price'), value);
				tx.append(replica.ledger(ledger).log('said'), { value });
			}
		});
	for (const values of [['a', 'b'], ['c'], ['d'], ['e', 'f']])
		for (const till of tills) await say(till, ...values.map((value) => `${till.replica.name} ${value}`));
	const [one, two] = tills as [Machine, Machine];
	chain.connect(one, two);
	await chain.pass();
	for (const { replica } of tills) {
		const all = await read(replica);
		expect(all).toHaveLength(12);
		const [last] = [...all].sort((a, b) => (a.stamp < b.stamp ? 1 : -1));
		expect(last && textOf(last)).toBe(replica.ledger(ledger).cell('price').value.get());
		expect(new Set(all.map(({ stamp }) => stamp)).size).toBe(12);
	}
});

test('it goes on within a commit, after a restart, and from any change though its cursor is asked for late', async () => {
	const storage = memory();
	let till = await open(storage);
	await append(till, 'a', 'b', 'c');
	await append(till, 'd');
	const all = await read(till);
	expect(all.map(textOf)).toEqual(['a', 'b', 'c', 'd']);
	await till.shutdown();
	till = await open(storage);
	await append(till, 'e');
	for (const [i, change] of [...all.entries()].reverse())
		expect((await read(till, change.cursor)).map(textOf)).toEqual(['a', 'b', 'c', 'd', 'e'].slice(i + 1));
	await till.shutdown();
});

test('it waits for what comes; break, the signal and shutdown end it', async () => {
	const till = await open();
	const seen: string[] = [];
	const reading = (async () => {
		for await (const change of till.changes()) if (seen.push(textOf(change)) === 2) break;
	})();
	await append(till, 'a');
	await append(till, 'b', 'c');
	await reading;
	expect(seen).toEqual(['a', 'b']);

	const controller = new AbortController();
	const aborted = till.changes({ signal: controller.signal })[Symbol.asyncIterator]();
	for (let i = 0; i < 3; i++) await aborted.next();
	const last = aborted.next();
	controller.abort();
	expect(await last).toEqual({ done: true, value: undefined });

	const reader = till
		.changes({ ledgers: ['stock/*'] })
		.stream()
		.getReader();
	expect(textOf((await reader.read()).value as Change)).toBe('a');
	await reader.cancel();
	const none = till.changes({ ledgers: ['cash/*'] })[Symbol.asyncIterator]();
	const ending = none.next();
	await settle();
	await till.shutdown();
	expect(await ending).toEqual({ done: true, value: undefined });
});

test.each([
	'',
	'2',
	'nonsense',
	'1;stock/1=',
	'1;stock/1=x',
	'1;stock/1=zzzzzzzzzzz.1',
	'1;stock/1=a.1.2.3',
])('"%s" is no cursor', async (since) => {
	const till = await open();
	await expect(till.changes({ since })[Symbol.asyncIterator]().next()).rejects.toMatchObject({
		code: 'bad_argument',
		path: 'since',
	});
	await till.shutdown();
});

test('a window has its own, to the same cursors', async () => {
	const till = await open();
	await append(till, 'a');
	const { window, unshare } = await windowOf(till);
	const from = window.changes()[Symbol.asyncIterator]();
	const first = (await from.next()).value as Change;
	await append(till, 'b');
	const second = (await from.next()).value as Change;
	expect([first, second].map(textOf)).toEqual(['a', 'b']);
	expect((await read(till, first.cursor)).map(({ id, cursor }) => [id, cursor])).toEqual([[second.id, second.cursor]]);
	const ending = from.next();
	unshare();
	expect(await ending).toEqual({ done: true, value: undefined });
	await till.shutdown();
});

// ---- with others, checkpoints and disks that go back ----

class Chain {
	readonly hand = new HandDriven(1);
	readonly lines: Line[] = [];

	async join(name: string, home: readonly string[] = [], archive = false): Promise<Machine> {
		const machine = new Machine({ name, keeps, home, archive }, this.hand.platform);
		await machine.open();
		return machine;
	}

	connect(a: Machine, b: Machine): Line {
		const line = new Line();
		a.lines.set(line, a.replica.addLink(line.a));
		b.lines.set(line, b.replica.addLink(line.b));
		line.up();
		this.lines.push(line);
		return line;
	}

	async pass(quarters = 8): Promise<void> {
		for (let i = 0; i < quarters; i++) {
			for (let busy = true; busy; ) {
				busy = false;
				for (const line of this.lines) busy = line.handOverAll() || busy;
				if (busy) await settle();
			}
			await this.hand.advance(250);
		}
	}
}

/** A home, a second archive, and a till that was opened `openings` times and wrote in each. */
async function story(openings: number) {
	const chain = new Chain();
	const home = await chain.join('home', keeps, true);
	const second = await chain.join('second', [], true);
	chain.connect(home, second);
	const till = await chain.join('till');
	for (let i = 0; i < openings; i++) {
		chain.connect(home, till);
		await append(till.replica, `${i}`);
		await chain.pass();
		await home.replica.tend({ compact: true });
		await chain.pass();
		await till.shutdown();
		await till.open();
	}
	return { chain, home, second, till };
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => `${i}`);

test('JRN11 the cursor does not grow with openings once checkpoints cover them', async () => {
	const [short, long] = [await story(4), await story(24)];
	const marks: number[] = [];
	for (const [{ home }, openings] of [
		[short, 4],
		[long, 24],
	] as const) {
		const all = await read(home.replica);
		expect(all.map(textOf)).toEqual(numbers(openings));
		const cursor = all.at(-1)?.cursor ?? '';
		marks.push(cursor.split(',').length);
		expect(cursor.length).toBeLessThanOrEqual('1;stock/1='.length + 16 * cursor.split(',').length);
	}
	expect(marks[1]).toBe(marks[0]);
});

test('JRN11 who has not heard of all that a cursor speaks of waits until then, and gives nothing twice', async () => {
	const { chain, home } = await story(6);
	const late = await chain.join('late');
	const line = chain.connect(home, late);
	await chain.pass();
	line.cut();
	await chain.pass();
	const till = await chain.join('other');
	for (let i = 6; i < 9; i++) {
		chain.connect(home, till);
		await append(till.replica, `${i}`);
		await chain.pass();
		await home.replica.tend({ compact: true });
		await till.shutdown();
		await till.open();
	}
	const all = await read(home.replica);
	const from = late.replica.changes({ since: all.at(-2)?.cursor as string })[Symbol.asyncIterator]();
	const next = from.next();
	await chain.pass(1);
	chain.connect(home, late);
	await chain.pass();
	expect(textOf((await next).value as Change)).toBe('8');
	expect(await rest(from)).toEqual([]);
});

test('JRN7 what a till had read and then lost with its disk holds nothing up', async () => {
	const { chain, home, till } = await story(2);
	chain.connect(home, till);
	await append(till.replica, 'shared');
	await chain.pass();
	const backup = till.storage.copy();
	for (const line of till.lines.keys()) line.cut();
	await till.shutdown();
	await till.open();
	await append(till.replica, 'lost');
	const all = await read(till.replica);
	expect(all.map(textOf)).toEqual(['0', '1', 'shared', 'lost']);
	const cursor = all.at(-1)?.cursor as string;
	till.crash();
	till.storage = Object.assign(backup, { platform: till.storage.platform });
	await till.open();
	await append(till.replica, 'anew');
	expect((await read(till.replica, cursor)).map(textOf)).toEqual(['anew']);
	chain.connect(home, till);
	await chain.pass();
	expect((await read(home.replica, cursor)).map(textOf)).toEqual(['anew']);
});

test('JRN11 a reader that is open while a checkpoint brings more than rows goes on without a gap', async () => {
	const { chain, home } = await story(3);
	const newcomer = await chain.join('newcomer');
	await append(newcomer.replica, 'own');
	const from = newcomer.replica.changes()[Symbol.asyncIterator]();
	expect(textOf((await from.next()).value as Change)).toBe('own');
	chain.connect(home, newcomer);
	await chain.pass();
	expect((await rest(from)).map(textOf)).toEqual(numbers(3));
});

test('a reader that is slow keeps no more than it may, and misses nothing', async () => {
	const till = await open();
	await append(till, 'first');
	const from = till.changes()[Symbol.asyncIterator]();
	await from.next();
	for (let i = 0; i < 100; i++) await append(till, ...Array.from({ length: 50 }, (_, j) => `${i * 50 + j}`));
	expect((await rest(from)).map(textOf)).toEqual(numbers(5000));
	await till.shutdown();
});
