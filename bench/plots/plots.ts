/** Which plots there are, made of what results.json holds. */
import type { Table } from '../table.js';
import type { Bar, LinePlot, Plot, Series } from './plot.js';

export type Tables = Readonly<Record<string, { readonly table: Table } | undefined>>;
type Figures = Readonly<Record<string, number>>;

const isNumber = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);

/** Figures that are there, at each of these. */
function pointsOf(at: readonly number[], figure: (x: number) => number | undefined): [number, number][] {
	return at.flatMap((x) => {
		const y = figure(x);
		return isNumber(y) ? [[x, y] as [number, number]] : [];
	});
}

/** The sizes for which a figure of that kind is there: of `stores.8.p99Ms` and `stores.64.p99Ms`, 8 and 64. */
function sizesOf(figures: Figures, begin: string, end: string): number[] {
	return Object.keys(figures)
		.filter((key) => key.startsWith(begin) && key.endsWith(end))
		.map((key) => Number(key.slice(begin.length, -end.length)))
		.filter((size) => Number.isFinite(size))
		.sort((a, b) => a - b);
}

const spends = { '20k': 2e4, '100k': 1e5, '1M': 1e6, '10M': 1e7 };

function growth(f: Figures): Plot {
	const lines = [
		['tillmesh', '', 0],
		['Y.Map', 'ymap.', 1],
		['YKeyValue', 'ykeyvalue.', 2],
	] as const;
	const series = lines.map(
		([name, begin, hue]): Series => ({
			name,
			hue,
			points: Object.entries(spends).flatMap(([size, count]) => {
				const kb = f[`${begin}${size}.keptKb`];
				return isNumber(kb) ? [[count, kb] as const] : [];
			}),
		}),
	);
	return {
		kind: 'lines',
		name: 'growth',
		title: 'What a till keeps after so many spends',
		x: { label: 'spends of 500 SKUs by 4 devices', log: true },
		y: { label: 'KB on disk', log: true },
		series,
		limit: { at: 512, text: 'bar: 512 KB' },
	};
}

const ways = [
	['device', 'on its own disk', 0],
	['store', "on the relay's disk", 2],
	['seen', 'at the other till', 1],
] as const;

function latency(f: Figures): Plot {
	const rates = sizesOf(f, 'seen', '.p99Ms');
	const series = ways.flatMap(([way, name, hue]) =>
		(['p99', 'p50'] as const).map((part): Series => {
			const points = pointsOf(rates, (rate) => f[`${way}${rate}.${part}Ms`]);
			return { name: `${name}, ${part}`, hue, points, ...(part === 'p50' && { dashed: true }) };
		}),
	);
	return {
		kind: 'lines',
		name: 'latency',
		title: 'From commit to the other till, by load',
		x: { label: 'sales a second, durable at both tills and the relay', log: true },
		y: { label: 'ms', log: true },
		series,
		limit: { at: 10, text: 'bar: p99 10 ms at the other till' },
	};
}

const servers = [
	['tillmesh', 'tillmesh, durable'],
	['bare', 'bare ws loop'],
	['y-websocket', '@y/websocket-server'],
	['hocuspocus', 'Hocuspocus'],
	['hocuspocus-each', 'Hocuspocus, each written'],
] as const;

const loads = [
	['64x1', '64 B, one each'],
	['300x1', '300 B, one each'],
	['64x32', '64 B, 32 each'],
	['300x32', '300 B, 32 each'],
] as const;

function fanout(f: Figures): Plot {
	const bars = loads.flatMap(([load, group]) =>
		servers.flatMap(([key, name], hue): Bar[] => {
			const perSecond = f[`${key}.${load}.perSecond`];
			return isNumber(perSecond) ? [{ group, name, hue, value: perSecond / 1e6 }] : [];
		}),
	);
	return {
		kind: 'bars',
		name: 'fanout',
		title: 'One sender to fifty receivers',
		y: { label: 'million deliveries a second' },
		bars,
	};
}

/** The rows of its table: `5 % offline, by demand`, at once, waited, refused, grants. */
function shares(_: Figures, { rows }: Table): Plot {
	const bars = rows.flatMap((row): (Bar & { readonly strategy: string })[] => {
		const [, group = '', strategy = ''] = /^(\d+ % offline), (.*)$/.exec(String(row[0])) ?? [];
		return group === '' ? [] : [{ group, strategy, name: strategy, value: 100 - Number(row[1]), hue: 0 }];
	});
	// What rests in the store fails nearly everybody at once: it would leave no room for the others.
	const shown = bars.filter(({ strategy }) => strategy !== 'at rest in the store');
	const strategies = [...new Set(shown.map(({ strategy }) => strategy))];
	return {
		kind: 'bars',
		name: 'shares',
		title: 'Customers not served at once, by tills that are offline',
		y: { label: '% of customers' },
		bars: shown.map(({ group, name, value, strategy }) => ({ group, name, value, hue: strategies.indexOf(strategy) })),
		limit: { at: 4.1, text: 'bar: 4.1 %' },
	};
}

/** Figures `<size>.<key>` of a bench that asks how cost grows, a line each. */
function growing(
	plot: Pick<LinePlot, 'name' | 'title' | 'x' | 'y' | 'limit'>,
	lines: readonly (readonly [key: string, name: string])[],
	begin = '',
): (f: Figures) => Plot {
	return (f) => ({
		kind: 'lines',
		...plot,
		series: lines.map(([key, name], hue) => ({
			name,
			hue,
			points: pointsOf(sizesOf(f, begin, `.${key}`), (size) => f[`${begin}${size}.${key}`]),
		})),
	});
}

const tillLines = [
	['mb', 'MB on disk'],
	['openMs', 'ms until it can sell'],
	['heapMb', 'MB of heap'],
] as const;

const stores = growing(
	{
		name: 'stores',
		title: 'Stores on one relay process, each selling once a second',
		x: { label: 'stores', log: true },
		y: { label: 'ms, % of a core, MB', log: true },
	},
	[
		['p50Ms', 'p50 to the other till, ms'],
		['p99Ms', 'p99, ms'],
		['cpuPercent', "relay's CPU, % of a core"],
		['memoryMb', "relay's memory, MB"],
	],
);

const tills = growing(
	{
		name: 'tills',
		title: 'Tills of one store: what a sale costs all of them',
		x: { label: 'tills', log: true },
		y: { label: 'CPU µs a sale', log: true },
	},
	[
		['wholeUs', 'all devices together'],
		['eachUs', 'each device'],
	],
);

const skus = growing(
	{
		name: 'skus',
		title: 'A till that keeps so many products',
		x: { label: 'products with price and stock', log: true },
		y: { label: 'MB, ms', log: true },
	},
	tillLines,
	'skus.',
);

const members = growing(
	{
		name: 'members',
		title: 'A till that keeps so many members beside 20,000 products',
		x: { label: 'members with points', log: true },
		y: { label: 'MB, ms', log: true },
	},
	tillLines,
	'members.',
);

const offline = growing(
	{
		name: 'offline',
		title: 'A till that comes back after so long',
		x: {
			label: 'offline',
			log: true,
			ticks: [
				[1, '1 h'],
				[4, '4 h'],
				[24, '1 day'],
				[168, '7 days'],
				[720, '30 days'],
			],
		},
		y: { label: 'KB, ms', log: true },
	},
	[
		['kb', 'KB on the line'],
		['ms', 'ms until both agree'],
	],
);

/** Each with the bench that it is of. */
const all: readonly (readonly [
	name: string,
	/** Or those: the figures of all of them. */
	bench: string | readonly string[],
	title: string,
	draw: (f: Figures, table: Table) => Plot,
])[] = [
	['growth', ['growth', 'growth-10m'], 'What a till keeps', growth],
	['latency', 'latency', 'From commit to the other till', latency],
	['fanout', 'fanout', 'One sender to fifty receivers', fanout],
	['shares', 'shares', 'Customers not served at once', shares],
	['stores', 'stores', 'Stores on one relay process', stores],
	['tills', 'tills', 'Tills of one store', tills],
	['skus', 'sizing', 'Products on a till', skus],
	['members', ['sizing', 'members-1m'], 'Members on a till', members],
	['offline', 'offline', 'A till that comes back', offline],
];

const hasPoints = (plot: Plot): boolean =>
	plot.kind === 'bars'
		? plot.bars.length > 0
		: plot.kind === 'lines' && plot.series.some(({ points }) => points.length > 0);

/** Every plot there is; what was never measured says so. */
export function plotsOf(tables: Tables): Plot[] {
	return all.map(([name, benches, title, draw]) => {
		const [bench = '', ...others] = [benches].flat();
		const table = tables[bench]?.table;
		const more = others.map((other) => tables[other]?.table.figures ?? {});
		const plot = table && draw(Object.assign({}, table.figures, ...more), table);
		return plot && hasPoints(plot) ? plot : { kind: 'missing', name, title, bench };
	});
}
