import { expect, test, vi } from 'vitest';
import { type WebSocketOptions, webSocket } from '../../../adapters/link-websocket/index.js';
import type { Link, LinkEnd } from '../../../src/ports/link.js';
import { VirtualTimers } from './virtual-timers.js';

/** A WebSocket whose server a test plays. */
class FakeSocket extends EventTarget {
	static made: FakeSocket[] = [];
	readonly url: string;
	readonly offered: string;
	binaryType = 'blob';
	bufferedAmount = 0;
	protocol = '';
	readyState = 0;
	readonly sent: Uint8Array[] = [];
	readonly closedWith: (number | undefined)[] = [];

	constructor(url: string, protocol: string) {
		super();
		this.url = url;
		this.offered = protocol;
		FakeSocket.made.push(this);
	}

	send(data: Uint8Array): void {
		this.sent.push(data);
		this.bufferedAmount += data.length;
	}

	close(code?: number): void {
		this.closedWith.push(code);
		this.readyState = 2;
	}

	say(type: string, properties: object = {}): void {
		this.dispatchEvent(Object.assign(new Event(type), properties));
	}

	open(protocol = 'tillmesh.2'): void {
		this.readyState = 1;
		this.protocol = protocol;
		this.say('open');
	}

	end(code = 1006): void {
		this.readyState = 3;
		this.say('close', { code, reason: '' });
	}
}

interface Scene {
	readonly link: ReturnType<typeof webSocket>;
	readonly timers: VirtualTimers;
	readonly said: string[];
	readonly problems: string[];
	end(): LinkEnd;
	/** The socket that was made last. */
	last(): FakeSocket;
	/** How many were made. */
	dialled(): number;
}

function listen(link: Link, said: string[]): () => LinkEnd {
	let end: LinkEnd | undefined;
	link.start({
		up(given) {
			end = given;
			said.push('up');
		},
		frame: (bytes) => said.push(`frame ${bytes.join(' ')}`),
		down: () => said.push('down'),
	});
	return () => {
		if (end === undefined) throw new Error('never up');
		return end;
	};
}

function scene(url: string | string[], options: Partial<WebSocketOptions> = {}): Scene {
	FakeSocket.made = [];
	const timers = new VirtualTimers();
	const problems: string[] = [];
	const said: string[] = [];
	const onProblem = ({ message }: Error): void => void problems.push(message);
	const link = webSocket(url, { timers, random: () => 1, WebSocket: FakeSocket, onProblem, ...options });
	const end = listen(link, said);
	const last = (): FakeSocket => {
		const socket = FakeSocket.made.at(-1);
		if (socket === undefined) throw new Error('no socket was made');
		return socket;
	};
	return { link, timers, said, problems, end, last, dialled: () => FakeSocket.made.length };
}

test('the subprotocol is offered, frames are binary, and kind names the server', () => {
	const { link, said, end, last } = scene('ws://relay:7443/till');
	expect([last().url, last().offered, last().binaryType, link.kind]).toEqual([
		'ws://relay:7443/till',
		'tillmesh.2',
		'arraybuffer',
		'ws relay:7443',
	]);
	last().open();
	expect(end().send(Uint8Array.of(1, 2))).toBe(true);
	last().say('message', { data: Uint8Array.of(3).buffer });
	expect([said, last().sent]).toEqual([['up', 'frame 3'], [Uint8Array.of(1, 2)]]);
});

test('SYN4 attempts that fail wait longer and longer, up to 30 s', () => {
	const { timers, last, dialled } = scene('ws://relay');
	const waits: number[] = [];
	for (let attempt = 1; attempt <= 9; attempt++) {
		last().end();
		waits.push(timers.asked.at(-1) ?? 0);
		timers.pass(waits.at(-1) ?? 0);
		expect(dialled()).toBe(attempt + 1);
	}
	expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('SYN4 a connection that lived begins again with short waits, one that was hung up on does not', () => {
	const { timers, said, last } = scene('ws://relay');
	const lose = (afterMs: number): number => {
		last().open();
		timers.pass(afterMs);
		last().end();
		const waitMs = timers.asked.at(-1) ?? 0;
		timers.pass(waitMs);
		return waitMs;
	};
	expect([lose(10), lose(10), lose(10), lose(10_000), lose(10)]).toEqual([250, 500, 1_000, 250, 500]);
	expect(said).toEqual(Array.from({ length: 5 }, () => ['up', 'down']).flat());
});

test('of several servers the next is tried at once, the whole list again after a wait, and the first after a life', () => {
	const { link, timers, last, dialled } = scene(['ws://one', 'ws://two']);
	last().end();
	timers.pass(0);
	expect([last().url, link.kind]).toEqual(['ws://two', 'ws two']);
	last().end();
	timers.pass(249);
	expect(dialled()).toBe(2);
	timers.pass(1);
	expect(last().url).toBe('ws://one');
	last().end();
	timers.pass(0);
	last().open();
	timers.pass(60_000);
	last().end();
	timers.pass(250);
	expect(last().url).toBe('ws://one');
});

test('SYN4 a server that does not answer is given up after 10 s', () => {
	const { link, timers, problems, said, last, dialled } = scene('ws://relay');
	timers.pass(9_999);
	expect(dialled()).toBe(1);
	timers.pass(1);
	expect(last().closedWith).toEqual([undefined]);
	timers.pass(250);
	expect([dialled(), said]).toEqual([2, []]);
	expect(problems).toEqual(['ws://relay: no answer within 10000 ms']);
	// An answer that comes after all is nobody's.
	FakeSocket.made[0]?.open();
	expect(said).toEqual([]);
	last().open();
	expect([said, link.problem]).toEqual([['up'], undefined]);
});

test('where a browser says that the network is back, what waits is tried at once', () => {
	const page = new EventTarget();
	vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
	vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
	const { link, timers, last, dialled } = scene('ws://relay');
	for (let i = 0; i < 6; i++) {
		last().end();
		if (i < 5) timers.pass(timers.asked.at(-1) ?? 0);
	}
	page.dispatchEvent(new Event('online'));
	expect([dialled(), timers.waiting]).toEqual([7, 1]);
	page.dispatchEvent(new Event('online'));
	timers.pass(9_999);
	expect(dialled()).toBe(7);
	link.stop();
	page.dispatchEvent(new Event('online'));
	expect([dialled(), timers.waiting]).toEqual([7, 0]);
	vi.unstubAllGlobals();
});

test('after stop nothing is dialled, waits are cancelled, and nothing more is said', () => {
	for (const moment of ['dialling', 'up', 'waiting']) {
		const { link, timers, said, last, dialled } = scene('ws://relay');
		if (moment === 'up') last().open();
		if (moment === 'waiting') last().end();
		link.stop();
		link.stop();
		expect(timers.waiting).toBe(0);
		timers.pass(100_000);
		last().open();
		expect([moment, dialled(), said]).toEqual([moment, 1, moment === 'up' ? ['up', 'down'] : []]);
	}
});

test('SYN4 send says false to what would wait beyond 4 MiB, to a frame over 1 MiB, and after the end', () => {
	const { end, said, last } = scene('ws://relay');
	last().open();
	expect(end().send(new Uint8Array(1024 * 1024 + 1))).toBe(false);
	expect(last().sent).toEqual([]);
	const large = new Uint8Array(1024 * 1024);
	expect([1, 2, 3, 4, 5].map(() => end().send(large))).toEqual([true, true, true, true, false]);
	last().bufferedAmount = 0;
	expect(end().send(large)).toBe(true);
	last().readyState = 2;
	expect(end().send(Uint8Array.of(1))).toBe(false);
	end().close();
	last().say('message', { data: Uint8Array.of(1).buffer });
	expect([end().send(Uint8Array.of(1)), said]).toEqual([false, ['up', 'down']]);
});

test('a server that speaks another protocol, sends text or too much is left', () => {
	const spoken = scene('ws://relay');
	spoken.last().open('chat');
	expect([spoken.said, spoken.last().closedWith]).toEqual([[], [1000]]);
	expect(spoken.link.problem?.message).toContain('does not speak tillmesh.2');
	for (const [data, code] of [
		['text', 4003],
		[new ArrayBuffer(1024 * 1024 + 1), 4009],
	] as const) {
		const { said, last } = scene('ws://relay');
		last().open();
		last().say('message', { data });
		expect([said, last().closedWith]).toEqual([['up', 'down'], [code]]);
	}
});

test('a runtime that refuses to dial is a failed attempt, and says why', () => {
	const attempts: string[] = [];
	class Refusing {
		constructor(url: string) {
			attempts.push(url);
			throw new Error('mixed content');
		}
	}
	const { timers, problems } = scene('ws://relay', { WebSocket: Refusing });
	timers.pass(250);
	expect([attempts, problems]).toEqual([
		['ws://relay', 'ws://relay'],
		['ws://relay: mixed content', 'ws://relay: mixed content'],
	]);
});

test('without a global WebSocket and without ws it says what is missing, and does not try on', async () => {
	vi.stubGlobal('WebSocket', undefined);
	vi.doMock('ws', () => {
		throw new Error('Cannot find package');
	});
	const timers = new VirtualTimers();
	const onProblem = vi.fn();
	const link = webSocket('ws://relay', { timers, onProblem });
	listen(link, []);
	await vi.waitFor(() => expect(link.problem).toMatchObject({ code: 'unavailable', details: { missing: 'ws' } }));
	expect(link.problem?.message).toContain('npm install ws');
	expect([onProblem.mock.calls.length, timers.asked]).toEqual([1, []]);
	vi.doUnmock('ws');
	vi.unstubAllGlobals();
});

test('what is no WebSocket URL, and an empty list, are bad arguments', () => {
	for (const url of ['relay:7443', 'https://relay', '', 7443 as unknown as string])
		expect(() => webSocket(url)).toThrow(expect.objectContaining({ code: 'bad_argument', path: 'url' }));
	expect(() => webSocket(['ws://relay', 'relay'])).toThrow(expect.objectContaining({ path: 'url[1]' }));
	expect(() => webSocket([])).toThrow(expect.objectContaining({ path: 'url' }));
});
