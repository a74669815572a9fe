/** Threats by who has a good key and tells stories: one to each peer, of a yes that nobody gave, of a code that nobody gave. */
import { grantsOf } from 'tillmesh/trust';
import { webSocket } from 'tillmesh/websocket';
import { expect, test } from 'vitest';
import { nodePlatform } from '../../../adapters/platform-node/index.js';
import { hashOfInput } from '../../../src/journal/limit.js';
import { createCode } from '../../../src/trust/code.js';
import { signConsent } from '../../../src/trust/consent.js';
import type { EnrolledKeys } from '../../../src/trust/credential.js';
import { createEnrolmentDesk, requestText } from '../../../src/trust.js';
import { until } from '../../contract/check.js';
import { Pen } from '../../sim/hostile/pen.js';
import { crypto } from '../../unit/trust/chain-of-trust.js';
import { answerTo, keeps, ledger, relayVictim, Stage, sell, sold, store, tillVictim } from './stage.js';
import { Answers, tell } from './tally.js';

const nowMs = Date.UTC(2026, 10, 22);
const document = (content: object) => new TextEncoder().encode(JSON.stringify(content));

test('S38 JRN8 who tells two peers two stories is named by both, as soon as these meet', async () => {
	const stage = await Stage.open();
	const relay = await stage.relay();
	const thief = await stage.enrol('cashier');
	const till = await stage.till('till-1');
	await sell(till, 'device');
	const stories = 8;
	const pens = (n: number) =>
		Array.from({ length: stories }, (_, i) =>
			new Pen({ crypto, pair: thief, ledger, nonce: (1000 + i).toString(36), nowMs: () => nowMs }, null).write([
				{ kind: 'append', log: 'order/1', value: document({ verb: 'order.settle', n }) },
			]),
		);
	for (const [n, victim] of [relayVictim(relay), await tillVictim(till)].entries()) {
		const stranger = await victim.dial(thief);
		await stranger.join({ keeps });
		for (const pen of pens(n)) {
			const before = victim.rows();
			stranger.say(await pen.update());
			await until(() => victim.rows() === before + 2, 'the story is taken');
		}
		stranger.leave();
	}
	till.addLink(webSocket(relay.url));
	const forks = () => till.status().rejected.newest.filter(({ code }) => code === 'fork');
	const atRelay = () => (relay.status().counters.rejected as Readonly<Record<string, number>>).fork ?? 0;
	await until(() => forks().length === stories && atRelay() === stories, 'both have named it', 20_000);
	expect(new Set(forks().map(({ device, reason }) => `${device} ${reason}`))).toEqual(
		new Set([`${pens(0)[0]?.name.device} other rows at ${relay.status().name}`]),
	);
	for (const where of ['relay', 'till'])
		tell({ threat: 'two stories', where, acts: stories, outcome: { fork: stories } });
	await sell(till);
	expect(till.health.get()).toEqual({ state: 'ok' });
});

test('S37 S38 a refund beyond the limit of its certificate is refused, whatever yes it brings', async () => {
	const stage = await Stage.open();
	const relay = await stage.relay();
	const till = await stage.till('till-1', [relay.url]);
	await sell(till);
	const limited = grantsOf('cashier', store, { limits: { 'order.refund': 20_000 } });
	const thief = await stage.chain.enrol(limited, stage.chain.store);
	const manager = await stage.enrol('manager');
	const elsewhere = await stage.enrol('manager', 'sh-2');
	const pen = (nonce: number) =>
		new Pen({ crypto, pair: thief, ledger, nonce: nonce.toString(36), nowMs: () => nowMs }, null);
	const { device } = pen(1).name;
	const [input, date, id] = ['this very refund', '2026-11-22', 'yes-1'];
	const terms = {
		ledger,
		till: device,
		verb: 'order.refund',
		amount: 30_000,
		bindsTo: hashOfInput(crypto.sha256, input),
		date,
		id,
	};
	const signed = (by: EnrolledKeys & { readonly credential: Uint8Array }, other: Partial<typeof terms> = {}) =>
		signConsent(crypto, by, stage.chain.root, { ...terms, ...other });
	const refund = { verb: 'order.refund', asked: 30_000, date, approval: id };
	const yes = await signed(manager);
	const flipped = Buffer.from(yes, 'base64');
	flipped.writeUInt8((flipped.at(-1) ?? 0) ^ 1, flipped.length - 1);
	const documents = [
		refund,
		{ ...refund, asked: undefined },
		...[-1, 0.5, '1', 2 ** 60].map((asked) => ({ ...refund, asked })),
		{ ...refund, consent: { input } },
		{ ...refund, consent: { input, signed: 'none' } },
		// By itself, by another store's manager; for another amount, till, day, input or question; one bit changed.
		{ ...refund, consent: { input, signed: await signed(thief) } },
		{ ...refund, consent: { input, signed: await signed(elsewhere) } },
		{ ...refund, consent: { input, signed: await signed(manager, { amount: 29_999 }) } },
		{ ...refund, consent: { input, signed: await signed(manager, { till: till.device }) } },
		{ ...refund, consent: { input, signed: await signed(manager, { date: '2026-11-23' }) } },
		{ ...refund, consent: { input: 'another refund', signed: yes } },
		{ ...refund, approval: 'yes-2', consent: { input, signed: yes } },
		{ ...refund, consent: { input, signed: flipped.toString('base64') } },
	];
	let nonce = 100;
	for (const victim of [relayVictim(relay), await tillVictim(till)]) {
		const answers = new Answers();
		const stranger = await victim.dial(thief);
		await stranger.join({ keeps });
		for (const each of documents) {
			const frame = await pen(++nonce)
				.write([{ kind: 'append', log: 'order/1', value: document(each) }])
				.update();
			answers.add(await answerTo(victim, stranger, () => stranger.say(frame)));
		}
		expect(answers.all).toEqual({ not_allowed: documents.length });
		tell({ threat: 'beyond its limit', where: victim.where, acts: documents.length, outcome: answers.all });
		// The yes that was given is good.
		const before = victim.rows();
		const good = pen(++nonce).write([
			{ kind: 'append', log: 'order/2', value: document({ ...refund, consent: { input, signed: yes } }) },
		]);
		stranger.say(await good.update());
		await until(() => victim.rows() >= before + 2, 'the good one is taken');
		stranger.leave();
	}
	expect(sold(till)).toBe(1);
});

test('S38 nobody is enrolled who does not have the code: guesses, an overheard request, one that was changed', async () => {
	const stage = await Stage.open();
	const platform = nodePlatform();
	const answers = new Answers();
	let acts = 0;
	for (let round = 0; round < 20; round++) {
		const desk = createEnrolmentDesk({ platform, issuer: stage.chain.store });
		const { code } = desk.invite({ role: 'cashier', grants: grantsOf('cashier', store) });
		const [honest, thief] = [await crypto.generateKeyPair(), await crypto.generateKeyPair()];
		const asked = { key: honest.publicKey, name: 'till-9', store, replaces: undefined };
		const heard = requestText(crypto.sha256, asked, code);
		const [prefix, version, content = ''] = heard.split(':');
		const changed = Buffer.from(content, 'base64url');
		changed.set(thief.publicKey, changed.indexOf(honest.publicKey));
		const guesses = Array.from({ length: 8 }, () =>
			requestText(crypto.sha256, { ...asked, key: thief.publicKey }, createCode(platform.random)),
		);
		for (const text of [`${prefix}:${version}:${changed.toString('base64url')}`, ...guesses]) {
			acts++;
			answers.add(
				await desk.answer(text).then(
					() => 'enrolled',
					(error) => error.details.reason,
				),
			);
		}
		// Another code, and the honest request; once more, by who overheard it.
		const next = desk.invite({ role: 'cashier', grants: grantsOf('cashier', store) });
		const request = requestText(crypto.sha256, asked, next.code);
		expect(await desk.answer(request)).toMatchObject({ name: 'till-9' });
		acts++;
		answers.add(
			await desk.answer(request).then(
				() => 'enrolled',
				(error) => error.details.reason,
			),
		);
	}
	expect(answers.all).toEqual({ no_code: 20, too_many: 80, wrong_code: 100 });
	tell({ threat: 'enrolling without the code', where: 'desk', acts, outcome: answers.all });
});
