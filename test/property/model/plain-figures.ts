/**
 * The figures of a cut as a naive sum (ESC2): gathers what was said, then adds it up kind by kind. What it answers is
 * plain and sorted, and so is `describeFigures` of the production figures: both print alike or one of them is wrong.
 */
import { compareTime, type Time } from '../../../src/base/clock.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../../../src/base/ids.js';
import type { Leg, LegOf } from '../../../src/journal/leg.js';
import type { LedgerFigures } from '../../../src/ledger/figures.js';
import { type Counts, entryOf, type PlainEpoch, plainPrecedes } from './plain-cut.js';

interface Said {
	readonly leg: Leg;
	readonly device: DeviceId;
	readonly time: Time;
	readonly epoch: EpochId;
	readonly index: number;
	readonly at: number;
}

type Sums = Map<string, number>;

/** What passes 2^53 - 1 goes on at the other end. */
const plus = (sums: Sums, key: string, n: number): void => {
	const sum = BigInt(sums.get(key) ?? 0) + BigInt(n);
	const most = BigInt(Number.MAX_SAFE_INTEGER);
	const turns = sum > most ? -1n : sum < -most ? 1n : 0n;
	sums.set(key, Number(sum + turns * (2n * most + 1n)));
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sortedPairs = <V>(map: Iterable<readonly [string, V]>): [string, V][] =>
	[...map].map(([k, v]): [string, V] => [k, v]).sort((a, b) => compare(a[0], b[0]));
const sortedLines = (items: Iterable<unknown>): string[] =>
	[...items].map((item) => JSON.stringify(item)).sort(compare);

/** A figure for each pool and each device in it; what is zero is left out. */
interface PoolSums {
	readonly minted: Sums;
	readonly overdrawn: Sums;
	readonly share: Sums;
	readonly held: Sums;
	readonly spent: Sums;
	readonly pools: Set<string>;
}

/** Comparable text of the figures that the entries within `cut` add up to in one ledger. */
export function describePlain(epochs: ReadonlyMap<EpochId, PlainEpoch>, cut: Counts, ledger: LedgerName): string {
	const said: Said[] = [];
	const keyed: { key: string; line: unknown[]; device: DeviceId; time: Time; epoch: EpochId; index: number }[] = [];
	for (const [id, count] of cut) {
		const epoch = epochs.get(id);
		if (epoch?.ledger !== ledger) continue;
		for (let index = 0; index < count; index++) {
			const { legs, time, key } = entryOf(epoch.entries, index);
			const { device } = epoch;
			legs.forEach((leg, at) => {
				said.push({ leg, device, time, epoch: id, index, at });
			});
			if (key) keyed.push({ key: key.key, line: [device, id, index], device, time, epoch: id, index });
		}
	}
	const of = <K extends Leg['kind']>(kind: K) => said.filter((s): s is Said & { leg: LegOf<K> } => s.leg.kind === kind);
	keyed.sort((a, b) => compareTime(a.time, b.time) || a.epoch - b.epoch || a.index - b.index);
	return print({
		pools: describePools(sumPools(said, of)),
		holds: of('hold')
			.filter(
				({ leg, device }) => !said.some((by) => isEnd(by.leg) && by.leg.hold === leg.hold && by.device === device),
			)
			.map(({ leg, device }) => [leg.hold, leg.pool, device, leg.amount, leg.leaseMs]),
		ends: endsOf(said),
		documents: [...documentsOf(of('mint'))].map(([key, minters]) => [key, sortedPairs(minters)]),
		exceptions: [
			...of('overdraw').map(({ leg, device, epoch, index, at }) => [
				`${epoch.toString(36)}.${index}.${at}`,
				'oversell',
				leg.pool,
				leg.amount,
				[device],
				leg.operator,
				leg.reason,
			]),
			...doubleMints(documentsOf(of('mint'))),
			...doubleKeys(keyed),
		],
		fences: of('fence').map(({ leg }) => [leg.device, leg.heads]),
		stopped: stoppedPools(of('unknown')),
		grants: grantHeads(epochs, of('grant')),
		cells: cellsOf(of('set')),
		counters: sortedPairs(
			of('add').reduce((sums: Sums, { leg }) => {
				plus(sums, leg.counter, leg.amount);
				return sums;
			}, new Map()),
		),
		logs: of('append').map(({ leg, device, time, epoch, index, at }) => [
			leg.log,
			time.ms,
			time.counter,
			device,
			epoch,
			index,
			at,
			String(leg.value),
		]),
		keys: keyed.map(({ key, line }) => [key, ...line]),
	});
}

/** What ended a hold more often than it was there to end. */
function endsOf(said: readonly Said[]): [string, number][] {
	const sums: Sums = new Map();
	for (const { leg, device } of said)
		if (isEnd(leg)) plus(sums, `${device} ${leg.hold}`, 1);
		else if (leg.kind === 'hold') plus(sums, `${device} ${leg.hold}`, -1);
	return sortedPairs(sums).filter(([, ends]) => ends > 0);
}

type Of = <K extends Leg['kind']>(kind: K) => (Said & { leg: LegOf<K> })[];

const isEnd = (leg: Leg): leg is LegOf<'capture' | 'release' | 'expire'> =>
	leg.kind === 'capture' || leg.kind === 'release' || leg.kind === 'expire';

function sumPools(said: readonly Said[], of: Of): PoolSums {
	const sums: PoolSums = {
		minted: new Map(),
		overdrawn: new Map(),
		share: new Map(),
		held: new Map(),
		spent: new Map(),
		pools: new Set(),
	};
	for (const [key, minters] of documentsOf(of('mint'))) {
		const pool = poolIn(key);
		for (const [device, amount] of minters) {
			plus(sums.minted, pool, amount);
			plus(sums.share, `${pool} ${device}`, amount);
		}
	}
	for (const { leg, device, epoch, index, at } of said) {
		if (!('pool' in leg)) continue;
		sums.pools.add(leg.pool);
		const mine = `${leg.pool} ${device}`;
		const move = (who: string, share: number, held: number, spent: number): void => {
			plus(sums.share, who, share);
			plus(sums.held, who, held);
			plus(sums.spent, who, spent);
		};
		if (leg.kind === 'spend') move(mine, -leg.amount, 0, leg.amount);
		if (leg.kind === 'grant') {
			move(mine, -leg.amount, 0, 0);
			move(`${leg.pool} ${leg.to}`, leg.amount, 0, 0);
		}
		if (leg.kind === 'hold') move(mine, -leg.amount, leg.amount, 0);
		if (leg.kind === 'capture') move(mine, leg.held - leg.amount, -leg.held, leg.amount);
		if (leg.kind === 'release' || leg.kind === 'expire') move(mine, leg.held, -leg.held, 0);
		if (leg.kind === 'reclaim') {
			move(`${leg.pool} ${leg.from}`, -leg.share, -leg.held, 0);
			move(mine, leg.share + leg.held, 0, 0);
		}
		if (leg.kind === 'overdraw') {
			plus(sums.overdrawn, leg.pool, leg.amount);
			const right = `exception/${epoch.toString(36)}.${index}.${at}`;
			sums.pools.add(right);
			plus(sums.minted, right, 1);
			plus(sums.share, `${right} ${device}`, 1);
		}
	}
	return sums;
}

function describePools({ minted, overdrawn, share, held, spent, pools }: PoolSums): unknown[] {
	const lines: unknown[] = [];
	for (const pool of pools) lines.push([pool, minted.get(pool) ?? 0, overdrawn.get(pool) ?? 0]);
	for (const who of new Set([...share.keys(), ...held.keys(), ...spent.keys()])) {
		const [s, h, n] = [share.get(who) ?? 0, held.get(who) ?? 0, spent.get(who) ?? 0];
		if (s !== 0 || h !== 0 || n !== 0) lines.push([who, s, h, n]);
	}
	return lines;
}

/** So that the first space of `pool document` is the one between the two. */
const plainText = (text: string): string => text.replaceAll('%', '%25').replaceAll(' ', '%20');
const poolIn = (key: string): string => key.slice(0, key.indexOf(' ')).replaceAll('%20', ' ').replaceAll('%25', '%');

/** One device mints a document once; of two amounts the larger stands (ESC3). */
function documentsOf(mints: readonly (Said & { leg: LegOf<'mint'> })[]): Map<string, Map<DeviceId, number>> {
	const documents = new Map<string, Map<DeviceId, number>>();
	for (const { leg, device } of mints) {
		const key = `${plainText(leg.pool)} ${leg.document}`;
		const minters = documents.get(key) ?? new Map<DeviceId, number>();
		documents.set(key, minters.set(device, Math.max(leg.amount, minters.get(device) ?? 0)));
	}
	return documents;
}

function doubleMints(documents: ReadonlyMap<string, ReadonlyMap<DeviceId, number>>): unknown[] {
	const found: unknown[] = [];
	for (const [key, minters] of documents) {
		if (minters.size < 2) continue;
		const amounts = [...minters.values()];
		const amount = amounts.reduce((a, b) => a + b, 0) - Math.max(...amounts);
		const subject = poolIn(key) + key.slice(key.indexOf(' '));
		found.push([`mint ${key}`, 'double-mint', subject, amount, [...minters.keys()].sort(), '', '']);
	}
	return found;
}

function doubleKeys(keyed: readonly { readonly key: string; readonly device: DeviceId }[]): unknown[] {
	const found: unknown[] = [];
	for (const key of new Set(keyed.map((k) => k.key))) {
		const uses = keyed.filter((k) => k.key === key);
		const devices = [...new Set(uses.map((k) => k.device))].sort();
		if (uses.length > 1) found.push([`key ${key}`, 'double-key', key, uses.length - 1, devices, '', '']);
	}
	return found;
}

/** Pools that entries of a later version touched, and the latest of their codes (JRN12). */
function stoppedPools(unknown: readonly (Said & { leg: LegOf<'unknown'> })[]): unknown[] {
	const codes = new Map<string, number>();
	for (const { leg } of unknown)
		for (const pool of leg.stops) codes.set(pool, Math.max(leg.code, codes.get(pool) ?? 0));
	return [...codes];
}

/** For each device, the newest heads of the journals that granted to it. */
function grantHeads(
	epochs: ReadonlyMap<EpochId, PlainEpoch>,
	grants: readonly (Said & { leg: LegOf<'grant'> })[],
): unknown[] {
	const heads = new Map<string, Position & { to: DeviceId }>();
	for (const { leg, epoch, index } of grants) {
		const key = `${leg.to} ${epoch}`;
		const count = Math.max(index + 1, heads.get(key)?.count ?? 0);
		heads.set(key, { to: leg.to, epoch, count });
	}
	const all = [...heads.values()];
	return all
		.filter((at) => !all.some((tip) => tip.to === at.to && tip.epoch !== at.epoch && plainPrecedes(epochs, at, tip)))
		.map(({ to, epoch, count }) => [to, epoch, count]);
}

function cellsOf(sets: readonly (Said & { leg: LegOf<'set'> })[]): unknown[] {
	const order = (a: Said & { leg: LegOf<'set'> }, b: Said & { leg: LegOf<'set'> }): number =>
		a.leg.priority - b.leg.priority ||
		compareTime(a.time, b.time) ||
		compare(a.device, b.device) ||
		a.epoch - b.epoch ||
		a.index - b.index ||
		a.at - b.at;
	const winners = new Map<string, Said & { leg: LegOf<'set'> }>();
	for (const said of [...sets].sort(order)) winners.set(said.leg.cell, said);
	return [...winners].map(([cell, { leg, time, device }]) => [
		cell,
		leg.priority,
		time.ms,
		time.counter,
		device,
		String(leg.value),
	]);
}

interface Description {
	readonly pools: readonly unknown[];
	readonly holds: readonly unknown[];
	readonly ends: readonly unknown[];
	readonly documents: readonly unknown[];
	readonly exceptions: readonly unknown[];
	readonly fences: readonly unknown[];
	readonly stopped: readonly unknown[];
	readonly grants: readonly unknown[];
	readonly cells: readonly unknown[];
	readonly counters: readonly unknown[];
	readonly logs: readonly unknown[];
	readonly keys: readonly unknown[];
}

function print(d: Description): string {
	return Object.entries(d)
		.flatMap(([part, items]) => sortedLines(items as readonly unknown[]).map((line) => `${part} ${line}`))
		.join('\n');
}

/** The same of the figures that production code keeps. */
export function describeFigures(figures: LedgerFigures): string {
	const { escrow } = figures;
	const pools: unknown[] = [];
	for (const [id, pool] of escrow.pools) {
		pools.push([id, pool.minted, pool.overdrawn]);
		for (const [device, { share, held, spent }] of pool.shares)
			if (share !== 0 || held !== 0 || spent !== 0) pools.push([`${id} ${device}`, share, held, spent]);
	}
	return print({
		pools,
		holds: [...escrow.holds].map(([id, h]) => [id, h.pool, h.device, h.amount, h.leaseMs]),
		ends: [...escrow.ends],
		documents: [...escrow.documents].map(([key, minters]) => [key, sortedPairs(minters)]),
		exceptions: [...escrow.exceptions.values()].map((e) => [
			e.id,
			e.kind,
			e.subject,
			e.amount,
			e.devices,
			e.operator,
			e.reason,
		]),
		fences: escrow.fences.map((f) => [f.device, f.heads]),
		stopped: [...escrow.stopped],
		grants: [...escrow.grantsTo].flatMap(([to, heads]) => [...heads].map(([epoch, count]) => [to, epoch, count])),
		cells: [...figures.cells].map(([cell, c]) => [
			cell,
			c.priority,
			c.time.ms,
			c.time.counter,
			c.device,
			String(c.value),
		]),
		counters: sortedPairs(figures.counters),
		logs: [...figures.logs].flatMap(([log, l]) =>
			l.entries.map((e) => [log, e.time.ms, e.time.counter, e.device, e.epoch, e.index, e.leg, String(e.value)]),
		),
		keys: [...figures.keys].flatMap(([key, commits]) => commits.map((c) => [key, c.device, c.epoch, c.index])),
	});
}

/** The lines that only one of two descriptions has: what a failing property prints. */
export function difference(expected: string, actual: string): string {
	const [want, have] = [new Set(expected.split('\n')), new Set(actual.split('\n'))];
	const missing = [...want].filter((line) => !have.has(line)).map((line) => `- ${line}`);
	const extra = [...have].filter((line) => !want.has(line)).map((line) => `+ ${line}`);
	return [...missing, ...extra].join('\n');
}
