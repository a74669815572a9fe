import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { TillmeshError } from '../../../src/base/errors.js';
import type { RelayStatus } from '../status.js';
import { healthOf } from './health.js';
import { type Language, pickLanguage } from './language.js';
import { createMetrics, type Metrics } from './metrics.js';
import { statusPage } from './page.js';
import { styleHash } from './style.js';

export interface RelayHttpOptions {
	/** Asked once a request. */
	readonly status: () => RelayStatus;
	/** For readers whose browser asks for neither of ours. Default `en`. */
	readonly lang?: Language | undefined;
	/** Hears of a request that could not be answered. */
	readonly failed?: (error: unknown) => void;
}

interface Answer {
	readonly code: number;
	readonly type: string;
	readonly body: string;
}

type Route = (request: IncomingMessage, url: URL) => Answer | Promise<Answer>;

const securityHeaders: Readonly<Record<string, string>> = {
	'Cache-Control': 'no-store',
	'Content-Security-Policy': `default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
	'Cross-Origin-Opener-Policy': 'same-origin',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Referrer-Policy': 'no-referrer',
	'X-Content-Type-Options': 'nosniff',
	'X-Frame-Options': 'DENY',
};

const plain = 'text/plain; charset=utf-8';
const json = (code: number, value: unknown): Answer => ({
	code,
	type: 'application/json; charset=utf-8',
	body: `${JSON.stringify(value)}\n`,
});

/**
 * What the relay answers over plain HTTP: `/` the status page, `/status.json`, `/healthz` (200, or 503 where it does not
 * listen or its disk failed) and `/metrics` (503 without the optional peer prom-client). It changes nothing: other methods
 * than GET and HEAD get 405, other paths 404, and no body of a request is read.
 */
export function createRelayHttp({ status, lang = 'en', failed }: RelayHttpOptions): RequestListener {
	const routes = routesOf(status, lang);
	return (request, response) => {
		request.resume();
		answer(routes, request).then(
			(found) => write(request, response, found),
			(error: unknown) => {
				failed?.(error);
				write(request, response, { code: 500, type: plain, body: 'failed\n' });
			},
		);
	};
}

function routesOf(status: () => RelayStatus, lang: Language): ReadonlyMap<string, Route> {
	let metrics: Promise<Metrics> | undefined;
	return new Map<string, Route>([
		[
			'/',
			(request, url) => {
				const language = pickLanguage(url.searchParams.get('lang'), request.headers['accept-language'], lang);
				return { code: 200, type: 'text/html; charset=utf-8', body: statusPage(status(), language) };
			},
		],
		['/status.json', () => json(200, status())],
		[
			'/healthz',
			() => {
				const health = healthOf(status());
				return json(health.ok ? 200 : 503, health);
			},
		],
		[
			'/metrics',
			async () => {
				metrics ??= createMetrics(status);
				try {
					const { contentType, text } = await metrics;
					return { code: 200, type: contentType, body: await text() };
				} catch (error) {
					if (!(error instanceof TillmeshError && error.code === 'unavailable')) throw error;
					return { code: 503, type: plain, body: `${error.message}\n` };
				}
			},
		],
	]);
}

function urlOf(request: IncomingMessage): URL | undefined {
	try {
		return new URL(request.url ?? '/', 'http://relay');
	} catch {
		return undefined;
	}
}

async function answer(routes: ReadonlyMap<string, Route>, request: IncomingMessage): Promise<Answer> {
	const url = urlOf(request);
	const route = url ? routes.get(url.pathname) : undefined;
	if (!url || !route) return { code: 404, type: plain, body: 'not found\n' };
	if (request.method !== 'GET' && request.method !== 'HEAD') return { code: 405, type: plain, body: 'only GET\n' };
	return route(request, url);
}

function write(request: IncomingMessage, response: ServerResponse, { code, type, body }: Answer): void {
	if (response.destroyed) return;
	response.writeHead(code, {
		...securityHeaders,
		'Content-Type': type,
		'Content-Length': Buffer.byteLength(body),
		Vary: 'Accept-Language',
		...(code === 405 && { Allow: 'GET, HEAD' }),
	});
	response.end(request.method === 'HEAD' ? undefined : body);
}
