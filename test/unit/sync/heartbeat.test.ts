import { expect, test } from 'vitest';
import type { Frame } from '../../../src/sync/frames.js';
import { Heartbeat } from '../../../src/sync/heartbeat.js';
import { World } from '../../property/escrow-world.js';
import { HandHost, startMs } from './hand-host.js';
import { RawPeer } from './raw-peer.js';

function beating(skewMs: () => number = () => 0) {
	const world = new World(1);
	const sent: Extract<Frame, { kind: 'ping' | 'pong' }>[] = [];
	const silences: number[] = [];
	const heart = new Heartbeat({
		platform: world.platform(skewMs),
		send: (beat) => sent.push(beat),
		silent: () => silences.push(world.nowMs),
	});
	heart.start();
	return { world, heart, sent, silences };
}

test('SYN4 a ping every five seconds while the other side is heard, and no word of silence', async () => {
	const { world, heart, sent, silences } = beating();
	for (let i = 0; i < 60; i++) {
		await world.pass(1_000);
		heart.heard();
	}
	expect(sent.filter(({ kind }) => kind === 'ping').map(({ id }) => id)).toEqual([
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
	]);
	expect(silences).toEqual([]);
});

test('SYN4 after fifteen seconds without a word the line is given up, once', async () => {
	const { world, heart, silences } = beating();
	await world.pass(7_000);
	heart.heard();
	await world.pass(60_000);
	expect(silences.length).toBe(1);
	expect(silences[0]).toBeGreaterThanOrEqual(20_000);
	expect(silences[0]).toBeLessThanOrEqual(25_000);
});

test('SYN4 P16 a clock that jumps either way neither gives a line up nor keeps a dead one', async () => {
	for (const jumpMs of [-10 * 365 * 86_400_000, -3_000, 12_000, 16_000, 3_600_000, 10 * 365 * 86_400_000]) {
		let skewMs = 0;
		const { world, heart, silences } = beating(() => skewMs);
		await world.pass(4_000);
		heart.heard();
		skewMs = jumpMs;
		for (let i = 0; i < 20; i++) {
			await world.pass(1_000);
			heart.heard();
		}
		expect(silences).toEqual([]);
		skewMs = 0;
		await world.pass(20_000);
		expect(silences.length).toBe(1);
	}
});

test('SYN4 a dead line is given up where timers come once a minute, as in a window that nobody looks at', async () => {
	const world = new World(1);
	let due: (() => void) | undefined;
	const silences: number[] = [];
	const timers = {
		after: (_delayMs: number, run: () => void) => {
			due = run;
			return () => {
				due = undefined;
			};
		},
	};
	const heart = new Heartbeat({
		platform: { ...world.platform(), timers },
		send: () => {},
		silent: () => silences.push(world.nowMs),
	});
	heart.start();
	for (let i = 0; i < 10; i++) {
		await world.pass(60_000);
		const run = due;
		due = undefined;
		run?.();
	}
	expect(silences.length).toBe(1);
});

test('the way there and back is timed and clocks are compared, by the answer to the last ping alone', async () => {
	const { world, heart, sent } = beating();
	await world.pass(5_000);
	await world.pass(40);
	heart.beat({ kind: 'pong', id: 1, timeMs: startMs + 5_020 + 7_000 });
	expect([heart.rttMs, heart.offsetMs]).toEqual([40, 7_000]);
	heart.beat({ kind: 'pong', id: 7, timeMs: 0 });
	expect([heart.rttMs, heart.offsetMs]).toEqual([40, 7_000]);
	heart.beat({ kind: 'ping', id: 99, timeMs: 0 });
	expect(sent[sent.length - 1]).toEqual({ kind: 'pong', id: 99, timeMs: startMs + 5_040 });
	heart.stop();
	await world.pass(60_000);
	expect(sent.length).toBe(2);
	expect(heart.rttMs).toBeUndefined();
});

test('SYN4 both sides beat: a line that died one way only is given up by the side that hears nothing, and told so', async () => {
	const world = new World(2);
	const host = new HandHost(world, 'till');
	const peer = new RawPeer(world);
	host.connect(peer);
	await peer.meet();
	await world.pass(60_000);
	expect(peer.last('bye').reason).toBe('silent');
	expect(peer.closed).toBe(1);
	expect([...host.peers.primaries()]).toEqual([]);
});
