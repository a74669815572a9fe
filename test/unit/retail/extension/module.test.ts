import { defineModule, type Json } from 'tillmesh';
import { expect, test } from 'vitest';
import type { Schema } from '../../../../src/ledger/collections.js';
import { openShops } from '../../../scenario/retail/shops.js';

function shape<T extends Json>(fits: (value: unknown) => boolean): Schema<T> {
	return {
		'~standard': {
			validate: (value) => (fits(value) ? { value: value as T } : { issues: [{ message: 'It does not fit.' }] }),
		},
	};
}
const textIn = (field: string) => (value: unknown) =>
	typeof (value as Record<string, unknown> | null)?.[field] === 'string';

type First = { readonly to: string };
type Second = { readonly borrower: string };
const first = defineModule<{ lent: First }>({
	name: 'acme.loans',
	version: 1,
	entries: { lent: { schema: shape<First>(textIn('to')), ifUnknown: 'ignore' } },
});
const second = defineModule<{ lent: Second; locked: Second }>({
	name: 'acme.loans',
	version: 2,
	entries: {
		lent: {
			schema: shape<Second>(textIn('borrower')),
			ifUnknown: 'ignore',
			upcast: (old) => ({ borrower: (old as First).to }),
		},
		locked: { schema: shape<Second>(textIn('borrower')), ifUnknown: 'stop-this-pool', pool: 'tool' },
	},
});

test('documents of an older version are brought up to this one, newer ones are left out', async () => {
	const shops = await openShops();
	const [old, now] = [shops.till(0).module(first), shops.till(1).module(second)];
	await old.write('lent', 'steamer-3', { to: 'ada' }, { by: 'ann', note: 'till noon', idempotencyKey: 'loan-1' });
	await shops.meet();
	await now.write('lent', 'steamer-3', { borrower: 'bob' });
	await shops.meet();
	expect(now.entries('lent', 'steamer-3')).toMatchObject([
		{ data: { borrower: 'ada' }, version: 1, by: 'ann', note: 'till noon', late: false },
		{ data: { borrower: 'bob' }, version: 2 },
	]);
	expect(old.entries('lent', 'steamer-3')).toMatchObject([{ data: { to: 'ada' } }]);
	expect([old, now].map((module) => module.leftOut('lent', 'steamer-3'))).toEqual([1, 0]);
	expect(now.live('lent', 'steamer-3').get()).toHaveLength(2);
	expect(now.ids('lent')).toEqual(['steamer-3']);
});

test('what does not fit is refused at the border, and left out where it came from elsewhere', async () => {
	const shops = await openShops();
	const loans = shops.till(0).module(second);
	await expect(loans.write('lent', 'x', { to: 'ada' } as unknown as Second)).rejects.toMatchObject({ path: 'data' });
	await expect(loans.write('sold' as 'lent', 'x', { borrower: 'a' })).rejects.toMatchObject({ path: 'kind' });
	expect(() => loans.entries('toString' as never, 'x')).toThrow(expect.objectContaining({ path: 'kind' }));
	const loose = defineModule<{ lent: number }>({
		name: 'acme.loans',
		version: 2,
		entries: { lent: { schema: shape<number>(() => true), ifUnknown: 'ignore' } },
	});
	await shops.till(1).module(loose).write('lent', 'x', 5);
	await shops.meet();
	expect([loans.entries('lent', 'x'), loans.leftOut('lent', 'x')]).toEqual([[], 1]);
});

test.each([
	[{ name: 'loans' }, 'name'],
	[{ version: 0 }, 'version'],
	[{ entries: { 'A b': second.entries.lent } }, 'entries.A b'],
	[{ entries: { lent: { ...second.entries.lent, ifUnknown: 'stop' } } }, 'entries.lent.ifUnknown'],
	[{ entries: { lent: { ...second.entries.lent, ifUnknown: 'stop-this-pool' } } }, 'entries.lent.pool'],
	[{ entries: { lent: { ifUnknown: 'ignore' } } }, 'entries.lent.schema'],
])('a definition that does not fit names what: %o', async (wrong, path) => {
	const shops = await openShops({ tillsPerStore: 1 });
	const till = shops.till(0);
	expect(() => till.module({ ...second, ...wrong } as never)).toThrow(expect.objectContaining({ path }));
});

test('JRN12 a kind that stops: who does not know it spends from its pools no more, and from others as before', async () => {
	const shops = await openShops({ tillsPerStore: 3 });
	const tills = [0, 1, 2].map((number) => shops.till(number));
	const desk = 'desk/sh-1';
	const pool = (number: number, name = 'tool') => shops.till(number).shop.ledger(desk).pool(name);
	for (const [number, till] of tills.entries())
		await till.replica.commit((tx) => {
			tx.mint(pool(number), 'steamer', 5, `D${number}`);
			tx.mint(pool(number, 'chair'), 'c', 5, `C${number}`);
		});
	const spend = async (number: number, name = 'tool', key = 'steamer') => {
		const outcome = await shops.till(number).replica.commit((tx) => tx.spend(pool(number, name), key, 1));
		return outcome.ok ? 'ok' : outcome.code;
	};
	const loans = tills[0]?.module(second);
	tills[1]?.module(first);
	await shops.meet();
	expect(await Promise.all([0, 1, 2].map((number) => spend(number)))).toEqual(['ok', 'ok', 'ok']);
	const locked = await loans?.write(
		'locked',
		'steamer',
		{ borrower: 'ada' },
		{ also: ({ tx }) => tx.spend(pool(0), 'steamer', 1) },
	);
	expect(locked?.ok).toBe(true);
	await shops.meet();
	const stopped = ['ok', 'upgrade_required', 'upgrade_required'];
	expect(await Promise.all([0, 1, 2].map((number) => spend(number)))).toEqual(stopped);
	expect(await Promise.all([0, 1, 2].map((number) => spend(number, 'chair', 'c')))).toEqual(['ok', 'ok', 'ok']);
	// Updated, it spends again; who restarts without the module does not.
	tills[1]?.module(second);
	expect(await spend(1)).toBe('ok');
	await shops.world.crash(2);
	await shops.meet();
	expect(await spend(2)).toBe('upgrade_required');
});

test('a module’s document has its own kind in changes()', async () => {
	const shops = await openShops();
	const till = shops.till(0);
	await till.module(second).write('lent', 'steamer-3', { borrower: 'bob' }, { ext: { 'acme.desk': 2 } });
	for await (const change of shops.world.machine(0).replica.changes({ ledgers: ['desk/*'] })) {
		expect(change).toMatchObject({
			kind: 'acme.loans.lent',
			log: 'acme.loans.lent',
			key: 'steamer-3',
			data: { v: 2, data: { borrower: 'bob' }, ext: { 'acme.desk': 2 } },
		});
		break;
	}
});
