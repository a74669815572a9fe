/** Frames that are mutated, to a relay and to a till, by somebody whose key and certificate are good: nothing breaks or grows. */
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { decodeFrame, encodeFrame, type Frame } from '../../../src/sync/frames.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import { pause, until } from '../../contract/check.js';
import { mutateBytes } from '../../property/hostile-updates.js';
import { Dice } from '../../property/update-model.js';
import { Stranger } from '../stranger.js';
import { type AttackedStore, attackedStore } from './attacked-child.js';
import { keeps, ledger } from './stage.js';
import { tell } from './tally.js';

/** A million by `npm run attacks -- --frames 1000000`. */
const frames = Number(process.env.ATTACKS_FRAMES ?? 20_000);
const seed = 19;
/** Frames between two answers to a ping: nobody's queue may end the conversation. */
const volley = 200;
/** What is kept for inspection, and what machines keep for themselves. */
const grownBytesMax = 48 * 1024 * 1024;

/** Somebody who comes again whenever they are hung up on. */
class Attacker {
	connections = 0;
	sent = 0;
	#stranger: Stranger | undefined;

	constructor(
		readonly dial: () => Promise<Stranger>,
		readonly dice: Dice,
		readonly corpus: Uint8Array[],
	) {}

	/** One that is believed, mostly: one in twenty stops in its greeting, and sends what it has then. */
	async #next(): Promise<Stranger> {
		if (this.#stranger?.isOpen) return this.#stranger;
		this.#stranger?.leave();
		this.connections++;
		const stranger = await this.dial();
		this.#stranger = stranger;
		if (this.dice.below(20) > 0) await stranger.join({ keeps }).catch(() => stranger.leave());
		return stranger;
	}

	#mutant(): Uint8Array {
		const { dice, corpus } = this;
		const bytes = dice.pick(corpus);
		if (dice.chance(50)) return mutateBytes(bytes, dice);
		const frame = decodeFrame(bytes);
		if (frame?.kind !== 'update') return mutateBytes(mutateBytes(bytes, dice), dice);
		return encodeFrame({ ...frame, update: mutateBytes(frame.update, dice) });
	}

	async send(count: number): Promise<void> {
		for (const end = this.sent + count; this.sent < end; ) {
			const stranger = await this.#next();
			for (let i = 0; i < volley && this.sent < end && stranger.isOpen; i++) {
				const mutant = this.#mutant();
				if (mutant.length > 1024 * 1024) continue;
				if (this.dice.chance(2)) stranger.outside(mutant);
				else stranger.bytes(mutant);
				this.sent++;
			}
			if (!(await this.#isHeard(stranger))) stranger.leave();
			stranger.heard.length = 0;
			stranger.heardBytes.length = 0;
		}
	}

	/** A greeting among the mutants makes it a stranger again, who is not answered. */
	async #isHeard(stranger: Stranger): Promise<boolean> {
		const pongs = stranger.all('pong').length;
		stranger.say({ kind: 'ping', id: this.sent, timeMs: 1 });
		for (let i = 0; i < 500 && stranger.isOpen; i++) {
			if (stranger.all('pong').length > pongs) return true;
			if (i > 40 && stranger.all('hello').length > 0) return false;
			await pause(1);
		}
		return false;
	}

	leave(): void {
		this.#stranger?.leave();
	}
}

/** The till dials whoever attacks it, and dials again. */
async function tillDoor(store: AttackedStore, keys: EnrolledKeys): Promise<() => Promise<Stranger>> {
	const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'tillmesh.2' });
	await new Promise((resolve) => server.once('listening', resolve));
	onTestFinished(() => {
		for (const client of server.clients) client.terminate();
		server.close();
	});
	const came: Stranger[] = [];
	server.on('connection', (socket) => came.push(Stranger.over(socket, keys)));
	const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
	return async () => {
		// More links than one: a link that was hung up on waits longer and longer before it comes again.
		for (let i = 0; i < 100; i++) {
			const stranger = came.shift();
			if (stranger?.isOpen) return stranger;
			if (!stranger) store.tell(`dial ${url}`);
			await pause(50);
		}
		throw new Error('the till does not dial');
	};
}

const one = (frame: Frame): Uint8Array => encodeFrame(frame);

/** What an honest conversation consists of, as this attacker saw it, and one of every kind. */
async function corpusOf(store: AttackedStore): Promise<Uint8Array[]> {
	const ear = await Stranger.enrolled(store.url, keeps, store.other);
	store.tell('sell 40');
	await until(() => ear.all('update').length > 3, 'updates are heard', 10_000);
	await pause(300);
	const seen = ear.heardBytes.filter((bytes) => bytes[0] !== 5).slice(0, 60);
	const update = ear.last('update');
	const positions = update.seals.map(({ epoch, count }) => ({ epoch, count }));
	const { device } = ear;
	ear.leave();
	const id = new Uint8Array(32);
	return [
		...seen,
		one({ kind: 'ping', id: 1, timeMs: 1 }),
		one({ kind: 'digests', answer: true, ledgers: [{ ledger, digest: new Uint8Array(16) }] }),
		one({
			kind: 'heads',
			answer: true,
			ledgers: [{ ledger, rows: positions, covered: [], checkpoint: new Uint8Array(), marks: new Uint8Array() }],
		}),
		one({ kind: 'point', ledger, id, bytes: 100, from: 0, piece: new Uint8Array(50) }),
		one({ kind: 'ack', ledger, positions }),
		one({ kind: 'took', ledger, id, bytes: 3 }),
		one({ kind: 'reach', tier: 'copy', ledger, positions }),
		one({ kind: 'ask', id: 'a-1', ledger, pool: 'goods/x', amount: 1, need: 1, to: device, donor: '', hops: 2 }),
		one({ kind: 'peers', devices: [{ device, name: 'x', linked: true, agoMs: 3 }] }),
		one({ kind: 'signal', from: device, to: device, message: new Uint8Array(40) }),
	];
}

test(`SYN4 ${frames.toLocaleString('en')} mutated frames break nothing, and leave nothing behind`, async () => {
	const store = await attackedStore(1_000_000);
	const corpus = await corpusOf(store);
	const attackers = [
		new Attacker(() => Stranger.connect(store.url, {}, 'tillmesh.2', store.thief), new Dice(seed), corpus),
		new Attacker(await tillDoor(store, store.thief), new Dice(seed + 1), corpus),
	];
	onTestFinished(() => attackers.forEach((attacker) => void attacker.leave()));
	const share = Math.ceil(frames / attackers.length);
	const warmUp = Math.min(share, Math.max(2_000, Math.ceil(share / 10)));
	await Promise.all(attackers.map((attacker) => attacker.send(warmUp)));
	store.tell('sell 20');
	const before = await store.status();
	await Promise.all(attackers.map((attacker) => attacker.send(share - warmUp)));
	for (const attacker of attackers) attacker.leave();
	store.tell('sell 20');
	store.tell('newcomer');
	const after = await store.status();
	expect(after.till).toMatchObject({ sold: 80, health: 'ok' });
	expect(after.relay.rejected).toBeGreaterThan(share / 4);
	expect(after.till.rejected).toBeGreaterThan(share / 4);
	expect(after.heapBytes - before.heapBytes).toBeLessThan(grownBytesMax);
	expect(after.newcomer).toEqual({ sold: 80, digest: after.till.digest });
	const [atRelay, atTill] = attackers as [Attacker, Attacker]; // two
	const grownMiB = Math.round(((after.heapBytes - before.heapBytes) / 2 ** 20) * 10) / 10;
	console.log(
		JSON.stringify({ before, after, connections: attackers.map(({ connections }) => connections), grownMiB }),
	);
	for (const [where, { sent, connections }, rejected] of [
		['relay', atRelay, after.relay.rejected],
		['till', atTill, after.till.rejected],
	] as const)
		tell({
			threat: 'mutated frames',
			where,
			acts: sent,
			outcome: { 'counted as refused': rejected, connections, 'heap MiB more in their process': grownMiB },
		});
}, 3_600_000);
