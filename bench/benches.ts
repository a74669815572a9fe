import type { BenchOptions } from './table.js';

type Run = (options: BenchOptions, args: readonly string[]) => unknown;

/** Loaded only where they run: each in a process of its own, and peers weigh. */
export const benches: Readonly<Record<string, () => Promise<Run>>> = {
	size: async () => (await import('./size.js')).size,
	gate: async () => (await import('./gate.js')).gate,
	rows: async () => (await import('./rows.js')).rows,
	spend: async () => (await import('./spend.js')).spend,
	commit: async () => (await import('./commit.js')).commit,
	growth: async () => (await import('./growth.js')).growth,
	fanout: async () => (await import('./fanout.js')).fanout,
};

/** Processes that benches start. */
export const parts: typeof benches = {
	open: async () => (await import('./growth-open.js')).open,
	'fanout-server': async () => (await import('./fanout-servers.js')).fanoutServer,
};

/** Those that somebody asks for. */
export const names: ReadonlySet<string> = new Set(Object.keys(benches));
