import { TillmeshError } from '../../../src/base/errors.js';
import type { Link } from '../../../src/ports/link.js';
import { openReplica } from '../../../src/replica/open.js';
import { OpenReplica } from '../../../src/replica/open-replica.js';
import type { OpenOptions } from '../../../src/replica/options.js';
import { Disk, type DiskOptions } from './disk.js';
import { type MachineContext, Processes } from './process.js';

/** What a replica is, apart from its disk and its lines. */
export type TillRole = Omit<OpenOptions, 'storage' | 'links' | 'chain'>;

export interface TillOptions extends MachineContext {
	readonly role: TillRole;
	readonly disk: Pick<DiskOptions, 'syncMsMax' | 'watch'>;
}

export const chainName = 'simulated';

/** A device: its disk, and whatever process runs on it now. */
export class Till {
	readonly role: TillRole;
	readonly processes: Processes;
	disk: Disk;
	/** Why it could not be opened. */
	failure: TillmeshError | undefined;
	readonly #diskOptions: DiskOptions;
	#replica: OpenReplica | undefined;

	constructor(options: TillOptions) {
		const { role, disk, time, chance } = options;
		this.role = role;
		this.processes = new Processes(options);
		this.#diskOptions = { ...disk, time, chance: chance.fork(), platform: this.processes.platform };
		this.disk = new Disk(this.#diskOptions);
	}

	get name(): string {
		return this.role.name;
	}

	/** The open replica; undefined while none runs. */
	get running(): OpenReplica | undefined {
		return this.#replica;
	}

	get replica(): OpenReplica {
		if (!this.#replica) throw new TypeError(`${this.name} is not running`);
		return this.#replica;
	}

	/** False where the disk does not let it: `failure` says why. */
	async open(links: readonly Link[]): Promise<boolean> {
		this.failure = undefined;
		try {
			const opened = await openReplica({ ...this.role, chain: chainName, storage: this.disk, links });
			if (!(opened instanceof OpenReplica)) throw new TypeError('openReplica opened something else');
			this.#replica = opened;
			return true;
		} catch (error) {
			if (!(error instanceof TillmeshError)) throw error;
			this.failure = error;
			return false;
		}
	}

	/** What a second window gets that opens the same disk: a failure, or a replica that should not be there. */
	async openAgain(): Promise<unknown> {
		try {
			return await openReplica({ ...this.role, chain: chainName, storage: this.disk, links: [] });
		} catch (error) {
			return error;
		}
	}

	/** The process ends here and now. Of what waited for its sync, the first `survives` writes had got to the disk. */
	crash(survives: number): void {
		this.disk.crash(survives);
		this.processes.end();
		this.#replica = undefined;
	}

	async shutdown(returnShares: boolean): Promise<void> {
		await this.replica.shutdown({ returnShares });
		this.processes.end();
		this.#replica = undefined;
	}

	/** A disk with nothing on it in place of the old one. */
	newDisk(): void {
		this.disk = new Disk(this.#diskOptions);
	}
}
