/**
 * What a relay says about itself: plain data, JSON as it stands, taken anew for every request. The status page, `/healthz`,
 * `/metrics` and `/status.json` are functions of it, and of nothing else.
 *
 * Times are milliseconds since 1970 by the relay's clock, and `nowMs` is that clock when the status was taken: an age is
 * the difference of two of them, never of the reader's clock. Counters count from the start of the process.
 */
export interface RelayStatus {
	readonly nowMs: number;
	/** How people call this relay. */
	readonly name: string;
	readonly chain: string;
	/** Undefined at headquarters. */
	readonly store: string | undefined;
	readonly role: RelayRole;
	readonly device: string;
	readonly version: string;
	readonly startedAtMs: number;
	/** What tills connect to: `ws://192.168.1.10:7443`. */
	readonly url: string;
	/** False from the beginning of a graceful stop. */
	readonly listening: boolean;
	readonly disk: DiskStatus;
	/** Undefined for a relay that has nothing above it. */
	readonly upstream: UpstreamStatus | undefined;
	readonly peers: readonly RelayPeerStatus[];
	readonly ledgers: LedgerTotals;
	readonly sharesAtRest: readonly RestingShare[];
	readonly alarms: readonly Alarm[];
	readonly counters: RelayCounters;
	/** Undefined where documents `free/...` are switched off. */
	readonly free: FreeTotals | undefined;
}

export type RelayRole = 'store' | 'hq';

export interface DiskStatus {
	/** False once a write or a sync failed: nothing is acknowledged any more. */
	readonly ok: boolean;
	/** What the data folder holds. */
	readonly usedBytes: number;
	/** Undefined where the platform does not say. */
	readonly freeBytes: number | undefined;
}

export interface UpstreamStatus {
	readonly url: string;
	readonly up: boolean;
	/** Undefined where it was never reached. */
	readonly lastSeenMs: number | undefined;
	readonly waiting: WaitingEntries;
}

/** What is on this disk and not acknowledged by the next one up. */
export interface WaitingEntries {
	readonly entries: number;
	readonly bytes: number;
	/** When the oldest of them was written; undefined where none waits. */
	readonly oldestMs: number | undefined;
}

export interface RelayPeerStatus {
	readonly device: string;
	readonly name: string;
	readonly online: boolean;
	/** Undefined for a device that is known by its entries alone. */
	readonly lastSeenMs: number | undefined;
	/** The kind of the link it is, or was last, seen on: `ws`, `lan`. */
	readonly via: string;
	/** Round trip of the last heartbeat. */
	readonly rttMs: number | undefined;
	/** Sent to it and not acknowledged. */
	readonly unackedEntries: number;
	readonly unackedBytes: number;
	/** What the device itself says it holds and has not brought yet, when it was last heard. */
	readonly waitingEntries: number;
	/** How many ledgers it follows. */
	readonly ledgers: number;
}

export interface LedgerTotals {
	readonly count: number;
	readonly entries: number;
	readonly bytes: number;
}

/** Units of one pool: at rest with the home that runs beside this relay, and with everybody else. */
export interface RestingShare {
	readonly ledger: string;
	readonly pool: string;
	readonly atRest: number;
	readonly elsewhere: number;
}

/** `info` is for the record, `warning` for somebody today, `critical` for somebody now. */
export type AlarmLevel = 'info' | 'warning' | 'critical';

export interface Alarm {
	/** One of `alarmCodes`; the page shows any other as it is. */
	readonly code: string;
	readonly level: AlarmLevel;
	readonly sinceMs: number;
	/** What the sentence of the code names: `{ device: 'till-3', entries: 12 }`. */
	readonly params: Readonly<Record<string, string | number>>;
}

/** Alarms that the page has sentences for, with the params that they name. */
export const alarmCodes = {
	/** reason */
	disk_failed: 'critical',
	/** freeBytes */
	disk_low: 'warning',
	/** url, entries */
	upstream_down: 'warning',
	/** device */
	till_silent: 'warning',
	/** device, entries */
	till_behind: 'warning',
	/** device */
	device_forked: 'critical',
	/** ledger, pool, units */
	pool_overdrawn: 'critical',
	/** device, code */
	entries_refused: 'warning',
	/** ledger, bytes */
	ledger_full: 'critical',
	/** device, ms */
	clock_apart: 'warning',
	/** entries */
	restored_behind: 'critical',
} as const satisfies Readonly<Record<string, AlarmLevel>>;

export type AlarmCode = keyof typeof alarmCodes;

export interface RelayCounters {
	/** Open now. */
	readonly connections: number;
	readonly connectionsAccepted: number;
	readonly framesIn: number;
	readonly framesOut: number;
	readonly bytesIn: number;
	readonly bytesOut: number;
	/** Taken and durable. */
	readonly entriesIn: number;
	readonly acks: number;
	/**
	 * What was not taken, by reason: frames and runs that the gate or the admission refused; `bad_upgrade`, connections that
	 * were not let in; `bad_message`, connections closed for what is no message of ours.
	 */
	readonly rejected: Readonly<Record<string, number>>;
	/** Connections closed because they crossed a limit, by limit. */
	readonly limitCloses: Readonly<Record<string, number>>;
	/** Updates handed to peers, each peer counted. */
	readonly fanOutDeliveries: number;
	readonly fsyncs: number;
	readonly fsyncMs: Histogram;
}

/** `counts[i]` observations were at most `bounds[i]`, and above the bound before; the last count is of the rest. */
export interface Histogram {
	readonly bounds: readonly number[];
	readonly counts: readonly number[];
	readonly sum: number;
}

/** Documents `free/...` for stock y-websocket clients. */
export interface FreeTotals {
	readonly documents: number;
	/** In memory now. */
	readonly loaded: number;
	readonly connections: number;
	/** On disk. */
	readonly bytes: number;
	/** Messages and connections refused, by reason. */
	readonly refused: Readonly<Record<string, number>>;
}
