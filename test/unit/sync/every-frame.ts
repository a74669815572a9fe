import type { Frame } from '../../../src/sync/frames.js';

/** One frame of each kind, all of them well-formed and none of them true. */
export function everyFrame(ledger: string): Frame[] {
	const hash = new Uint8Array(32).fill(7);
	const positions = [{ epoch: 77, count: 5 }];
	return [
		{
			kind: 'hello',
			oldest: 2,
			newest: 2,
			chain: 'chain',
			device: 'd',
			name: 'n',
			key: hash,
			nonce: new Uint8Array(16),
			opening: new Uint8Array(8),
			role: 'device',
			archive: false,
			keeps: ['*'],
			answers: new Uint8Array(),
		},
		{ kind: 'proof', signature: new Uint8Array(64) },
		{ kind: 'ping', id: 1, timeMs: 1 },
		{ kind: 'pong', id: 1, timeMs: 1 },
		{ kind: 'bye', reason: 'stopping' },
		{ kind: 'digests', answer: true, ledgers: [{ ledger, digest: new Uint8Array(16) }] },
		{
			kind: 'heads',
			answer: true,
			ledgers: [{ ledger, rows: positions, covered: [], checkpoint: hash, marks: new Uint8Array() }],
		},
		{ kind: 'update', ledger, segment: 0, update: Uint8Array.of(0, 0), seals: [] },
		{ kind: 'point', ledger, id: hash, bytes: 1, from: 0, piece: Uint8Array.of(1) },
		{ kind: 'ack', ledger, positions },
		{ kind: 'took', ledger, id: hash, bytes: 1 },
		{ kind: 'reach', tier: 'hq', ledger, positions },
		{ kind: 'lost', ledger, positions },
		{ kind: 'ask', id: 'a', ledger, pool: 'p/x', amount: 1, need: 1, to: 'd', donor: 'e', hops: 4 },
		{ kind: 'peers', devices: [{ device: 'd', name: 'n', linked: true, agoMs: 0 }] },
		{ kind: 'signal', from: 'd', to: 'e', message: Uint8Array.of(1) },
	];
}
