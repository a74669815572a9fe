import { equalBytes } from '../../../src/base/bytes.js';
import type { DeviceId, EpochId, LedgerName, PoolId, Position } from '../../../src/base/ids.js';
import { decodeEntry } from '../../../src/journal/entry.js';
import type { EpochName } from '../../../src/journal/epoch.js';
import type { Leg } from '../../../src/journal/leg.js';
import type { WriteBatch } from '../../../src/ports/storage.js';
import { epochField, fromRecord, keys, readRecord } from '../../../src/replica/records.js';
import type { WrittenEpoch } from '../../property/model/history.js';

export interface TruePool {
	minted: number;
	spent: number;
	held: number;
	overdrawn: number;
	readonly shares: Map<DeviceId, number>;
}

/** Everything that an epoch ever said, in the order in which it was said. */
export interface TrueEpoch extends WrittenEpoch {
	prev: Position | null;
}

/** A row that was seen for the first time. */
export interface NewRow {
	readonly written: TrueEpoch;
	readonly index: number;
}

/**
 * What nobody in the world can know: every row that was ever durable on any device's disk, and the naive sum over them.
 * It knows nothing of views, cuts and checkpoints, so that it cannot share their faults.
 */
export class Truth {
	readonly epochs = new Map<EpochId, TrueEpoch>();
	/** By ledger, then pool. */
	readonly pools = new Map<LedgerName, Map<PoolId, TruePool>>();
	readonly #minted = new Map<string, number>();

	/** Takes in what a disk has just synced. Answers the rows that are new, and the place of one that was seen otherwise. */
	take(batches: readonly WriteBatch[]): { readonly fresh: readonly NewRow[]; readonly rewritten: string | undefined } {
		const fresh: NewRow[] = [];
		let rewritten: string | undefined;
		for (const { puts } of batches)
			for (const record of puts) {
				const { key } = record;
				if (key.startsWith('e/')) this.#name(keys.parse(key).epoch, readRecord(record, epochField));
				else if (key.startsWith('r/')) {
					const { epoch, at } = keys.parse(key);
					const written = this.epochs.get(epoch);
					const row = fromRecord(record);
					const known = written?.rows[at];
					if (known) rewritten ??= equalBytes(known, row) ? undefined : key;
					else if (written && this.#push(written, at, row)) fresh.push({ written, index: at });
				}
			}
		return { fresh, rewritten };
	}

	#name(id: EpochId, name: EpochName): void {
		if (this.epochs.has(id)) return;
		const { ledger, device } = name;
		this.epochs.set(id, { id, name, ledger, device, prev: null, entries: [], rows: [] });
	}

	#push(written: TrueEpoch, at: number, row: Uint8Array): boolean {
		const entry = decodeEntry(row);
		if (at !== written.rows.length || !entry) return false;
		// Of the record's own bytes, which nobody else changes.
		written.rows.push(row);
		written.entries.push(entry);
		const [first] = entry.legs;
		if (at === 0 && first?.kind === 'open' && first.prev)
			written.prev = { epoch: first.prev.epoch, count: first.prev.count };
		for (const [i, leg] of entry.legs.entries())
			this.#fold(written, leg, `exception/${written.id.toString(36)}.${at}.${i}`);
		return true;
	}

	pool(ledger: LedgerName, id: PoolId): TruePool {
		let pools = this.pools.get(ledger);
		if (!pools) {
			pools = new Map();
			this.pools.set(ledger, pools);
		}
		let pool = pools.get(id);
		if (!pool) {
			pool = { minted: 0, spent: 0, held: 0, overdrawn: 0, shares: new Map() };
			pools.set(id, pool);
		}
		return pool;
	}

	share(ledger: LedgerName, id: PoolId, device: DeviceId): number {
		return this.pools.get(ledger)?.get(id)?.shares.get(device) ?? 0;
	}

	/** `right` is the pool of the one right to resolve the exception that an overdraft at this place opens. */
	#fold({ ledger, device }: TrueEpoch, leg: Leg, right: PoolId): void {
		if (!('pool' in leg)) return;
		const pool = this.pool(ledger, leg.pool);
		const move = (of: DeviceId, amount: number) => pool.shares.set(of, (pool.shares.get(of) ?? 0) + amount);
		switch (leg.kind) {
			case 'mint': {
				const key = JSON.stringify([ledger, leg.pool, leg.document, device]);
				const more = Math.max(0, leg.amount - (this.#minted.get(key) ?? 0));
				this.#minted.set(key, Math.max(leg.amount, this.#minted.get(key) ?? 0));
				pool.minted += more;
				move(device, more);
				break;
			}
			case 'spend':
				pool.spent += leg.amount;
				move(device, -leg.amount);
				break;
			case 'grant':
				move(device, -leg.amount);
				move(leg.to, leg.amount);
				break;
			case 'hold':
				pool.held += leg.amount;
				move(device, -leg.amount);
				break;
			case 'capture':
				pool.held -= leg.held;
				pool.spent += leg.amount;
				move(device, leg.held - leg.amount);
				break;
			case 'release':
			case 'expire':
				pool.held -= leg.held;
				move(device, leg.held);
				break;
			case 'reclaim':
				pool.held -= leg.held;
				move(leg.from, -leg.share);
				move(device, leg.share + leg.held);
				break;
			case 'overdraw':
				pool.overdrawn += leg.amount;
				this.pool(ledger, right).minted += 1;
				this.pool(ledger, right).shares.set(device, 1);
				break;
		}
	}
}
