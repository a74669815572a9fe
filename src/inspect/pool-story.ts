import type { DeviceId, LedgerName, PoolId } from '../base/ids.js';
import { add } from '../base/number.js';
import { documentKey, type EscrowFigures } from '../escrow/share.js';
import type { Entry } from '../journal/entry.js';
import type { Journal } from '../journal/journal.js';
import type { Leg } from '../journal/leg.js';
import { type Copy, namesOf } from './copy.js';
import { deedsOf } from './plain-entry.js';

export interface PoolRef {
	readonly ledger: LedgerName;
	readonly pool: PoolId;
}

/** One device's part in a pool: `here` = minted + got - spent - held, where `got` is what came from others less what went. */
export interface PoolHolder {
	readonly device: DeviceId;
	readonly name: string;
	readonly minted: number;
	readonly got: number;
	readonly spent: number;
	readonly held: number;
	readonly here: number;
}

/** One leg of an entry that moved something of the pool. */
export interface PoolEvent {
	readonly atMs: number;
	readonly device: DeviceId;
	readonly name: string;
	readonly kind: Exclude<Leg['kind'], 'open' | 'torn' | 'fence' | 'append' | 'set' | 'add' | 'unknown'>;
	readonly amount: number;
	/** Whom it was granted to, or taken from. */
	readonly other?: string;
	/** What it was minted for. */
	readonly document?: string;
	readonly reason?: string;
	/** Verbs and people of the commit that it is part of. */
	readonly did: readonly string[];
	readonly by: readonly string[];
	readonly epoch: number;
	readonly row: number;
}

export interface PoolStory extends PoolRef {
	readonly minted: number;
	readonly spent: number;
	readonly held: number;
	readonly left: number;
	/** Sold beyond what was there. */
	readonly overdrawn: number;
	/** Those with the most left first. */
	readonly holders: readonly PoolHolder[];
	/** As far as their rows are here, the newest last. */
	readonly events: readonly PoolEvent[];
	/** More of these that were left out, since only the newest were asked for. */
	readonly more: number;
	/** Rows of the ledger that a checkpoint covers and that are not here: what they did is in the sums only. */
	readonly dropped: number;
}

/**
 * The pools that a name may mean: `stock/sh-014/CUP-L` by its key in whatever collection, or with it,
 * `stock/sh-014/goods/CUP-L`.
 */
export function findPools({ books }: Copy, name: string): PoolRef[] {
	const found: PoolRef[] = [];
	for (const ledger of books.names()) {
		if (!name.startsWith(`${ledger}/`)) continue;
		const rest = name.slice(ledger.length + 1);
		for (const pool of books.of(ledger).escrow.pools.keys())
			if (pool === rest || keyOf(pool) === rest) found.push({ ledger, pool });
	}
	return found;
}

const keyOf = (pool: PoolId): string => pool.slice(pool.indexOf('/') + 1);

/** Names that are nearest to one that means nothing, as they may be asked for. */
export function nearestPools({ books }: Copy, name: string, most = 5): string[] {
	const wanted = name.toLowerCase();
	const all: { readonly name: string; readonly far: number }[] = [];
	for (const ledger of books.names())
		for (const pool of books.of(ledger).escrow.pools.keys()) {
			if (pool.startsWith('exception/') || pool.startsWith('fence/')) continue;
			const whole = `${ledger}/${keyOf(pool)}`;
			const has = whole.toLowerCase().includes(wanted.slice(wanted.lastIndexOf('/') + 1));
			all.push({ name: whole, far: distance(wanted, whole.toLowerCase()) - (has ? wanted.length : 0) });
		}
	all.sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
	return [...new Set(all.map((each) => each.name))].slice(0, most);
}

/** Letters to change, put in or take out to make one of the other (Levenshtein). */
function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
			next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}

/** Who put something into a pool, took it out, gave it on, and has how much. `last`: how many events at most. */
export function tellPool(copy: Copy, { ledger, pool }: PoolRef, last: number): PoolStory {
	const { escrow } = copy.books.of(ledger);
	const figures = escrow.pool(pool);
	const names = namesOf(copy);
	const nameOf = (device: DeviceId) => names.get(device) ?? device;
	const minted = mintedBy(escrow, pool);
	const holders = [...figures.shares]
		.map(([device, { share, held, spent }]): PoolHolder => {
			const made = minted.get(device) ?? 0;
			const got = [held, spent, -made].reduce(add, share);
			return { device, name: nameOf(device), minted: made, got, spent, held, here: share };
		})
		.sort((a, b) => b.here - a.here || (a.name < b.name ? -1 : 1));
	const events = eventsOf(copy, { ledger, pool }, nameOf);
	let dropped = 0;
	for (const { epoch, count } of copy.view.base(ledger)?.cut.values() ?? [])
		dropped += Math.max(0, count - (copy.journal.get(epoch)?.count ?? 0));
	return {
		ledger,
		pool,
		minted: figures.minted,
		spent: figures.spent,
		held: figures.held,
		left: add(add(figures.minted, -figures.spent), -figures.held),
		overdrawn: figures.overdrawn,
		holders,
		events: last > 0 ? events.slice(-last) : [],
		more: Math.max(0, events.length - last),
		dropped,
	};
}

/** Grants and what was reclaimed are not minted: a right of an exception is, without a document. */
function mintedBy(escrow: EscrowFigures, pool: PoolId): Map<DeviceId, number> {
	const minted = new Map<DeviceId, number>();
	const start = documentKey(pool, '');
	for (const [key, by] of escrow.documents)
		if (key.startsWith(start))
			for (const [device, amount] of by) minted.set(device, add(amount, minted.get(device) ?? 0));
	return minted;
}

function eventsOf(copy: Copy, { ledger, pool }: PoolRef, nameOf: (device: DeviceId) => string): PoolEvent[] {
	const { journal, view } = copy;
	const events: PoolEvent[] = [];
	for (const epoch of journal.in(ledger)) {
		const { device } = epoch.name;
		for (let row = 0; row < epoch.count; row++) {
			const entry = epoch.entry(row);
			const isShown = row < view.at(epoch.id);
			const legs = isShown ? entry.legs.filter((leg) => 'pool' in leg && leg.pool === pool) : [];
			const deeds = legs.length > 0 ? deedsOfCommit(journal, entry) : undefined;
			for (const leg of legs) {
				const moved = movedBy(leg, nameOf);
				if (moved && deeds)
					events.push({
						atMs: entry.time.ms,
						device,
						name: nameOf(device),
						...moved,
						...deeds,
						epoch: epoch.id,
						row,
					});
			}
			epoch.forget(row);
		}
	}
	return events.sort((a, b) => a.atMs - b.atMs || a.epoch - b.epoch || a.row - b.row);
}

/** What was done may stand in another ledger: the goods of a sale here, its order there. */
function deedsOfCommit(journal: Journal, entry: Entry): Pick<PoolEvent, 'did' | 'by'> {
	const did = new Set<string>();
	const by = new Set<string>();
	const others = entry.parts.flatMap(({ epoch, index }) => {
		const other = journal.get(epoch);
		return other && index < other.count ? [other.entry(index)] : [];
	});
	for (const part of [entry, ...others]) {
		const deeds = deedsOf(part);
		for (const verb of deeds.did) did.add(verb);
		for (const who of deeds.by) by.add(who);
	}
	return { did: [...did], by: [...by] };
}

type Moved = Pick<PoolEvent, 'kind' | 'amount' | 'other' | 'document' | 'reason'>;

function movedBy(leg: Leg, nameOf: (device: DeviceId) => string): Moved | undefined {
	switch (leg.kind) {
		case 'mint':
			return { kind: leg.kind, amount: leg.amount, document: leg.document };
		case 'grant':
			return { kind: leg.kind, amount: leg.amount, other: nameOf(leg.to) };
		case 'overdraw':
			return { kind: leg.kind, amount: leg.amount, reason: leg.reason };
		case 'reclaim':
			return { kind: leg.kind, amount: add(leg.share, leg.held), other: nameOf(leg.from) };
		case 'spend':
		case 'hold':
		case 'capture':
			return { kind: leg.kind, amount: leg.amount };
		case 'release':
		case 'expire':
			return { kind: leg.kind, amount: leg.held };
		default:
			return undefined;
	}
}
