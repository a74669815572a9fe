import { type MemoryAdapter, memory } from '../../../adapters/storage-memory/index.js';
import type { DeviceId, EpochId, LedgerName } from '../../../src/base/ids.js';
import type { Checkpoint } from '../../../src/journal/checkpoint.js';
import type { Platform } from '../../../src/ports/platform.js';
import { openReplica } from '../../../src/replica/open.js';
import { OpenReplica } from '../../../src/replica/open-replica.js';
import { keys } from '../../../src/replica/records.js';
import type { Dice } from '../update-model.js';
import { settle } from './hand-driven.js';
import type { Line } from './line.js';
import { demand } from './till.js';

export interface Role {
	readonly name: string;
	readonly keeps: readonly LedgerName[];
	readonly home: readonly LedgerName[];
	readonly archive: boolean;
}

/** A device: its storage, and whatever process runs on it now. */
export class Machine {
	readonly role: Role;
	storage: MemoryAdapter;
	backup: MemoryAdapter | undefined;
	isDead = false;
	/** Its disk lost rows on which others rest that it kept. */
	isTorn = false;
	/** Lines of the process that runs, and how it lets go of each. */
	readonly lines = new Map<Line, () => void>();
	readonly holds: { readonly ledger: LedgerName; readonly hold: string }[] = [];
	/** What people have seen on this machine since its disk last went back. */
	readonly shown = new Map<EpochId, number>();
	/** Rows that were on its disk when it was looked at last. */
	readonly kept = new Map<EpochId, number>();
	#replica: OpenReplica | undefined;
	#opening = 0;

	/** `from` is the storage of another machine that this one is a copy of. */
	constructor(role: Role, platform: Platform, from?: MemoryAdapter) {
		this.role = role;
		const after: Platform['timers']['after'] = (delayMs, run) => {
			const opening = this.#opening;
			return platform.timers.after(delayMs, () => opening === this.#opening && run());
		};
		const own = { ...platform, timers: { after } };
		this.storage = memory({ platform: own });
		if (from) this.storage = Object.assign(from.copy(), { platform: own });
	}

	get replica(): OpenReplica {
		demand(this.#replica !== undefined, () => `${this.role.name} is not running`);
		return this.#replica;
	}

	get device(): DeviceId {
		return this.replica.device;
	}

	async open(): Promise<void> {
		const options = {
			chain: 'chain',
			storage: this.storage,
			segmentRows: 20,
			checkpointRows: 2,
			links: [],
			...this.role,
		};
		const opened = await openReplica(options);
		demand(opened instanceof OpenReplica, () => 'openReplica opened something else');
		this.#replica = opened;
		await settle();
	}

	#leaveLines(): void {
		for (const line of this.lines.keys()) line.cut();
		for (const leave of [...this.lines.values()]) leave();
	}

	async shutdown(): Promise<void> {
		this.#leaveLines();
		await this.replica.shutdown();
		this.#opening += 1;
	}

	/** The process ends here and now; what it was writing is lost. */
	crash(): void {
		this.storage.crash();
		this.#leaveLines();
		this.#opening += 1;
	}

	die(): void {
		this.crash();
		this.isDead = true;
	}

	/** A disk that lied: the end of what this device wrote last in one ledger is gone, the rest is there (JRN4). */
	async tear(dice: Dice): Promise<void> {
		const own = [...this.role.keeps].flatMap((ledger) =>
			[...this.replica.core.journal.in(ledger)].filter((epoch) => epoch.name.device === this.device),
		);
		const tips = own.filter((epoch) => !own.some((other) => other.open?.prev?.epoch === epoch.id));
		await this.shutdown();
		if (tips.length === 0) return;
		this.isTorn = true;
		const epoch = dice.pick(tips);
		const left = dice.below(epoch.count);
		const deletes: string[] = left === 0 ? [keys.epoch(epoch.id)] : [];
		for (let i = left; i < epoch.count; i++) deletes.push(keys.row(epoch.id, i));
		for (const seal of epoch.seals) if (seal.count > left) deletes.push(keys.seal(epoch.id, seal.count));
		const storage = await this.storage.open('a disk that lies');
		await storage.write({ puts: [], deletes });
		await storage.close();
	}

	base(ledger: LedgerName): Checkpoint | undefined {
		return this.replica.core.view.base(ledger);
	}
}
