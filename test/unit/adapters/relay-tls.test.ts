import { X509Certificate } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { webSocket } from '../../../adapters/link-websocket/websocket.js';
import { startRelay } from '../../../adapters/relay/index.js';
import { memory } from '../../../adapters/storage-memory/index.js';
import { openReplica } from '../../../src/index.js';
import { until } from '../../contract/check.js';
import { folder } from '../inspect/audited-shop.js';
import { selfSigned } from './self-signed.js';

/** As a native shell or Electron's main process does, which knows the chain's own authority. */
const knowing = (ca: string) =>
	class extends WebSocket {
		constructor(url: string, protocol: string) {
			super(url, protocol, { ca });
		}
	};

test('with a certificate tills come by wss, and only those that know who signed it', async () => {
	const tls = selfSigned();
	expect(new X509Certificate(tls.cert).checkIP('127.0.0.1')).toBe('127.0.0.1');
	const relay = await startRelay({ data: folder(), chain: 'c', store: 'sh-1', tls });
	onTestFinished(() => relay.close());
	expect(relay.url).toMatch(/^wss:/);
	const open = (name: string, ca: string, onProblem?: (problem: Error) => void) =>
		openReplica({
			chain: 'c',
			name,
			storage: memory(),
			keeps: ['stock/*'],
			links: [webSocket(relay.url, { WebSocket: knowing(ca), ...(onProblem && { onProblem }) })],
		});
	await using till = await open('till', tls.cert);
	const done = await till.commit((tx) => tx.mint(till.ledger('stock/sh-1').pool('cup'), 'S', 5, 'D1'));
	if (!done.ok) throw new Error(done.message);
	expect(await done.reached('store', { timeoutMs: 5_000 })).toMatchObject({ tier: 'store' });

	const problems: string[] = [];
	await using stranger = await open('stranger', selfSigned().cert, ({ message }) => problems.push(message));
	await until(() => problems.length > 0, 'the certificate is refused', 5_000);
	expect(problems.join()).toMatch(/certificate|self.signed|signature/i);
	expect(stranger.status().peers).toEqual([]);
});
