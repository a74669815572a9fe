import { TillmeshError } from '../../../src/base/errors.js';
import type { Answer } from '../../../src/trust.js';
import { reachableUrls } from '../../relay/cli/banner.js';
import type { Call } from '../call.js';
import { deskOf, type OpenDesk, openDesk } from './desk.js';
import { qrOf } from './qr.js';
import { serveDesk } from './serve.js';

/** After these no request can be answered any more. */
const isOver = (error: unknown): boolean =>
	['expired', 'too_many', 'no_code', 'issuer_stale'].includes(String(reasonOf(error)));

const reasonOf = (error: unknown): unknown => (error instanceof TillmeshError ? error.details.reason : undefined);

/** `tillmesh chain device`: as the next two, by the root's key. */
export const runChainDevice = (call: Call): Promise<number> =>
	call.option('listen') === undefined ? runEnrolAnswer(call) : runEnrolServe(call);

/** `tillmesh enrol serve`: answers one new device over the LAN, then ends; 1 where the code was never used. */
export async function runEnrolServe(call: Call): Promise<number> {
	const { texts } = call;
	const open = openDesk(call);
	let settle: (answer: Answer | undefined) => void = () => {};
	const came = new Promise<Answer | undefined>((resolve) => {
		settle = resolve;
	});
	const served = await serveDesk(call, open.desk, {
		answered(answer, isRenewal) {
			if (!isRenewal) settle(answer);
			else if (answer.isNew) call.complain(open.done(renewed(answer)));
		},
		refused(reason) {
			if (reason === 'too_many' || reason === 'issuer_stale') settle(undefined);
		},
	});
	const timer = setTimeout(() => settle(undefined), Math.max(0, open.endsMs - call.nowMs()));
	try {
		const urls = reachableUrls(served.url, call.interfaces());
		// Behind the #, which a browser sends to nobody.
		const drawn = await qrOf(call, `${urls[0] ?? served.url}/#${open.code}`);
		call.complain(`${open.shown}${texts.trust.listens(urls)}\n${drawn}`);
		const answer = await came;
		if (answer) await call.say(open.done(answer));
		else call.complain(`${texts.trust.nobodyCame}\n`);
		return answer ? 0 : 1;
	} finally {
		clearTimeout(timer);
		await served.close();
	}
}

/** Whose place the device once took was told then. */
const renewed = (answer: Answer): Answer => ({ ...answer, replaces: undefined });

/** `tillmesh enrol renew`: renews what devices of the store have, until it is stopped. */
export async function runEnrolRenew(call: Call): Promise<number> {
	const { desk, done } = deskOf(call);
	const served = await serveDesk(call, desk, {
		answered(answer) {
			if (answer.isNew) void call.say(done(renewed(answer)));
		},
	});
	try {
		const urls = reachableUrls(served.url, call.interfaces());
		call.complain(`${call.texts.trust.renews(urls)}\n`);
		await call.stopped();
		return 0;
	} finally {
		await served.close();
	}
}

/** `tillmesh enrol answer`: reads the request of a device that has no line here, and writes the answer for it. */
export async function runEnrolAnswer(call: Call): Promise<number> {
	const { texts } = call;
	const open = openDesk(call);
	call.complain(`${open.shown}${texts.trust.pasteRequest}\n`);
	const answer = await readRequests(call, open);
	if (!answer) return 1;
	if (call.has('json')) {
		await call.say(`${JSON.stringify({ ...JSON.parse(open.done(answer)), answer: answer.text })}\n`);
		return 0;
	}
	call.complain(`${open.done(answer)}${texts.trust.copyAnswer}\n${await qrOf(call, answer.text)}`);
	await call.say(`${answer.text}\n`);
	return 0;
}

/** Undefined where no more of them can come to anything: it was said why. */
async function readRequests(call: Call, { desk }: OpenDesk): Promise<Answer | undefined> {
	for await (const line of call.lines()) {
		if (line.trim() === '') continue;
		try {
			return await desk.answer(line);
		} catch (error) {
			if (!(error instanceof TillmeshError)) throw error;
			call.complain(`${call.texts.trust.refused(error)}\n`);
			if (isOver(error)) return undefined;
		}
	}
	call.complain(`${call.texts.trust.nobodyCame}\n`);
	return undefined;
}
