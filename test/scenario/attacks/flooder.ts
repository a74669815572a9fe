/**
 * Floods a relay, in a process of its own. Arguments: url, kind, milliseconds, keys as hex. Says `start` once it is under way, and
 * `done <counts>`.
 */
import { writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import WebSocket from 'ws';
import { Dice } from '../../property/update-model.js';
import { Stranger } from '../stranger.js';

const [url = '', kind = '', ms = '1000', secret = '', publicKey = '', credential = ''] = process.argv.slice(2);
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const keys = { secret: bytes(secret), publicKey: bytes(publicKey), credential: bytes(credential) };
const endMs = Date.now() + Number(ms);
const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));
const counts: Record<string, number> = {};
const note = (what: string, times = 1): void => {
	counts[what] = (counts[what] ?? 0) + times;
};
const dice = new Dice(7);

/** Somebody enrolled: updates that are none, as fast as the line takes them. */
async function frames(): Promise<void> {
	const junk = Array.from({ length: 16 }, () => dice.bytes(2_000));
	const come = async () => {
		const stranger = await Stranger.connect(url, {}, 'tillmesh.2', keys);
		await stranger.join({ keeps: ['*'] });
		return stranger;
	};
	const flood = async () => {
		while (Date.now() < endMs) {
			// Hung up on, it comes again.
			const stranger = await come().catch(() => undefined);
			if (!stranger) note('not let in');
			while (stranger?.isOpen && Date.now() < endMs) {
				for (let i = 0; i < 50 && stranger.isOpen && stranger.socket.bufferedAmount < 1024 * 1024; i++) {
					const seals = [{ epoch: 1, count: 1, signature: new Uint8Array(64) }];
					stranger.say({ kind: 'update', ledger: 'orders/sh-1', segment: 0, update: dice.pick(junk), seals });
					note('frames');
				}
				await pause(1);
			}
			if (stranger && !stranger.isOpen) note('hung up on');
			stranger?.leave();
			await pause(1);
		}
	};
	start();
	await Promise.all([flood(), flood(), flood(), flood()]);
}

/** A stranger: connection after connection, none of which says who it is. */
async function connections(): Promise<void> {
	start();
	const open = new Set<WebSocket>();
	while (Date.now() < endMs) {
		for (let i = 0; i < 40 && open.size < 1_500; i++) {
			const socket = new WebSocket(url, 'tillmesh.2', { perMessageDeflate: false });
			open.add(socket);
			note('connections');
			socket.on('error', (error) => note(/\d{3}/.exec(error.message)?.[0] ?? 'refused'));
			socket.on('close', () => open.delete(socket));
		}
		await pause(10);
	}
	for (const socket of open) socket.terminate();
}

/** Not that of the honest tills: what one address may do is bounded. */
const localAddress = '127.0.0.2';

/** Slow-loris: upgrades that never end and channels that never begin, a byte a second each. More than the relay has room for. */
async function loris(): Promise<void> {
	const { hostname, port } = new URL(url);
	const halves = new Set<Socket>();
	const begin = (): void => {
		const socket = connect({ port: Number(port), host: hostname, localAddress });
		socket.on('error', () => {}); // a close follows
		socket.on('close', () => {
			halves.delete(socket);
			note('half a request, closed');
			if (Date.now() < endMs) setTimeout(begin, 50);
		});
		socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
		halves.add(socket);
		note('connections');
	};
	for (let i = 0; i < 2_500; i++) begin();
	const silent: WebSocket[] = [];
	for (let i = 0; i < 200; i++) {
		const socket = new WebSocket(url, 'tillmesh.2', { perMessageDeflate: false, localAddress });
		socket.on('error', () => {}); // likewise
		socket.on('close', () => note('no handshake, closed'));
		silent.push(socket);
		note('connections');
	}
	await pause(300);
	start();
	while (Date.now() < endMs) {
		for (const socket of halves) if (socket.writable) socket.write('x');
		for (const socket of silent)
			if (socket.readyState === WebSocket.OPEN) socket.send(Uint8Array.of(0), { fin: false });
		await pause(1_000);
	}
	for (const socket of halves) socket.destroy();
	for (const socket of silent) socket.terminate();
}

const start = (): void => void writeSync(1, 'start\n');
const run = { frames, connections, loris }[kind];
if (!run) throw new Error(`no flood ${kind}`);
await run();
writeSync(1, `done ${JSON.stringify(counts)}\n`);
process.exit(0);
