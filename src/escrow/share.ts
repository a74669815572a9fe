import type { DeviceId, EpochId, HoldId, PoolId, Position } from '../base/ids.js';
import { add } from '../base/number.js';
import type { Fence } from '../journal/checkpoint.js';
import type { Leg, LegOf } from '../journal/leg.js';

/** What one device has of a pool: `share` to spend, hold or grant; `held` for open holds; `spent` so far. */
export interface Share {
	share: number;
	held: number;
	spent: number;
}

let versions = 0;

/** A number that no pool, log or checkpoint of this process had before. */
export function nextVersion(): number {
	versions += 1;
	return versions;
}

export class Pool {
	minted = 0;
	spent = 0;
	held = 0;
	/** Sold beyond the shares under the soft policy (ESC5): a counter of its own, no part of the conservation. */
	overdrawn = 0;
	/** New with every change; tells readers whether what they hold is still true. */
	version = nextVersion();
	readonly shares = new Map<DeviceId, Share>();

	of(device: DeviceId): Share {
		let share = this.shares.get(device);
		if (!share) {
			share = { share: 0, held: 0, spent: 0 };
			this.shares.set(device, share);
		}
		return share;
	}
}

export interface Hold {
	readonly pool: PoolId;
	readonly device: DeviceId;
	readonly amount: number;
	readonly leaseMs: number;
}

/** Something a person must look at. The right to resolve it is one unit of the pool `exception/<id>`. */
export interface Exception {
	readonly id: string;
	readonly kind: 'oversell' | 'double-mint' | 'double-key';
	/** The pool, document or key it is about. */
	readonly subject: string;
	readonly amount: number;
	readonly devices: readonly DeviceId[];
	readonly operator: string;
	readonly reason: string;
}

/** Texts joined so that no two rows of as many texts give the same: only the last may have spaces. */
export function documentKey(...texts: readonly string[]): string {
	const last = texts.length - 1;
	let key = '';
	for (let i = 0; i < last; i++) key += `${withoutSpaces(texts[i] as string)} `; // i < length
	return key + (texts[last] ?? '');
}

const withoutSpaces = (text: string): string =>
	text.includes(' ') || text.includes('%') ? text.replaceAll('%', '%25').replaceAll(' ', '%20') : text;

export const exceptionPool = (id: string): PoolId => `exception/${id}`;
export const fencePool = (device: DeviceId): PoolId => `fence/${device}`;

/** Where a leg stands. */
export interface LegPlace {
	readonly device: DeviceId;
	readonly epoch: EpochId;
	readonly index: number;
	readonly leg: number;
}

/**
 * The escrow of one ledger: a pure sum over its entries (ESC2), free of their order.
 *
 *     share(d) = minted(d) + granted to d - granted by d - spent(d) - held(d)
 */
export class EscrowFigures {
	readonly pools = new Map<PoolId, Pool>();
	readonly holds = new Map<HoldId, Hold>();
	/** By `documentKey(pool, document)`: what each device minted for it. One device mints a document once (ESC3). */
	readonly documents = new Map<string, Map<DeviceId, number>>();
	readonly exceptions = new Map<string, Exception>();
	readonly fences: Fence[] = [];
	/** Pools that an unknown `stop` entry touched, and its code (JRN12). */
	readonly stopped = new Map<PoolId, number>();
	/** For each device, the newest heads of journals that granted to it (JRN10). */
	readonly grantsTo = new Map<DeviceId, Map<EpochId, number>>();
	/**
	 * Ends of holds that are not in view yet, or had ended before: of two clones, each may end what it knows the other opened,
	 * and names nothing of the other's journal. By `<holder> <hold>`: how many, less one for the hold.
	 */
	readonly ends = new Map<string, number>();
	/** New with every change of `grantsTo`, and never one that other figures had: a restored ledger is seen as changed. */
	grantsVersion = 0;
	readonly #precedes: (at: Position, tip: Position) => boolean;

	constructor(precedes: (at: Position, tip: Position) => boolean) {
		this.#precedes = precedes;
	}

	pool(id: PoolId): Pool {
		let pool = this.pools.get(id);
		if (!pool) {
			pool = new Pool();
			this.pools.set(id, pool);
		}
		return pool;
	}

	/** Answers the pool that the leg changed, if any. */
	apply(leg: Leg, at: LegPlace): PoolId | undefined {
		switch (leg.kind) {
			case 'mint':
				this.#mint(leg.pool, leg.amount, leg.document, at.device);
				break;
			case 'spend':
				move(this.pool(leg.pool), at.device, -leg.amount, 0, leg.amount);
				break;
			case 'grant':
				move(this.pool(leg.pool), at.device, -leg.amount, 0, 0);
				move(this.pool(leg.pool), leg.to, leg.amount, 0, 0);
				this.#noteGrant(leg.to, { epoch: at.epoch, count: at.index + 1 });
				break;
			case 'hold':
				move(this.pool(leg.pool), at.device, -leg.amount, leg.amount, 0);
				this.#end(leg, at.device);
				break;
			case 'capture':
				move(this.pool(leg.pool), at.device, leg.held - leg.amount, -leg.held, leg.amount);
				this.#end(leg, at.device);
				break;
			case 'release':
			case 'expire':
				move(this.pool(leg.pool), at.device, leg.held, -leg.held, 0);
				this.#end(leg, at.device);
				break;
			case 'overdraw':
				this.#overdraw(leg, at);
				break;
			case 'fence':
				this.fences.push({ device: leg.device, heads: leg.heads });
				return undefined;
			case 'reclaim':
				move(this.pool(leg.pool), leg.from, -leg.share, -leg.held, 0);
				move(this.pool(leg.pool), at.device, add(leg.share, leg.held), 0, 0);
				break;
			case 'unknown':
				for (const pool of leg.stops) this.stopped.set(pool, Math.max(leg.code, this.stopped.get(pool) ?? 0));
				return leg.stops[0];
			default:
				return undefined;
		}
		return leg.pool;
	}

	/** A hold, or an end of one: only its holder resolves it (ESC4). */
	#end(leg: LegOf<'hold' | 'capture' | 'release' | 'expire'>, device: DeviceId): void {
		const { hold, pool } = leg;
		const key = `${device} ${hold}`;
		const ends = this.ends.get(key) ?? 0;
		if (leg.kind !== 'hold') {
			if (this.holds.get(hold)?.device === device) this.holds.delete(hold);
			else this.ends.set(key, ends + 1);
		} else if (ends === 0) this.holds.set(hold, { pool, device, amount: leg.amount, leaseMs: leg.leaseMs });
		else if (ends === 1) this.ends.delete(key);
		else this.ends.set(key, ends - 1);
	}

	#mint(id: PoolId, amount: number, document: string, device: DeviceId): void {
		const pool = this.pool(id);
		const key = documentKey(id, document);
		let minters = this.documents.get(key);
		if (!minters) {
			minters = new Map();
			this.documents.set(key, minters);
		}
		// The same device and document again (a lost tail minted anew): it counts once, and the larger figure stands.
		const more = amount - (minters.get(device) ?? 0);
		if (more <= 0) return;
		minters.set(device, amount);
		pool.minted = add(pool.minted, more);
		move(pool, device, more, 0, 0);
		if (minters.size > 1) this.#noteDoubleMint(id, document, minters);
	}

	#noteDoubleMint(pool: PoolId, document: string, minters: ReadonlyMap<DeviceId, number>): void {
		const id = `mint ${documentKey(pool, document)}`;
		const devices = [...minters.keys()].sort();
		const amount = add([...minters.values()].reduce(add, 0), -Math.max(...minters.values()));
		this.exceptions.set(id, {
			id,
			kind: 'double-mint',
			subject: `${pool} ${document}`,
			amount,
			devices,
			operator: '',
			reason: '',
		});
	}

	#overdraw(leg: LegOf<'overdraw'>, at: LegPlace): void {
		const pool = this.pool(leg.pool);
		pool.overdrawn = add(pool.overdrawn, leg.amount);
		pool.version = nextVersion();
		const id = `${at.epoch.toString(36)}.${at.index}.${at.leg}`;
		const { operator, reason, amount } = leg;
		this.exceptions.set(id, {
			id,
			kind: 'oversell',
			subject: leg.pool,
			amount,
			devices: [at.device],
			operator,
			reason,
		});
		const right = this.pool(exceptionPool(id));
		right.minted += 1;
		move(right, at.device, 1, 0, 0);
	}

	/** Keeps the newest head of each line of journals; heads on the way to a newer one go. */
	#noteGrant(to: DeviceId, head: Position): void {
		let heads = this.grantsTo.get(to);
		if (!heads) {
			heads = new Map();
			this.grantsTo.set(to, heads);
		}
		const known = heads.get(head.epoch);
		if (known === undefined) {
			for (const [epoch, count] of heads) {
				if (this.#precedes(head, { epoch, count })) return;
				if (this.#precedes({ epoch, count }, head)) heads.delete(epoch);
			}
		} else if (known >= head.count) return;
		heads.set(head.epoch, head.count);
		this.grantsVersion = nextVersion();
	}

	fenced(device: DeviceId): boolean {
		return this.fences.some((fence) => fence.device === device);
	}

	/** Still to be resolved: nobody has spent its right. */
	isOpen(exception: Exception): boolean {
		return (this.pools.get(exceptionPool(exception.id))?.spent ?? 0) === 0;
	}
}

function move(pool: Pool, device: DeviceId, share: number, held: number, spent: number): void {
	const of = pool.of(device);
	of.share = add(of.share, share);
	of.held = add(of.held, held);
	of.spent = add(of.spent, spent);
	pool.held = add(pool.held, held);
	pool.spent = add(pool.spent, spent);
	pool.version = nextVersion();
}

/** Legs that take from their author's share: what ESC1 counts before the view shows them. */
export type Debit = LegOf<'spend' | 'grant' | 'hold'>;

export function isDebit(leg: Leg): leg is Debit {
	return leg.kind === 'spend' || leg.kind === 'grant' || leg.kind === 'hold';
}

/** What a leg adds to its author's share, or takes from it. */
export function gainOf(leg: Leg): number {
	if (isDebit(leg)) return -leg.amount;
	if (leg.kind === 'mint') return leg.amount;
	if (leg.kind === 'capture') return leg.held - leg.amount;
	return leg.kind === 'release' ? leg.held : 0;
}

export interface Imbalance {
	readonly pool: PoolId;
	readonly what: 'not_conserved' | 'negative_share' | 'negative_held';
	readonly device?: DeviceId;
	readonly amount: number;
}

/**
 * ESC2 on any view: minted = shares + held + spent in every pool, and no share or hold below zero. Empty when sound.
 * A negative share is the trace of a clone or of a fence's late entries; a broken sum would be a bug.
 */
export function conserve(figures: EscrowFigures): Imbalance[] {
	const found: Imbalance[] = [];
	for (const [pool, p] of figures.pools) {
		let sum = 0;
		for (const [device, { share, held, spent }] of p.shares) {
			sum = [share, held, spent].reduce(add, sum);
			if (share < 0) found.push({ pool, what: 'negative_share', device, amount: share });
			if (held < 0) found.push({ pool, what: 'negative_held', device, amount: held });
		}
		if (sum !== p.minted) found.push({ pool, what: 'not_conserved', amount: add(p.minted, -sum) });
	}
	return found;
}
