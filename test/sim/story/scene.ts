import type { Records } from '../../../adapters/storage-memory/records.js';
import type { DeviceId } from '../../../src/base/ids.js';
import type { Chain } from '../machines/chain.js';
import type { Chance } from '../machines/chance.js';
import type { Till } from '../machines/till.js';
import type { Judge } from '../properties/judge.js';
import type { FaultName, MeetingName, Plan } from './plan.js';
import type { Listener, Power } from './power.js';

/** A till's disk as it was. */
export interface Backup {
	readonly image: Records;
	readonly device: DeviceId;
	readonly atMs: number;
}

/** What a part of the story may look at in its world, and do to it. */
export interface Scene extends Listener {
	readonly plan: Plan;
	readonly chain: Chain;
	readonly judge: Judge;
	/** Machines go off and on. */
	readonly power: Power;
	/** Devices that somebody can stand at. */
	readonly running: readonly Till[];
	readonly backups: ReadonlyMap<Till, readonly Backup[]>;
	/** Names of devices that are gone for good: their disk was replaced. Somebody fences them. */
	readonly gone: Set<DeviceId>;
	/** A fault has really happened, or a meeting of several. */
	fault(name: FaultName | MeetingName, what: string, till?: Till): void;
	/** Somebody does something at this till. */
	actAt(till: Till, chance: Chance): void;
	/** Every home that is there gives the device up (ESC6). */
	fence(device: DeviceId): void;
}

/** Makes something happen, to this device or to something near it. Answers the device that it was about, where it still runs. */
export type Accident = (scene: Scene, till: Till, chance: Chance) => Promise<Till | undefined>;
