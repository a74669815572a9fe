/** Threats at the door: credentials that are stolen, stale, revoked or of elsewhere, claims to be more than one is, old versions. */
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { encodeOffer } from '../../../src/sync/channel-frames.js';
import { decodeFrame, encodeFrame, type Hello, type UpdateFrame } from '../../../src/sync/frames.js';
import { createHello } from '../../../src/sync/handshake.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import { pause, until } from '../../contract/check.js';
import { Pen } from '../../sim/hostile/pen.js';
import { ChainOfTrust, crypto } from '../../unit/trust/chain-of-trust.js';
import type { Stranger } from '../stranger.js';
import { answerTo, keeps, ledger, relayVictim, Stage, sell, sold, tillVictim, type Victim } from './stage.js';
import { Answers, tell } from './tally.js';

const day = 86_400_000;
const times = 4;

/** A relay, and a till that sells by it. */
async function open() {
	const stage = await Stage.open();
	const relay = await stage.relay({ limits: { connectionsPerSecond: 10_000 } });
	const till = await stage.till('till-1', [relay.url]);
	await sell(till);
	return { stage, relay, till, victims: [relayVictim(relay), await tillVictim(till)] };
}

/** How a greeting ends: why the victim hangs up, or `let in`. Nothing that is no greeting may be heard before. */
async function greet(victim: Victim, keys: EnrolledKeys, changes: Partial<Hello> = {}): Promise<string> {
	const stranger = await victim.dial(keys);
	await stranger.introduce(changes);
	const isIn = () => stranger.all('digests').length > 0;
	await until(() => isIn() || stranger.all('bye').length > 0 || stranger.closedWith !== undefined, 'an end', 10_000);
	const answer = isIn() ? 'let in' : (stranger.all('bye').at(-1)?.reason ?? 'closed');
	if (!isIn()) expect(told(stranger)).toEqual([]);
	stranger.leave();
	return answer;
}

/** What it heard that is not for everybody. */
const told = ({ heard }: Stranger): string[] =>
	heard.map(({ kind }) => kind).filter((kind) => !['hello', 'proof', 'bye', 'ping', 'pong'].includes(kind));

async function greetEach(
	threat: string,
	victim: Victim,
	greetings: readonly (readonly [expected: string, keys: EnrolledKeys, changes?: Partial<Hello>])[],
): Promise<void> {
	const answers = new Answers();
	for (let i = 0; i < times; i++)
		for (const [expected, keys, changes] of greetings) {
			const answer = await greet(victim, keys, changes);
			expect(answer, JSON.stringify(changes)).toBe(expected);
			answers.add(answer);
		}
	tell({ threat, where: victim.where, acts: answers.total, outcome: answers.all });
}

test('S37 a stolen credential without its key, one of another chain, a stale one and none open nothing', async () => {
	const { stage, till, victims } = await open();
	const honest = await stage.enrol('manager');
	const another = await (await ChainOfTrust.create()).enrol();
	const nowMs = Date.now();
	const thief = { ...(await crypto.generateKeyPair()), credential: honest.credential };
	const nobody = await crypto.generateKeyPair();
	const over = await stage.enrol('cashier', undefined, { notAfterMs: nowMs - day });
	const early = await stage.enrol('cashier', undefined, { notBeforeMs: nowMs + day });
	for (const victim of victims) {
		// What was stolen names a key: as another device, and as that device without what signs for it.
		await greetEach('stolen credential', victim, [
			['not_allowed', thief],
			['bad_proof', thief, { key: honest.publicKey }],
			['not_allowed', another],
			['not_allowed', nobody],
		]);
		await greetEach('stale credential', victim, [
			['expired', over],
			['expired', early],
		]);
		const stranger = await victim.dial(thief);
		const refused = victim.refusals();
		await stranger.introduce({ key: honest.publicKey, device: deviceOf(honest) });
		await until(() => victim.refusals() > refused, 'the proof is refused', 10_000);
		await pause(100);
		expect(told(stranger)).toEqual([]);
		stranger.leave();
		expect(await greet(victim, honest)).toBe('let in');
	}
	await sell(till);
});

const deviceOf = (pair: EnrolledKeys): string =>
	new Pen({ crypto, pair, ledger, nonce: '1', nowMs: () => 0 }, null).name.device;

test('S37 who may be home of nothing is not believed to be a relay, headquarters or an archive', async () => {
	const { stage, till, victims } = await open();
	const cashier = await stage.enrol('cashier');
	const box = await stage.enrol('relay');
	for (const victim of victims)
		await greetEach('claims to be more than it is', victim, [
			['not_allowed', cashier, { role: 'store' }],
			['not_allowed', cashier, { role: 'hq' }],
			['not_allowed', cashier, { archive: true }],
			['not_allowed', box, { role: 'hq' }],
		]);
	for (const victim of victims) {
		expect(await greet(victim, box, { role: 'store', archive: true })).toBe('let in');
		expect(await greet(victim, await stage.enrol('headquarters'), { role: 'hq', archive: true })).toBe('let in');
	}
	await sell(till);
});

test('S37 a stolen till whose sessions were ended: the line is cut when the document passes, and stays so', async () => {
	const { stage, relay, till, victims } = await open();
	const stolen = await stage.enrol('cashier');
	const held = await Promise.all(victims.map((victim) => victim.dial(stolen)));
	for (const stranger of held) await stranger.join({ keeps });
	const trust = stage.trust('manager');
	const desk = await stage.till('manager', [relay.url], { trust, keeps: [ledger] });
	expect((await desk.revoke(ledger, deviceOf(stolen))).ok).toBe(true);
	for (const stranger of held) {
		await stranger.closed();
		expect(stranger.last('bye').reason).toBe('not_allowed');
	}
	for (const victim of victims) {
		await greetEach('stolen till, revoked', victim, [['not_allowed', stolen]]);
		tell({ threat: 'stolen till, revoked', where: victim.where, acts: 1, outcome: { 'line cut': 1 } });
	}
	await sell(till);
	await until(() => sold(desk) === sold(till), 'honest devices go on', 10_000);
});

test("S37 another store's till is told nothing of this store, and what it writes here is refused", async () => {
	const { stage, till, victims } = await open();
	const elsewhere = await stage.enrol('cashier', 'sh-2');
	for (const victim of victims) {
		const stranger = await victim.dial(elsewhere);
		await stranger.join({ keeps });
		const refused = victim.refusals();
		const acts = ['orders/sh-1', 'stock/sh-1', 'desk/sh-1', 'orders/sh-1/2026-02-14'];
		for (const [i, of] of acts.entries()) {
			const pen = new Pen({ crypto, pair: elsewhere, ledger: of, nonce: String(i + 1), nowMs: Date.now }, null);
			stranger.say(await pen.update());
			stranger.say({
				kind: 'heads',
				answer: true,
				ledgers: [{ ledger: of, rows: [], covered: [], checkpoint: new Uint8Array(), marks: new Uint8Array() }],
			});
			stranger.say({
				kind: 'ask',
				id: `a-${i}`,
				ledger: of,
				pool: 'goods/x',
				amount: 1,
				need: 1,
				to: stranger.device,
				donor: '',
				hops: 1,
			});
		}
		await sell(till);
		await pause(300);
		expect(victim.refusals()).toBe(refused + 2 * acts.length);
		// A greeting says, to whoever connects, which device it is and what it keeps: it is looked at elsewhere.
		const said = Buffer.concat(stranger.heardBytes.filter((bytes) => decodeFrame(bytes)?.kind !== 'hello'));
		for (const secret of ['sh-1', 'order.settle']) expect(said.includes(secret), secret).toBe(false);
		expect(stranger.all('update')).toEqual([]);
		stranger.leave();
		tell({
			threat: "another store's till",
			where: victim.where,
			acts: 3 * acts.length,
			outcome: { not_allowed: 2 * acts.length, 'not answered': acts.length },
		});
	}
});

/** Updates and entries as no version of ours writes them, by somebody who is believed to be who it is. */
async function oldForms(victim: Victim, keys: EnrolledKeys): Promise<void> {
	const doc = new Y.Doc();
	doc.getArray(`j/${deviceOf(keys)}/1`).push([new Uint8Array(3)]);
	const seals = [{ epoch: doc.clientID, count: 1, signature: new Uint8Array(64) }];
	const updateOf = (update: Uint8Array) => ({ kind: 'update', ledger, segment: 0, update, seals }) as const;
	const frames: UpdateFrame[] = [updateOf(Y.encodeStateAsUpdateV2(doc)), updateOf(Y.encodeStateAsUpdate(doc))];
	const rows = [
		Uint8Array.of(),
		Uint8Array.of(0),
		Uint8Array.of(9, 9, 9),
		new TextEncoder().encode('{"verb":"order.settle"}'),
	];
	for (const [i, row] of rows.entries())
		frames.push(
			await new Pen({ crypto, pair: keys, ledger, nonce: `${i + 1}old`, nowMs: Date.now }, null).raw(row).update(),
		);
	const stranger = await victim.dial(keys);
	await stranger.join({ keeps });
	const [held, answers] = [victim.rows(), new Answers()];
	for (const frame of frames) answers.add(await answerTo(victim, stranger, () => stranger.say(frame)));
	stranger.leave();
	expect(answers.all.bad_entry).toBe(rows.length);
	expect(answers.total).toBe(frames.length);
	expect(Object.keys(answers.all)).not.toContain('asked again');
	expect(victim.rows()).toBe(held);
	tell({ threat: 'downgrade', where: victim.where, acts: frames.length, outcome: answers.all });
}

test('S38 old versions are not talked to: of the protocol, of the channel, of the WebSocket, and none at all', async () => {
	const { stage, relay, till, victims } = await open();
	const cashier = await stage.enrol('cashier');
	const versions = [
		[0, 0],
		[0, 1],
		[1, 1],
		[3, 9],
		[9, 9],
	] as const;
	for (const victim of victims)
		await greetEach(
			'downgrade',
			victim,
			versions.map(([oldest, newest]) => ['unknown_version', cashier, { oldest, newest }]),
		);
	for (const victim of victims) await oldForms(victim, cashier);
	const before = relay.status().counters;
	const plain = async (frames: readonly Uint8Array[]) => {
		const socket = new WebSocket(relay.url, 'tillmesh.2', { perMessageDeflate: false });
		const heard: Uint8Array[] = [];
		socket.binaryType = 'arraybuffer';
		socket.on('message', (data) => heard.push(new Uint8Array(data as ArrayBuffer)));
		await new Promise((resolve) => socket.once('open', resolve));
		for (const frame of frames) socket.send(frame);
		await pause(150);
		socket.terminate();
		return heard;
	};
	// The frames of a session as they were before there was a channel; and offers of channels that are not spoken.
	const me = { chain: 'chain', device: deviceOf(cashier), name: 'x', key: cashier.publicKey, role: 'device' } as const;
	const hello = encodeFrame(
		createHello({ ...me, archive: false, keeps, credential: cashier.credential }, new Uint8Array(16)),
	);
	const offers = [0, 2, 9].map((version) =>
		encodeOffer({
			oldest: version,
			newest: version,
			key: crypto.createAgreement().publicKey,
			answers: new Uint8Array(),
		}),
	);
	const heard = [...(await plain([hello, hello])), ...(await plain(offers))];
	const isOffer = (frame: Uint8Array) => frame[0] === offers[0]?.[0];
	expect(heard.length).toBeGreaterThan(0);
	expect(heard.every(isOffer), 'offers of a channel, and nothing beside them').toBe(true);
	const after = relay.status().counters;
	const unopened = (after.rejected.unopened_frame ?? 0) - (before.rejected.unopened_frame ?? 0);
	expect(unopened).toBe(2 + offers.length);
	for (const protocol of ['tillmesh.1', 'tillmesh', 'chat']) {
		const socket = new WebSocket(relay.url, protocol);
		await expect(new Promise((_, reject) => socket.once('error', reject))).rejects.toThrow('400');
	}
	expect(after.entriesIn).toBe(before.entriesIn);
	tell({ threat: 'downgrade', where: 'relay', acts: 8, outcome: { unopened_frame: unopened, bad_upgrade: 3 } });
	await sell(till);
});
