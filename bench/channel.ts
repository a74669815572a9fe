/** What it costs that lines are encrypted, over a real socket with both ends in this process; and what seals cost who checks them. */
import { listenWebSocket } from '../adapters/link-websocket/listen.js';
import { webSocket } from '../adapters/link-websocket/websocket.js';
import { nodePlatform } from '../adapters/platform-node/index.js';
import { assert } from '../src/base/assert.js';
import { type EpochName, epochIdOf } from '../src/journal/epoch.js';
import { chainNext, chainStart, seal, verifySeal } from '../src/journal/seal.js';
import type { Link, LinkEnd, LinkEvents } from '../src/ports/link.js';
import { Channel } from '../src/sync/channel.js';
import type { Table } from './table.js';

const platform = nodePlatform();
const { crypto } = platform;
const sizes = [
	['200 B', 200],
	['1 KiB', 1024],
	['64 KiB', 64 * 1024],
] as const;
const batches = [1, 10, 100] as const;
/** As long as a sale of three lines with points and tender. */
const entryBytes = 128;
const warmUp = 3;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const rounded = (value: number): number => Number(value.toFixed(3));

/** Two ends in memory, whose frames arrive at once. */
function joined(): readonly [Link, Link] {
	const events: LinkEvents[] = [];
	const end = (other: 0 | 1): Link => ({
		kind: 'joined',
		start(own) {
			events[1 - other] = own;
			if (!events[0] || !events[1]) return;
			for (const to of [1, 0] as const)
				events[1 - to]?.up({
					send(frame) {
						queueMicrotask(() => events[to]?.frame(frame));
						return true;
					},
					close() {},
				});
		},
		stop() {},
	});
	return [end(1), end(0)];
}

/** Milliseconds until both ends of a channel are up: the work of both, no way between them. */
async function exchange(): Promise<number> {
	const start = performance.now();
	const ends = joined().map((link) => {
		const channel = new Channel(link, { platform });
		return new Promise<void>((up) => channel.start({ up: () => up(), frame() {}, down() {} }));
	});
	await Promise.all(ends);
	return performance.now() - start;
}

/** Milliseconds of the two proofs that follow: each side signs one and checks one. */
async function proofs(): Promise<number> {
	const [pair, data] = [await crypto.generateKeyPair(), platform.random.bytes(300)];
	const start = performance.now();
	for (let side = 0; side < 2; side++)
		assert(await crypto.verify(pair.publicKey, data, await crypto.sign(pair, data)), 'SYN5', 'a proof that holds');
	return performance.now() - start;
}

/** One connection; answers how many milliseconds so many frames take from one end to the other. */
async function openLine(encrypted: boolean) {
	const wrap = (link: Link): Link => (encrypted ? new Channel(link, { platform }) : link);
	let came = 0;
	let heard = () => {};
	const server = await listenWebSocket({
		accept: (link) =>
			wrap(link).start({
				up() {},
				down() {},
				frame() {
					came++;
					heard();
				},
			}),
	});
	const client = wrap(webSocket(server.url));
	const end = await new Promise<LinkEnd>((up) => client.start({ up, frame() {}, down() {} }));
	return {
		async carry(count: number, bytes: number): Promise<number> {
			const frame = platform.random.bytes(bytes);
			came = 0;
			const arrived = new Promise<void>((resolve) => {
				heard = () => {
					if (came === count) resolve();
				};
			});
			const start = performance.now();
			for (let sent = 0; sent < count; ) {
				if (end.send(frame)) sent++;
				else await new Promise((resolve) => setImmediate(resolve));
			}
			await arrived;
			return performance.now() - start;
		},
		async close(): Promise<void> {
			client.stop();
			await server.close();
		},
	};
}

/** Microseconds an entry: the hash chain over a batch, and the one seal under it. */
async function verifying(batch: number, rounds: number): Promise<number> {
	const name: EpochName = { ledger: 'stock/sh-014', segment: 0, device: 'till-1', nonce: '2gosa7pa2gv' };
	const epoch = epochIdOf(name, crypto.sha256);
	const pair = await crypto.generateKeyPair();
	const entries = Array.from({ length: batch }, (_, i) => new Uint8Array(entryBytes).fill(i));
	const hashOf = () =>
		entries.reduce((hash, entry) => chainNext(hash, entry, crypto.sha256), chainStart(name, crypto.sha256));
	const sealed = await seal(crypto, pair, epoch, batch, hashOf());
	const times: number[] = [];
	for (let round = 0; round < rounds + warmUp; round++) {
		const start = performance.now();
		assert(await verifySeal(crypto, pair.publicKey, sealed, hashOf()), 'JRN8', 'the bench checks a seal that fails');
		if (round >= warmUp) times.push(((performance.now() - start) * 1_000) / batch);
	}
	return median(times);
}

/** Frames a second over both lines, rounds taken in turn so that noise falls on both. */
async function throughput(rounds: number, bytesEach: number): Promise<ReadonlyMap<number, readonly [number, number]>> {
	const lines = [await openLine(false), await openLine(true)] as const;
	const rates = new Map<number, readonly [number, number]>();
	for (const [, bytes] of sizes) {
		const count = Math.min(50_000, Math.ceil(bytesEach / bytes));
		const times = lines.map((): number[] => []);
		for (let round = 0; round < rounds + 1; round++)
			for (const [i, line] of lines.entries()) {
				const took = await line.carry(count, bytes);
				if (round > 0) times[i]?.push(took);
			}
		const [plain = 0, sealed = 0] = times.map((each) => (count * 1_000) / median(each));
		rates.set(bytes, [plain, sealed]);
	}
	for (const line of lines) await line.close();
	return rates;
}

async function medianOf(run: () => Promise<number>, rounds: number): Promise<number> {
	const times: number[] = [];
	for (let round = 0; round < rounds + warmUp; round++) times.push(await run());
	return median(times.slice(warmUp));
}

export async function channel({ quick = false }: { quick?: boolean } = {}): Promise<Table> {
	const rounds = quick ? 3 : 15;
	const exchangeMs = await medianOf(exchange, quick ? 10 : 200);
	const proofsMs = await medianOf(proofs, quick ? 10 : 200);
	const rates = await throughput(rounds, quick ? 2_000_000 : 20_000_000);
	const figures: Record<string, number> = {
		exchangeMs: rounded(exchangeMs),
		proofsMs: rounded(proofsMs),
		handshakeMs: rounded(exchangeMs + proofsMs),
	};
	const rows: (readonly (string | number)[])[] = [
		['handshake: exchange of keys, both ends, ms', '', exchangeMs.toFixed(2)],
		['handshake: both proofs, signed and checked, ms', proofsMs.toFixed(2), proofsMs.toFixed(2)],
	];
	for (const [name, bytes] of sizes) {
		const [plain, sealed] = rates.get(bytes) ?? [0, 0];
		rows.push([`frames of ${name}, a second`, Math.round(plain), Math.round(sealed)]);
		rows.push([`frames of ${name}, MB/s`, ((plain * bytes) / 1e6).toFixed(1), ((sealed * bytes) / 1e6).toFixed(1)]);
		figures[`plain${bytes}.framesPerSecond`] = Math.round(plain);
		figures[`encrypted${bytes}.framesPerSecond`] = Math.round(sealed);
	}
	for (const batch of batches) {
		const us = await verifying(batch, quick ? 20 : 400);
		rows.push([`seal checked, batch of ${batch}, µs an entry`, us.toFixed(2), '']);
		figures[`sealOf${batch}.entryUs`] = rounded(us);
	}
	return {
		title: 'channel: what encryption costs, and seals',
		note: `Both ends in one process, frames over one loopback WebSocket, medians of ${rounds} rounds in turn; entries of ${entryBytes} bytes with their hash chain.`,
		columns: ['what', 'plain', 'encrypted'],
		rows,
		figures,
	};
}
