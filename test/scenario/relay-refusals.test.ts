/** RELIABILITY.md, "Frames" and floods, at a running relay: refused, counted, nothing changed, memory bounded. */
import { rmSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { openReplica, type Replica } from 'tillmesh';
import { memory } from 'tillmesh/memory';
import { webSocket } from 'tillmesh/websocket';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import * as Y from 'yjs';
import { gateUpdate } from '../../src/journal/gate.js';
import { encodeUpdate } from '../../src/journal/update.js';
import type { Meeting } from '../../src/ports/link.js';
import { encodeFrame, type Frame } from '../../src/sync/frames.js';
import { pause, until } from '../contract/check.js';
import { bundle, Child, temporaryFolder } from '../crash/child.js';
import { mutateBytes } from '../property/hostile-updates.js';
import { Dice } from '../property/update-model.js';
import type { Told } from './refusing-relay.js';
import { masked, Stranger } from './stranger.js';

const ledger = 'stock/sh-014';
const folder = temporaryFolder();
/** Whom the second till heard signals of. */
const heard: string[] = [];
let isThere: (device: string) => boolean;
let script: string;
let relay: Child;
let url: string;
let tills: [Replica, Replica];
let atFirst: Told;

const open = (name: string) =>
	openReplica({ chain: 'chain', name, storage: memory(), keeps: ['stock/*'], links: [webSocket(url)] });

async function sell(till: Replica, amount = 1): Promise<void> {
	const done = await till.commit((tx) => tx.add(till.ledger(ledger).counter('sold'), amount));
	if (!done.ok) throw new Error(done.message);
}

let asked = 0;
async function told(): Promise<Told> {
	const question = `status-${asked++}`;
	relay.tell(question);
	return JSON.parse((await relay.line(`${question} `)).slice(question.length + 1));
}

beforeAll(async () => {
	script = bundle(new URL('./refusing-relay.ts', import.meta.url));
	relay = new Child(script, [folder.path]);
	url = (await relay.line('open ')).slice('open '.length);
	tills = [await open('till-1'), await open('till-2')];
	tills[1].addLink({
		kind: 'ear',
		discover({ signals }: Meeting) {
			signals.listen((from) => heard.push(from));
			isThere = (device) => signals.peers().includes(device);
		},
		stop() {},
	});
	for (const till of tills) for (let i = 0; i < 5; i++) await sell(till);
	for (const till of tills) await till.sync.flush({ tier: 'store', timeoutMs: 10_000 });
	await until(() => tills[0].digest(ledger) === tills[1].digest(ledger), 'the tills are equal');
	atFirst = await told();
});
afterAll(async () => {
	for (const till of tills) await till.shutdown();
	await relay.kill();
	rmSync(script);
	folder.remove();
});

const stateOf = async () => {
	const { status } = await told();
	return { ledgers: status.ledgers, digests: tills.map((till) => till.digest(ledger)) };
};

async function countsOf(): Promise<Record<string, number>> {
	const { rejected, limitCloses } = (await told()).status.counters;
	return { ...rejected, ...limitCloses };
}

/** What the relay counted while it ran, where everything is as before and nobody is left. */
async function counted(attack: () => Promise<void>): Promise<Record<string, number>> {
	const [state, before] = [await stateOf(), await countsOf()];
	await attack();
	for (let i = 0; i < 200 && (await told()).status.counters.connections > 2; i++) await pause(10);
	expect((await told()).status.counters.connections).toBe(2);
	expect(await stateOf()).toEqual(state);
	const after = await countsOf();
	const grown = Object.entries(after).map(([code, count]) => [code, count - (before[code] ?? 0)] as const);
	return Object.fromEntries(grown.filter(([, count]) => count > 0));
}

async function enrolled(): Promise<Stranger> {
	const stranger = await Stranger.enrolled(url, ['stock/*']);
	onTestFinished(() => stranger.leave());
	return stranger;
}

/** Until the relay has looked at all that was said before. */
async function looked(stranger: Stranger): Promise<void> {
	stranger.say({ kind: 'ping', id: 77, timeMs: 1 });
	await until(() => stranger.all('pong').some(({ id }) => id === 77), 'an answer', 10_000);
	stranger.leave();
}

const digests: Frame = { kind: 'digests', answer: true, ledgers: [] };
const updateOf = (update: Uint8Array, signature = new Uint8Array(64)): Frame => ({
	kind: 'update',
	ledger,
	segment: 0,
	update,
	seals: [{ epoch: 1, count: 1, signature }],
});

test('SYN4 unknown kinds, cut and too long frames are counted one by one', async () => {
	const bad: Uint8Array[] = [Uint8Array.of(), ...Array.from({ length: 239 }, (_, i) => Uint8Array.of(17 + i, 1, 2, 3))];
	bad.push(encodeFrame(digests).subarray(0, 2), Uint8Array.of(...encodeFrame(digests), 0));
	const counts = await counted(async () => {
		const stranger = await enrolled();
		for (const frame of bad) stranger.bytes(frame);
		await looked(stranger);
	});
	expect(counts).toEqual({ bad_frame: bad.length });
});

test.each<[what: string, code: number, send: (stranger: Stranger) => void]>([
	['a frame over 1 MiB', 1009, (stranger) => stranger.bytes(new Uint8Array(1024 * 1024 + 1))],
	['a claim of 2 GiB', 1009, (stranger) => stranger.raw(masked(0x82, new Uint8Array(100), 2 ** 31))],
	[
		'5,000 fragments',
		1008,
		(stranger) => {
			for (let i = 0; i < 5_000; i++) stranger.raw(masked(i === 0 ? 0x02 : 0x00, Uint8Array.of(8)));
		},
	],
	['a compressed bomb', 1002, (stranger) => stranger.raw(masked(0xc2, deflateRawSync(new Uint8Array(60_000_000))))],
	['text', 1003, (stranger) => stranger.socket.send('hello')],
])('SYN4 %s ends the connection with %i and is counted', async (_, code, send) => {
	const counts = await counted(async () => {
		const stranger = await enrolled();
		send(stranger);
		expect(await stranger.closed()).toBe(code);
	});
	expect(counts).toEqual({ bad_message: 1 });
});

test('SYN4 compression is not agreed on; half a message leaves no trace; a page of elsewhere and another protocol are counted', async () => {
	const counts = await counted(async () => {
		const offering = await Stranger.connect(url, { perMessageDeflate: true });
		expect(offering.socket.extensions).toBe('');
		offering.raw(masked(0x82, new Uint8Array(10), 1_000));
		await pause(20);
		offering.leave();
		await expect(Stranger.connect(url, { origin: 'https://elsewhere.example' })).rejects.toThrow('403');
		await expect(Stranger.connect(url, {}, 'chat')).rejects.toThrow('400');
	});
	expect(counts).toEqual({ bad_upgrade: 2 });
});

test('SYN4 before the proof nothing is believed: 17 frames and the line is closed; who says nothing is hung up on', async () => {
	const counts = await counted(async () => {
		const early = await Stranger.connect(url);
		for (let i = 0; i < 40; i++) early.say(i % 2 === 0 ? digests : updateOf(new Uint8Array(40)));
		expect(await early.heardOf('bye')).toMatchObject({ reason: 'not_allowed' });
		const silent = await Promise.all(Array.from({ length: 20 }, () => Stranger.connect(url)));
		for (const stranger of silent) await stranger.closed();
	});
	expect(counts).toEqual({ unproved_frame: 17, unproven: 20 });
});

test("SYN4 a replayed handshake proves nothing, and neither does another device's name", async () => {
	const counts = await counted(async () => {
		const device = await enrolled();
		const { greeting } = device;
		device.leave();
		const thief = await Stranger.connect(url);
		await thief.heardOf('hello');
		for (const frame of greeting) thief.bytes(frame);
		await pause(100);
		expect([...thief.all('digests'), ...thief.all('update'), ...thief.all('heads')]).toEqual([]);
		thief.leave();
		const impostor = await Stranger.connect(url);
		await impostor.heardOf('hello');
		const mine = impostor.hello({ device: tills[0].device });
		impostor.say(mine);
		impostor.say({ kind: 'proof', signature: await impostor.sign(mine) });
		expect(await impostor.heardOf('bye')).toMatchObject({ reason: 'bad_proof' });
		await impostor.closed();
	});
	// The proof, the digests after it, and the greeting under a name that is not its own.
	expect(counts).toEqual({ unproved_frame: 3 });
});

test('JRN2 updates that are none: 15 bytes, V2, a thousand bent ones, rows under another name', async () => {
	const doc = new Y.Doc();
	doc.getMap('m').set('__proto__', 'x');
	const never = [
		Uint8Array.from(Buffer.from('01024d0008010170017e844d000000', 'hex')),
		Y.encodeStateAsUpdateV2(doc),
		Y.encodeStateAsUpdate(doc),
		new Uint8Array(500_000),
	];
	let sent = 0;
	const counts = await counted(async () => {
		const stranger = await enrolled();
		const honest = await stranger.heardOf('update');
		const [dice, bent] = [new Dice(14), [] as Uint8Array[]];
		for (let i = 0; i < 3_000 && bent.length < 1_000; i++) {
			const update = mutateBytes(honest.update, dice);
			// What is well-formed yet is seen to by its seal: below.
			if (!gateUpdate(update).ok) bent.push(update);
		}
		for (const update of [...never, ...bent]) stranger.say(updateOf(update));
		sent = never.length + bent.length;
		const verdict = gateUpdate(honest.update);
		const run = verdict.ok ? verdict.runs[0] : undefined;
		if (!run) throw new Error('the relay sent no rows');
		const from = run.from + run.entries.length;
		const entries = [run.entries.at(-1) as Uint8Array]; // a run has rows
		const forged = encodeUpdate([{ epoch: run.epoch, name: run.root, from, entries }]);
		stranger.say({
			...honest,
			update: forged,
			seals: [{ epoch: run.epoch, count: from + 1, signature: new Uint8Array(64).fill(1) }],
		});
		await looked(stranger);
	});
	const { bad_seal, ...gated } = counts;
	expect(bad_seal).toBe(1);
	expect(Object.values(gated).reduce((sum, count) => sum + count, 0)).toBe(sent);
	expect(Object.keys(gated).length).toBeGreaterThan(5);
	expect(sent).toBeGreaterThan(500);
});

test('SYN4 a sync request each millisecond ends the line', async () => {
	const counts = await counted(async () => {
		const stranger = await enrolled();
		for (let i = 0; i < 3_000 && stranger.isOpen; i++) {
			stranger.say(digests);
			if (i % 4 === 0) await pause(1);
		}
		expect(await stranger.heardOf('bye')).toMatchObject({ reason: 'too_much' });
		await stranger.closed();
	});
	expect(counts).toMatchObject({ requests: 1 });
});

test('SYN4 nobody signals under another name; a flood of signals or of news of peers ends the line', async () => {
	const counts = await counted(async () => {
		const impostor = await enrolled();
		await until(() => isThere(impostor.device), 'the till has heard of it', 10_000);
		const message = Uint8Array.of(1, 2, 3);
		const to = tills[1].device;
		impostor.say({ kind: 'signal', from: tills[0].device, to, message });
		impostor.say({ kind: 'peers', devices: [{ device: tills[0].device, name: 'till-1', linked: true, agoMs: 0 }] });
		impostor.say({ kind: 'signal', from: tills[0].device, to, message });
		impostor.say({ kind: 'signal', from: impostor.device, to, message });
		await until(() => heard.length > 0, 'a signal of its own', 10_000);
		expect(heard).toEqual([impostor.device]);
		const news = Array.from({ length: 256 }, (_, i) => ({ device: `d${i}`, name: 'x', linked: true, agoMs: 0 }));
		const floods: Frame[] = [
			{ kind: 'signal', from: impostor.device, to, message: new Uint8Array(16 * 1024) },
			{ kind: 'peers', devices: news },
		];
		impostor.leave();
		for (const flood of floods) {
			const flooder = await enrolled();
			for (let i = 0; i < 20_000 && flooder.isOpen; i++) {
				flooder.say(flood);
				if (i % 200 === 0) await pause(1);
			}
			expect(await flooder.closed()).toBeDefined();
		}
	});
	// Of news of peers twenty a second are looked at: the others count as refused, which ends the line as well.
	expect((counts.messages ?? 0) + (counts.refused ?? 0)).toBe(2);
	expect(heard.length).toBeLessThan(1_000);
});

test('SYN4 a reader that never reads costs the relay a bounded sum, and gets it all once it reads', async () => {
	const stranger = await enrolled();
	await stranger.heardOf('update');
	stranger.socket.pause();
	const wares = tills[0].ledger(ledger).log<string>('wares');
	for (let i = 0; i < 40; i++)
		await Promise.all(Array.from({ length: 10 }, () => tills[0].commit((tx) => tx.append(wares, 'x'.repeat(12_000)))));
	await tills[0].sync.flush({ tier: 'store', timeoutMs: 20_000 });
	await until(() => tills[0].digest(ledger) === tills[1].digest(ledger), 'the other till does not wait for it', 20_000);
	const { status } = await told();
	const deaf = status.peers.find(({ device }) => device === stranger.device);
	expect(status.ledgers.bytes).toBeGreaterThan(4 * 1024 * 1024);
	expect(deaf?.unackedBytes).toBeGreaterThan(0);
	expect(deaf?.unackedBytes).toBeLessThan(1.5 * 1024 * 1024);
	stranger.socket.resume();
	const came = () => stranger.all('update').reduce((sum, { update }) => sum + update.length, 0);
	await until(() => came() > 1024 * 1024, 'what was under way comes', 10_000);
});

test('SYN4 after all of this the relay is as large as before, give or take what its rows cost', async () => {
	const now = await told();
	console.log(`${Math.round(atFirst.rssBytes / 2 ** 20)} MiB at first, ${Math.round(now.rssBytes / 2 ** 20)} MiB now`);
	expect(now.rssBytes - atFirst.rssBytes).toBeLessThan(200 * 2 ** 20);
	for (const till of tills) await sell(till);
	for (const till of tills) await till.sync.flush({ tier: 'store', timeoutMs: 10_000 });
	await until(() => tills[0].digest(ledger) === tills[1].digest(ledger), 'both sell on');
});
