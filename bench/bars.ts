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
		case 'gate':
			return [limit(name, 'parse at most 1 µs a single-entry update', f.parseUs, 1, 'µs')];
		case 'size':
			return [limit(name, "import 'tillmesh' at most 30 KB min+gzip", f.importKb, 30, 'KB')];
		default:
			return [];
	}
}
