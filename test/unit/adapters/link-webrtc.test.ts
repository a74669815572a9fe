import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebRtcOptions, webRtc } from '../../../adapters/link-webrtc/index.js';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { fromUtf8, utf8 } from '../../../src/base/bytes.js';
import type { LinkEnd } from '../../../src/ports/link.js';
import { pause, until } from '../../contract/check.js';
import { MeetingPlace, SignalHub } from './signal-hub.js';

const stops: (() => void)[] = [];
afterEach(() => {
	for (const stop of stops.splice(0)) stop();
});

/** A device with its source, and what its links say, by the peer's name. */
function device(hub: SignalHub, name: string, options: WebRtcOptions = {}) {
	const ends = new Map<string, LinkEnd>();
	const said: string[] = [];
	const problems: string[] = [];
	const source = webRtc({ onProblem: ({ message }) => problems.push(message), ...options });
	const place = new MeetingPlace(name, hub.join(name), nodePlatform().timers, ({ kind }) => {
		const peer = kind.slice('webrtc '.length);
		return {
			up: (end) => {
				said.push(`up ${peer}`);
				ends.set(peer, end);
			},
			frame: (bytes) => said.push(`${peer}: ${bytes.length > 100 ? bytes.length : fromUtf8(bytes)}`),
			down: () => {
				said.push(`down ${peer}`);
				ends.delete(peer);
			},
		};
	});
	source.discover(place);
	stops.push(() => source.stop());
	return { source, place, ends, said, problems };
}

/** Kind and sender of all that passes. */
function watched(hub: SignalHub): string[] {
	const seen: string[] = [];
	hub.filter = (from, _, message) => {
		seen.push(`${from} ${JSON.parse(fromUtf8(message)).kind}`);
		return true;
	};
	return seen;
}

describe('link-webrtc', () => {
	test('every device finds every other, each by one link; the smaller id offers', async () => {
		const hub = new SignalHub();
		const seen = watched(hub);
		const [a, b, c] = ['a', 'b', 'c'].map((name) => device(hub, name)) as [Peer, Peer, Peer];
		await until(() => [a, b, c].every(({ ends }) => ends.size === 2), 'three ways');
		for (const [from, to] of [
			[a, b],
			[b, c],
			[c, a],
		] as const)
			expect(from.ends.get(to.place.name)?.send(utf8(`to ${to.place.name}`))).toBe(true);
		await until(() => [a, b, c].every(({ said }) => said.length === 3), 'frames');
		expect(a.said[2]).toBe('c: to a');
		expect([...a.place.links.values()].sort()).toEqual(['webrtc b', 'webrtc c']);
		expect(new Set(seen.filter((each) => each.endsWith('offer')))).toEqual(new Set(['a offer', 'b offer']));
		expect(seen).not.toContain('c offer');
	});

	test('a connection outlives the relay that passed its signals, and its peer leaving', async () => {
		const hub = new SignalHub();
		const a = device(hub, 'a');
		const b = device(hub, 'b');
		await until(() => a.ends.size === 1 && b.ends.size === 1, 'up');
		hub.up = false;
		hub.leave('b');
		const passed = hub.passed;
		await pause(100);
		expect(a.ends.get('b')?.send(utf8('still here'))).toBe(true);
		await until(() => b.said.includes('a: still here'), 'a frame');
		expect(hub.passed).toBe(passed);
		b.ends.get('a')?.close();
		await until(() => a.said.includes('down b'), 'down');
		// Signals reach nobody: the peer is forgotten, and found again when they do.
		await until(() => a.place.links.size === 0 && b.place.links.size === 0, 'forgotten');
	});

	test('SYN4 an attempt that gets no answer is given up and made again, until one is answered', async () => {
		const hub = new SignalHub();
		const seen: string[] = [];
		hub.filter = (from, _, message) => {
			seen.push(`${from} ${JSON.parse(fromUtf8(message)).kind}`);
			return !seen.at(-1)?.endsWith('b answer') || seen.filter((each) => each === 'a offer').length > 2;
		};
		const a = device(hub, 'a', { connectTimeoutMs: 1_500, random: () => 0 });
		const b = device(hub, 'b');
		await until(() => a.ends.size === 1 && b.ends.size === 1, 'up', 9_000);
		expect(seen.filter((each) => each === 'a offer').length).toBeGreaterThan(2);
		expect(a.problems[0]).toBe('webrtc b: no connection within 1500 ms');
		expect([a.said, b.said]).toEqual([['up b'], ['up a']]);
	});

	test('nothing is offered to a peer that never called: a relay, or a device without WebRTC', async () => {
		const hub = new SignalHub();
		const seen = watched(hub);
		hub.join('z');
		const made: object[] = [];
		class Counted {
			constructor() {
				made.push(this);
			}
		}
		device(hub, 'a', { PeerConnection: Counted });
		await pause(1_000);
		expect(made).toEqual([]);
		expect(new Set(seen)).toEqual(new Set(['a call']));
		expect(seen.length).toBeLessThan(8);
	});

	test('SYN4 a lost connection is found again; both know that the old one is gone', async () => {
		const hub = new SignalHub();
		const a = device(hub, 'a');
		const b = device(hub, 'b');
		await until(() => a.ends.size === 1 && b.ends.size === 1, 'up');
		b.ends.get('a')?.close();
		await until(() => a.said.length >= 3 && b.said.length >= 3, 'up again', 10_000);
		expect([a.said, b.said]).toEqual([
			['up b', 'down b', 'up b'],
			['up a', 'down a', 'up a'],
		]);
	});

	test.each([
		'a',
		'b',
	])('device %s restarted without a word is found at once, though the old connection still stands', async (name) => {
		const hub = new SignalHub();
		const a = device(hub, 'a');
		const b = device(hub, 'b');
		await until(() => a.ends.size === 1 && b.ends.size === 1, 'up');
		// Joins in its place: the one before it hears no more, as if it were killed.
		const again = device(hub, name);
		const other = name === 'a' ? b : a;
		await until(() => again.ends.size === 1 && other.said.length === 3, 'up again', 5_000);
		expect(other.said).toEqual([`up ${name}`, `down ${name}`, `up ${name}`]);
		expect(other.ends.get(name)?.send(utf8('welcome back'))).toBe(true);
		await until(() => again.said.length === 2, 'a frame');
	});

	test('a late signal of an attempt that is over changes nothing', async () => {
		const hub = new SignalHub();
		const kept: [string, string, Uint8Array][] = [];
		hub.filter = (...signal) => {
			kept.push(signal);
			return true;
		};
		const a = device(hub, 'a');
		const b = device(hub, 'b');
		await until(() => a.ends.size === 1 && b.ends.size === 1, 'up');
		b.ends.get('a')?.close();
		await until(() => a.said.length === 3 && b.said.length === 3, 'up again', 10_000);
		for (const [from, to, message] of kept.splice(0)) hub.pass(from, to, message);
		await pause(200);
		expect([a.said.length, b.said.length]).toEqual([3, 3]);
	});

	test('beyond 4 MiB that wait send says no, and takes frames again when they have left', async () => {
		const hub = new SignalHub();
		const a = device(hub, 'a');
		const b = device(hub, 'b');
		await until(() => a.ends.size === 1 && b.ends.size === 1, 'up');
		const end = a.ends.get('b');
		const large = new Uint8Array(1024 * 1024);
		let taken = 0;
		while (taken < 50 && end?.send(large)) taken++;
		expect(taken).toBeGreaterThanOrEqual(4);
		expect(taken).toBeLessThan(12);
		expect(end?.send(new Uint8Array(large.length + 1))).toBe(false);
		await until(() => b.said.length === 1 + taken, 'all that were taken', 20_000);
		expect(end?.send(large)).toBe(true);
		await until(() => b.said.at(-1) === 'a: 1048576' && b.said.length === 2 + taken, 'one more', 20_000);
	});

	test('messages that are no signals are counted and change nothing', async () => {
		const hub = new SignalHub();
		const a = device(hub, 'a');
		const b = device(hub, 'b');
		await until(() => a.ends.size === 1 && b.ends.size === 1, 'up');
		for (let i = 0; i < 100; i++) hub.pass('b', 'a', utf8(`{"v":1,"kind":"offer","n":${i}}`));
		hub.pass('b', 'a', utf8(`{"v":1,"kind":"call","by":"","run":"","n":0,"pad":"${'x'.repeat(16 * 1024)}"}`));
		await until(() => a.source.badSignals === 101, '101 bad ones');
		expect(a.said).toEqual(['up b']);
		expect(a.place.links.size).toBe(1);
	});

	test('a stranger that offers nonsense at line rate costs ten attempts and no more, and peersMax bounds the peers', async () => {
		const hub = new SignalHub();
		let opened = 0;
		class Broken {
			constructor() {
				opened++;
				throw new Error('no memory');
			}
		}
		const z = device(hub, 'z', { PeerConnection: Broken, peersMax: 3 });
		for (let n = 1; n <= 500; n++)
			hub.pass('m', 'z', utf8(JSON.stringify({ v: 1, kind: 'offer', by: 'r', run: 'r', n, sdp: 'nonsense' })));
		for (let n = 1; n <= 20; n++)
			hub.pass(`n${n}`, 'z', utf8(JSON.stringify({ v: 1, kind: 'offer', by: 'r', run: 'r', n, sdp: 'nonsense' })));
		await pause(50);
		expect(opened).toBe(12);
		expect(z.place.links.size).toBeLessThanOrEqual(3);
	});

	test('nonsense inside a well formed offer ends that attempt alone', async () => {
		const hub = new SignalHub();
		const z = device(hub, 'z');
		await pause(50);
		hub.pass('a', 'z', utf8(JSON.stringify({ v: 1, kind: 'offer', by: 'r', run: 'r', n: 1, sdp: 'nonsense' })));
		await until(() => z.problems.length > 0, 'a problem');
		expect(z.problems[0]).toMatch(/^webrtc a: the negotiation failed/);
		const a = device(hub, 'a');
		await until(() => a.ends.size === 1 && z.ends.size === 1, 'up', 10_000);
	});

	test('stopped, it lets go of its links and finds no more; stopping again does nothing', async () => {
		const hub = new SignalHub();
		const a = device(hub, 'a');
		const b = device(hub, 'b');
		await until(() => a.ends.size === 1 && b.ends.size === 1, 'up');
		a.source.stop();
		expect(a.said).toEqual(['up b', 'down b']);
		expect(a.place.links.size).toBe(0);
		a.source.stop();
		await until(() => b.said.length === 2, 'down at the other side');
		device(hub, 'c');
		await pause(300);
		expect(a.said).toEqual(['up b', 'down b']);
	});

	test('a process whose sources have stopped comes to its end', () => {
		const child = fileURLToPath(new URL('./webrtc-child.ts', import.meta.url));
		const run = spawnSync(process.execPath, ['--import', 'tsx', child], { encoding: 'utf8', timeout: 9_000 });
		expect({ status: run.status, said: run.stdout }).toEqual({ status: 0, said: '300000\ndown\n' });
	});

	test('options out of place are bad arguments', () => {
		expect(() => webRtc({ peersMax: 0 })).toThrow(
			expect.objectContaining({ code: 'bad_argument', path: 'options.peersMax' }),
		);
		expect(() => webRtc({ connectTimeoutMs: Number.NaN })).toThrow(expect.objectContaining({ code: 'bad_argument' }));
	});
});

type Peer = ReturnType<typeof device>;
