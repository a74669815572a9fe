import { StorageError } from '../../../src/base/errors.js';
import type { Link } from '../../../src/ports/link.js';
import { relayLimits } from '../../../src/relay/quota.js';
import { RelayCore, type RelayCoreOptions } from '../../../src/relay/relay-core.js';
import { type MachineContext, Processes } from './process.js';
import { RowDisk, type RowDiskOptions } from './row-disk.js';
import { chainName } from './till.js';

export interface RelayBoxOptions extends MachineContext {
	readonly name: string;
	readonly role: RelayCoreOptions['role'];
	readonly disk: Pick<RowDiskOptions, 'syncMsMax' | 'watch'>;
	readonly donors: RelayCoreOptions['donors'];
	readonly trust?: RelayCoreOptions['trust'];
}

/** A relay and its disk. The home beside it is a replica of its own, on a line that never fails but with the box. */
export class RelayBox {
	readonly name: string;
	readonly processes: Processes;
	disk: RowDisk;
	/** Why its disk has failed: it ends then. Whatever else it could not handle is in its rejections, and it goes on. */
	readonly failures: unknown[] = [];
	readonly #o: RelayBoxOptions;
	#core: RelayCore | undefined;

	constructor(options: RelayBoxOptions) {
		this.name = options.name;
		this.#o = options;
		this.processes = new Processes(options);
		this.disk = this.#emptyDisk();
	}

	get running(): RelayCore | undefined {
		return this.#core;
	}

	async open(down: readonly Link[], home: readonly Link[], up: Link | undefined): Promise<void> {
		const { name, role, donors, trust } = this.#o;
		const core = await RelayCore.open({
			platform: this.processes.platform,
			store: this.disk.open(),
			chain: chainName,
			trust,
			name,
			role,
			limits: relayLimits,
			donors,
			restored: () => {},
			met: () => {},
			failed: (error) => {
				if (error instanceof StorageError) this.failures.push(error);
			},
		});
		this.#core = core;
		for (const link of down) core.peers.connect(link);
		for (const link of home) core.peers.connect(link, { sameBox: true, host: core.sides.home });
		if (up) core.connectUp(up);
	}

	crash(survives: number): void {
		this.disk.crash(survives);
		this.processes.end();
		this.#core = undefined;
	}

	newDisk(): void {
		this.disk = this.#emptyDisk();
	}

	#emptyDisk(): RowDisk {
		const { time, chance, disk } = this.#o;
		return new RowDisk({ ...disk, time, chance: chance.fork() });
	}
}
