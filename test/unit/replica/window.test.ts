import { MessageChannel } from 'node:worker_threads';
import {
	BadArgument,
	Closed,
	KeyReused,
	LimitError,
	NotReachedYet,
	type Outcome,
	openReplica,
	type Replica,
	type Tx,
} from 'tillmesh';
import { memory, memoryLink } from 'tillmesh/memory';
import { attachReplica, shareReplica } from 'tillmesh/windows';
import { afterEach, describe, expect, test } from 'vitest';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import { until } from '../../contract/check.js';
import { keeps, openTill, windowOf } from './window-world.js';

const opened: Replica[] = [];
afterEach(async () => {
	for (const replica of opened.splice(0).reverse()) await replica.shutdown();
});

/** A till with 10 cups, and a window of it. */
async function shared(): Promise<{ till: Replica; window: Replica }> {
	const till = await openTill({ home: ['stock/1', 'cash/1'] });
	opened.push(till);
	await till.commit((tx) => tx.mint(till.ledger('stock/1').pool('cups'), 'L', 10, 'PO-1'));
	const { window } = await windowOf(till);
	opened.push(window);
	return { till, window };
}

const cups = (replica: Replica) => replica.ledger('stock/1').pool('cups');
const sell = (replica: Replica, amount: number) => (tx: Tx) => {
	tx.spend(cups(replica), 'L', amount);
	return amount;
};

function done<T>(outcome: Outcome<T>) {
	if (!outcome.ok) throw new Error(outcome.message);
	return outcome;
}

const same = (till: Replica, window: Replica): void => {
	expect(window.ledgers()).toEqual(till.ledgers());
	for (const ledger of till.ledgers()) expect(window.digest(ledger)).toBe(till.digest(ledger));
};

describe('a second window of one till', () => {
	test('JRN1 it shows what the owner shows, and goes on doing so, under the one name of the device', async () => {
		const { till, window } = await shared();
		same(till, window);
		expect([window.device, window.name, window.homeOf('stock/1')]).toEqual([till.device, 'till', till.device]);
		const levels: number[] = [];
		const level = cups(window).total('L');
		level.on(({ level }) => levels.push(level), { immediate: true });
		await till.commit(sell(till, 3));
		await level.when(({ level }) => level === 7);
		expect(levels).toEqual([10, 7]);
		expect(cups(window).mine('L')).toBe(7);
		same(till, window);
		expect(window.check()).toEqual([]);
	});

	test("it reads its own writes as soon as a commit resolves, and they are the owner's", async () => {
		const { till, window } = await shared();
		const sale = done(await window.commit(sell(window, 4)));
		expect([sale.value, sale.replayed, cups(window).mine('L'), cups(till).mine('L')]).toEqual([4, false, 6, 6]);
		expect(sale.commit.startsWith(till.device)).toBe(true);
		expect(await sale.reached('device')).toMatchObject({ tier: 'device', commit: sale.commit });
		same(till, window);
	});

	test('every verb of a work function does the same as in the owner', async () => {
		const { till, window } = await shared();
		const book = window.ledger('stock/1');
		const [pool, soft] = [cups(window), book.pool('loose', { policy: 'soft' })];
		const [log, cell, counter] = [
			book.log<{ n: number; hold: string }>('notes'),
			book.cell<string>('sign'),
			book.counter('seen'),
		];
		const cash = window.ledger('cash/1').counter('drawer');
		const sale = done(
			await window.commit((tx) => {
				tx.mint(pool, 'L', 5, 'PO-2');
				tx.spend(pool, 'L', 2);
				tx.spend(soft, 'x', 3, { operator: 'ann', reason: 'queue' });
				tx.grant(pool, 'L', 1, 'another-device');
				tx.set(cell, 'open', 2);
				tx.add(counter, 4);
				tx.add(cash, 700);
				const hold = tx.hold(pool, 'L', 3, { leaseMs: 60_000 });
				tx.append(log, { n: 1, hold });
				return { hold, list: [hold], n: 1 };
			}),
		);
		const { hold } = sale.value;
		expect(sale.value).toEqual({ hold, list: [hold], n: 1 });
		expect(
			book
				.log('notes')
				.all()
				.get()
				.map(({ value }) => value),
		).toEqual([{ n: 1, hold }]);
		expect([pool.mine('L'), cell.value.get(), counter.value.get(), cash.value.get()]).toEqual([9, 'open', 4, 700]);
		expect(pool.total('L').get()).toMatchObject({ minted: 15, spent: 2, held: 3 });
		const [oversell] = book.exceptions();
		expect(oversell).toMatchObject({ kind: 'oversell', amount: 3, operator: 'ann', reason: 'queue' });
		done(await window.commit((tx) => tx.capture(pool, hold, 1)));
		expect(pool.total('L').get()).toMatchObject({ spent: 3, held: 0 });
		const other = done(await till.commit((tx) => tx.hold(cups(till), 'L', 2, { leaseMs: 60_000 }))).value;
		await pool.total('L').when(({ held }) => held === 2);
		done(await window.commit((tx) => tx.release(pool, other)));
		expect(await book.claim(oversell?.id ?? '')).toBe(true);
		done(await window.commit((tx) => tx.resolve(book, oversell?.id ?? '')));
		expect(book.exceptions()).toEqual([]);
		const refused = await window.commit((tx) => {
			tx.add(counter, 1);
			tx.refuse('not today');
		});
		expect(refused).toMatchObject({ ok: false, code: 'refused', reason: 'not today' });
		expect(counter.value.get()).toBe(4);
		same(till, window);
	});

	test('a hold goes by the name that the work was told, too', async () => {
		const { window } = await shared();
		let told = '';
		done(
			await window.commit((tx) => {
				told = tx.hold(cups(window), 'L', 2, { leaseMs: 60_000 });
			}),
		);
		done(await window.commit((tx) => tx.capture(cups(window), told)));
		expect(cups(window).total('L').get()).toMatchObject({ spent: 2, held: 0 });
	});

	test('ESC1 what the window cannot see it refuses at once; a double tap does not pass twice', async () => {
		const { till, window } = await shared();
		const before = till.status().ledgers[0]?.rows;
		const refused = await window.commit(sell(window, 11));
		expect(refused).toMatchObject({
			ok: false,
			code: 'share_exhausted',
			short: [{ need: 11, mine: 10, elsewhere: [] }],
		});
		expect(till.status().ledgers[0]?.rows).toBe(before);
		const [first, second] = [window.commit(sell(window, 6)), window.commit(sell(window, 6))];
		expect(cups(window).mine('L')).toBe(4);
		expect([(await first).ok, await second]).toMatchObject([true, { ok: false, code: 'share_exhausted' }]);
		expect(cups(window).mine('L')).toBe(4);
	});

	test('ESC1 many commits at once: what one takes is never counted twice against the next', async () => {
		const { till, window } = await shared();
		const outcomes: Promise<Outcome<number>>[] = [];
		const seen: number[] = [];
		cups(window)
			.total('L')
			.on(() => seen.push(cups(window).mine('L') + outcomes.length));
		for (let i = 0; i < 10; i++) {
			outcomes.push(window.commit(sell(window, 1)));
			await new Promise((resolve) => setImmediate(resolve));
			expect(cups(window).mine('L')).toBe(10 - outcomes.length);
		}
		expect((await Promise.all(outcomes)).every(({ ok }) => ok)).toBe(true);
		expect(seen.every((sum) => sum === 10)).toBe(true);
		expect([cups(till).mine('L'), cups(window).mine('L')]).toEqual([0, 0]);
	});

	test('ESC1 the owner has the last word: a refusal of its own is a value too', async () => {
		const { till, window } = await shared();
		// In one turn: the window knows nothing of the owner's sale yet.
		const [ours, theirs] = [till.commit(sell(till, 7)), window.commit(sell(window, 7))];
		expect((await ours).ok).toBe(true);
		expect(await theirs).toMatchObject({ ok: false, code: 'share_exhausted', short: [{ need: 7, mine: 3 }] });
		expect(cups(window).mine('L')).toBe(3);
	});

	test('ESC8 a key means the same in the owner and in every window', async () => {
		const { till, window } = await shared();
		const { window: other } = await windowOf(till);
		opened.push(other);
		const first = done(await window.commit(sell(window, 10), { idempotencyKey: 'cart-1' }));
		// The share is used up: the key is known all the same.
		for (const replica of [till, window, other]) {
			const again = done(await replica.commit(sell(replica, 10), { idempotencyKey: 'cart-1' }));
			expect([again.commit, again.replayed, again.value]).toEqual([first.commit, true, 10]);
			await expect(replica.commit(sell(replica, 9), { idempotencyKey: 'cart-1' })).rejects.toThrow(KeyReused);
		}
		const mine = done(
			await till.commit((tx) => tx.add(till.ledger('cash/1').counter('drawer'), 5), {
				idempotencyKey: 'k',
				input: { a: 1, b: [2] },
			}),
		);
		const there = done(
			await other.commit((tx) => tx.add(other.ledger('cash/1').counter('drawer'), 999), {
				idempotencyKey: 'k',
				input: { b: [2], a: 1 },
			}),
		);
		expect([there.commit, there.replayed]).toEqual([mine.commit, true]);
		expect(other.ledger('cash/1').counter('drawer').value.get()).toBe(5);
	});

	test('ESC8 a key under way elsewhere is answered by its first outcome though this view would refuse', async () => {
		const { till, window } = await shared();
		const { window: other } = await windowOf(till);
		opened.push(other);
		const [a, b, tapAgain] = await Promise.all([
			window.commit(sell(window, 10), { idempotencyKey: 'cart' }),
			other.commit(sell(other, 10), { idempotencyKey: 'cart' }),
			window.commit(sell(window, 10), { idempotencyKey: 'cart' }),
		]);
		expect([done(b).commit, done(tapAgain).commit]).toEqual([done(a).commit, done(a).commit]);
		expect([a, b, tapAgain].map((each) => done(each).replayed)).toEqual([false, true, true]);
		expect(cups(till).mine('L')).toBe(0);
	});

	test('failures come as what they are: class, code, message, details', async () => {
		const { till, window } = await shared();
		const log = window.ledger('stock/1').log<string>('notes');
		const tooLong = (replica: Replica) => (tx: Tx) =>
			tx.append(replica.ledger('stock/1').log<string>('notes'), 'x'.repeat(20_000));
		const here = await window.commit(tooLong(window)).catch((error: unknown) => error);
		const there = await till.commit(tooLong(till)).catch((error: unknown) => error);
		expect(here).toBeInstanceOf(LimitError);
		expect(here).toEqual(there);
		await expect(window.commit(() => {})).rejects.toThrow(BadArgument);
		await expect(window.commit((tx) => tx.spend(cups(window), 'L', 0.5))).rejects.toThrow(BadArgument);
		await expect(window.commit((tx) => tx.spend(cups(till), 'L', 1))).rejects.toMatchObject({
			code: 'unknown_collection',
		});
		await expect(
			window.commit(() => {
				throw new Error('mine');
			}),
		).rejects.toMatchObject({ code: 'work_failed', cause: new Error('mine') });
		await expect(
			window.commit((tx) => {
				tx.append(log, 'a');
				void window.commit((inner) => inner.append(log, 'b')).catch(() => {});
				throw new Error('stop');
			}),
		).rejects.toMatchObject({ code: 'work_failed' });
		expect(() => window.ledger('other/1')).toThrow(expect.objectContaining({ code: 'unknown_ledger' }));
		await expect(window.sync.reached('nonsense', 'device')).rejects.toThrow(BadArgument);
		expect(() => window.addLink({} as never)).toThrow(expect.objectContaining({ code: 'unavailable' }));
		expect(() => shareReplica(window, new MessageChannel().port1)).toThrow(BadArgument);
		expect(log.all().get()).toEqual([]);
	});

	test("ensure, claim, waits, tend and fence are the owner's; another till and its name show in refusals", async () => {
		const { till, window } = await shared();
		const line = memoryLink();
		const other = await openReplica({ chain: 'c', name: 'far till', keeps, storage: memory(), links: [line.b] });
		opened.push(other);
		till.addLink(line.a);
		await other.commit((tx) => tx.add(other.ledger('cash/1').counter('drawer'), 1));
		expect(await cups(other).ensure('L', 8)).toBe(8);
		await cups(window)
			.total('L')
			.when(() => cups(window).mine('L') === 2);
		await until(() => window.sync.status.get().peers.length === 1, 'the peer shows');
		expect(cups(window).holders('L').get()).toMatchObject([{ device: other.device, name: 'far till', amount: 8 }]);
		expect(await window.commit(sell(window, 5))).toMatchObject({
			short: [{ mine: 2, elsewhere: [{ device: other.device, name: 'far till', amount: 8, online: true }] }],
		});
		// The other one keeps half.
		expect(await cups(window).ensure('L', 5)).toBeGreaterThanOrEqual(5);
		done(await window.commit(sell(window, 4)));
		expect(window.status().peers.map(({ name }) => name)).toEqual(['far till']);
		const sale = done(await window.commit(sell(window, 1)));
		expect(await sale.reached('copy', { timeoutMs: 5_000 })).toMatchObject({ tier: 'copy' });
		await expect(sale.reached('hq', { timeoutMs: 10 })).rejects.toThrow(NotReachedYet);
		const stopped = new AbortController();
		const waiting = sale.reached('hq', { signal: stopped.signal });
		stopped.abort();
		await expect(waiting).rejects.toThrow(NotReachedYet);
		expect(await cups(window).ensure('L', 1_000, { timeoutMs: 20 })).toBe(cups(window).mine('L'));
		expect(await window.bytes()).toBe(await till.bytes());
		const resume = window.sync.pause();
		await window.tend();
		const held = done(await window.commit((tx) => tx.add(window.ledger('cash/1').counter('drawer'), 1)));
		await expect(held.reached('copy', { timeoutMs: 100 })).rejects.toThrow(NotReachedYet);
		resume();
		expect(await held.reached('copy', { timeoutMs: 5_000 })).toMatchObject({ tier: 'copy' });
		await window.fence(other.device);
		same(till, window);
	});

	test('JRN11 a checkpoint that takes rows away reaches the window as figures', async () => {
		const { till, window } = await shared();
		const archive = await openReplica({
			chain: 'c',
			name: 'archive',
			keeps,
			storage: memory(),
			archive: true,
			links: [],
		});
		opened.push(archive);
		const line = memoryLink();
		till.addLink(line.a);
		archive.addLink(line.b);
		for (let i = 0; i < 5; i++) await window.commit(sell(window, 1), { idempotencyKey: `k${i}` });
		await window.sync.flush({ tier: 'copy', timeoutMs: 5_000 });
		await until(() => window.sync.status.get().safeToPowerOff, 'safe');
		await window.tend({ compact: true });
		await until(() => till.status().ledgers.some(({ checkpoint }) => checkpoint), 'a checkpoint');
		same(till, window);
		const { window: late } = await windowOf(till);
		opened.push(late);
		same(till, late);
		done(await late.commit(sell(late, 1)));
		await cups(window)
			.total('L')
			.when(({ level }) => level === 4);
		same(till, window);
		same(till, late);
	});

	test('when the owner shuts down everything rejects with Closed, and what was under way is told', async () => {
		const { till, window } = await shared();
		const under = window.commit(sell(window, 1));
		await until(() => cups(till).mine('L') === 9, 'the owner has it');
		const late = window.sync.flush({ tier: 'hq' }).catch((error: unknown) => error);
		await till.shutdown();
		expect((await under).ok).toBe(true);
		expect(await late).toBeInstanceOf(Closed);
		await expect(window.commit(sell(window, 1))).rejects.toThrow(Closed);
		await expect(window.bytes()).rejects.toThrow(Closed);
		expect(cups(window).mine('L')).toBe(9);
	});

	test('unshared, or with its port closed, a window is closed; the till and its other windows go on', async () => {
		const till = await openTill();
		opened.push(till);
		await till.commit((tx) => tx.mint(cups(till), 'L', 10, 'PO-1'));
		const first = await windowOf(till);
		const { port1, port2 } = new MessageChannel();
		shareReplica(till, port1);
		const second = await attachReplica(port2);
		const third = await windowOf(till);
		first.unshare();
		await expect(first.window.commit(sell(first.window, 1))).rejects.toThrow(Closed);
		port2.close();
		await expect(second.commit(sell(second, 1))).rejects.toThrow(Closed);
		await third.window.shutdown();
		await expect(third.window.commit(sell(third.window, 1))).rejects.toThrow(Closed);
		await until(() => (till as OpenReplica).core.books.followers.size === 0, 'nothing is left of them');
		done(await till.commit(sell(till, 1)));
	});

	test('it does not matter who comes first; where nobody shares, attaching ends in time', async () => {
		const till = await openTill();
		opened.push(till);
		const { port1, port2 } = new MessageChannel();
		const attaching = attachReplica(port2);
		await new Promise((resolve) => setTimeout(resolve, 20));
		shareReplica(till, port1);
		const window = await attaching;
		opened.push(window);
		expect(window.device).toBe(till.device);
		await expect(attachReplica(new MessageChannel().port1, { timeoutMs: 20 })).rejects.toMatchObject({
			code: 'not_reached',
		});
		expect(() => attachReplica({} as never)).toThrow(BadArgument);
		const gone = new MessageChannel();
		shareReplica(till, gone.port1)();
		await expect(attachReplica(gone.port2)).rejects.toThrow(Closed);
	});

	test("JRN5 a broken disk shows in the window, and its commits are refused as the owner's are", async () => {
		const storage = memory();
		const till = await openTill({ storage });
		const { window } = await windowOf(till);
		done(await window.commit((tx) => tx.mint(cups(window), 'L', 10, 'PO-1')));
		storage.failNextWrite();
		await expect(window.commit(sell(window, 1))).rejects.toMatchObject({ code: 'storage_failed' });
		await window.health.when(({ state }) => state === 'broken', { timeoutMs: 2_000 });
		expect(window.health.get()).toMatchObject({ state: 'broken', error: { code: 'storage_failed' } });
		await till.shutdown().catch(() => {});
	});
});

test('a window begins to keep a ledger with its owner, and hears that it is kept before any row of it', async () => {
	const hq = await openTill({ name: 'hq', keeps: ['members/*'], home: ['members/*'], links: [] });
	opened.push(hq);
	const points = (replica: Replica) => replica.ledger('members/7').pool('points');
	await hq.commit((tx) => tx.mint(points(hq), 'ada', 5, 'opening'));
	const till = await openTill({ links: [] });
	const { window } = await windowOf(till);
	opened.push(till, window);
	const line = memoryLink();
	hq.addLink(line.a);
	till.addLink(line.b);
	const seen: number[] = [];
	window.watch({ ledgers: 'members', of: 'pool', name: 'points' }, () => seen.push(points(window).mine('ada')));
	expect(() => points(window)).toThrow(expect.objectContaining({ code: 'unknown_ledger' }));
	await window.keep('members/7', { timeoutMs: 10_000 });
	expect(points(window).total('ada').get().minted).toBe(5);
	expect(seen).not.toEqual([]);
	expect(window.ledgers()).toContain('members/7');
	await expect(window.keep(['members/*'])).rejects.toMatchObject({ path: 'ledgers[0]' });
});
