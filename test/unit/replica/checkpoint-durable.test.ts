import { expect, test } from 'vitest';
import type { Storage, StorageAdapter } from '../../../src/ports/index.js';
import { poolSeenBy, World } from '../../property/escrow-world.js';

const ledger = 'stock/a';

/** A disk that, from now on, takes its time over checkpoints, and whatever comes after them. */
function slowAt(adapter: StorageAdapter, key: string): StorageAdapter & { go(): void; isAsked: boolean } {
	let go = () => {};
	const gate = new Promise<void>((resolve) => {
		go = resolve;
	});
	const slow = {
		...adapter,
		go: () => go(),
		isAsked: false,
		async open(holder: string): Promise<Storage> {
			const storage = await adapter.open(holder);
			const write: Storage['write'] = async (batch) => {
				if (batch.puts.some((put) => put.key.startsWith(key))) slow.isAsked = true;
				if (slow.isAsked) await gate;
				return storage.write(batch);
			};
			return { read: (from) => storage.read(from), write, size: () => storage.size(), close: () => storage.close() };
		},
	};
	return slow;
}

test('JRN3 JRN11 what a checkpoint says is shown when it is on disk', async () => {
	const w = new World();
	const home = await w.open('home', w.memory(), { home: [ledger], archive: true });
	const other = await w.open('other', w.memory(), { archive: true });
	const between = w.line();
	home.addLink(between.a);
	other.addLink(between.b);
	await home.commit((tx) => tx.mint(home.ledger(ledger).pool('cup'), 'S', 5, 'D1'));
	await w.pass(2_000);
	await home.tend({ compact: true });
	expect(home.status().ledgers).toMatchObject([{ ledger, checkpoint: true }]);

	const disk = slowAt(w.memory(), 'c/');
	const till = await w.open('till', disk);
	const minted = () => poolSeenBy(till, ledger, 'cup', 'S').minted;
	const told: number[] = [];
	const cups = till.ledger(ledger).pool('cup').total('S');
	cups.on(({ minted: now }) => told.push(now));
	const line = w.line();
	till.addLink(line.a);
	home.addLink(line.b);
	await w.pass(2_000);
	expect(disk.isAsked).toBe(true);
	expect([minted(), till.status().ledgers, told.filter((now) => now > 0)]).toEqual([0, [], []]);
	disk.go();
	await w.pass(2_000);
	expect([minted(), told.at(-1)]).toEqual([5, 5]);
	expect(till.status().ledgers).toMatchObject([{ ledger, checkpoint: true }]);
});
