import { expect, test } from 'vitest';
import { askAgainMaxMs } from '../../../src/escrow/redistribution.js';
import { AskRoutes, type AskRoutesOptions, type Donors } from '../../../src/relay/ask-routes.js';
import type { ShareAsk } from '../../../src/sync/frames.js';
import type { PeerSession } from '../../../src/sync/host.js';

const heard: string[] = [];
const peerOf = (device: string, role: 'device' | 'store' | 'hq' = 'device', carries = true) =>
	({
		peer: { device, role },
		carries: () => carries,
		ask: ({ hops, donor }: ShareAsk) => void heard.push(`${device} ${hops}${donor && ` for ${donor}`}`),
	}) as unknown as PeerSession; // as much of a session as is asked of it

const askOf = (id: string, to = 'till-1', hops = 4, donor = ''): ShareAsk => ({
	kind: 'ask',
	id,
	ledger: 'stock/sh-014',
	pool: 'stock/CUP-L',
	amount: 5,
	need: 1,
	to,
	donor,
	hops,
});

const routesOf = (donors: Donors, options: Partial<AskRoutesOptions> = {}) =>
	new AskRoutes({ donors, isLinked: () => false, nowMs: () => 0, ...options });

const take = () => heard.splice(0);

test('ESC1 an ask goes to one who has some, the richest first, another one each time, and never back', () => {
	const asker = peerOf('till-1');
	const peers = [asker, peerOf('till-2'), peerOf('till-3'), peerOf('home'), peerOf('away', 'device', false)];
	let nowMs = 0;
	const amounts = { 'till-1': 90, home: 40, 'till-3': 7, 'till-2': 0, away: 100 };
	const routes = routesOf(() => Object.entries(amounts).map(([device, amount]) => ({ device, amount })), {
		nowMs: () => nowMs,
	});
	routes.pass(asker, askOf('a'), peers);
	expect(take()).toEqual(['home 3 for home']);
	routes.pass(asker, askOf('a'), peers);
	expect(take(), 'the same ask again').toEqual([]);
	for (const id of ['b', 'c', 'd']) routes.pass(asker, askOf(id), peers);
	expect(take()).toEqual(['till-3 3 for till-3', 'home 3 for home', 'till-3 3 for till-3']);
	nowMs = 6 * askAgainMaxMs;
	routes.pass(asker, askOf('e'), peers);
	expect(take(), 'the last one is long ago: this is another wish').toEqual(['home 3 for home']);
	amounts['till-1'] = 95;
	routes.pass(asker, askOf('g'), peers);
	expect(take(), 'the last one was answered').toEqual(['home 3 for home']);
	routes.pass(asker, askOf('f', 'till-1', 0), peers);
	expect(take(), 'it has gone far enough').toEqual([]);
});

test('the way to a device that is not linked is the peer by which its rows came; what lies behind one is added up', () => {
	const asker = peerOf('store-1', 'hq');
	const peers = [asker, peerOf('store-2', 'hq'), peerOf('store-3', 'hq'), peerOf('office')];
	const routes = routesOf(() => [
		{ device: 'office', amount: 5 },
		{ device: 'till-3a', amount: 4 },
		{ device: 'till-3b', amount: 3 },
		{ device: 'till-1b', amount: 90 },
		{ device: 'nobody knows', amount: 50 },
	]);
	for (const [device, peer] of [
		['till-3a', 'store-3'],
		['till-3b', 'store-3'],
		['till-1b', 'store-1'],
		['office', 'store-2'],
	] as const)
		routes.note(device, peer);
	for (const id of ['a', 'b', 'c']) routes.pass(asker, askOf(id, 'till-1a'), peers);
	expect(take()).toEqual(['store-3 3 for till-3a', 'office 3 for office', 'store-3 3 for till-3a']);
});

test('where nobody is known to have any, the relay above is asked first and between any two others', () => {
	const asker = peerOf('till-1');
	const peers = [asker, peerOf('till-2'), peerOf('till-3'), peerOf('hq', 'hq')];
	const routes = routesOf(() => []);
	for (const id of ['a', 'b', 'c', 'd', 'e']) routes.pass(asker, askOf(id), peers);
	expect(take()).toEqual(['hq 3', 'till-2 3', 'hq 3', 'till-3 3', 'hq 3']);
	routes.pass(peers[3] as PeerSession, askOf('f', 'till-2'), [peerOf('till-2'), peers[3] as PeerSession]);
	expect(take(), 'nobody but who wants it and who asked').toEqual([]);
});

test('P30 who asks at the longest distance is still asking for the same: each time the next one is tried', () => {
	const asker = peerOf('till-1');
	const peers = [asker, peerOf('till-2'), peerOf('till-3'), peerOf('till-4')];
	let nowMs = 0;
	const routes = routesOf(() => [], { nowMs: () => nowMs });
	for (const id of ['a', 'b', 'c']) {
		routes.pass(asker, askOf(id), peers);
		nowMs += 2 * askAgainMaxMs; // every other ask names a donor, and takes no turn
	}
	expect(take()).toEqual(['till-2 3', 'till-3 3', 'till-4 3']);
});

test('P30 the donor that an ask names is asked at once, however many tills there are, and by whichever peer it is linked to', () => {
	const tills = Array.from({ length: 12 }, (_, i) => peerOf(`till-${i}`));
	const [asker] = tills as [PeerSession];
	const above = peerOf('hq', 'hq');
	const store = routesOf(() => []);
	store.pass(asker, askOf('a', 'till-0', 4, 'till-7'), [...tills, above]);
	expect(take()).toEqual(['till-7 3 for till-7']);
	store.pass(asker, askOf('b', 'till-0', 4, 'far'), [...tills, above]);
	store.pass(asker, askOf('c', 'till-0', 4, 'far'), [...tills, above]);
	expect(take(), 'it is not here').toEqual(['hq 3 for far', 'hq 3 for far']);

	const [from, ...stores] = ['store-1', 'store-2', 'store-3'].map((name) => peerOf(name, 'store'));
	const isThere = (peer: string, device: string) => peer === 'store-3' && device === 'far';
	const hq = routesOf(() => [{ device: 'other', amount: 9 }], { isLinked: isThere });
	hq.note('far', 'store-2');
	hq.note('other', 'store-2');
	for (const id of ['a', 'b']) hq.pass(from as PeerSession, askOf(id, 'till-0', 3, 'far'), stores);
	expect(take(), 'it has moved to another store').toEqual(['store-3 2 for far', 'store-3 2 for far']);
});

test('P30 a relay with figures names the donor for those without', () => {
	const from = peerOf('store-1', 'store');
	const hq = routesOf(() => [
		{ device: 'home', amount: 0 },
		{ device: 'rich', amount: 5 },
		{ device: 'poor', amount: 3 },
	]);
	for (const device of ['poor', 'rich']) hq.note(device, 'store-2');
	hq.pass(from, askOf('a', 'till-1', 3), [
		from,
		peerOf('store-2', 'store'),
		peerOf('store-3', 'store'),
		peerOf('home'),
	]);
	hq.pass(from, askOf('b', 'till-1', 3, 'nowhere'), [from, peerOf('store-2', 'store'), peerOf('store-3', 'store')]);
	expect(take()).toEqual(['store-2 2 for rich', 'store-2 2 for rich']);
});

test('P30 a name that leads nowhere, back, or to the asker itself is passed on to one peer and no more, and stops nobody', () => {
	const asker = peerOf('till-1');
	const peers = [asker, peerOf('till-2'), peerOf('till-3')];
	const routes = routesOf(() => []);
	for (const [i, donor] of ['nobody', 'till-1', '__proto__', 'x'.repeat(1_000)].entries())
		routes.pass(asker, askOf(`${i}`, 'till-1', 4, donor), peers);
	expect(take().map((line) => line.slice(0, 8))).toEqual(['till-2 3', 'till-2 3', 'till-3 3', 'till-2 3']);
	routes.pass(asker, askOf('own', 'till-1'), peers);
	expect(take()).toEqual(['till-3 3']);
});
