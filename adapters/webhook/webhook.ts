import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '../../src/base/backoff.js';
import { BadArgument, TillmeshError } from '../../src/base/errors.js';

export interface WebhookOptions {
	/** Sent with every request, such as `authorization`. */
	readonly headers?: Readonly<Record<string, string>>;
	/**
	 * Shared with the receiver: `tillmesh-signature: sha256=<hex>` is then HMAC-SHA-256 of the body, so that it knows whom it
	 * hears.
	 */
	readonly secret?: string;
	/** Requests for one event before the handler gives up; 4 by default. Whoever hands events over hands it over again. */
	readonly attempts?: number;
	/** For one request; 10,000 by default. */
	readonly timeoutMs?: number;
	readonly fetch?: typeof fetch;
}

/**
 * A handler that posts each event as JSON, for `alerts.consume`. It resolves when the receiver has answered 2xx. The header
 * `idempotency-key` is the event's id: a receiver that has seen it has handled it, since answers get lost. What will not be
 * better for trying at once (4xx but for 408, 425 and 429) is given up at once; everything else is tried again with growing
 * pauses, and a `retry-after` in seconds is waited for. Throws `not_reached`.
 *
 * ```ts
 * till.alerts.consume('erp', webhook('https://erp.example.com/alerts', { secret }));
 * ```
 */
export function webhook<Event extends { readonly id: string }>(
	url: string | URL,
	{ headers = {}, secret, attempts = 4, timeoutMs = 10_000, fetch: post = fetch }: WebhookOptions = {},
): (event: Event) => Promise<void> {
	const to = new URL(url);
	if (to.protocol !== 'https:' && to.protocol !== 'http:') throw new BadArgument('url', `expected http, got ${to}.`);
	if (!Number.isSafeInteger(attempts) || attempts < 1) throw new BadArgument('attempts', 'expected 1 or more.');
	return async (event) => {
		const body = JSON.stringify(event);
		const sent = {
			...headers,
			'content-type': 'application/json',
			'idempotency-key': event.id,
			...(secret !== undefined && {
				'tillmesh-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
			}),
		};
		const backoff = new Backoff({ random: Math.random });
		for (let attempt = 1; ; attempt++) {
			const said = await ask(post, to, { method: 'POST', headers: sent, body }, timeoutMs);
			if (said.isDone) return;
			if (said.isFinal || attempt >= attempts)
				throw new TillmeshError('not_reached', `${to.origin}: ${said.why}`, { attempts: attempt }, said.cause);
			await sleep(said.afterMs ?? backoff.nextMs(), undefined, { ref: false });
		}
	};
}

interface Said {
	readonly isDone?: boolean;
	/** Asking again would not help. */
	readonly isFinal?: boolean;
	readonly why?: string;
	readonly afterMs?: number;
	readonly cause?: unknown;
}

const retryAfterMostMs = 60_000;
const worthAnotherTry = new Set([408, 425, 429]);

async function ask(post: typeof fetch, url: URL, request: RequestInit, timeoutMs: number): Promise<Said> {
	try {
		const answer = await post(url, { ...request, signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
		await answer.body?.cancel(); // nobody reads it, and the connection is free again
		if (answer.ok) return { isDone: true };
		const { status } = answer;
		const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
		return {
			why: `answered ${status}`,
			isFinal: status < 500 && !worthAnotherTry.has(status),
			...(seconds >= 0 && { afterMs: Math.min(seconds * 1_000, retryAfterMostMs) }),
		};
	} catch (cause) {
		return { why: cause instanceof Error ? cause.message : String(cause), cause };
	}
}
