import type { Replica } from 'tillmesh';
import { nowMs } from './clock.js';
import { ticketsOf } from './ledgers.js';

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
	readonly #replica: Replica;
	#committed = new Map<string, number>();
	#seen = new Map<string, number>();
	readonly #links: { readonly atMs: number; readonly isUp: boolean }[] = [];
	#watching = new AbortController();

	constructor(replica: Replica) {
		this.#replica = replica;
		replica.sync.status.on(() => {
			const isUp = this.#isLinked;
			if (isUp !== (this.#links.at(-1)?.isUp ?? false)) this.#links.push({ atMs: nowMs(), isUp });
		});
	}

	get #isLinked(): boolean {
		return this.#replica.sync.status.get().peers.some(({ inSync }) => inSync);
	}

	async linked(timeoutMs: number): Promise<void> {
		await this.#replica.sync.status.when(({ peers }) => peers.some(({ inSync }) => inSync), { timeoutMs });
	}

	noteCommit(ticket: string): void {
		this.#committed.set(ticket, nowMs());
	}

	/** What is there already is not timed. */
	watch(ledgers: readonly { readonly outlet: string; readonly day: string }[]): void {
		this.#watching.abort();
		this.#watching = new AbortController();
		for (const { outlet, day } of ledgers) {
			const live = ticketsOf(this.#replica, outlet, day).all();
			const known = new Set(live.get().map(({ value }) => value.id));
			const note = () => {
				const atMs = nowMs();
				for (const { value, device } of live.get()) {
					if (known.has(value.id)) continue;
					known.add(value.id);
					if (device !== this.#replica.device) this.#seen.set(value.id, atMs);
				}
			};
			live.on(note, { signal: this.#watching.signal });
		}
	}

	/** What was noted since the last time. */
	take(): TimesTaken {
		const taken = { committed: this.#committed, seen: this.#seen, links: [...this.#links] };
		this.#committed = new Map();
		this.#seen = new Map();
		return taken;
	}
}
