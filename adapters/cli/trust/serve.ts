import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TillmeshError } from '../../../src/base/errors.js';
import type { Answer } from '../../../src/trust.js';
import { cliTexts } from '../../relay/cli/texts.js';
import { Wrong } from '../../relay/cli/words.js';
import { createRelayServer, listenOn, urlOf } from '../../relay/server.js';
import type { Call } from '../call.js';
import { oneLine } from '../table.js';
import type { OpenDesk } from './desk.js';

/** More than any request as a text. */
const requestBytesMax = 4 * 1024;
const connectionsMax = 16;

export interface ServedDesk {
	readonly url: string;
	/** Undefined where the code holds no more and nobody had it. */
	readonly answered: Promise<Answer | undefined>;
	close(): Promise<void>;
}

/** `POST /enrol` with a request answers a credential, or 403 and the reason; a page of a foreign origin is not listened to. */
export async function serveDesk(call: Call, open: OpenDesk, host: string, port: number): Promise<ServedDesk> {
	let settle: (answer: Answer | undefined) => void = () => {};
	const answered = new Promise<Answer | undefined>((resolve) => {
		settle = resolve;
	});
	const origins = call.all('origin');
	const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const { origin } = request.headers;
		if (request.method !== 'POST' || request.url !== '/enrol') return end(response, 404, 'not_found');
		if (origin !== undefined && !origins.includes(origin)) return end(response, 403, 'other_origin');
		if (origin !== undefined) response.setHeader('access-control-allow-origin', origin);
		const text = await bodyOf(request);
		if (text === undefined) return end(response, 413, 'too_large');
		try {
			const answer = await open.desk.answer(text);
			response.once('close', () => settle(answer));
			end(response, 200, answer.text);
		} catch (error) {
			if (!(error instanceof TillmeshError)) throw error;
			const from = request.socket.remoteAddress ?? '';
			call.complain(`${oneLine(from)}: ${call.texts.trust.refused(error)}\n`);
			const { reason } = error.details;
			end(response, reason === undefined ? 400 : 403, reason === undefined ? 'bad_request' : String(reason));
			if (reason === 'too_many' || reason === 'issuer_stale') settle(undefined);
		}
	};
	const server = createRelayServer({
		tls: tlsOf(call),
		connections: connectionsMax,
		answer: (request, response) => {
			take(request, response).catch((error: unknown) => {
				call.complain(`${call.texts.failed(oneLine(String(error)))}\n`);
				response.destroy();
			});
		},
	});
	await listenOn(server, port, host);
	const timer = setTimeout(() => settle(undefined), Math.max(0, open.endsMs - call.nowMs()));
	return {
		url: urlOf(server).replace(/^ws/, 'http'),
		answered,
		async close() {
			clearTimeout(timer);
			open.desk.close();
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

function end(response: ServerResponse, status: number, text: string): void {
	response.writeHead(status, {
		'content-type': 'text/plain; charset=utf-8',
		'content-length': Buffer.byteLength(text),
		'cache-control': 'no-store',
		connection: 'close',
	});
	response.end(text);
}

/** Undefined where it is longer than a request can be. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
	const pieces: Buffer[] = [];
	let bytes = 0;
	for await (const piece of request as AsyncIterable<Buffer>) {
		bytes += piece.length;
		if (bytes > requestBytesMax) return undefined;
		pieces.push(piece);
	}
	return Buffer.concat(pieces).toString('utf8');
}

function tlsOf(call: Call): { cert: string; key: string } | undefined {
	const [cert, key] = [call.option('tls-cert'), call.option('tls-key')];
	if ((cert === undefined) !== (key === undefined)) throw new Wrong(cliTexts[call.language].wrong.together);
	return cert === undefined || key === undefined
		? undefined
		: { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}
