import { expect, test } from 'vitest';
import type { Link, LinkEnd, LinkEvents } from '../../../src/ports/link.js';
import type { Platform } from '../../../src/ports/platform.js';
import { type CrossedLimit, GuardedLink } from '../../../src/relay/guarded-link.js';
import { type RelayLimits, relayLimits, TokenBucket } from '../../../src/relay/quota.js';
import { Channel } from '../../../src/sync/channel.js';
import { decodeFrame, encodeFrame } from '../../../src/sync/frames.js';
import { World } from '../../property/escrow-world.js';
import { tapped } from '../sync/tapped.js';
import { platform } from './pen.js';

/** A line under our own clock: what goes out, and whether it was closed. */
function lineWith(limits: Partial<typeof relayLimits>) {
	let nowMs = 0;
	const timers = new Map<() => void, number>();
	const virtual: Platform = {
		...platform,
		clock: { nowMs: () => nowMs },
		timers: {
			after(delayMs, run) {
				timers.set(run, nowMs + delayMs);
				return () => timers.delete(run);
			},
		},
	};
	const out: string[] = [];
	const crossed: string[] = [];
	let events: LinkEvents | undefined;
	let [closed, ended, taken] = [false, 0, 0];
	const end: LinkEnd = {
		send(frame) {
			const decoded = decodeFrame(frame);
			out.push(decoded?.kind === 'bye' ? `bye ${decoded.reason}` : (decoded?.kind ?? 'other'));
			return true;
		},
		close() {
			if (!closed) events?.down();
			closed = true;
		},
	};
	const link = {
		kind: 'ws',
		private: true,
		start(of: LinkEvents): void {
			events = of;
		},
		stop() {},
	};
	const traffic = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, updatesOut: 0 };
	const guarded = new GuardedLink(link, {
		platform: virtual,
		limits: { ...relayLimits, ...limits },
		traffic,
		crossed: (limit) => crossed.push(limit),
		ended: () => ended++,
	});
	let up: LinkEnd | undefined;
	guarded.start({
		up(given) {
			up = given;
		},
		frame: () => taken++,
		down() {},
	});
	events?.up(end);
	return {
		out,
		crossed,
		traffic,
		say: (frame: Uint8Array) => up?.send(frame),
		hear: (frame: Uint8Array) => events?.frame(frame),
		pass(ms: number) {
			nowMs += ms;
			for (const [run, atMs] of timers) if (atMs <= nowMs && timers.delete(run)) run();
		},
		state: () => ({ closed, ended, taken }),
	};
}

const digests = encodeFrame({ kind: 'digests', answer: true, ledgers: [] });
const ask = encodeFrame({
	kind: 'ask',
	id: '1',
	ledger: 'stock/x',
	pool: 'stock/y',
	amount: 1,
	need: 1,
	to: 'till',
	donor: '',
	hops: 1,
});

test('who asks each millisecond to compare is told why and closed; who asks now and then is not', () => {
	const patient = lineWith({ requestsPerSecond: 10 });
	patient.say(digests);
	for (let i = 0; i < 400; i++) {
		patient.hear(digests);
		patient.pass(100);
	}
	expect(patient.state()).toEqual({ closed: false, ended: 0, taken: 400 });
	const hasty = lineWith({ requestsPerSecond: 10 });
	hasty.say(digests);
	for (let i = 0; i < 400; i++) {
		hasty.hear(digests);
		hasty.pass(1);
	}
	expect(hasty.state()).toMatchObject({ closed: true, ended: 1 });
	expect(hasty.state().taken).toBeLessThan(110);
	expect(hasty.crossed).toEqual(['requests']);
	expect(hasty.out).toEqual(['digests', 'bye too_much']);
});

test('messages and bytes have limits of their own; updates are bounded by acknowledgements alone', () => {
	const talker = lineWith({ messagesPerSecond: 10 });
	for (let i = 0; i < 200; i++) talker.hear(ask);
	expect(talker.crossed).toEqual(['messages']);
	const heavy = lineWith({ bytesPerSecond: 1000 });
	for (let i = 0; i < 20; i++) heavy.hear(new Uint8Array(1000).fill(8));
	expect(heavy.crossed).toEqual(['bytes']);
	expect(heavy.state().taken).toBe(10);
	const usual = lineWith({});
	for (let i = 0; i < 2000; i++) usual.hear(new Uint8Array(100_000).fill(8));
	expect(usual.state()).toEqual({ closed: false, ended: 0, taken: 2000 });
	expect(usual.traffic).toMatchObject({ framesIn: 2000, bytesIn: 200_000_000 });
});

test('who does not prove in time who it is is closed; who did is left alone', () => {
	const stranger = lineWith({ unprovenMs: 1000 });
	stranger.say(encodeFrame({ kind: 'proof', signature: new Uint8Array(64) }));
	stranger.pass(1000);
	expect(stranger.crossed).toEqual(['unproven']);
	expect(stranger.out).toEqual(['proof', 'bye silent']);
	const known = lineWith({ unprovenMs: 1000 });
	known.say(digests);
	known.pass(10_000);
	expect(known.state()).toEqual({ closed: false, ended: 0, taken: 0 });
});

test('a bucket gives what has flowed into it, and nothing for a clock that went back', () => {
	const bucket = new TokenBucket(10, 20, 1000);
	expect([bucket.take(20, 1000), bucket.take(1, 1000), bucket.take(5, 1500), bucket.take(1, 1500)]).toEqual([
		true,
		false,
		true,
		false,
	]);
	expect(bucket.take(1, 0)).toBe(false);
	expect(bucket.take(1, 100)).toBe(true);
	expect(bucket.take(21, 100_000)).toBe(false);
	expect(bucket.take(20, 100_000)).toBe(true);
});

test('through a channel the same frames are counted; what opens nothing costs its bytes, and who only offers is closed in time', async () => {
	const world = new World();
	const meet = async (limits: Partial<RelayLimits>, hello: boolean) => {
		const line = world.line();
		const crossed: CrossedLimit[] = [];
		const traffic = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, updatesOut: 0 };
		const options = { traffic, crossed: (limit: CrossedLimit) => void crossed.push(limit), ended() {} };
		const guarded = new GuardedLink(tapped(line.a), {
			platform: world.platform(),
			limits: { ...relayLimits, ...limits },
			...options,
		});
		let taken = 0;
		guarded.start({ up: (end) => hello && end.send(digests), frame: () => taken++, down() {} });
		const ends: { inside?: LinkEnd; outside?: LinkEnd } = {};
		const link: Link = {
			...tapped(line.b),
			start: (events) =>
				tapped(line.b).start({
					...events,
					up: (end) => {
						ends.outside = end;
						events.up(end);
					},
				}),
		};
		new Channel(link, { platform: world.platform() }).start({
			up: (end) => {
				ends.inside = end;
			},
			frame() {},
			down() {},
		});
		await world.pass(50);
		return { ends, crossed, traffic, taken: () => taken };
	};

	const asks = await meet({ requestsPerSecond: 5 }, true);
	for (let i = 0; i < 200; i++) asks.ends.inside?.send(digests);
	await world.pass(50);
	expect(asks.crossed).toEqual(['requests']);
	expect(asks.taken()).toBeLessThan(100);

	const junk = await meet({ bytesPerSecond: 1000 }, true);
	for (let i = 0; i < 20; i++) junk.ends.outside?.send(new Uint8Array(1000).fill(18));
	await world.pass(50);
	expect([junk.crossed, junk.taken()]).toEqual([['bytes'], 0]);

	const offers = await meet({ unprovenMs: 1000 }, false);
	await world.pass(2_000);
	expect(offers.crossed).toEqual(['unproven']);
});
