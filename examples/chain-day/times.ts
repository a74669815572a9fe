import type { Till } from 'tillmesh';
import { nowMs } from './clock.js';

/** When what happened on one device, by the clock that all processes of the machine share. */
export interface TimesTaken {
	/** Tickets that were durable here, by their id. */
	readonly committed: ReadonlyMap<string, number>;
	/** Tickets of others that were in view here. */
	readonly seen: ReadonlyMap<string, number>;
	/** When the link to the relay came and went; not linked before the first. */
	readonly links: readonly { readonly atMs: number; readonly isUp: boolean }[];
}

/** Watches how long sales are on their way. */
export class Times {
	readonly #till: Till;
	#committed = new Map<string, number>();
	#seen = new Map<string, number>();
	readonly #links: { readonly atMs: number; readonly isUp: boolean }[] = [];
	#endWatch = () => {};

	constructor(till: Till) {
		this.#till = till;
		till.replica.sync.status.on(() => {
			const isUp = this.#isLinked;
			if (isUp !== (this.#links.at(-1)?.isUp ?? false)) this.#links.push({ atMs: nowMs(), isUp });
		});
	}

	get #isLinked(): boolean {
		return this.#till.replica.sync.status.get().peers.some(({ inSync }) => inSync);
	}

	async linked(timeoutMs: number): Promise<void> {
		await this.#till.replica.sync.status.when(({ peers }) => peers.some(({ inSync }) => inSync), { timeoutMs });
	}

	noteCommit(ticket: string): void {
		this.#committed.set(ticket, nowMs());
	}

	/** Sales of others, from now on. */
	watch(): void {
		this.#endWatch();
		const { replica, orders } = this.#till;
		this.#endWatch = replica.watch({ ledgers: 'orders', of: 'log', name: 'order' }, (_, changed = new Set()) => {
			const atMs = nowMs();
			for (const id of changed)
				for (const { value, device } of orders.get(id).get()?.settlements ?? [])
					if (device !== replica.device && value.note !== undefined && !this.#seen.has(value.note))
						this.#seen.set(value.note, atMs);
		});
	}

	/** What was noted since the last time. */
	take(): TimesTaken {
		const taken = { committed: this.#committed, seen: this.#seen, links: [...this.#links] };
		this.#committed = new Map();
		this.#seen = new Map();
		return taken;
	}
}
