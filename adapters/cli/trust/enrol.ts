import { TillmeshError } from '../../../src/base/errors.js';
import type { Answer } from '../../../src/trust.js';
import { reachableUrls } from '../../relay/cli/banner.js';
import { cliTexts } from '../../relay/cli/texts.js';
import { Wrong } from '../../relay/cli/words.js';
import type { Call } from '../call.js';
import { type OpenDesk, openDesk } from './desk.js';
import { serveDesk } from './serve.js';

/** After these no request can be answered any more. */
const isOver = (error: unknown): boolean =>
	['expired', 'too_many', 'no_code', 'issuer_stale'].includes(String(reasonOf(error)));

const reasonOf = (error: unknown): unknown => (error instanceof TillmeshError ? error.details.reason : undefined);

/** `tillmesh chain device`: as the next two, by the root's key. */
export const runChainDevice = (call: Call): Promise<number> =>
	call.option('listen') === undefined ? runEnrolAnswer(call) : runEnrolServe(call);

/** `tillmesh enrol serve`: answers one device over the LAN, then ends; 1 where the code was never used. */
export async function runEnrolServe(call: Call): Promise<number> {
	const { texts } = call;
	const listen = call.option('listen') ?? '';
	const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(listen) ?? [];
	const { wrong, expected } = cliTexts[call.language];
	if (host === '' || Number(port) > 65_535) throw new Wrong(wrong.value('--listen', listen, expected.address));
	const open = openDesk(call);
	const served = await serveDesk(call, open, host, Number(port));
	try {
		const urls = reachableUrls(served.url, call.interfaces());
		call.complain(`${open.shown}${texts.trust.listens(urls)}\n`);
		const answer = await served.answered;
		if (!answer) {
			call.complain(`${texts.trust.nobodyCame}\n`);
			return 1;
		}
		await call.say(open.done(answer));
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
	call.complain(`${open.done(answer)}${texts.trust.copyAnswer}\n`);
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
