import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TillmeshError } from '../../../src/base/errors.js';
import type { Answer, EnrolmentDesk } from '../../../src/trust.js';
import { cliTexts } from '../../relay/cli/texts.js';
import { Wrong } from '../../relay/cli/words.js';
import { createRelayServer, listenOn, urlOf } from '../../relay/server.js';
import type { Call } from '../call.js';
import { oneLine } from '../table.js';

/** More than any request or credential as a text. */
const requestBytesMax = 16 * 1024;
const connectionsMax = 16;

export interface ServedDesk {
	readonly url: string;
	close(): Promise<void>;
}

export interface Visitors {
	/** After the device has had its answer, or has gone. */
	answered(answer: Answer, isRenewal: boolean): void;
	refused?(reason: unknown): void;
}

/**
 * `POST /enrol` with a request, or with the credential that is to be renewed, answers a credential, or 403 and the reason. A
 * page of a foreign origin is not listened to. Where `--listen` and certificates are is read off the line.
 */
export async function serveDesk(call: Call, desk: EnrolmentDesk, { answered, refused }: Visitors): Promise<ServedDesk> {
	const [host, port] = addressOf(call);
	const origins = call.all('origin');
	const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const { origin } = request.headers;
		if (request.method !== 'POST' || request.url !== '/enrol') return end(response, 404, 'not_found');
		if (origin !== undefined && !origins.includes(origin)) return end(response, 403, 'other_origin');
		if (origin !== undefined) response.setHeader('access-control-allow-origin', origin);
		const text = await bodyOf(request);
		if (text === undefined) return end(response, 413, 'too_large');
		const isRenewal = text.startsWith('tillmesh-credential:');
		try {
			const answer = await (isRenewal ? desk.renew(text) : desk.answer(text));
			response.once('close', () => answered(answer, isRenewal));
			end(response, 200, answer.text);
		} catch (error) {
			if (!(error instanceof TillmeshError)) throw error;
			const from = request.socket.remoteAddress ?? '';
			call.complain(`${oneLine(from)}: ${call.texts.trust.refused(error)}\n`);
			const { reason } = error.details;
			end(response, reason === undefined ? 400 : 403, reason === undefined ? 'bad_request' : String(reason));
			refused?.(reason);
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
	return {
		url: urlOf(server).replace(/^ws/, 'http'),
		async close() {
			desk.close();
			server.closeAllConnections();
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
}

function addressOf(call: Call): [host: string, port: number] {
	const listen = call.option('listen') ?? '';
	const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(listen) ?? [];
	const { wrong, expected } = cliTexts[call.language];
	if (host === '' || Number(port) > 65_535) throw new Wrong(wrong.value('--listen', listen, expected.address));
	return [host, Number(port)];
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
