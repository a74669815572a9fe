import { expect, test } from 'vitest';
import { World } from '../../property/escrow-world.js';
import { HandHost } from './hand-host.js';
import { RawPeer } from './raw-peer.js';

const words = (text: string) => new TextEncoder().encode(text);

/** Hosts in a row, each linked to the next. */
async function row(count: number) {
	const world = new World(1);
	const hosts = Array.from({ length: count }, (_, i) => new HandHost(world, `till-${i}`));
	const heard: string[] = [];
	for (const [i, host] of hosts.entries())
		host.peers.signals.listen((from, message) =>
			heard.push(`${hosts.findIndex(({ device }) => device === from)}>${i} ${new TextDecoder().decode(message)}`),
		);
	const lines = hosts.slice(1).map((host, i) => host.link(hosts[i] as HandHost)); // one less than hosts
	await world.pass(1_000);
	const send = async (from: number, to: number, text: string) => {
		hosts[from]?.peers.signals.send(hosts[to]?.device ?? '', words(text));
		await world.pass(50);
	};
	return { world, hosts, heard, lines, send };
}

test('a signal goes to a peer, or over one peer to its peer, and no farther', async () => {
	const { hosts, heard, send } = await row(4);
	await send(0, 1, 'near');
	await send(0, 2, 'over one');
	await send(0, 3, 'too far');
	await send(3, 1, 'back');
	expect(heard).toEqual(['0>1 near', '0>2 over one', '3>1 back']);
	const [, second, third] = hosts;
	expect([...(hosts[0]?.peers.signals.peers() ?? [])].sort()).toEqual([second?.device, third?.device].sort());
});

test('who watches hears when others come and go; who stopped does not', async () => {
	const { world, hosts, lines } = await row(2);
	const [a, b] = hosts as [HandHost, HandHost];
	let changes = 0;
	const stop = a.peers.signals.watch(() => {
		changes++;
	});
	lines[0]?.cut();
	expect(changes).toBeGreaterThan(0);
	expect(a.peers.signals.peers()).toEqual([]);
	lines[0]?.heal();
	await world.pass(1_000);
	expect(a.peers.signals.peers()).toEqual([b.device]);
	const before = changes;
	stop();
	lines[0]?.cut();
	expect(changes).toBe(before);
});

test('nobody speaks under another’s name: not to us, not through us, not as ourselves', async () => {
	const { world, hosts, heard } = await row(3);
	const [a, b, c] = hosts as [HandHost, HandHost, HandHost];
	const peer = new RawPeer(world);
	b.connect(peer);
	await peer.meet();
	await world.pass(500); // everybody knows who is linked to whom
	const message = words('forged');
	for (const from of [a.device, b.device, c.device, 'nobody'])
		for (const to of [a.device, b.device, c.device]) peer.say({ kind: 'signal', from, to, message });
	await world.pass(100);
	// `b` itself takes what it must believe its peer to pass on only from those that the peer says it is linked to.
	expect(heard).toEqual([]);
	peer.say({ kind: 'signal', from: peer.device, to: c.device, message: words('own') });
	await world.pass(100);
	expect(heard).toEqual(['-1>2 own']);
});

test('floods are bounded: 100 a second of each peer, none over 16 KiB', async () => {
	const { world, hosts, heard } = await row(2);
	const [a] = hosts as [HandHost];
	const peer = new RawPeer(world);
	a.connect(peer);
	await peer.meet();
	await world.pass(1_000 - (world.nowMs % 1_000)); // the count is by whole seconds
	for (let i = 0; i < 5_000; i++) peer.say({ kind: 'signal', from: peer.device, to: a.device, message: words('x') });
	await world.pass(10);
	expect(heard.length).toBe(100);
	await world.pass(1_000);
	const big = new Uint8Array(16 * 1024 + 1);
	peer.say({ kind: 'signal', from: peer.device, to: a.device, message: big });
	peer.say({ kind: 'signal', from: peer.device, to: a.device, message: words('y') });
	await world.pass(10);
	expect(heard.slice(100)).toEqual(['-1>0 y']);
	a.peers.signals.send(peer.device, big);
	a.peers.signals.send(peer.device, words('z'));
	expect(peer.all('signal').length).toBe(1);
});
