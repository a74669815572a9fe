import { MessageChannel as NodeChannel, Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { messagePort } from '../../../adapters/link-message-port/index.js';
import type { Link, LinkEnd } from '../../../src/ports/link.js';
import { pause, until } from '../../contract/check.js';
import { VirtualTimers } from './virtual-timers.js';

const links: Link[] = [];
afterEach(() => {
	for (const link of links.splice(0)) link.stop();
});

interface Heard {
	readonly said: string[];
	end: LinkEnd | undefined;
}

function hear(link: Link): Heard {
	links.push(link);
	const heard: Heard = { said: [], end: undefined };
	link.start({
		up(end) {
			heard.end = end;
			heard.said.push('up');
		},
		frame: (bytes) => heard.said.push(bytes.length < 10 ? bytes.join(' ') : `${bytes.length} bytes`),
		down: () => heard.said.push('down'),
	});
	return heard;
}

test('one side alone is not up; it comes up when the other starts, however late', async () => {
	const { port1, port2 } = new MessageChannel();
	const early = hear(messagePort(port1));
	await pause(10);
	expect(early.said).toEqual([]);
	const late = hear(messagePort(port2));
	await until(() => early.said.includes('up') && late.said.includes('up'), 'both up');
});

test('a port that its owner closes is down on both sides, and send says false', async () => {
	const { port1, port2 } = new NodeChannel();
	const [a, b] = [hear(messagePort(port1)), hear(messagePort(port2))];
	await until(() => a.said.length + b.said.length === 2, 'both up');
	port1.close();
	await until(() => a.said.includes('down') && b.said.includes('down'), 'both down');
	expect(a.end?.send(Uint8Array.of(1))).toBe(false);
});

test('a worker that is terminated is down', async () => {
	const script = `
		const { parentPort } = require('node:worker_threads');
		let mine = 1, theirs = 0;
		parentPort.on('message', ({ tillmesh, from, to }) => {
			if (tillmesh === 'hello' && theirs !== from) { theirs = from; parentPort.postMessage({ tillmesh: 'hello', from: mine, to: from }); }
		});
	`;
	const worker = new Worker(script, { eval: true });
	const here = hear(messagePort(worker));
	await until(() => here.said.includes('up'), 'up');
	await worker.terminate();
	await until(() => here.said.includes('down'), 'down');
});

test('only the bytes of a frame travel, not the buffer that it is a view of', async () => {
	const { port1, port2 } = new MessageChannel();
	const posted: { bytes?: Uint8Array }[] = [];
	const tapped = {
		postMessage(message: object) {
			posted.push(message);
			port1.postMessage(message);
		},
		addEventListener: port1.addEventListener.bind(port1),
		removeEventListener: port1.removeEventListener.bind(port1),
		start: () => port1.start(),
		close: () => port1.close(),
	};
	const [a, b] = [hear(messagePort(tapped)), hear(messagePort(port2))];
	await until(() => a.end !== undefined, 'up');
	a.end?.send(new Uint8Array(1_000_000).subarray(10, 13));
	a.end?.send(Buffer.from('abc'));
	await until(() => b.said.length === 3, 'both frames');
	expect(b.said).toEqual(['up', '0 0 0', '97 98 99']);
	expect(posted.flatMap(({ bytes }) => bytes?.buffer.byteLength ?? [])).toEqual([3, 3]);
});

test('SYN4 what the other side has not worked off is bounded, and room comes back as it reads', async () => {
	const { port1, port2 } = new MessageChannel();
	const [a, b] = [hear(messagePort(port1, { unreadBytesMax: 1024 * 1024 })), hear(messagePort(port2))];
	await until(() => a.end !== undefined && b.end !== undefined, 'up');
	const frame = new Uint8Array(64 * 1024);
	const taken = Array.from({ length: 100 }, () => a.end?.send(frame)).filter(Boolean).length;
	expect(taken).toBe(15);
	await until(() => b.said.length === 16, 'all that was taken');
	await pause(10);
	expect(a.end?.send(frame)).toBe(true);
	expect(a.end?.send(new Uint8Array(1024 * 1024 + 1))).toBe(false);
	// Frames without a byte are bounded as well.
	expect(Array.from({ length: 20_000 }, () => b.end?.send(Uint8Array.of())).every(Boolean)).toBe(true);
	expect(Array.from({ length: 80_000 }, () => b.end?.send(Uint8Array.of())).every(Boolean)).toBe(false);
});

test('SYN4 after close the way comes up again after a wait that grows', async () => {
	const { port1, port2 } = new MessageChannel();
	const timers = new VirtualTimers();
	const [a, b] = [hear(messagePort(port1, { timers, random: () => 1 - 2 ** -20 })), hear(messagePort(port2))];
	const waits: number[] = [];
	for (let round = 1; round <= 4; round++) {
		const ups = 2 * round - 1;
		await until(() => a.said.length === ups && b.said.length === ups, 'both up');
		a.end?.close();
		waits.push(timers.asked.at(-1) ?? 0);
		await until(() => b.said.length === ups + 1, 'down there');
		timers.pass(waits.at(-1) ?? 0);
	}
	expect(waits).toEqual([250, 500, 1_000, 2_000]);
});

test('messages of others on the same port are left alone, and half ones change nothing', async () => {
	const { port1, port2 } = new MessageChannel();
	const here = hear(messagePort(port1));
	const foreign = [
		null,
		1,
		'text',
		{},
		{ tillmesh: 'frame' },
		{ tillmesh: 'hello', from: -1, to: 0 },
		{ tillmesh: 'hello', from: 'x', to: 0 },
	];
	for (const message of [...foreign, { tillmesh: 'frame', from: 1, to: 0, bytes: new Uint8Array(2 ** 20 + 1) }])
		port2.postMessage(message);
	await pause(10);
	expect(here.said).toEqual([]);
	const there = hear(messagePort(port2));
	await until(() => here.said.includes('up') && there.said.includes('up'), 'both up');
	there.end?.send(Uint8Array.of(1));
	await until(() => here.said.length === 2, 'the frame');
	expect(here.said).toEqual(['up', '1']);
});

test('what is no port is a bad argument', () => {
	for (const port of [undefined, {}, { postMessage() {} }])
		expect(() => messagePort(port as never)).toThrow(expect.objectContaining({ code: 'bad_argument', path: 'port' }));
});
