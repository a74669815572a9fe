/** What archives elsewhere have, told to a home that has the rows later than they. */
import { expect, test } from 'vitest';
import { World } from '../../property/escrow-world.js';
import { HandHost } from './hand-host.js';

const ledger = 'stock/a';

test('JRN11 a home whose disk is slower than the second archive is told what that has when the rows are here', async () => {
	const world = new World(1);
	const hq = new HandHost(world, 'hq', { role: 'hq', archive: true });
	const relay = new HandHost(world, 'relay', { role: 'store' });
	const home = new HandHost(world, 'home');
	const till = new HandHost(world, 'till');
	home.diskMs = 500;
	relay.link(hq);
	relay.link(till);
	const line = world.line();
	relay.peers.connect(line.a, { sameBox: true });
	home.connect(line.b);
	await world.pass(1_000);
	const { epoch, count } = await till.write(ledger, 10);
	await world.pass(300);
	expect(hq.count(epoch), 'headquarters has them').toBe(count);
	expect(home.count(epoch), 'the home has not').toBe(0);
	await world.pass(1_000);
	expect(home.count(epoch)).toBe(count);
	expect(home.peers.tidings.archives.of(epoch)).toBe(count);
});
