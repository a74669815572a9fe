import { expect, test } from 'vitest';
import { Presence } from '../../../src/sync/presence.js';

const told = (device: string, linked = true, agoMs = 0) => ({ device, name: `name of ${device}`, linked, agoMs });

test('who is linked to this device, or to a peer by what the peer says, is there; who was, was last seen then', () => {
	const presence = new Presence();
	presence.seen('a', 'till a', 1_000);
	presence.linked('me', 'a', true);
	presence.tell('a', [told('b'), told('c', false, 400)], 2_000);
	expect([...presence.online()]).toEqual(['a', 'b']);
	expect(presence.of('a')).toEqual({ name: 'till a', online: true, lastSeenMs: 1_000 });
	expect(presence.of('b')).toEqual({ name: 'name of b', online: true, lastSeenMs: 2_000 });
	expect(presence.of('c')).toEqual({ name: 'name of c', online: false, lastSeenMs: 1_600 });
	expect(presence.of('d')).toBeUndefined();
	expect([presence.isLinkedTo('a', 'b'), presence.isLinkedTo('a', 'c'), presence.isLinkedTo('b', 'a')]).toEqual([
		true,
		false,
		false,
	]);
	presence.linked('me', 'a', false);
	presence.forget('a');
	expect([...presence.online()]).toEqual([]);
	expect(presence.of('b')?.lastSeenMs).toBe(2_000);
});

test('what a peer says now takes the place of what it said; what others say stays; nobody is seen earlier than before', () => {
	const presence = new Presence();
	presence.tell('a', [told('x'), told('y')], 10_000);
	presence.tell('b', [told('y')], 10_000);
	presence.tell('a', [told('z'), told('x', false, 9_000)], 20_000);
	expect([...presence.online()].sort()).toEqual(['y', 'z']);
	expect(presence.of('x')?.lastSeenMs).toBe(11_000);
	presence.tell('b', [told('x', false, 15_000)], 20_000);
	expect(presence.of('x')?.lastSeenMs).toBe(11_000);
});

test('a peer is told whom this device is linked to, then whom it saw, the last first, 256 in all', () => {
	const presence = new Presence();
	for (let i = 0; i < 300; i++) presence.seen(`d${i}`, `n${i}`, 1_000 + i);
	presence.seen('me', 'myself', 5_000);
	for (const linked of ['d5', 'd9']) presence.linked('me', linked, true);
	const all = presence.introduce('me', 2_000);
	expect(all.length).toBe(256);
	expect(all[0]).toEqual({ device: 'd9', name: 'n9', linked: true, agoMs: 0 });
	expect(all[1]).toEqual({ device: 'd5', name: 'n5', linked: true, agoMs: 0 });
	expect(all[2]).toEqual({ device: 'd299', name: 'n299', linked: false, agoMs: 2_000 - 1_299 });
	expect(all.some(({ device }) => device === 'me')).toBe(false);
});

test('a flood of names is bounded, whatever it says of when, and forgets nobody who is linked', () => {
	for (const agoMs of [0, 1_000, Number.MAX_SAFE_INTEGER]) {
		const presence = new Presence();
		presence.linked('me', 'till', true);
		presence.seen('till', 'till', 1);
		for (let i = 0; i < 40; i++)
			presence.tell(
				'flood',
				Array.from({ length: 256 }, (_, j) => told(`${i} ${j}`, j % 2 === 0, agoMs)),
				1e12 + i,
			);
		expect(presence.size).toBeLessThanOrEqual(4_096 + 256);
		expect(presence.of('till')?.online).toBe(true);
	}
});

test('names that are none are not kept: longer than any name, or of nobody', () => {
	const presence = new Presence();
	presence.tell('a', [told('x'.repeat(2_000)), { ...told('b'), name: 'y'.repeat(100_000) }, told('')], 1_000);
	expect([...presence.online()]).toEqual(['b']);
	expect(presence.of('b')?.name).toBe('');
});

test('a device that goes on under another name keeps its links, and tells of them under that name', () => {
	const presence = new Presence();
	presence.seen('a', 'till a', 1_000);
	presence.linked('me', 'a', true);
	presence.tell('b', [told('c')], 1_000);
	presence.renamed('me', 'me again');
	expect(presence.introduce('me again', 1_000)).toContainEqual({ device: 'a', name: 'till a', linked: true, agoMs: 0 });
	expect([...presence.online()]).toEqual(['a', 'c']);
	presence.linked('me again', 'a', false);
	expect(presence.of('a')?.online).toBe(false);
});
