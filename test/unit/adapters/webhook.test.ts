import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { webhook } from '../../../adapters/webhook/index.js';

interface Request {
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

/** Answers one status a request, the last one for ever; `drop` breaks the connection after it was read. */
async function receiver(...answers: (number | 'drop' | { status: number; retryAfter: string })[]) {
	const requests: Request[] = [];
	const server = createServer(async (request, response) => {
		const pieces: Buffer[] = [];
		for await (const piece of request) pieces.push(piece as Buffer);
		const answer = answers[Math.min(requests.length, answers.length - 1)] ?? 204;
		requests.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
		if (answer === 'drop') response.destroy();
		else if (typeof answer === 'number') response.writeHead(answer).end('thank you');
		else response.writeHead(answer.status, { 'retry-after': answer.retryAfter }).end();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => void server.close());
	const { port } = server.address() as AddressInfo; // it listens on a port
	return { url: `http://127.0.0.1:${port}/alerts`, requests };
}

const alert = { id: 'low-stock:r-1', kind: 'low-stock', subject: '杯子' };

describe('webhook', () => {
	test('S42 posts the event with its id, signed; done at 2xx', async () => {
		const { url, requests } = await receiver(204);
		await webhook(url, { secret: 's', headers: { authorization: 'Bearer t' } })(alert);
		const [{ headers, body } = { headers: {}, body: '' }, ...more] = requests;
		expect(more).toEqual([]);
		expect(JSON.parse(body)).toEqual(alert);
		expect(headers).toMatchObject({
			'content-type': 'application/json',
			'idempotency-key': alert.id,
			authorization: 'Bearer t',
			'tillmesh-signature': `sha256=${createHmac('sha256', 's').update(body).digest('hex')}`,
		});
	});

	test('tries again after errors, lost answers and where it is asked to wait: the same body under the same id', async () => {
		const { url, requests } = await receiver(500, 'drop', { status: 429, retryAfter: '0' }, 200);
		await webhook(url)(alert);
		expect(requests.map(({ headers, body }) => [headers['idempotency-key'], body])).toEqual(
			Array.from({ length: 4 }, () => [alert.id, JSON.stringify(alert)]),
		);
	});

	test('gives up, saying so: after its attempts, and at once where the receiver will never want it', async () => {
		const down = await receiver(503);
		await expect(webhook(down.url, { attempts: 2 })(alert)).rejects.toMatchObject({
			code: 'not_reached',
			message: expect.stringContaining('answered 503'),
			details: { attempts: 2 },
		});
		expect(down.requests).toHaveLength(2);
		const gone = await receiver(410);
		await expect(webhook(gone.url)(alert)).rejects.toMatchObject({ details: { attempts: 1 } });
		expect(() => webhook('ftp://example.com')).toThrow('url');
		expect(() => webhook(gone.url, { attempts: 0 })).toThrow('attempts');
	});
});
