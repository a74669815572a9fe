import type { DeviceId } from '../../../src/base/ids.js';
import type { Till } from '../machines/till.js';
import type { FaultName } from '../story/plan.js';
import type { TrueEpoch } from './truth.js';

/**
 * Whose journals are not one line: machines that were cloned or set back, or whose disk forgot something, by every name
 * that they wrote under. A device that was only given up is not among them.
 */
export class Damage {
	readonly #writers = new Map<DeviceId, Set<string>>();
	readonly #machines = new Set<string>();

	/** Rows reach the disk of the machine that wrote them before any other (JRN3). */
	wrote(till: Till, { device }: TrueEpoch): void {
		const writers = this.#writers.get(device);
		if (writers) {
			if (till.running?.device === device) writers.add(till.name);
		} else this.#writers.set(device, new Set([till.name]));
	}

	/** `till` undefined: a relay's disk was lost, and with it perhaps that of a home. */
	faulted(fault: FaultName, till: Till | undefined, homes: readonly Till[]): void {
		if (fault === 'relay-lost') for (const { name } of homes) this.#machines.add(name);
		else if (till && (fault === 'clone' || fault === 'restore' || fault === 'torn')) this.#machines.add(till.name);
	}

	has(device: DeviceId): boolean {
		for (const writer of this.#writers.get(device) ?? []) if (this.#machines.has(writer)) return true;
		return false;
	}

	/** Machines that wrote under this name. */
	writersOf(device: DeviceId): ReadonlySet<string> {
		return this.#writers.get(device) ?? new Set();
	}
}
