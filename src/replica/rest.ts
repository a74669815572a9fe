import type { DeviceId, LedgerName, PoolId } from '../base/ids.js';
import { shouldRest } from '../escrow/redistribution.js';
import { fencePool } from '../escrow/share.js';
import type { Leg } from '../journal/leg.js';
import type { Core } from './core.js';
import type { PoolUses } from './pool-uses.js';
import type { Routes } from './routes.js';

/** Legs of one entry: with the longest names they stay under the limit of an entry. */
const legsMax = 40;

export interface RestOptions {
	readonly core: Core;
	readonly routes: Routes;
	readonly uses: PoolUses;
	readonly homeOf: (ledger: LedgerName) => DeviceId | undefined;
	/** May this device write in a ledger by itself (JRN7)? */
	readonly settled: (ledger: LedgerName) => boolean;
	/** Somebody here waits for shares of the pool. */
	readonly isWanted: (ledger: LedgerName, pool: PoolId) => boolean;
}

/** Sends shares home that nobody uses here, so that a till that is switched off strands nothing (ESC10). */
export class Rest {
	readonly #o: RestOptions;

	constructor(options: RestOptions) {
		this.#o = options;
	}

	/** Shares of pools in which nobody here did anything for a while. */
	tend(): void {
		const { core, uses } = this.#o;
		for (const ledger of core.ledgers()) {
			const home = this.#homeInReach(ledger);
			if (home === undefined) continue;
			const tills = this.#tills(ledger, home);
			this.#send(ledger, home, (pool, has, left) => {
				if (uses.of(ledger, pool).idleMs(has) < core.settings.restAfterMs) return false;
				return shouldRest(core.books.restsAt(ledger, pool), left < tills);
			});
		}
	}

	/** All of them: the day is over. True, once that is written here, where there were any. */
	async all(): Promise<boolean> {
		const { core } = this.#o;
		let sent = false;
		for (const ledger of core.ledgers()) {
			const home = this.#homeInReach(ledger);
			if (home !== undefined && this.#send(ledger, home, () => true)) sent = true;
		}
		await core.writer.flushed().catch(() => {}); // the disk has told the replica
		return sent;
	}

	/** A home that is not in reach might be gone for good: what is sent to it would be stranded there. */
	#homeInReach(ledger: LedgerName): DeviceId | undefined {
		const { core, routes, homeOf, settled } = this.#o;
		const home = homeOf(ledger);
		if (home === undefined || home === core.device || core.flagged || !settled(ledger)) return undefined;
		return core.books.of(ledger).escrow.fenced(home) || !routes.reaches(ledger, home) ? undefined : home;
	}

	#send(ledger: LedgerName, home: DeviceId, goes: (pool: PoolId, has: number, left: number) => boolean): boolean {
		const { core, isWanted } = this.#o;
		const { escrow } = core.books.of(ledger);
		const legs: Leg[] = [];
		for (const [pool, { minted, spent, held }] of escrow.pools) {
			const amount = core.books.mine(ledger, pool);
			if (amount <= 0 || escrow.stopped.has(pool) || pool.startsWith(fencePool('')) || isWanted(ledger, pool)) continue;
			if (goes(pool, amount, minted - spent - held)) legs.push({ kind: 'grant', pool, amount, to: home, request: '' });
		}
		for (let i = 0; i < legs.length; i += legsMax) {
			const draft = core.writer.draft(ledger, legs.slice(i, i + legsMax));
			core.writer.write([draft]).catch(() => {}); // the disk has told the replica
		}
		return legs.length > 0;
	}

	/** Devices that write in the ledger, but for its home and those that were fenced. */
	#tills(ledger: LedgerName, home: DeviceId): number {
		const { journal, view, books } = this.#o.core;
		const devices = new Set<DeviceId>();
		for (const epoch of journal.in(ledger)) devices.add(epoch.name.device);
		for (const { device } of view.base(ledger)?.cut.values() ?? []) devices.add(device);
		devices.delete(home);
		for (const { device } of books.of(ledger).escrow.fences) devices.delete(device);
		return devices.size;
	}
}
