import type { DeviceId, EpochId, Position } from '../base/ids.js';
import { type Reach, type Role, tiers } from './frames.js';

/** Whose disk an acknowledgement by this peer speaks of (SYN2). */
export const tierOf: Readonly<Record<Role, Reach>> = { device: 'copy', store: 'store', hq: 'hq' };

/** Not a second archive's disk: what a checkpoint may cover is another question (JRN11). */
const last = tiers.indexOf('hq');

/** How far rows have got, by tier. Who has reached headquarters has reached all below it. Only grows, unless a disk lost them. */
export class ReachTable {
	readonly #tiers = tiers.map(() => new Map<EpochId, number>());

	/** Of these, those that are news, as they are now known. */
	note(tier: Reach, positions: Iterable<Position>): Position[] {
		const counts = this.#tiers[tiers.indexOf(tier)] as Map<EpochId, number>; // one for each
		const news: Position[] = [];
		for (const at of positions) {
			if (this.of(tier, at.epoch) >= at.count) continue;
			counts.set(at.epoch, at.count);
			news.push(at);
		}
		return news;
	}

	/** A disk of this tier has not kept what it acknowledged: until somebody says so again, it is not there. */
	lost(tier: Reach, positions: Iterable<Position>): void {
		for (const { epoch } of positions) this.#tiers[tiers.indexOf(tier)]?.delete(epoch);
	}

	of(tier: Reach, epoch: EpochId): number {
		const from = tiers.indexOf(tier);
		let count = 0;
		for (let i = from; i <= Math.max(from, last); i++) count = Math.max(count, this.#tiers[i]?.get(epoch) ?? 0);
		return count;
	}

	/** Anything at all has got there. */
	knows(tier: Reach): boolean {
		return (this.#tiers[tiers.indexOf(tier)]?.size ?? 0) > 0;
	}

	/** What is known of an epoch at a tier itself, for those who are told by tier. */
	at(tier: Reach, epoch: EpochId): number {
		return this.#tiers[tiers.indexOf(tier)]?.get(epoch) ?? 0;
	}
}

/** What each archive has on disk, by what it said last: a disk that was lost counts no more. */
export class Archives {
	readonly #devices = new Map<DeviceId, Map<EpochId, number>>();

	note(device: DeviceId, positions: Iterable<Position>): void {
		const counts = this.#devices.get(device) ?? new Map<EpochId, number>();
		this.#devices.set(device, counts);
		for (const { epoch, count } of positions) counts.set(epoch, Math.max(count, counts.get(epoch) ?? 0));
	}

	lost(device: DeviceId, positions: Iterable<Position>): void {
		for (const { epoch } of positions) this.#devices.get(device)?.delete(epoch);
	}

	of(epoch: EpochId): number {
		let most = 0;
		for (const counts of this.#devices.values()) most = Math.max(most, counts.get(epoch) ?? 0);
		return most;
	}
}
