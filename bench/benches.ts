import type { BenchOptions } from './table.js';

type Run = (options: BenchOptions, args: readonly string[]) => unknown;

export interface Bench {
	/** Loaded only where it runs: each in a process of its own, and peers weigh. */
	readonly load: () => Promise<Run>;
	/** What it may take on two quiet cores. One that takes three times as long is ended. */
	readonly budgetSeconds: number;
	/** Takes longer than all others together: runs where it is named, and not with them. */
	readonly isLong?: true;
}

const bench = (budgetSeconds: number, load: Bench['load']): Bench => ({ load, budgetSeconds });
const long = (budgetSeconds: number, load: Bench['load']): Bench => ({ load, budgetSeconds, isLong: true });

/** In the order in which they run. Budgets of all but the long ones add up to less than 20 minutes, by a test. */
export const benches: Readonly<Record<string, Bench>> = {
	size: bench(5, async () => (await import('./size.js')).size),
	gate: bench(6, async () => (await import('./gate.js')).gate),
	hostile: bench(60, async () => (await import('./hostile.js')).hostile),
	channel: bench(35, async () => (await import('./channel.js')).channel),
	erase: bench(5, async () => (await import('./erase.js')).erase),
	rows: bench(8, async () => (await import('./rows.js')).rows),
	spend: bench(45, async () => (await import('./spend.js')).spend),
	commit: bench(25, async () => (await import('./commit.js')).commit),
	checkout: bench(30, async () => (await import('./checkout.js')).checkout),
	sizing: bench(190, async () => (await import('./sizing.js')).sizing),
	growth: bench(180, async () => (await import('./growth.js')).growth),
	fanout: bench(160, async () => (await import('./fanout.js')).fanout),
	latency: bench(105, async () => (await import('./latency.js')).latency),
	resume: bench(35, async () => (await import('./resume.js')).resume),
	'hot-sku': bench(100, async () => (await import('./hot-sku.js')).hotSku),
	shares: bench(45, async () => (await import('./shares.js')).shares),
	stores: bench(75, async () => (await import('./scale/stores.js')).stores),
	tills: bench(50, async () => (await import('./scale/tills.js')).tills),
	offline: bench(20, async () => (await import('./scale/offline.js')).offline),
	'growth-10m': long(2_400, async () => (await import('./growth.js')).growth10m),
	'members-1m': long(2_400, async () => (await import('./sizing.js')).members1m),
};

/** Processes that benches start. */
export const parts: Readonly<Record<string, Bench['load']>> = {
	'hostile-part': async () => (await import('./hostile.js')).hostilePart,
	'sizing-open': async () => (await import('./sizing-open.js')).sizingOpen,
	open: async () => (await import('./growth-open.js')).open,
	'fanout-server': async () => (await import('./fanout-servers.js')).fanoutServer,
	'latency-till': async () => (await import('./latency-till.js')).latencyTill,
	'hot-sku-till': async () => (await import('./hot-sku-till.js')).hotSkuTill,
	'net-proxy': async () => (await import('./proxy-part.js')).proxyPart,
	'resume-fill': async () => (await import('./resume-fill.js')).resumeFill,
	'resume-till': async () => (await import('./resume-till.js')).resumeTill,
	'resume-yjs': async () => (await import('./resume-yjs.js')).resumeYjs,
	relay: async () => (await import('./relay-part.js')).relayPart,
};

/** Those that somebody asks for. */
export const names: ReadonlySet<string> = new Set(Object.keys(benches));
