import type { RelayStatus } from '../../../adapters/relay/status.js';

const nowMs = Date.UTC(2026, 1, 14, 6, 2, 0);
const minute = 60_000;

/** A relay in the middle of a day, with a till that is away and a line that is down. */
export function relayStatus(changes: Partial<RelayStatus> = {}): RelayStatus {
	return {
		nowMs,
		name: 'Riverside',
		chain: 'lily-tea',
		store: 'sh-014',
		role: 'store',
		device: 'd-relay',
		version: '0.1.0',
		startedAtMs: nowMs - 26 * 60 * minute,
		url: 'ws://192.168.1.10:7443',
		listening: true,
		disk: { ok: true, usedBytes: 42 * 1024 * 1024, freeBytes: 9 * 1024 ** 3 },
		upstream: {
			url: 'wss://hq.example.com',
			up: false,
			lastSeenMs: nowMs - 12 * minute,
			waiting: { entries: 12, bytes: 4_800, oldestMs: nowMs - 11 * minute },
		},
		peers: [
			{
				device: 'd-1',
				name: 'till-1',
				online: true,
				lastSeenMs: nowMs - 400,
				via: 'ws',
				rttMs: 1.4,
				unackedEntries: 0,
				unackedBytes: 0,
				waitingEntries: 0,
				ledgers: 6,
			},
			{
				device: 'd-2',
				name: 'till-2',
				online: false,
				lastSeenMs: nowMs - 180 * minute,
				via: 'ws',
				rttMs: undefined,
				unackedEntries: 31,
				unackedBytes: 9_000,
				waitingEntries: 2,
				ledgers: 6,
			},
		],
		ledgers: { count: 6, entries: 120_455, bytes: 31_000_000 },
		sharesAtRest: [{ ledger: 'stock/sh-014', pool: 'stock/CUP-L', atRest: 120, elsewhere: 43 }],
		alarms: [
			{
				code: 'upstream_down',
				level: 'warning',
				sinceMs: nowMs - 12 * minute,
				params: { url: 'wss://hq', entries: 12 },
			},
			{ code: 'disk_failed', level: 'critical', sinceMs: nowMs - minute, params: { reason: 'EIO' } },
		],
		counters: {
			connections: 1,
			connectionsAccepted: 9,
			framesIn: 1_000,
			framesOut: 2_000,
			bytesIn: 100_000,
			bytesOut: 200_000,
			entriesIn: 900,
			acks: 300,
			rejected: { chain_broken: 2 },
			limitCloses: { 'frame "rate"\n': 1 },
			fanOutDeliveries: 4_500,
			fsyncs: 310,
			fsyncMs: { bounds: [1, 5], counts: [300, 8, 2], sum: 420 },
		},
		free: { documents: 3, loaded: 1, connections: 2, bytes: 90_000, refused: { malformed: 1 } },
		...changes,
	};
}
