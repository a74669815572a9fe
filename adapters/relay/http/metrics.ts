import type { Registry } from 'prom-client';
import { TillmeshError } from '../../../src/base/errors.js';
import type { Histogram, RelayStatus } from '../status.js';

export interface Metrics {
	readonly contentType: string;
	text(): Promise<string>;
}

type Labels = Readonly<Record<string, string>>;

interface Sample {
	readonly value: number;
	readonly labels?: Labels;
	/** Where it is not the metric's own: `…_bucket` of a histogram. */
	readonly metricName?: string;
}

interface Definition {
	readonly name: string;
	readonly help: string;
	readonly type: 'counter' | 'gauge' | 'histogram';
	readonly samples: (status: RelayStatus) => readonly Sample[];
}

const prefix = 'tillmesh_relay_';

const gauge = (name: string, help: string, read: (status: RelayStatus) => number | undefined): Definition => ({
	name: prefix + name,
	help,
	type: 'gauge',
	samples: (status) => {
		const value = read(status);
		return value === undefined ? [] : [{ value }];
	},
});

const counter = (name: string, help: string, read: (status: RelayStatus) => number): Definition => ({
	name: `${prefix}${name}_total`,
	help,
	type: 'counter',
	samples: (status) => [{ value: read(status) }],
});

const counters = (
	name: string,
	help: string,
	label: string,
	read: (status: RelayStatus) => Readonly<Record<string, number>>,
): Definition => ({
	name: `${prefix}${name}_total`,
	help,
	type: 'counter',
	samples: (status) => Object.entries(read(status)).map(([key, value]) => ({ value, labels: { [label]: key } })),
});

/** Prometheus wants cumulative buckets, and seconds. */
function bucketSamples(name: string, { bounds, counts, sum }: Histogram): Sample[] {
	let total = 0;
	const samples: Sample[] = [];
	for (const [i, count] of counts.entries()) {
		total += count;
		const bound = bounds[i];
		const le = bound === undefined ? '+Inf' : String(bound / 1_000);
		samples.push({ metricName: `${name}_bucket`, labels: { le }, value: total });
	}
	samples.push({ metricName: `${name}_sum`, value: sum / 1_000 }, { metricName: `${name}_count`, value: total });
	return samples;
}

const fsyncName = `${prefix}fsync_seconds`;

const seconds = (status: RelayStatus, ms: number | undefined): number | undefined =>
	ms === undefined ? undefined : Math.max(0, status.nowMs - ms) / 1_000;

const definitions: readonly Definition[] = [
	gauge('up', '1 while it listens and its disk saves', ({ listening, disk }) => Number(listening && disk.ok)),
	gauge('start_time_seconds', 'Start of the process since 1970', ({ startedAtMs }) => startedAtMs / 1_000),
	gauge('disk_used_bytes', 'What the data folder holds', ({ disk }) => disk.usedBytes),
	gauge('disk_free_bytes', 'What the disk has room for', ({ disk }) => disk.freeBytes),
	gauge('upstream_up', '1 while the next relay is connected', ({ upstream }) => upstream && Number(upstream.up)),
	gauge('upstream_waiting_entries', 'Entries not acknowledged upstream', ({ upstream }) => upstream?.waiting.entries),
	gauge('upstream_waiting_bytes', 'Bytes not acknowledged upstream', ({ upstream }) => upstream?.waiting.bytes),
	gauge('upstream_waiting_oldest_seconds', 'Age of the oldest of them', (status) =>
		seconds(status, status.upstream?.waiting.oldestMs),
	),
	gauge('peers', 'Devices known', ({ peers }) => peers.length),
	gauge('peers_online', 'Devices connected', ({ peers }) => peers.filter(({ online }) => online).length),
	gauge('unacked_entries', 'Entries sent to devices and not acknowledged', ({ peers }) =>
		peers.reduce((sum, peer) => sum + peer.unackedEntries, 0),
	),
	gauge('ledgers', 'Ledgers kept', ({ ledgers }) => ledgers.count),
	gauge('entries', 'Entries kept', ({ ledgers }) => ledgers.entries),
	gauge('entry_bytes', 'Bytes of the entries kept', ({ ledgers }) => ledgers.bytes),
	{
		name: `${prefix}alarms`,
		help: 'Alarms that stand, by code and level',
		type: 'gauge',
		samples: ({ alarms }) => {
			const counted = new Map<string, { value: number; labels: Labels }>();
			for (const { code, level } of alarms) {
				const key = `${level} ${code}`;
				counted.set(key, { value: (counted.get(key)?.value ?? 0) + 1, labels: { code, level } });
			}
			return [...counted.values()];
		},
	},
	gauge('connections', 'Connections open', (status) => status.counters.connections),
	counter('connections_accepted', 'Connections accepted', (status) => status.counters.connectionsAccepted),
	counter('frames_in', 'Frames received', (status) => status.counters.framesIn),
	counter('frames_out', 'Frames sent', (status) => status.counters.framesOut),
	counter('bytes_in', 'Bytes received in frames', (status) => status.counters.bytesIn),
	counter('bytes_out', 'Bytes sent in frames', (status) => status.counters.bytesOut),
	counter('entries_in', 'Entries taken and durable', (status) => status.counters.entriesIn),
	counter('acks', 'Acknowledgements sent', (status) => status.counters.acks),
	counters('rejected', 'Frames and runs not taken', 'reason', (status) => status.counters.rejected),
	counters('limit_closes', 'Connections closed over a limit', 'limit', (status) => status.counters.limitCloses),
	counter('fan_out_deliveries', 'Entries handed to devices', (status) => status.counters.fanOutDeliveries),
	counter('fsyncs', 'Syncs to disk', (status) => status.counters.fsyncs),
	{
		name: fsyncName,
		help: 'Time of a sync to disk',
		type: 'histogram',
		samples: (status) => bucketSamples(fsyncName, status.counters.fsyncMs),
	},
	gauge('free_documents', 'Documents free/ kept', ({ free }) => free?.documents),
	gauge('free_documents_loaded', 'Documents free/ in memory', ({ free }) => free?.loaded),
	gauge('free_connections', 'Connections to documents free/', ({ free }) => free?.connections),
	gauge('free_bytes', 'Bytes of documents free/ on disk', ({ free }) => free?.bytes),
	counters('free_refused', 'Refused at documents free/', 'reason', ({ free }) => free?.refused ?? {}),
];

/** Fails with `unavailable` where the optional peer `prom-client` is missing. */
async function loadPromClient(): Promise<typeof import('prom-client')> {
	try {
		return await import('prom-client');
	} catch (cause) {
		throw new TillmeshError(
			'unavailable',
			'No metrics here: npm install prom-client.',
			{ missing: 'prom-client' },
			cause,
		);
	}
}

/** All metrics of the relay, read from `status` at every scrape, in a registry of their own or in `into`. */
export async function createMetrics(status: () => RelayStatus, into?: Registry): Promise<Metrics> {
	const { Registry: OwnRegistry, collectDefaultMetrics } = await loadPromClient();
	const registry = into ?? new OwnRegistry();
	if (!into) collectDefaultMetrics({ register: registry });
	for (const { name, help, type, samples } of definitions) {
		const metric = {
			name,
			help,
			get: async () => ({ name, help, type, aggregator: 'sum', values: samples(status()).map(labelled) }),
		};
		// A metric that reads when it is asked, as prom-client's own are inside; its types know the built ones alone.
		registry.registerMetric(metric as unknown as Parameters<Registry['registerMetric']>[0]);
	}
	return { contentType: registry.contentType, text: () => registry.metrics() };
}

const labelled = (sample: Sample): Sample => ({ labels: {}, ...sample });
