import type { DeviceId, EpochId } from '../base/ids.js';
import type { EpochRecord } from './row-store.js';

/** Devices of which some entry has two successors: a clone, or a restored backup that went on (JRN7). */
export class Forks {
	readonly devices = new Set<DeviceId>();
	/** Where journals were gone on from: in an epoch, or at the very beginning. */
	readonly #successors = new Map<EpochId | string, number>();

	/** An epoch begins; `grown`: rows that are held of the one before it. */
	begins({ name, prev }: EpochRecord, grown: number): void {
		const key = prev?.epoch ?? `${name.ledger} ${name.device}`;
		const at = prev?.count ?? 0;
		if (this.#successors.has(key) || (prev && grown > at)) this.devices.add(name.device);
		else this.#successors.set(key, at);
	}

	/** An epoch has grown to `count` rows. */
	grows({ id, name }: EpochRecord, count: number): void {
		const at = this.#successors.get(id);
		if (at !== undefined && at < count) this.devices.add(name.device);
	}
}
