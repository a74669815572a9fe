/** A store's or headquarters' relay, to embed in a Node process: `npx tillmesh relay` is the same from a shell. */
export type { RelayLimits } from '../../src/relay/quota.js';
export type { FreeAccess, FreeAsk } from './free/documents.js';
export type { FreeLimits } from './free/limits.js';
export type { RelayLogger } from './logger.js';
export type { FreeSettings, RelayOptions } from './options.js';
export { type Relay, startRelay } from './start.js';
export type {
	Alarm,
	AlarmCode,
	AlarmLevel,
	DiskStatus,
	FreeTotals,
	Histogram,
	LedgerTotals,
	RelayCounters,
	RelayPeerStatus,
	RelayRole,
	RelayStatus,
	RestingShare,
	UpstreamStatus,
	WaitingEntries,
} from './status.js';
export type { HttpServer, UpgradeRequest, UpgradeSocket } from './upgrade.js';
