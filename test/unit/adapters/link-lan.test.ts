import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { type LanOptions, type LanSource, lan } from '../../../adapters/link-lan/index.js';
import { webSocket } from '../../../adapters/link-websocket/index.js';
import { listenWebSocket } from '../../../adapters/link-websocket/listen.js';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import type { Link, LinkEnd, Meeting } from '../../../src/ports/link.js';
import type { Timers } from '../../../src/ports/platform.js';
import { pause, seeded, until } from '../../contract/check.js';
import { Announcements } from '../../contract/lan-stage.js';
import { VirtualTimers } from './virtual-timers.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
	for (const step of undo.splice(0).reverse()) await step();
	vi.doUnmock('ws');
	vi.doUnmock('bonjour-service');
	vi.resetModules();
});

/** Stands for a replica. */
class Till implements Meeting {
	readonly chain: string;
	device: string;
	readonly name = 'till';
	readonly timers: Timers;
	readonly signals = { peers: () => [], watch: () => () => {}, send: () => {}, listen: () => () => {} };
	readonly source: LanSource;
	readonly problems: string[] = [];
	readonly ends = new Set<LinkEnd>();
	readonly links: Link[] = [];
	ups = 0;
	takenOff = 0;

	constructor(device: string, options: LanOptions = {}, timers: Timers = nodePlatform().timers, chain = 'tea') {
		this.device = device;
		this.chain = chain;
		this.timers = timers;
		const onProblem = ({ message }: Error): void => void this.problems.push(message);
		this.source = lan({ host: '127.0.0.1', random: seeded(1), onProblem, ...options });
		this.source.discover(this);
		undo.push(() => this.source.stop());
	}

	found(link: Link): () => void {
		this.links.push(link);
		let current: LinkEnd | undefined;
		link.start({
			up: (end) => {
				current = end;
				this.ends.add(end);
				this.ups++;
			},
			frame: () => {},
			down: () => {
				if (current) this.ends.delete(current);
			},
		});
		return () => {
			this.takenOff++;
			link.stop();
		};
	}
}

async function freePorts(count: number): Promise<number[]> {
	const servers = Array.from({ length: count }, () => createServer());
	for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const ports = servers.map((server) => (server.address() as AddressInfo).port);
	for (const server of servers) await new Promise((resolve) => server.close(resolve));
	return ports;
}

test('of each pair the smaller id dials, so that there is one link for a pair', async () => {
	const network = new Announcements();
	const tills = ['c', 'a', 'b'].map((device) => new Till(device, { discovery: network.discovery() }));
	await until(() => tills.every(({ ends }) => ends.size === 2), 'all linked');
	await pause(100);
	const dialled = ({ links }: Till): number => links.filter(({ kind }) => !kind.startsWith('ws from')).length;
	expect(tills.map(({ ups }) => ups)).toEqual([2, 2, 2]);
	expect(tills.map(dialled)).toEqual([0, 2, 1]);
});

test('the same list of addresses on all tills, their own among them: one link for a pair, and none to oneself', async () => {
	const ports = await freePorts(3);
	const peers = ports.map((port) => `ws://127.0.0.1:${port}`);
	const tills: Till[] = [];
	for (const [i, device] of ['b', 'a', 'c'].entries()) {
		tills.push(new Till(device, { port: ports[i] ?? 0, peers, announce: false }));
		// One after the other, as people switch them on; two that dial each other in the same instant may link twice.
		await until(() => tills.every(({ ends }) => ends.size >= i), 'linked');
	}
	await pause(600);
	expect(tills.map(({ ends }) => ends.size)).toEqual([2, 2, 2]);
	// Its own address was taken off for good.
	expect(tills.map(({ takenOff }) => takenOff)).toEqual([1, 1, 1]);
});

test('a device that is found and configured too is linked once, and one of another chain is not dialled', async () => {
	const network = new Announcements();
	const other = new Till('z', { discovery: network.discovery() }, undefined, 'coffee');
	const answering = new Till('b', { discovery: network.discovery() });
	await until(() => other.source.port !== undefined && answering.source.port !== undefined, 'listening');
	const peers = [`ws://127.0.0.1:${answering.source.port}`];
	const dialling = new Till('a', { discovery: network.discovery(), peers });
	await until(() => dialling.ends.size > 0, 'linked');
	await pause(300);
	expect([dialling.ends.size, answering.ends.size, dialling.ups]).toEqual([1, 1, 1]);
	expect([dialling.links.length, other.links.length]).toEqual([2, 0]);
});

test('a device that comes back at another port is dialled there at once, however long the wait was', async () => {
	const network = new Announcements();
	const timers = new VirtualTimers();
	const first = new Till('b', { discovery: network.discovery() });
	const dialling = new Till('a', { discovery: network.discovery(), random: () => 1 }, timers);
	await until(() => dialling.ends.size === 1 && first.ends.size === 1, 'linked');
	first.source.stop();
	await until(() => dialling.ends.size === 0, 'down');
	for (let i = 0; i < 8; i++) {
		timers.pass(timers.asked.at(-1) ?? 0);
		await pause(10);
	}
	expect(timers.asked.at(-1)).toBeGreaterThan(10_000);
	const again = new Till('b', { discovery: network.discovery() });
	await until(() => dialling.ends.size === 1 && again.ends.size === 1, 'linked again');
	expect(dialling.links.length).toBe(1);
});

test('another chain, oneself, and a device that is dialled already are refused; who says nothing of itself is let in', async () => {
	const network = new Announcements();
	const till = new Till('a', { discovery: network.discovery() });
	const dialled = new Till('b', { discovery: network.discovery() });
	await until(() => till.ends.size === 1, 'linked');
	const statusOf = async (query: string): Promise<string> => {
		const problems: string[] = [];
		const link = webSocket(`ws://127.0.0.1:${till.source.port}/${query}`, {
			onProblem: ({ message }) => problems.push(message),
		});
		undo.push(() => link.stop());
		let isUp = false;
		link.start({ up: () => (isUp = true), frame: () => {}, down: () => {} });
		await until(() => isUp || problems.length > 0, 'an answer');
		link.stop();
		return isUp ? 'up' : (/\d{3}$/.exec(problems[0] ?? '')?.[0] ?? '');
	};
	expect(await statusOf('?chain=0000000000000000&device=z')).toBe('403');
	expect(await statusOf('?device=a')).toBe('409');
	expect(await statusOf('?device=b')).toBe('409');
	expect(await statusOf('?device=z')).toBe('up');
	expect(await statusOf('')).toBe('up');
	expect(dialled.ends.size).toBe(1);
});

test('an accepted connection that ends is taken off the replica, also where it ends at once', async () => {
	const till = new Till('a', { announce: false });
	await until(() => till.source.port !== undefined, 'listening');
	for (let i = 0; i < 3; i++) {
		const link = webSocket(`ws://127.0.0.1:${till.source.port}`);
		link.start({ up: (end) => (i === 0 ? end.close() : undefined), frame: () => {}, down: () => link.stop() });
		await until(() => till.links.length > i, 'accepted');
		link.stop();
	}
	await until(() => till.takenOff === till.links.length, 'all taken off');
	expect(till.ends.size).toBe(0);
});

test('somebody else at the address of a device that was found is not let in for it', async () => {
	const network = new Announcements();
	const till = new Till('a', { discovery: network.discovery() });
	const accepted: Link[] = [];
	const stranger = await listenWebSocket({
		headers: () => ({ 'X-Tillmesh-Device': 'x' }),
		accept: (link) => accepted.push(link),
	});
	undo.push(() => stranger.close());
	const chain = await new Promise<string>((resolve) => {
		const stop = network
			.discovery()
			.start(
				{ chain: '', device: '', port: 0 },
				{ seen: ({ chain }) => chain && resolve(chain), problem: () => {} },
				till.timers,
			);
		undo.push(stop);
	});
	network.announce({ chain, device: 'b', port: stranger.port });
	await until(() => till.problems.length > 0, 'refused');
	expect(till.ups).toBe(0);
});

test('SYN4 a port that is taken is reported, and tried again until it is free', async () => {
	const blocker = createServer();
	await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
	const { port } = blocker.address() as AddressInfo;
	const till = new Till('a', { port, announce: false });
	await until(() => till.problems.some((problem) => problem.includes('EADDRINUSE')), 'reported');
	await new Promise((resolve) => blocker.close(resolve));
	await until(() => till.source.port === port, 'listening');
});

test('a device that goes by another name announces it', async () => {
	const network = new Announcements();
	const names: string[] = [];
	const timers = new VirtualTimers();
	undo.push(
		network
			.discovery()
			.start(
				{ chain: '', device: '', port: 0 },
				{ seen: ({ device }) => names.push(device), problem: () => {} },
				timers,
			),
	);
	const till = new Till('a', { discovery: network.discovery() }, timers);
	await until(() => names.includes('a'), 'announced');
	till.device = 'a2';
	timers.pass(30_000);
	expect(names.at(-1)).toBe('a2');
});

test('what is missing is named: ws, and bonjour-service, without which configured peers still work', async () => {
	vi.resetModules();
	vi.doMock('bonjour-service', () => {
		throw new Error('Cannot find package');
	});
	const { lan: lanWithout } = await import('../../../adapters/link-lan/index.js');
	const problems: Error[] = [];
	const meeting = new Till('a', { announce: false });
	const source = lanWithout({ host: '127.0.0.1', onProblem: (problem) => problems.push(problem) });
	source.discover(meeting);
	undo.push(() => source.stop());
	await until(() => problems.length > 0, 'reported');
	expect(problems[0]).toMatchObject({ code: 'unavailable', details: { missing: 'bonjour-service' } });
	expect(source.port).toBeGreaterThan(0);

	vi.resetModules();
	vi.doMock('ws', () => {
		throw new Error('Cannot find package');
	});
	const { lan: lanWithoutWs } = await import('../../../adapters/link-lan/index.js');
	const silent = lanWithoutWs({ onProblem: (problem) => problems.push(problem) });
	silent.discover(meeting);
	await until(() => problems.length > 1, 'reported');
	expect(problems[1]).toMatchObject({ code: 'unavailable', details: { missing: 'ws' } });
});

test('peers that are no URLs are a bad argument', () => {
	expect(() => lan({ peers: ['ws://till-2:7443', 'till-3'] })).toThrow(
		expect.objectContaining({ code: 'bad_argument', path: 'peers[1]' }),
	);
});
