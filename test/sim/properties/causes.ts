import type { DeviceId, EpochId, Position } from '../../../src/base/ids.js';
import type { Entry } from '../../../src/journal/entry.js';
import type { Leg } from '../../../src/journal/leg.js';
import { keys } from '../../../src/replica/records.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import type { NewRow } from './truth.js';

interface Granted {
	readonly epoch: EpochId;
	readonly index: number;
	readonly amount: number;
}

/** What one device has of one pool by its own entries and by the grants that those name. */
interface Account {
	has: number;
	/** When something came to it last by an own entry. */
	gainedMs: number;
	/** Made out to it, and not found among what it named yet. */
	readonly unnamed: Granted[];
}

/** A disk's slowest sync, several times. */
const justNowMs = 1_000;

/**
 * P2, from the side of whoever writes: all that an entry spends is in its own past, by its author's journal or by grants
 * that this names, or else some view shows it before them and goes below zero (JRN10). P10, from the side of whoever takes:
 * a disk that has a row has what the row names, so that a grant comes before what rests on it, whatever got lost. P29:
 * nobody overdraws while he has a share.
 */
export function createCauseObserver(court: Court): Observer {
	const { chain, truth, tainted, strangers } = court;
	const accounts = new Map<string, Account>();
	const named = new Map<DeviceId, Map<EpochId, number>>();
	const minted = new Map<string, number>();

	function accountOf(ledger: string, pool: string, device: DeviceId): Account {
		const key = `${ledger} ${pool} ${device}`;
		let account = accounts.get(key);
		if (!account) {
			account = { has: 0, gainedMs: Number.NEGATIVE_INFINITY, unnamed: [] };
			accounts.set(key, account);
		}
		return account;
	}

	/** Is this place on the way to one of the heads that the device has named? */
	function isNamed(device: DeviceId, { epoch, index }: Granted): boolean {
		for (const [head, count] of named.get(device) ?? []) {
			let at: Position | null | undefined = { epoch: head, count };
			for (let bound = truth.epochs.size; at && bound >= 0; bound--) {
				if (at.epoch === epoch && index < at.count) return true;
				at = truth.epochs.get(at.epoch)?.prev;
			}
		}
		return false;
	}

	/** What the author's share gains by a leg. */
	function gainOf(leg: Leg, ledger: string, device: DeviceId): number {
		switch (leg.kind) {
			case 'mint': {
				const key = JSON.stringify([ledger, leg.pool, leg.document, device]);
				const more = Math.max(0, leg.amount - (minted.get(key) ?? 0));
				minted.set(key, (minted.get(key) ?? 0) + more);
				return more;
			}
			case 'spend':
			case 'grant':
			case 'hold':
				return -leg.amount;
			case 'capture':
				return leg.held - leg.amount;
			case 'release':
			case 'expire':
				return leg.held;
			case 'reclaim':
				return leg.share + leg.held;
			default:
				return 0;
		}
	}

	function noteRow({ written, index }: NewRow): void {
		const { ledger, device, id } = written;
		const entry = written.entries[index] as Entry; // a fresh row was read
		const heads = named.get(device) ?? new Map<EpochId, number>();
		named.set(device, heads);
		for (const { epoch, count } of entry.relies) heads.set(epoch, Math.max(count, heads.get(epoch) ?? 0));
		for (const [i, leg] of entry.legs.entries()) {
			if (!('pool' in leg)) continue;
			if (leg.kind === 'overdraw') accountOf(ledger, `exception/${id.toString(36)}.${index}.${i}`, device).has += 1;
			if (leg.kind === 'grant')
				accountOf(ledger, leg.pool, leg.to).unnamed.push({ epoch: id, index, amount: leg.amount });
			const account = accountOf(ledger, leg.pool, device);
			const gain = gainOf(leg, ledger, device);
			account.has += gain;
			if (gain > 0) account.gainedMs = chain.time.nowMs;
			if (account.has < 0) settle(account, device);
			if (tainted.has(device) || strangers.has(device)) continue;
			if (leg.kind === 'overdraw') checkOverdraw(account, device, `row ${index} of ${id} in ${ledger}`, leg.pool);
			court.play(2);
			court.demand(
				2,
				account.has >= 0,
				() => `row ${index} of ${id} in ${ledger} takes from ${leg.pool} what neither it nor what it names has`,
			);
		}
	}

	/** ESC5: beyond the share is sold only what the share has not. What came a moment ago may not have been in view yet. */
	function checkOverdraw(account: Account, device: DeviceId, row: string, pool: string): void {
		settle(account, device);
		if (chain.time.nowMs - account.gainedMs < justNowMs) return;
		court.play(29);
		court.demand(29, account.has <= 0, () => `${row} overdraws ${pool}, of which its author still has ${account.has}`);
	}

	function settle(account: Account, device: DeviceId): void {
		for (const granted of [...account.unnamed])
			if (isNamed(device, granted)) {
				account.has += granted.amount;
				account.unnamed.splice(account.unnamed.indexOf(granted), 1);
			}
	}

	/** What a row names, its predecessor among them. */
	function* namedBy(epoch: EpochId, index: number): Iterable<Position> {
		const written = truth.epochs.get(epoch);
		if (index === 0 && written?.prev) yield written.prev;
		yield* written?.entries[index]?.relies ?? [];
	}

	/** P6, inwards: nobody in the shop sees what a crash of this device could still undo (JRN3). */
	function checkShown({ name, replica }: Till): void {
		const { journal, view } = replica.core;
		for (const { id, durable, name: of } of journal.all()) {
			const shown = view.at(id);
			if (shown <= durable) continue;
			const covered = view.base(of.ledger)?.cut.get(id)?.count ?? 0;
			court.play(6);
			court.demand(
				6,
				shown <= covered,
				() => `${name} shows row ${shown - 1} of ${id} in ${of.ledger} before it is on disk`,
			);
		}
	}

	return {
		answered({ till }) {
			if (till.running) checkShown(till);
		},
		stepped(actor) {
			if (actor?.running) checkShown(actor);
		},
		synced(till, batches, fresh) {
			for (const row of fresh) noteRow(row);
			const core = till.running?.core;
			if (!core) return;
			const { journal, view } = core;
			for (const { puts } of batches)
				for (const { key } of puts) {
					if (!key.startsWith('r/')) continue;
					const { epoch, at } = keys.parse(key);
					const ledger = truth.epochs.get(epoch)?.ledger ?? '';
					for (const need of namedBy(epoch, at)) {
						const has =
							(journal.get(need.epoch)?.count ?? 0) >= need.count ||
							view.at(need.epoch) >= need.count ||
							view.pending(ledger).some(({ cut }) => (cut.get(need.epoch)?.count ?? 0) >= need.count);
						court.play(10);
						court.demand(10, has, () => `${till.name} took row ${at} of ${epoch} without ${need.epoch}:${need.count}`);
					}
				}
		},
		relaySynced({ name, running }, batches) {
			const keeping = running?.keeping;
			if (!keeping) return;
			for (const { runs } of batches)
				for (const { epoch, from, entries } of runs)
					for (let at = from; at < from + entries.length; at++)
						for (const need of namedBy(epoch, at)) {
							const has =
								(keeping.get(need.epoch)?.count ?? 0) >= need.count || keeping.held.view.at(need.epoch) >= need.count;
							court.play(10);
							court.demand(10, has, () => `${name} took row ${at} of ${epoch} without ${need.epoch}:${need.count}`);
						}
		},
	};
}
