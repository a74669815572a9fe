import { expect, test } from 'vitest';
import { OpenReplica } from '../../../src/replica/open-replica.js';
import { Upkeep } from '../../../src/replica/upkeep.js';
import { World } from '../../property/escrow-world.js';
import { HandHost } from '../sync/hand-host.js';
import { RawPeer } from '../sync/raw-peer.js';

const ledger = 'stock/a';
const nothing = new Uint8Array();

test('JRN11 a checkpoint that cannot be adopted has peers told what is here, more and more rarely', async () => {
	const world = new World();
	const home = await world.open('home', world.memory(), { home: [ledger], archive: false });
	const archive = await world.open('archive', world.memory(), { archive: true });
	const line = world.line();
	home.addLink(line.a);
	archive.addLink(line.b);
	await home.commit((tx) => tx.add(home.ledger(ledger).counter('sold'), 1));
	await world.pass(1_000);
	await home.tend({ compact: true });
	const till = await world.open('till', world.memory());
	if (!(home instanceof OpenReplica && till instanceof OpenReplica)) throw new TypeError('other replicas');
	const checkpoint = home.core.view.base(ledger);
	if (!checkpoint) throw new TypeError('the home has written no checkpoint');
	await till.commit((tx) => tx.add(till.ledger(ledger).counter('sold'), 1));
	const rounds: number[] = [];
	let round = 0;
	const upkeep = new Upkeep({
		core: till.core,
		settled: () => false,
		mourn: () => {},
		again: (of) => of === ledger && rounds.push(round),
		home: undefined,
		adopt: async () => {},
	});
	const tend = async (times: number) => {
		for (round = 1; round <= times; round++) await upkeep.tend(false);
	};
	await tend(20);
	expect(rounds).toEqual([]);
	till.core.view.offer(checkpoint);
	await tend(300);
	expect(rounds.splice(0)).toEqual([4, 16, 64, 256]);
	till.core.view.adopt();
	await tend(20);
	expect(rounds).toEqual([]);
});

test('JRN11 who is sent the same checkpoint once more did not adopt it: it gets the rows as well', async () => {
	const world = new World();
	const host = new HandHost(world, 'home');
	const at = await host.write(ledger, 3);
	const { id, bytes } = host.point(ledger, world.bytes(100), [at]);
	const peer = new RawPeer(world);
	host.connect(peer);
	await peer.meet();
	const take = async () => {
		await world.pass(1_000);
		expect(peer.all('update')).toEqual([]);
		expect(peer.last('point').id).toEqual(id);
		peer.said = [];
		peer.say({ kind: 'took', ledger, id, bytes: bytes.length });
		await world.pass(100);
		return peer.all('update').length;
	};
	expect(await take()).toBe(0);
	// As it says when its upkeep finds that the checkpoint waits for something.
	peer.say({
		kind: 'heads',
		answer: false,
		ledgers: [{ ledger, rows: [], covered: [], checkpoint: nothing, marks: new Uint8Array() }],
	});
	expect(await take()).toBe(1);
});
