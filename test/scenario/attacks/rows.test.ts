/** Threats to what is written: forged authors, edited and deleted history, devices that write what is not theirs. */
import { expect, test } from 'vitest';
import { encodeCheckpoint, sealCheckpoint } from '../../../src/journal/checkpoint.js';
import { decodeEntry } from '../../../src/journal/entry.js';
import type { Leg } from '../../../src/journal/leg.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import { until } from '../../contract/check.js';
import { Pen } from '../../sim/hostile/pen.js';
import { ChainOfTrust, crypto } from '../../unit/trust/chain-of-trust.js';
import { frameOf, type Loot, lootOf, sealBy } from './loot.js';
import { answerTo, keeps, ledger, relayVictim, Stage, sell, sold, tillVictim, type Victim } from './stage.js';
import { Answers, tell } from './tally.js';

const batches = 8;

/** An honest till that has sold, its relay, an enrolled attacker who was sent all of it, and victims with and without it. */
async function open() {
	const stage = await Stage.open();
	const relay = await stage.relay();
	const thief = await stage.enrol('cashier');
	const ear = await relayVictim(relay).dial(thief);
	await ear.join({ keeps });
	const till = await stage.till('till-1', [relay.url]);
	for (let i = 0; i < batches; i++) {
		await sell(till);
		await sell(till);
	}
	const loot = lootOf(ear, ledger);
	expect(loot.rows.length).toBeGreaterThan(2 * batches);
	ear.leave();
	const freshTill = await stage.till('till-2');
	const freshRelay = await stage.relay();
	return {
		stage,
		thief,
		till,
		freshTill,
		loot,
		holding: [relayVictim(relay), await tillVictim(till)],
		fresh: [relayVictim(freshRelay), await tillVictim(freshTill)],
	};
}

/** Each act on its own, one after the other, by somebody who is believed to be who it is. */
async function tryEach(
	victim: Victim,
	thief: EnrolledKeys,
	frames: readonly ReturnType<typeof frameOf>[],
): Promise<Answers> {
	const answers = new Answers();
	const stranger = await victim.dial(thief);
	await stranger.join({ keeps });
	const rows = victim.rows();
	for (const frame of frames) answers.add(await answerTo(victim, stranger, () => stranger.say(frame)));
	stranger.leave();
	expect(victim.rows()).toBe(rows);
	return answers;
}

const document = (verb: string) => new TextEncoder().encode(JSON.stringify({ verb }));
const settle: Leg = { kind: 'append', log: 'order/1', value: document('order.settle') };

test('S38 a forged author is refused: another key, another name, another credential, a right that is not there', async () => {
	const { thief, till, loot, holding, fresh } = await open();
	const nowMs = () => Date.now();
	const penOf = (pair: EnrolledKeys, nonce: string, first?: readonly Leg[], device?: string) =>
		new Pen({ crypto, pair, ledger, nonce, nowMs, ...(device !== undefined && { device }) }, null, first);
	const opening = { kind: 'open', prev: null, name: 'till-1', home: false } as const;
	const honest = { publicKey: keyOf(loot) };
	const another = await (await ChainOfTrust.create()).enrol();
	const pens = (turn: number): Pen[] => {
		const nonce = (kind: number) => (1000 + turn * 10 + kind).toString(36);
		return [
			// Under the honest device's name, by the thief's key; and with the honest key in it, but sealed by the thief.
			penOf(thief, nonce(1), undefined, loot.name.device),
			penOf(thief, nonce(2), [{ ...opening, key: honest.publicKey, credential: thief.credential }], loot.name.device),
			// Under its own name: without a credential, with somebody else's, with one of another chain, as home.
			penOf(thief, nonce(3), [{ ...opening, key: thief.publicKey }]),
			penOf(another, nonce(4), [{ ...opening, key: another.publicKey, credential: thief.credential }]),
			penOf(another, nonce(5)),
			penOf(thief, nonce(6), [{ ...opening, home: true, key: thief.publicKey, credential: thief.credential }]),
		].map((pen) => pen.write([settle]));
	};
	const beyond: Leg[] = [
		...['device.revoke', 'catalog.publish', 'member.erase', 'approval.limit', ''].map(
			(verb): Leg => ({ kind: 'append', log: 'order/1', value: document(verb) }),
		),
		{ kind: 'mint', pool: 'coupon/x', amount: 1, document: 'd' },
		{ kind: 'mint', pool: 'fence/x', amount: 1, document: 'd' },
		{ kind: 'set', cell: 'role/x', priority: 0, value: document('x') },
		{ kind: 'fence', device: till.device, heads: [] },
		{ kind: 'reclaim', pool: 'goods/x', from: till.device, share: 1, held: 0 },
	];
	for (const victim of [...holding, ...fresh]) {
		const frames = [];
		for (let turn = 0; turn < 8; turn++) for (const pen of pens(turn)) frames.push(await pen.update());
		// At the end of the honest epoch, sealed by the thief.
		for (let i = 1; i <= 8; i++) {
			const rows = [...loot.rows, ...loot.rows.slice(1, 1 + i)];
			frames.push(frameOf(loot, rows, [await sealBy(thief, loot.name, rows)]));
		}
		for (const [i, leg] of beyond.entries())
			frames.push(
				await penOf(thief, (5000 + i).toString(36))
					.write([leg])
					.update(),
			);
		const answers = await tryEach(victim, thief, frames);
		expect(Object.keys(answers.all).sort()).toEqual(['bad_seal', 'not_allowed']);
		expect(answers.all).toEqual({ bad_seal: 24, not_allowed: 32 + beyond.length });
		tell({ threat: 'forged author', where: victim.where, acts: frames.length, outcome: answers.all });
	}
	expect(sold(till)).toBe(2 * batches);
	await sell(till);
});

/** The key that stands in the first row of an epoch. */
function keyOf({ rows }: Loot): Uint8Array {
	const [first] = decodeEntry(rows[0] as Uint8Array)?.legs ?? []; // an epoch has a first row
	if (first?.kind !== 'open') throw new Error('no opening');
	return first.key;
}

test('S38 edited history is refused: any byte of any row of a sealed batch, with its seal, with another, with none', async () => {
	const { thief, till, freshTill, loot, holding, fresh } = await open();
	const last = loot.seals.at(-1);
	if (!last) throw new Error('no seal was heard');
	const bent = (row: number, at: number) =>
		loot.rows.map((each, i) => (i === row ? each.map((byte, j) => (j === at % each.length ? byte ^ 1 : byte)) : each));
	for (const [victims, codes] of [
		[fresh, ['bad_entry', 'bad_seal', 'not_allowed']],
		[holding, ['fork']],
	] as const)
		for (const victim of victims) {
			const frames = [];
			for (let row = 0; row < loot.rows.length; row++)
				for (const at of [1, 20, 41]) {
					const rows = bent(row, at);
					frames.push(frameOf(loot, rows, [last]));
					frames.push(frameOf(loot, rows, [await sealBy(thief, loot.name, rows)]));
					frames.push(frameOf(loot, rows, []));
				}
			const answers = await tryEach(victim, thief, frames);
			for (const code of Object.keys(answers.all)) expect(codes).toContain(code);
			expect(answers.total).toBe(frames.length);
			tell({ threat: 'edited history', where: victim.where, acts: frames.length, outcome: answers.all });
		}
	expect(sold(till)).toBe(2 * batches);
	expect(sold(freshTill)).toBe(0);
});

test('S38 a deleted sale is seen: a row that is left out breaks the seal, a batch that is left out is asked for', async () => {
	const { thief, till, freshTill, loot, fresh } = await open();
	const last = loot.seals.at(-1);
	if (!last) throw new Error('no seal was heard');
	for (const victim of fresh) {
		const frames = [];
		for (let row = 0; row < loot.rows.length; row++) {
			const rows = loot.rows.filter((_, i) => i !== row);
			frames.push(frameOf(loot, rows, [last]));
			frames.push(frameOf(loot, rows, [await sealBy(thief, loot.name, rows)]));
		}
		const answers = await tryEach(victim, thief, frames);
		for (const code of Object.keys(answers.all)) expect(['bad_entry', 'bad_seal']).toContain(code);
		tell({ threat: 'deleted sale', where: victim.where, acts: frames.length, outcome: answers.all });
		// A whole batch: what comes after it fits nowhere, and is asked for.
		const counts = [...new Set(loot.seals.map(({ count }) => count))].sort((a, b) => a - b);
		const later = counts.slice(1).map((count, i) => {
			const sealOf = loot.seals.filter((each) => each.count === count).slice(0, 1);
			return frameOf(loot, loot.rows.slice(counts[i], count), sealOf, counts[i]);
		});
		expect(later.length).toBeGreaterThan(batches / 2);
		const gaps = await tryEach(victim, thief, later);
		expect(gaps.all).toEqual({ 'asked again': later.length });
		tell({ threat: 'deleted sale', where: victim.where, acts: later.length, outcome: gaps.all });
	}
	// All of it, in order, is taken: nothing but what was changed was refused.
	for (const victim of fresh) {
		const stranger = await victim.dial(thief);
		await stranger.join({ keeps });
		stranger.say(frameOf(loot, loot.rows, [last]));
		await stranger.heardOf('ack');
		expect(victim.rows()).toBe(loot.rows.length);
		stranger.leave();
	}
	expect(sold(freshTill)).toBe(sold(till));
});

test('S38 JRN11 a checkpoint by who may not be home of the ledger is refused, and one whose seal fails', async () => {
	const { stage, thief, till, holding } = await open();
	const cut = new Map([[7, { epoch: 7, count: 1, device: 'd', prev: null, hash: undefined }]]);
	const content = { ledger, cut, needs: new Map(), fences: [], figures: new Uint8Array() };
	const by = async (pair: EnrolledKeys) => encodeCheckpoint(await sealCheckpoint(crypto, pair, content, () => 0));
	const box = await stage.enrol('relay');
	const sealed = await sealCheckpoint(crypto, box, content, () => 0);
	const broken = encodeCheckpoint({
		...sealed,
		signature: sealed.signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte)),
	});
	const another = await (await ChainOfTrust.create()).enrol();
	const attempts = [
		await by(thief),
		await by(await stage.enrol('manager')),
		await by(await stage.enrol('relay', 'sh-2')),
		await by({ ...thief, credential: box.credential }),
		await by({ ...thief, credential: undefined }),
		await by(another),
		broken,
	];
	for (const victim of holding) {
		const stranger = await victim.dial(thief);
		await stranger.join({ keeps });
		const answers = new Answers();
		for (const [i, piece] of attempts.entries()) {
			const id = crypto.sha256(Uint8Array.of(i, ...piece));
			const refused = victim.refusals();
			victim.newest();
			stranger.say({ kind: 'point', ledger, id, bytes: piece.length, from: 0, piece });
			await until(() => victim.refusals() > refused, `an answer to ${i}`, 10_000);
			answers.add(victim.newest());
		}
		stranger.leave();
		expect(answers.all).toEqual({ bad_checkpoint: 1, not_allowed: attempts.length - 1 });
		tell({ threat: 'false checkpoint', where: victim.where, acts: attempts.length, outcome: answers.all });
	}
	expect(till.status().ledgers[0]?.checkpoint).toBe(false);
	await sell(till);
});
