import { sha256 } from '@noble/hashes/sha2.js';
import { BadArgument, TillmeshError } from '../../src/base/errors.js';
import {
	credentialText,
	type DeskRefusal,
	deskRefusals,
	type EnrolRequest,
	readCredential,
	refusedBy,
	requestText,
} from '../../src/trust.js';

export interface EnrolBy {
	/** The store that this device is set up for: the desk refuses another's. */
	readonly store: string;
	/** What the desk showed and somebody typed here, or how to ask them: called when the device needs a credential. */
	readonly code?: string | ((request: EnrolRequest) => string | Promise<string>);
	/** Where `tillmesh enrol serve` listens: `http://192.168.1.20:7450`; or what its `--qr` shows, which holds the code too. */
	readonly url?: string;
	/** Without a network: shows the request, as text and as a QR code that holds it, and resolves with the answer that was scanned or pasted. */
	readonly ask?: (request: string) => string | Promise<string>;
	/** How long the desk may take to answer over the LAN; ten seconds by default. */
	readonly timeoutMs?: number;
}

/** Longer than any credential as a text. */
const answerCharsMax = 16 * 1024;

/**
 * For `trust.enrol`: asks the desk in the store, where somebody has made a code for this device. A device that has a
 * certificate asks without a code first, for that to be renewed (`url` only).
 *
 * What it throws is what opening the till throws: `not_enrolled` with `details.reason` (`wrong_code`, `expired`, ...,
 * `unreachable`), or `BadArgument` for a code or an answer that is none. Nothing of the till is on its disk by then.
 *
 * ```ts
 * const till = await openTill({ ...options, trust: { root: readRoot(ROOT), enrol: enrolBy({ url, store: 'sh-014', code }) } });
 * ```
 */
export function enrolBy({
	store,
	code,
	url,
	ask,
	timeoutMs = 10_000,
}: EnrolBy): (request: EnrolRequest) => Promise<Uint8Array> {
	if ((url === undefined) === (ask === undefined)) throw new BadArgument('enrolBy', 'expected either url or ask.');
	const given = code ?? url?.split('#')[1];
	if (given === undefined) throw new BadArgument('enrolBy', 'expected a code, or a url that ends in # and the code.');
	return async (request) => {
		const renewed = url === undefined ? undefined : await renewedBy(url, request, timeoutMs);
		if (renewed) return renewed;
		const typed = typeof given === 'function' ? await given(request) : given;
		const text = requestText(sha256, { ...request, store }, typed);
		return readCredential(url === undefined ? ((await ask?.(text)) ?? '') : await post(url, text, timeoutMs));
	};
}

/** Undefined where it has nothing to renew, or where that takes a code. */
async function renewedBy(
	url: string,
	{ credential }: EnrolRequest,
	timeoutMs: number,
): Promise<Uint8Array | undefined> {
	if (!credential) return undefined;
	try {
		return readCredential(await post(url, credentialText(credential), timeoutMs));
	} catch (error) {
		if (error instanceof TillmeshError && error.details.reason === 'not_renewable') return undefined;
		throw error;
	}
}

async function post(url: string, request: string, timeoutMs: number): Promise<string> {
	const { status, text } = await answerOf(url, request, timeoutMs);
	if (status === 200) return text;
	if (Object.hasOwn(deskRefusals, text)) throw refusedBy(text as DeskRefusal);
	throw unreachable(url, `it answers ${status}, as no desk does`);
}

async function answerOf(url: string, body: string, timeoutMs: number): Promise<{ status: number; text: string }> {
	const patience = new AbortController();
	const timer = setTimeout(() => patience.abort(new RangeError(`none in ${timeoutMs} ms`)), timeoutMs);
	try {
		const response = await fetch(new URL('/enrol', url), {
			method: 'POST',
			body,
			headers: { 'content-type': 'text/plain' },
			redirect: 'error',
			signal: patience.signal,
		});
		const length = Number(response.headers.get('content-length') ?? Number.NaN);
		if (!(length <= answerCharsMax)) throw new RangeError('it answers more than a credential');
		return { status: response.status, text: await response.text() };
	} catch (error) {
		throw unreachable(url, error instanceof Error ? error.message : String(error), error);
	} finally {
		clearTimeout(timer);
	}
}

const unreachable = (url: string, why: string, cause?: unknown): TillmeshError =>
	new TillmeshError('not_enrolled', `${url} gives no answer: ${why}.`, { reason: 'unreachable', url }, cause);
