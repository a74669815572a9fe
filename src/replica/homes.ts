import type { DeviceId, LedgerName } from '../base/ids.js';
import type { Checkpoint } from '../journal/checkpoint.js';
import type { EpochName } from '../journal/epoch.js';
import { deviceIdOf } from '../journal/seal.js';
import type { Core } from './core.js';

/** Who said that they are home of a ledger, and who is. */
export class Homes {
	readonly #core: Core;
	readonly #signers = new WeakMap<Checkpoint, DeviceId>();
	/** By ledger: each with its highest segment, in the order in which they were heard of. */
	readonly #homes = new Map<LedgerName, Map<DeviceId, number>>();

	constructor(core: Core) {
		this.#core = core;
	}

	/** A home began an epoch. */
	note({ ledger, device, segment }: EpochName): void {
		const homes = this.#homes.get(ledger) ?? new Map<DeviceId, number>();
		this.#homes.set(ledger, homes);
		homes.set(device, Math.max(segment, homes.get(device) ?? 0));
	}

	of(ledger: LedgerName): DeviceId | undefined {
		const { books, device: me, isHome } = this.#core;
		if (isHome(ledger)) return me;
		const { escrow } = books.of(ledger);
		let home: { readonly device: DeviceId; readonly segment: number } | undefined;
		// One that lost its disk begins anew at a lower segment: its former self is fenced, and home of nothing (ESC9).
		for (const [device, segment] of this.#homes.get(ledger) ?? [])
			if (segment >= (home?.segment ?? 0) && !escrow.fenced(device)) home = { device, segment };
		return home?.device ?? this.#signerOf(ledger);
	}

	/** Whose rows have all gone under its checkpoint says by its seal that it is home; a newer home is known by its rows. */
	#signerOf(ledger: LedgerName): DeviceId | undefined {
		const { books, platform, view } = this.#core;
		const base = view.base(ledger);
		if (!base) return undefined;
		const device = this.#signers.get(base) ?? deviceIdOf(base.key, platform.crypto.sha256);
		this.#signers.set(base, device);
		return books.of(ledger).escrow.fenced(device) ? undefined : device;
	}
}
