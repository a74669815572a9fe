import { expect, test } from 'vitest';
import { World } from '../../property/escrow-world.js';

const ledger = 'stock/a';
const decadeMs = 10 * 365 * 86_400_000;

test('ESC8 a home whose clock is ten years ahead lets go of no key; two such clocks do', async () => {
	const world = new World();
	const ahead = { home: decadeMs, second: 0 };
	const home = await world.open(
		'home',
		world.memory(() => ahead.home),
		{ home: [ledger] },
	);
	const till = await world.open('till', world.memory());
	const second = await world.open(
		'second',
		world.memory(() => ahead.second),
		{ archive: true },
	);
	for (const replica of [till, second]) {
		const line = world.line();
		home.addLink(line.a);
		replica.addLink(line.b);
	}
	const write = (replica: typeof home, note: string, idempotencyKey?: string) =>
		replica.commit((tx) => tx.append(replica.ledger(ledger).log('notes'), note), {
			...(idempotencyKey && { idempotencyKey }),
		});
	await write(till, 'sold', 'sale-1');
	await write(home, 'from the year 2036');
	await world.pass(2_000);
	await home.tend({ compact: true });
	await world.pass(2_000);
	expect(till.status().ledgers).toMatchObject([{ checkpoint: true }]);
	expect(await write(till, 'sold', 'sale-1')).toMatchObject({ ok: true, replayed: true });

	ahead.second = decadeMs;
	await write(second, 'from the year 2036 too');
	await world.pass(2_000);
	await home.tend({ compact: true });
	await world.pass(2_000);
	expect(await write(till, 'sold', 'sale-1')).toMatchObject({ ok: true, replayed: false });
});
