import type { DeviceId, EpochId, LedgerName, Position } from '../base/ids.js';

/** What an epoch's `open` says of where it stands. */
export interface Beginning {
	readonly ledger: LedgerName;
	readonly device: DeviceId;
	readonly prev: Position | null;
}

/** Devices of which some entry has two successors: a clone, or a restored backup that went on (JRN7). */
export class Forks {
	readonly devices = new Set<DeviceId>();
	/** After how many rows another epoch goes on: of an epoch, or of a device's journal at its very beginning. */
	readonly #goesOnAt = new Map<EpochId | string, number>();

	/** An epoch begins; `grown`: how far the one before it is known to go. */
	begins({ ledger, device, prev }: Beginning, grown: number): void {
		const key = prev?.epoch ?? `${ledger} ${device}`;
		const at = prev?.count ?? 0;
		if (this.#goesOnAt.has(key) || (prev && grown > at)) this.devices.add(device);
		else this.#goesOnAt.set(key, at);
	}

	/** An epoch goes as far as `count`. */
	grows(id: EpochId, device: DeviceId, count: number): void {
		if ((this.#goesOnAt.get(id) ?? count) < count) this.devices.add(device);
	}
}
