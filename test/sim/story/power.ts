import type { Chain } from '../machines/chain.js';
import type { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';
import type { Judge } from '../properties/judge.js';

/** After a shutdown, until the machine is started again; after a failed disk, until somebody has noticed. */
const restartMs = 500;
const noticedMs = 1_000;

/** Whom it is told to. */
export interface Listener {
	/** A line of the history. */
	tell(what: string): void;
	/** What is in a till's way is told by a typed failure; anything else is a bug. */
	failed(till: Till, what: string, error: unknown): void;
}

/** Machines go off and on, and nobody forgets one. */
export class Power {
	readonly #chain: Chain;
	readonly #judge: Judge;
	readonly #listener: Listener;
	/** Machines that are off, and when somebody switches them on again. */
	readonly #down = new Map<Till | RelayBox, number>();

	constructor(chain: Chain, judge: Judge, listener: Listener) {
		this.#chain = chain;
		this.#judge = judge;
		this.#listener = listener;
	}

	/** The process ends here and now; `survives` of the writes that waited had got to the disk. On again after `offMs`. */
	crash(till: Till, survives: number, isSilent: boolean, offMs: number): void {
		this.#chain.crashTill(till, survives, isSilent);
		this.#judge.crashed(till);
		this.#down.set(till, this.#chain.time.nowMs + offMs);
	}

	crashRelay(box: RelayBox, survives: number, isSilent: boolean, offMs: number): void {
		const home = this.#chain.find(`${box.name}/home`);
		this.#chain.crashRelay(box, survives, isSilent);
		if (home) this.#judge.crashed(home);
		this.#down.set(box, this.#chain.time.nowMs + offMs);
	}

	async restart(till: Till, returnShares: boolean): Promise<void> {
		this.#listener.tell(`${till.name} is shut down${returnShares ? ', its shares go home' : ''}`);
		if (returnShares) this.#judge.goingHome(till);
		const leaving = till.shutdown(returnShares);
		try {
			await this.#chain.time.until(leaving);
		} catch (error) {
			this.#listener.failed(till, 'shut down', error);
		}
		this.#down.set(till, this.#chain.time.nowMs + restartMs);
	}

	/** Whoever's time has come is switched on, or everybody; who is broken is restarted by and by. */
	async tend(all = false): Promise<void> {
		const { nowMs } = this.#chain.time;
		const offMs = all ? 0 : noticedMs;
		for (const till of this.#chain.replicas)
			if (till.running?.health.get().state === 'broken' && !this.#down.has(till)) this.crash(till, 0, false, offMs);
		for (const box of this.#chain.relays)
			if (box.failures.length > 0 && !this.#down.has(box)) this.crashRelay(box, 0, false, offMs);
		for (const [machine, atMs] of [...this.#down]) if (all || atMs <= nowMs) await this.switchOn(machine);
	}

	async switchOn(machine: Till | RelayBox): Promise<void> {
		this.#down.delete(machine);
		if ('failures' in machine) {
			machine.failures.length = 0;
			this.#listener.tell(`${machine.name} is switched on`);
			await this.#chain.openRelay(machine);
			const home = this.#chain.find(`${machine.name}/home`);
			if (home) this.#opened(home);
			return;
		}
		if (machine.running) return;
		const opened = await this.#chain.openTill(machine);
		this.#listener.tell(`${machine.name} is switched on${opened ? '' : `: ${machine.failure?.code}`}`);
		if (opened) this.#opened(machine);
		else {
			this.#judge.notOpened(machine);
			await this.#replaceDisk(machine);
		}
	}

	/** A disk that cannot be read is thrown away: the till begins anew, under a new name. */
	async #replaceDisk(till: Till): Promise<void> {
		this.#listener.tell(`${till.name} gets a new disk`);
		till.newDisk();
		await this.#chain.openTill(till);
		this.#opened(till);
	}

	#opened(till: Till): void {
		if (till.running) this.#judge.opened(till);
	}
}
