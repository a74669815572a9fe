import type { BenchOptions } from './table.js';

type Run = (options: BenchOptions, args: readonly string[]) => unknown;

/** Loaded only where they run: each in a process of its own, and peers weigh. */
export const benches: Readonly<Record<string, () => Promise<Run>>> = {
	size: async () => (await import('./size.js')).size,
	gate: async () => (await import('./gate.js')).gate,
	channel: async () => (await import('./channel.js')).channel,
	erase: async () => (await import('./erase.js')).erase,
	rows: async () => (await import('./rows.js')).rows,
	spend: async () => (await import('./spend.js')).spend,
	commit: async () => (await import('./commit.js')).commit,
	checkout: async () => (await import('./checkout.js')).checkout,
	sizing: async () => (await import('./sizing.js')).sizing,
	growth: async () => (await import('./growth.js')).growth,
	fanout: async () => (await import('./fanout.js')).fanout,
	latency: async () => (await import('./latency.js')).latency,
	resume: async () => (await import('./resume.js')).resume,
	'hot-sku': async () => (await import('./hot-sku.js')).hotSku,
	shares: async () => (await import('./shares.js')).shares,
};

/** Processes that benches start. */
export const parts: typeof benches = {
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
