import { expect, test } from 'vitest';
import { AskRoutes } from '../../../src/relay/ask-routes.js';
import type { ShareAsk } from '../../../src/sync/frames.js';
import type { PeerSession } from '../../../src/sync/host.js';

const heard: string[] = [];
const peerOf = (device: string, role: 'device' | 'hq' = 'device', carries = true) =>
	({
		peer: { device, role },
		carries: () => carries,
		ask: ({ hops }: ShareAsk) => void heard.push(`${device} ${hops}`),
	}) as unknown as PeerSession; // as much of a session as is asked of it

const askOf = (id: string, to = 'till-1', hops = 4): ShareAsk => ({
	kind: 'ask',
	id,
	ledger: 'stock/sh-014',
	pool: 'stock/CUP-L',
	amount: 5,
	need: 1,
	to,
	hops,
});

const take = () => heard.splice(0);

test('ESC1 an ask goes to one who has some, the richest first, another one each time, and never back', () => {
	const asker = peerOf('till-1');
	const peers = [asker, peerOf('till-2'), peerOf('till-3'), peerOf('home'), peerOf('away', 'device', false)];
	let nowMs = 0;
	const amounts = { 'till-1': 90, home: 40, 'till-3': 7, 'till-2': 0, away: 100 };
	const routes = new AskRoutes(
		() => Object.entries(amounts).map(([device, amount]) => ({ device, amount })),
		() => nowMs,
	);
	routes.pass(asker, askOf('a'), peers);
	expect(take()).toEqual(['home 3']);
	routes.pass(asker, askOf('a'), peers);
	expect(take(), 'the same ask again').toEqual([]);
	for (const id of ['b', 'c', 'd']) routes.pass(asker, askOf(id), peers);
	expect(take()).toEqual(['till-3 3', 'home 3', 'till-3 3']);
	nowMs = 2000;
	routes.pass(asker, askOf('e'), peers);
	expect(take(), 'the last one is long ago: this is another wish').toEqual(['home 3']);
	amounts['till-1'] = 95;
	routes.pass(asker, askOf('g'), peers);
	expect(take(), 'the last one was answered').toEqual(['home 3']);
	routes.pass(asker, askOf('f', 'till-1', 0), peers);
	expect(take(), 'it has gone far enough').toEqual([]);
});

test('where nobody is known to have any, the relay above is asked first, then each peer in turn', () => {
	const asker = peerOf('till-1');
	const peers = [asker, peerOf('till-2'), peerOf('hq', 'hq')];
	const routes = new AskRoutes(
		() => [],
		() => 0,
	);
	for (const id of ['a', 'b', 'c']) routes.pass(asker, askOf(id), peers);
	expect(take()).toEqual(['hq 3', 'till-2 3', 'hq 3']);
	routes.pass(peers[2] as PeerSession, askOf('d', 'till-2'), [peerOf('till-2'), peers[2] as PeerSession]);
	expect(take(), 'nobody but who wants it and who asked').toEqual([]);
});
