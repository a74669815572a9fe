import { expect, test } from 'vitest';
import { openRows } from '../../../adapters/relay/rows.js';
import { relayLimits } from '../../../src/relay/quota.js';
import { RelayCore } from '../../../src/relay/relay-core.js';
import { temporaryFolder } from '../../crash/child.js';
import { World } from '../../property/escrow-world.js';
import { Forger } from '../../property/ledger-forge.js';

const ledger = 'stock/a';

/** Says a word to whoever is linked, and takes it back. */
async function tell(world: World, forger: Forger, word: string): Promise<void> {
	await forger.write({ kind: 'append', log: 'said', value: new TextEncoder().encode(`"${word}"`) });
	await world.pass(1_000);
	forger.stop();
	forger.takeBack();
}

test('JRN8 P5 who writes two entries at one place, one for each of two tills, is named when these meet, by both and once', async () => {
	const world = new World();
	const a = await world.open('till-a', world.memory());
	const b = await world.open('till-b', world.memory());
	const forger = new Forger(world, ledger);
	for (const [till, word] of [
		[a, 'yes'],
		[b, 'no'],
	] as const) {
		till.addLink(forger);
		await world.pass(100);
		await tell(world, forger, word);
		expect(
			till
				.ledger(ledger)
				.log('said')
				.all()
				.get()
				.map(({ value }) => value),
		).toEqual([word]);
	}
	const line = world.line();
	a.addLink(line.a);
	b.addLink(line.b);
	for (let i = 0; i < 5; i++) {
		for (const till of [a, b]) await till.commit((tx) => tx.add(till.ledger(ledger).counter('sold'), 1));
		await world.pass(2_000);
		line.cut();
		await world.pass(2_000);
		line.heal();
		await world.pass(2_000);
	}
	const forks = (till: typeof a) => till.status().rejected.newest.filter(({ code }) => code === 'fork');
	expect(forks(a)).toMatchObject([{ ledger, device: forger.device, reason: 'other rows at till-b' }]);
	expect(forks(b)).toMatchObject([{ ledger, device: forger.device, reason: 'other rows at till-a' }]);
	for (const till of [a, b]) {
		expect(till.ledger(ledger).counter('sold').value.get()).toBe(10);
		expect(till.health.get()).toEqual({ state: 'ok' });
	}
});

test('JRN8 a relay names it as well, by the first till that comes with other rows', async () => {
	const world = new World();
	const folder = temporaryFolder();
	const store = await openRows(`${folder.path}/relay.db`, 'test');
	const failed: unknown[] = [];
	const core = await RelayCore.open({
		platform: world.platform(),
		store,
		chain: 'chain',
		name: 'box',
		role: 'store',
		limits: relayLimits,
		donors: () => [],
		restored: () => {},
		met: () => {},
		failed: (error) => failed.push(error),
	});
	const till = await world.open('till', world.memory());
	const forger = new Forger(world, ledger);
	core.peers.connect(forger);
	await world.pass(100);
	await tell(world, forger, 'yes');
	till.addLink(forger);
	await world.pass(100);
	await tell(world, forger, 'no');
	const line = world.line();
	till.addLink(line.a);
	core.peers.connect(line.b);
	await world.pass(5_000);
	expect(core.rejections.newest).toMatchObject([
		{ code: 'fork', ledger, device: forger.device, reason: 'other rows at till' },
	]);
	expect(failed).toEqual([]);
	await store.close();
	folder.remove();
});

test('JRN7 a clone is named to everybody who holds both branches', async () => {
	const world = new World();
	const disk = world.memory();
	const till = await world.open('till', disk);
	const sell = (by: typeof till) => by.commit((tx) => tx.add(by.ledger(ledger).counter('sold'), 1));
	await sell(till);
	const copy = await world.open('copy', Object.assign(disk.copy(), { platform: world.platform() }));
	const other = await world.open('other', world.memory());
	for (const by of [till, copy]) await sell(by);
	expect(other.status().forked).toEqual([]);
	const { device } = till;
	for (const by of [till, copy]) {
		const line = world.line();
		by.addLink(line.a);
		other.addLink(line.b);
		await world.pass(2_000);
	}
	expect(other.status().forked).toEqual([device]);
});
