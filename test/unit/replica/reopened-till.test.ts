import { openReplica, type Replica } from 'tillmesh';
import { memory, memoryLink } from 'tillmesh/memory';
import { expect, test } from 'vitest';

test('ESC1 a reopened till may spend no more than before, though a checkpoint covers what it spent', async () => {
	const open = (name: string, storage = memory(), home: string[] = [], archive = false) =>
		openReplica({ chain: 'c', name, keeps: ['stock/1'], home, archive: archive || home.length > 0, storage });
	const pool = (replica: Replica) => replica.ledger('stock/1').pool('stock');
	const home = await open('home', memory(), ['stock/1']);
	const archive = await open('archive', memory(), [], true);
	const storage = memory();
	let till = await open('till', storage);
	for (const other of [archive, till]) {
		const line = memoryLink();
		home.addLink(line.a);
		other.addLink(line.b);
	}
	await home.commit((tx) => {
		tx.mint(pool(home), 'CUP', 10, 'PO-1');
		tx.grant(pool(home), 'CUP', 10, till.device);
	});
	await pool(till)
		.total('CUP')
		.when(({ minted }) => minted === 10, { timeoutMs: 5000 });
	await till.commit((tx) => tx.spend(pool(till), 'CUP', 7));
	await pool(archive)
		.total('CUP')
		.when(({ spent }) => spent === 7, { timeoutMs: 5000 });
	// The home hears of the archive's disk, covers the spend, and the till hears of the checkpoint.
	for (let i = 0; i < 10; i++) {
		await home.tend({ compact: true });
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	expect(till.status().ledgers[0]?.checkpoint).toBe(true);
	await till.shutdown();

	till = await open('till', storage);
	expect(pool(till).mine('CUP')).toBe(3);
	const tooMuch = await till.commit((tx) => tx.spend(pool(till), 'CUP', 4));
	expect(tooMuch.ok).toBe(false);
	for (const replica of [till, home, archive]) await replica.shutdown();
});
