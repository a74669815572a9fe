import { readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../package.json';
import type { Replica } from '../../src/index.js';
import type { MetPeer, RelayCore } from '../../src/relay/relay-core.js';
import { Alarms } from './alarms.js';
import type { Devices } from './devices.js';
import type { Entrance } from './entrance.js';
import type { RelaySettings } from './options.js';
import type {
	Alarm,
	AlarmCode,
	DiskStatus,
	FreeTotals,
	RelayPeerStatus,
	RelayStatus,
	RestingShare,
	UpstreamStatus,
} from './status.js';

/** What the parts of a running relay say of themselves. */
export interface Running {
	readonly settings: RelaySettings;
	readonly core: RelayCore;
	readonly home: Replica | undefined;
	readonly devices: Devices;
	readonly startedAtMs: number;
	readonly url: () => string;
	readonly listening: () => boolean;
	readonly failure: () => Error | undefined;
	readonly free: () => FreeTotals | undefined;
	readonly entrance: Entrance;
	/** When peers last said that rows are gone from this disk. */
	readonly restored: { entries: number; atMs: number };
	/** Since the upstream was last in sync; undefined where it never was. */
	readonly upstreamSeenMs: () => number | undefined;
}

type Session = RelayCore['peers']['sessions'] extends ReadonlySet<infer S> ? S : never;

const hourMs = 3_600_000;
const upstreamPatienceMs = 60_000;
const silentMs = 12 * hourMs;
const forgottenMs = 14 * 24 * hourMs;
const refusedForMs = 10 * 60_000;
const restoredForMs = 24 * hourMs;
/** Refusals of frames and not of entries: counted, and no reason to look at a device. */
const ofFrames: ReadonlySet<string> = new Set(['bad_frame', 'unproved_frame', 'unopened_frame']);
const behindEntries = 1_000;
const clockApartMs = 60_000;
const freeBytesMin = 256 * 1024 * 1024;
const sharesMax = 500;
/** Of how many epochs the oldest waiting entry is looked up. */
const looksMax = 32;

/** Takes the status of a running relay: plain data, anew for every request. */
export class Report {
	readonly #r: Running;
	readonly #alarms = new Alarms();

	constructor(running: Running) {
		this.#r = running;
	}

	status(): RelayStatus {
		const { settings, core, startedAtMs } = this.#r;
		const nowMs = core.platform.clock.nowMs();
		const peers = this.#peers(nowMs);
		const disk = this.#disk();
		const upstream = this.#upstream();
		const ledgers = { count: 0, entries: 0, bytes: 0 };
		for (const { entries, bytes } of core.keeping.ledgers()) {
			ledgers.count++;
			ledgers.entries += entries;
			ledgers.bytes += bytes;
		}
		const alarms = this.#alarms.round(nowMs, (raise) => this.#look(raise, { nowMs, peers, disk, upstream }));
		return {
			nowMs,
			name: settings.name,
			chain: settings.chain,
			store: settings.store,
			role: settings.role,
			device: core.device,
			version,
			startedAtMs,
			url: this.#r.url(),
			listening: this.#r.listening(),
			disk,
			upstream,
			peers,
			ledgers,
			sharesAtRest: this.#sharesAtRest(),
			alarms,
			counters: this.#counters(),
			free: this.#r.free(),
		};
	}

	#disk(): DiskStatus {
		const { data } = this.#r.settings;
		let usedBytes = 0;
		let freeBytes: number | undefined;
		try {
			for (const name of readdirSync(data))
				usedBytes += statSync(join(data, name), { throwIfNoEntry: false })?.size ?? 0;
			const { bavail, bsize } = statfsSync(data);
			freeBytes = bavail * bsize;
		} catch {
			// A folder that is gone shows in the writes that fail.
		}
		return { ok: this.#r.failure() === undefined, usedBytes, freeBytes };
	}

	#upstream(): UpstreamStatus | undefined {
		const { settings, core, upstreamSeenMs } = this.#r;
		const [url] = settings.upstream;
		if (url === undefined) return undefined;
		const up = core.isUp;
		let [entries, bytes, oldestMs] = [0, 0, Number.POSITIVE_INFINITY];
		let looks = 0;
		for (const epoch of core.keeping.epochs()) {
			const reached = core.above(epoch.id);
			if (reached >= epoch.durable) continue;
			entries += epoch.durable - reached;
			bytes += Math.round((epoch.bytes * (epoch.durable - reached)) / Math.max(1, epoch.count));
			if (looks++ < looksMax) oldestMs = Math.min(oldestMs, epoch.timeAt(reached));
		}
		const waiting = { entries, bytes, oldestMs: entries > 0 ? oldestMs : undefined };
		return { url, up, lastSeenMs: up ? core.platform.clock.nowMs() : upstreamSeenMs(), waiting };
	}

	#peers(nowMs: number): RelayPeerStatus[] {
		const { core, devices, home } = this.#r;
		const linked = new Map<string, Session>();
		for (const session of core.peers.primaries())
			if (session.peer && session.peer.device !== home?.device) linked.set(session.peer.device, session);
		const peers = [...linked.values()].map((session) => this.#online(session, nowMs));
		for (const [device, { name, seenMs, via, waiting }] of devices.all) {
			if (linked.has(device)) continue;
			const lastSeenMs = Math.max(seenMs, core.peers.presence.of(device)?.lastSeenMs ?? 0);
			const gone = { online: false, rttMs: undefined, unackedEntries: 0, unackedBytes: 0, ledgers: 0 };
			peers.push({ ...gone, device, name, lastSeenMs, via, waitingEntries: waiting });
		}
		return peers.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
	}

	#online(session: Session, nowMs: number): RelayPeerStatus {
		const { core } = this.#r;
		const { peer, via, rttMs, unackedBytes } = session;
		let [unackedEntries, ledgers] = [0, 0];
		for (const { name, epochs } of core.keeping.ledgers()) {
			if (!session.carries(name)) continue;
			ledgers++;
			if (unackedBytes === 0) continue;
			for (const { id, sealed } of epochs.values()) unackedEntries += Math.max(0, sealed - session.ackedBy(name, id));
		}
		return {
			device: peer?.device ?? '',
			name: peer?.name ?? '',
			online: true,
			lastSeenMs: nowMs,
			via,
			rttMs,
			unackedEntries,
			unackedBytes,
			waitingEntries: waitingOf(core, session),
			ledgers,
		};
	}

	#sharesAtRest(): RestingShare[] {
		const { home } = this.#r;
		const shares: RestingShare[] = [];
		for (const ledger of home?.ledgers() ?? []) {
			const handle = home?.ledger(ledger);
			for (const name of handle?.pools() ?? []) {
				const pool = handle?.pool(name);
				for (const key of pool?.keys() ?? []) {
					if (shares.length >= sharesMax) return shares;
					const elsewhere =
						pool
							?.holders(key)
							.get()
							.reduce((sum, { amount }) => sum + amount, 0) ?? 0;
					shares.push({ ledger, pool: `${name}/${key}`, atRest: pool?.mine(key) ?? 0, elsewhere });
				}
			}
		}
		return shares;
	}

	#counters(): RelayStatus['counters'] {
		const { core, entrance } = this.#r;
		const { connections, traffic, limitCloses, atDoor } = entrance;
		const rejected = [...core.rejections.counts, ...Object.entries(atDoor).filter(([, count]) => count > 0)];
		const { bounds, counts, sum } = core.store.syncs;
		return {
			connections: connections.open(),
			connectionsAccepted: connections.accepted,
			framesIn: traffic.framesIn,
			framesOut: traffic.framesOut,
			bytesIn: traffic.bytesIn,
			bytesOut: traffic.bytesOut,
			entriesIn: core.entries,
			acks: core.acks,
			rejected: Object.fromEntries(rejected),
			limitCloses: Object.fromEntries(limitCloses),
			fanOutDeliveries: traffic.updatesOut,
			fsyncs: counts.reduce((all, count) => all + count, 0),
			fsyncMs: { bounds, counts: [...counts], sum },
		};
	}

	#look(
		raise: (code: AlarmCode, subject: string, params: Alarm['params']) => void,
		now: {
			readonly nowMs: number;
			readonly peers: readonly RelayPeerStatus[];
			readonly disk: DiskStatus;
			readonly upstream: UpstreamStatus | undefined;
		},
	): void {
		const { core, failure, startedAtMs, restored, settings, home } = this.#r;
		const { nowMs, peers, disk, upstream } = now;
		const failed = failure();
		if (failed) raise('disk_failed', '', { reason: failed.message });
		if (disk.freeBytes !== undefined && disk.freeBytes < freeBytesMin)
			raise('disk_low', '', { freeBytes: disk.freeBytes });
		if (upstream && !upstream.up && nowMs - (upstream.lastSeenMs ?? startedAtMs) > upstreamPatienceMs)
			raise('upstream_down', upstream.url, { url: upstream.url, entries: upstream.waiting.entries });
		if (nowMs - restored.atMs < restoredForMs) raise('restored_behind', '', { entries: restored.entries });
		const names = new Map(peers.map(({ device, name }) => [device, name]));
		const nameOf = (device: string) => names.get(device) ?? device;
		for (const { device, name, online, lastSeenMs = nowMs, waitingEntries } of peers) {
			const quietMs = nowMs - lastSeenMs;
			if (!online && quietMs > silentMs && quietMs < forgottenMs) raise('till_silent', device, { device: name });
			if (waitingEntries > behindEntries) raise('till_behind', device, { device: name, entries: waitingEntries });
		}
		for (const device of core.keeping.forks.devices) raise('device_forked', device, { device: nameOf(device) });
		for (const { device, code, atMs } of core.rejections.newest)
			if (nowMs - atMs < refusedForMs && !ofFrames.has(code))
				raise('entries_refused', `${device} ${code}`, { device: nameOf(device ?? ''), code });
		for (const { name, bytes } of core.keeping.ledgers())
			if (bytes >= settings.limits.ledgerBytes) raise('ledger_full', name, { ledger: name, bytes });
		for (const { peer, heartbeat } of core.peers.primaries())
			if (peer && Math.abs(heartbeat.offsetMs ?? 0) > clockApartMs)
				raise('clock_apart', peer.device, { device: peer.name, ms: heartbeat.offsetMs ?? 0 });
		for (const { ledger, pool, what, amount } of home?.check() ?? [])
			if (what === 'negative_share')
				raise('pool_overdrawn', `${ledger} ${pool}`, { ledger, pool, units: Math.abs(amount) });
	}
}

/** Rows that a peer said it has and this relay has not. */
export function waitingOf(core: RelayCore, session: Pick<MetPeer, 'told'>): number {
	let waiting = 0;
	for (const { name, counts } of core.keeping.ledgers()) {
		const told = session.told(name);
		if (!told || told === counts) continue;
		for (const [epoch, count] of told) waiting += Math.max(0, count - (counts.get(epoch) ?? 0));
	}
	return waiting;
}
