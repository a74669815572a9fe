type Figures = Readonly<Record<string, number>>;

/** What a figure must reach, on the machine that ran it and beside the peers of the same run. */
export interface Bar {
	readonly figure: string;
	readonly bar: string;
	/** What was measured, said shortly; undefined where this run did not measure it. */
	readonly measured: string | undefined;
	readonly holds: boolean;
	/** Of two figures of one run, where the bar is set on that: noise of the machine falls on both. */
	readonly ratio?: number;
	/** `met`, or by how much it was missed, who wins, and where that is explained. */
	readonly verdict: string;
}

interface About {
	/** Who stands on the other side, and wins where the bar is missed. */
	readonly peer?: string;
	/** The page that explains a miss. */
	readonly why?: keyof typeof pages;
}

const pages = {
	'0011': 'decisions/0011-what-an-import-weighs.md',
	'0015': 'decisions/0015-a-relay-keeps-sealed-runs.md',
	'0019': 'decisions/0019-what-a-sale-and-a-seed-cost.md',
	'0024': 'decisions/0024-bars-that-are-missed.md',
	RELIABILITY: 'RELIABILITY.md',
} as const;

const is = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);

/** Three digits, and never in powers of ten. */
const times = (part: number): string => String(Number(part.toPrecision(3)));

function judged(figure: string, bar: string, measured: string, ofBar: number, least: boolean, about: About): Bar {
	const holds = least ? ofBar >= 1 : ofBar <= 1;
	if (holds) return { figure, bar, measured, holds, verdict: 'met' };
	const much = Number.isFinite(ofBar) ? `${times(ofBar)} ${least ? 'of' : 'times'} the bar` : 'the bar is none';
	const said = [
		`**missed**: ${much}`,
		...(about.peer ? [`${about.peer} wins`] : []),
		about.why ? `why: [${about.why}](../docs/${pages[about.why]})` : 'not explained yet',
	];
	return { figure, bar, measured, holds, verdict: said.join('; ') };
}

const unmeasured = (figure: string, bar: string): Bar => ({
	figure,
	bar,
	measured: undefined,
	holds: false,
	verdict: `not measured: \`npm run bench -- ${figure} --write\``,
});

type Pair = readonly [ours: number | undefined, theirs: number | undefined];

/** At most so many times the other. */
function ratio(figure: string, bar: string, [a, b]: Pair, most: number, about: About = {}): Bar {
	if (!is(a) || !is(b)) return unmeasured(figure, bar);
	const measured = `${a} against ${b}, ${(a / b).toFixed(2)} times`;
	return { ...judged(figure, bar, measured, a / b / most, false, about), ratio: a / b };
}

/** At least so many times the other. */
function atLeast(figure: string, bar: string, [a, b]: Pair, least: number, about: About = {}): Bar {
	if (!is(a) || !is(b)) return unmeasured(figure, bar);
	const measured = `${a} against ${b}, ${(a / b).toFixed(2)} times`;
	return { ...judged(figure, bar, measured, a / b / least, true, about), ratio: a / b };
}

type Amount = readonly [value: number | undefined, bound: number, unit: string];

function limit(figure: string, bar: string, [value, most, unit]: Amount, about: About = {}): Bar {
	if (!is(value)) return unmeasured(figure, bar);
	const ofBar = value === most ? 1 : value / most;
	return judged(figure, bar, `${value} ${unit}`, ofBar, false, about);
}

function over(figure: string, bar: string, [value, least, unit]: Amount, about: About = {}): Bar {
	if (!is(value)) return unmeasured(figure, bar);
	return judged(figure, bar, `${value} ${unit}`, value / least, true, about);
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
		const load = `${bytes} B, ${each} at once, durable`;
		const peers = (
			[
				['y-websocket', '@y/websocket-server, which keeps nothing on disk,'],
				['hocuspocus', 'Hocuspocus, which writes seconds later,'],
			] as const
		).map(([key, peer]) =>
			atLeast(name, `${load}: ahead of ${peer.split(',')[0]}`, [of('tillmesh'), of(key)], 1, { peer, why: '0015' }),
		);
		// A bare loop sends entry by entry: with many in one message it does nothing for each.
		if (each > 1) return peers;
		const bare = [of('tillmesh'), of('bare')] as const;
		return [atLeast(name, `${load}: at least 3 times a bare ws loop`, bare, 3, { why: '0024' }), ...peers];
	});
}

function spendBars(name: string, f: Figures): Bar[] {
	const bar = (key: string, text: string, most: number, peer: string) =>
		ratio(name, `one commit each: ${text}`, [f.tillmeshUs, f[key]], most, { peer, why: '0024' });
	return [
		bar('ymapBytesUs', 'faster than a Y.Map that hands out bytes', 1, 'Y.Map'),
		bar('ymapUs', 'faster than a Y.Map that makes none', 1, 'Y.Map, which writes nothing,'),
		bar('automergeUs', 'faster than an automerge Counter', 1, 'automerge'),
		bar('loroBytesUs', 'level (1.1) with loro-crdt, bytes taken', 1.1, 'loro-crdt'),
		bar('loroUs', 'level (1.1) with loro-crdt, no bytes', 1.1, 'loro-crdt, which writes nothing,'),
	];
}

function keptBars(name: string, size: '1M' | '10M', f: Figures): Bar[] {
	return [
		limit(name, `${size} spends: a till keeps at most 512 KB`, [f[`${size}.keptKb`], 512, 'KB'], { why: '0024' }),
		limit(name, `${size} spends: opens in at most 20 ms`, [f[`${size}.openMs`], 20, 'ms'], { why: '0024' }),
	];
}

function growthBars(name: string, f: Figures): Bar[] {
	const speed = [f['1M.spendsPerSecond'], f['ymap.1M.spendsPerSecond']] as const;
	const peer = 'Y.Map, which checks no balance and stores no update,';
	return [
		...keptBars(name, '1M', f),
		atLeast(name, '1M spends: as many a second as a Y.Map', speed, 1, { peer, why: '0024' }),
	];
}

function resumeBars(name: string, f: Figures): Bar[] {
	const about = { peer: 'y-websocket, which checks nothing,', why: '0024' } as const;
	return [
		ratio(name, 'a till that was away: no more bytes than y-websocket', [f['tillmesh.kb'], f['yjs.kb']], 1, about),
		ratio(name, 'and no more time', [f['tillmesh.seconds'], f['yjs.seconds']], 1, about),
	];
}

/** Bars of one bench. */
export function barsOf(name: string, f: Figures): Bar[] {
	switch (name) {
		case 'spend':
			return spendBars(name, f);
		case 'checkout':
			return [
				limit(name, 'p50 of a sale in memory at most 0.1 ms', [f.memoryP50Ms, 0.1, 'ms'], { why: '0019' }),
				ratio(name, 'p99 of a sale on disk at most 2 of a bare SQLite FULL commit', [f.durableP99Ms, f.bareP99Ms], 2, {
					why: '0024',
				}),
			];
		case 'commit':
			return [
				ratio(name, 'p99 of a checkout at most 2 of a bare SQLite FULL commit', [f.checkoutP99Ms, f.bareP99Ms], 2, {
					why: '0024',
				}),
				limit(name, 'one sync a checkout', [f.commitSyncs, 1, 'syncs']),
				limit(name, '50 checkouts share one sync', [f.fiftySyncs, 1, 'syncs']),
				ratio(name, '50 checkouts: p99 of all 50 at most 10 of one bare commit', [f.fiftyP99Ms, f.bareP99Ms], 10, {
					why: '0024',
				}),
			];
		case 'growth':
			return growthBars(name, f);
		case 'growth-10m':
			return keptBars(name, '10M', f);
		case 'shares':
			return [
				limit(name, 'a day with 5 % offline: at most 4.1 % not served at once', [f.notAtOncePercent, 4.1, '%']),
				limit(name, 'a day with 5 % offline: at most 0.3 % refused in error', [f.refusedPercent, 0.3, '%']),
				limit(name, 'a day with 5 % offline: at most 0.3 grants a sale', [f.grantsPerSale, 0.3, 'grants']),
			];
		case 'hostile':
			return [
				over(name, 'at least 1,000,000 hostile inputs', [f.inputs, 1_000_000, 'inputs']),
				limit(name, 'no invariant broken', [f.broken, 0, 'invariants']),
			];
		case 'gate':
			return [limit(name, 'parse at most 1 µs a single-entry update', [f.parseUs, 1, 'µs'])];
		case 'fanout':
			return fanoutBars(name, f);
		case 'resume':
			return resumeBars(name, f);
		case 'latency':
			return [
				limit(name, 'till to till at 1,000 sales/s: p99 at most 10 ms', [f['seen1000.p99Ms'], 10, 'ms'], {
					why: '0015',
				}),
			];
		case 'hot-sku': {
			const ours = f['tillmesh.perSecond'];
			return [
				atLeast(name, 'at least 20 times a Postgres UPDATE', [ours, f['postgres.perSecond']], 20, { why: '0024' }),
				atLeast(name, 'at least 20 times the same in a transaction', [ours, f['postgresTx.perSecond']], 20, {
					why: '0024',
				}),
				limit(name, 'nothing oversold', [f['tillmesh.oversold'], 0, 'units']),
			];
		}
		case 'size':
			return [limit(name, "import 'tillmesh' at most 30 KB min+gzip", [f.importKb, 30, 'KB'], { why: '0011' })];
		case 'sim':
			return [
				limit(name, 'no violation', [f.violations, 0, 'seeds'], { why: 'RELIABILITY' }),
				over(name, 'at least 100,000 seeds', [f.seeds, 100_000, 'seeds']),
			];
		case 'sim-speed':
			return ['mesh', 'relay'].map((kind) =>
				over(name, `${kind}: at least 100 seeds a second and core`, [f[`${kind}PerSecondAndCore`], 100, 'seeds'], {
					why: '0019',
				}),
			);
		case 'sim-mutants':
			return [
				over(name, 'at least 20 planted bugs', [f.planted, 20, 'bugs']),
				limit(name, 'none survives', [(f.planted ?? Number.NaN) - (f.found ?? 0), 0, 'bugs']),
				limit(name, 'each within 2,000 seeds', [f.seedsMost, 2_000, 'seeds']),
			];
		default:
			return [];
	}
}
