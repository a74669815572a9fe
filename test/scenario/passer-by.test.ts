import { memory } from 'tillmesh/memory';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { decodeOffer, readSealed } from '../../src/sync/channel-frames.js';
import { decodeFrame } from '../../src/sync/frames.js';
import { until } from '../contract/check.js';
import { tell } from './attacks/tally.js';
import { manInTheMiddle, passerBy } from './passer-by.js';
import { bookedAt, folderOf, ordersOfToday, pay, relayOf, tillOf } from './real-lines.js';

const refusedAt = (relay: { status(): { counters: { rejected: object } } }, code: string): number =>
	(relay.status().counters.rejected as Readonly<Record<string, number>>)[code] ?? 0;

/** A sale that is on the relay's disk. */
async function sell(till: Awaited<ReturnType<typeof tillOf>>, order: string): Promise<void> {
	const done = await pay(till, order, 420);
	if (!done.ok) throw new Error(done.message);
	await till.sync.reached(done.commit, 'store', { timeoutMs: 20_000 });
}

test('S38 who listens on the LAN finds no ledger, no name, no row and no key that stays', async () => {
	const relay = await relayOf({ data: folderOf(), store: 'sh-014', name: 'backroom-box' });
	const passer = await passerBy(relay.url);
	const storage = memory();
	const till = await tillOf('front-counter', [passer.url], { storage });
	for (let i = 0; i < 20; i++) await sell(till, `latte-for-mrs-chen-${i}`);
	const all = Buffer.concat(passer.seen.map(({ bytes }) => bytes));
	expect(all.length).toBeGreaterThan(5_000);
	const secrets = [
		'front-counter',
		'backroom',
		'sh-014',
		ordersOfToday,
		'orders',
		'latte',
		'chen',
		till.device,
		'tillmesh/',
	];
	for (const secret of secrets) expect(all.includes(secret), secret).toBe(false);
	const frames = passer.seen.map(({ bytes }) => bytes);
	expect(frames.every((frame) => decodeOffer(frame) || readSealed(frame))).toBe(true);
	expect(frames.some((frame) => decodeFrame(frame))).toBe(false);
	tell({ threat: 'listening', where: 'wire', acts: frames.length, outcome: { 'names or rows found': 0 } });
	expect(relay.status().counters.rejected).toEqual({});
});

test('S38 a man in the middle who runs an exchange of keys with each side is believed by neither, and no row goes out', async () => {
	const relay = await relayOf({ data: folderOf(), store: 'sh-014' });
	const passer = await manInTheMiddle(relay.url);
	const till = await tillOf('till-1', [passer.url]);
	await pay(till, 'o-1', 420);
	await until(() => refusedAt(relay, 'unproved_frame') > 0, 'the relay refuses the proof', 10_000);
	await until(
		() => till.status().rejected.newest.some(({ code }) => code === 'unproved_frame'),
		'so does the till',
		10_000,
	);
	const kinds = new Set(passer.seen.map(({ bytes }) => decodeFrame(bytes)?.kind));
	expect(kinds).toContain('proof');
	for (const kind of ['digests', 'heads', 'update'] as const) expect(kinds).not.toContain(kind);
	expect(relay.status().peers.some(({ name }) => name === 'till-1')).toBe(false);
	tell({ threat: 'man in the middle', where: 'relay, till', acts: 2, outcome: { unproved_frame: 2 } });
});

test('S38 a whole handshake played again, sale and all, opens nothing and changes nothing', async () => {
	const relay = await relayOf({ data: folderOf(), store: 'sh-014', limits: { unprovenMs: 500 } });
	const passer = await passerBy(relay.url);
	const till = await tillOf('till-1', [passer.url]);
	await sell(till, 'o-1');
	const before = relay.status().counters;
	const again = new WebSocket(relay.url, 'tillmesh.2', { perMessageDeflate: false });
	await new Promise((resolve) => again.once('open', resolve));
	const said = passer.seen.filter(({ way }) => way === 'up');
	for (const { bytes } of said) again.send(bytes);
	const sealed = said.filter(({ bytes }) => readSealed(bytes)).length;
	await until(() => refusedAt(relay, 'unopened_frame') === sealed, 'each of them is refused', 5_000);
	await new Promise((resolve) => again.once('close', resolve));
	const after = relay.status().counters;
	expect(after.limitCloses).toMatchObject({ unproven: 1 });
	expect([after.entriesIn, after.acks]).toEqual([before.entriesIn, before.acks]);
	tell({
		threat: 'replayed handshake',
		where: 'relay',
		acts: said.length,
		outcome: { unopened_frame: sealed, unproven: 1 },
	});
	await sell(till, 'o-2');
});

test('S38 bits that are flipped on the way, frames that are cut, repeated or made up: dropped and counted, and the day goes on', async () => {
	const relay = await relayOf({ data: folderOf(), store: 'sh-014' });
	let count = 0;
	let last: Uint8Array = new Uint8Array([18]);
	const passer = await passerBy(relay.url, (bytes) => {
		if (!readSealed(bytes) || ++count < 8) return [bytes];
		const before = last;
		last = bytes;
		const flipped = bytes.map((byte, i) => (i === count % bytes.length ? byte ^ (1 << (count & 7)) : byte));
		return (
			[[bytes], [flipped], [bytes, before], [bytes, bytes.subarray(0, 40)], [new Uint8Array(200).fill(18), bytes]][
				count % 5
			] ?? []
		);
	});
	const till = await tillOf('till-1', [passer.url]);
	const other = await tillOf('till-2', [relay.url]);
	for (let i = 0; i < 8; i++) await sell(till, `o-${i}`);
	await until(() => bookedAt(other).orders === 8, 'the other till has them all', 20_000);
	expect(bookedAt(other)).toEqual({ orders: 8, different: 8, charged: 8 * 420 });
	expect(refusedAt(relay, 'unopened_frame')).toBeGreaterThan(5);
	const unopened = refusedAt(relay, 'unopened_frame') + till.status().rejected.count;
	tell({ threat: 'changed on the way', where: 'relay, till', acts: count - 8, outcome: { unopened_frame: unopened } });
	expect(Object.keys(relay.status().counters.rejected)).toEqual(['unopened_frame']);
	expect(till.status().rejected.newest.every(({ code }) => code === 'unopened_frame')).toBe(true);
});

test('S38 a device of a version before the channel, and one that is told to be, are not talked to', async () => {
	const relay = await relayOf({ data: folderOf(), store: 'sh-014', limits: { unprovenMs: 500 } });
	const plain = await passerBy(relay.url, (bytes) => (decodeOffer(bytes) ? [] : [bytes]));
	const till = await tillOf('till-1', [plain.url]);
	await pay(till, 'o-1', 420);
	await until(() => (relay.status().counters.limitCloses.unproven ?? 0) > 0, 'the relay hangs up', 10_000);
	expect(plain.seen.every(({ bytes }) => decodeOffer(bytes))).toBe(true);
	expect(relay.status().counters.entriesIn).toBe(0);
	tell({ threat: 'downgrade', where: 'relay', acts: plain.seen.length, outcome: { 'frames in the clear': 0 } });
});
