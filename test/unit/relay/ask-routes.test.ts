import { expect, test } from 'vitest';
import { askAgainMaxMs } from '../../../src/escrow/redistribution.js';
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
	nowMs = 3 * askAgainMaxMs;
	routes.pass(asker, askOf('e'), peers);
	expect(take(), 'the last one is long ago: this is another wish').toEqual(['home 3']);
	amounts['till-1'] = 95;
	routes.pass(asker, askOf('g'), peers);
	expect(take(), 'the last one was answered').toEqual(['home 3']);
	routes.pass(asker, askOf('f', 'till-1', 0), peers);
	expect(take(), 'it has gone far enough').toEqual([]);
});

test('the way to a device that is not linked is the peer by which its rows came; what lies behind one is added up', () => {
	const asker = peerOf('store-1', 'hq');
	const peers = [asker, peerOf('store-2', 'hq'), peerOf('store-3', 'hq'), peerOf('office')];
	const routes = new AskRoutes(
		() => [
			{ device: 'office', amount: 5 },
			{ device: 'till-3a', amount: 4 },
			{ device: 'till-3b', amount: 3 },
			{ device: 'till-1b', amount: 90 },
			{ device: 'nobody knows', amount: 50 },
		],
		() => 0,
	);
	for (const [device, peer] of [
		['till-3a', 'store-3'],
		['till-3b', 'store-3'],
		['till-1b', 'store-1'],
		['office', 'store-2'],
	] as const)
		routes.note(device, peer);
	for (const id of ['a', 'b', 'c']) routes.pass(asker, askOf(id, 'till-1a'), peers);
	expect(take()).toEqual(['store-3 3', 'office 3', 'store-3 3']);
});

test('where nobody is known to have any, the relay above is asked first and between any two others', () => {
	const asker = peerOf('till-1');
	const peers = [asker, peerOf('till-2'), peerOf('till-3'), peerOf('hq', 'hq')];
	const routes = new AskRoutes(
		() => [],
		() => 0,
	);
	for (const id of ['a', 'b', 'c', 'd', 'e']) routes.pass(asker, askOf(id), peers);
	expect(take()).toEqual(['hq 3', 'till-2 3', 'hq 3', 'till-3 3', 'hq 3']);
	routes.pass(peers[3] as PeerSession, askOf('f', 'till-2'), [peerOf('till-2'), peers[3] as PeerSession]);
	expect(take(), 'nobody but who wants it and who asked').toEqual([]);
});

test('P30 who asks at the longest distance is still asking for the same: each time the next one is tried', () => {
	const asker = peerOf('till-1');
	const peers = [asker, peerOf('till-2'), peerOf('till-3'), peerOf('till-4')];
	let nowMs = 0;
	const routes = new AskRoutes(
		() => [],
		() => nowMs,
	);
	for (const id of ['a', 'b', 'c']) {
		routes.pass(asker, askOf(id), peers);
		nowMs += askAgainMaxMs;
	}
	expect(take()).toEqual(['till-2 3', 'till-3 3', 'till-4 3']);
});
