type Figures = Readonly<Record<string, number>>;

/** What a figure must reach, on the machine that ran it and beside the peers of the same run. */
export interface Bar {
	readonly figure: string;
	readonly bar: string;
	/** What was measured, said shortly; undefined where this run did not measure it. */
	readonly measured: string | undefined;
	readonly holds: boolean;
}

const is = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);

function ratio(figure: string, bar: string, a: number | undefined, b: number | undefined, most: number): Bar {
	if (!is(a) || !is(b)) return { figure, bar, measured: undefined, holds: false };
	return { figure, bar, measured: `${a} against ${b}, ${(a / b).toFixed(2)} times`, holds: a / b <= most };
}

function limit(figure: string, bar: string, value: number | undefined, most: number, unit: string): Bar {
	if (!is(value)) return { figure, bar, measured: undefined, holds: false };
	return { figure, bar, measured: `${value} ${unit}`, holds: value <= most };
}

function over(figure: string, bar: string, value: number | undefined, least: number, unit: string): Bar {
	if (!is(value)) return { figure, bar, measured: undefined, holds: false };
	return { figure, bar, measured: `${value} ${unit}`, holds: value >= least };
}

function atLeast(figure: string, bar: string, a: number | undefined, b: number | undefined, least: number): Bar {
	return { ...ratio(figure, bar, a, b, 1), holds: is(a) && is(b) && a / b >= least };
}

/** Entries of a fan-out: so many bytes, so many handed over at once. */
const loads = [
	[64, 1],
	[300, 1],
	[64, 32],
	[300, 32],
] as const;

function fanoutBars(name: string, f: Figures): Bar[] {
	return loads.flatMap(([bytes, each]) => {
		const of = (server: string) => f[`${server}.${bytes}x${each}.perSecond`];
		const peers = [of('y-websocket'), of('hocuspocus')].filter(is);
		const load = `${bytes} B, ${each} at once, durable`;
		const ahead = atLeast(
			name,
			`${load}: ahead of @y/websocket-server and Hocuspocus`,
			of('tillmesh'),
			peers.length > 0 ? Math.max(...peers) : undefined,
			1,
		);
		// A bare loop sends entry by entry: with many in one message it does nothing for each.
		if (each > 1) return [ahead];
		return [atLeast(name, `${load}: at least 3 times a bare ws loop`, of('tillmesh'), of('bare'), 3), ahead];
	});
}

/** Bars of one bench. */
export function barsOf(name: string, f: Figures): Bar[] {
	switch (name) {
		case 'spend':
			return [
				ratio(name, 'one commit each: faster than a Y.Map that hands out bytes', f.tillmeshUs, f.ymapBytesUs, 1),
				ratio(name, 'one commit each: faster than a Y.Map that makes none', f.tillmeshUs, f.ymapUs, 1),
				ratio(name, 'one commit each: faster than an automerge Counter', f.tillmeshUs, f.automergeUs, 1),
				ratio(name, 'one commit each: level (1.1) with loro-crdt, bytes taken', f.tillmeshUs, f.loroBytesUs, 1.1),
				ratio(name, 'one commit each: level (1.1) with loro-crdt, no bytes', f.tillmeshUs, f.loroUs, 1.1),
			];
		case 'checkout':
			return [
				limit(name, 'p50 of a sale in memory at most 0.1 ms', f.memoryP50Ms, 0.1, 'ms'),
				ratio(name, 'p99 of a sale on disk at most 2 of a bare SQLite FULL commit', f.durableP99Ms, f.bareP99Ms, 2),
			];
		case 'commit':
			return [
				ratio(name, 'p99 of a checkout at most 2 of a bare SQLite FULL commit', f.checkoutP99Ms, f.bareP99Ms, 2),
				ratio(
					name,
					'50 checkouts share syncs: p99 of all 50 at most 10 of one bare commit',
					f.fiftyP99Ms,
					f.bareP99Ms,
					10,
				),
			];
		case 'growth':
			return ['1M', '10M'].flatMap((size) => [
				limit(name, `${size} spends: a till keeps at most 512 KB`, f[`${size}.keptKb`], 512, 'KB'),
				limit(name, `${size} spends: opens in at most 20 ms`, f[`${size}.openMs`], 20, 'ms'),
			]);
		case 'shares':
			return [
				limit(name, 'a day with 5 % offline: at most 4.1 % not served at once', f.notAtOncePercent, 4.1, '%'),
				limit(name, 'a day with 5 % offline: at most 0.3 % refused in error', f.refusedPercent, 0.3, '%'),
				limit(name, 'a day with 5 % offline: at most 0.3 grants a sale', f.grantsPerSale, 0.3, 'grants'),
			];
		case 'gate':
			return [limit(name, 'parse at most 1 µs a single-entry update', f.parseUs, 1, 'µs')];
		case 'fanout':
			return fanoutBars(name, f);
		case 'latency':
			return [limit(name, 'till to till at 1,000 sales/s: p99 at most 10 ms', f['seen1000.p99Ms'], 10, 'ms')];
		case 'hot-sku':
			return [
				atLeast(name, 'at least 20 times a Postgres UPDATE', f['tillmesh.perSecond'], f['postgres.perSecond'], 20),
				limit(name, 'nothing oversold', f['tillmesh.oversold'], 0, 'units'),
			];
		case 'size':
			return [limit(name, "import 'tillmesh' at most 30 KB min+gzip", f.importKb, 30, 'KB')];
		case 'sim':
			return [
				limit(name, 'no violation', f.violations, 0, 'seeds'),
				over(name, 'at least 100,000 seeds', f.seeds, 100_000, 'seeds'),
			];
		case 'sim-speed':
			return ['mesh', 'relay'].map((kind) =>
				over(name, `${kind}: at least 100 seeds a second and core`, f[`${kind}PerSecondAndCore`], 100, 'seeds'),
			);
		case 'sim-mutants':
			return [
				over(name, 'at least 20 planted bugs', f.planted, 20, 'bugs'),
				limit(name, 'none survives', (f.planted ?? Number.NaN) - (f.found ?? 0), 0, 'bugs'),
				limit(name, 'each within 2,000 seeds', f.seedsMost, 2_000, 'seeds'),
			];
		default:
			return [];
	}
}
