import type { Redemption, Ticket } from './input.js';
import type { Station } from './station.js';

/** A till as the store sees it: what is rung up in it, and what waits at it. */
export class Till {
	readonly outlet: string;
	readonly station: Station;
	/** Sales whose pastry could not be had yet. */
	parked: Ticket[] = [];
	parkedEver = 0;
	/** Confirmed sales that were sent again and were answered with the first outcome. */
	replayed = 0;

	constructor(outlet: string, station: Station) {
		this.outlet = outlet;
		this.station = station;
	}

	/** Rings up what is due and, where the line is up, what waits; some of it twice. */
	async sell(due: readonly Ticket[], twice: readonly string[], counted: readonly string[]): Promise<void> {
		const again = this.station.line.isUp ? this.parked.splice(0) : [];
		const tickets = [...again, ...due];
		if (tickets.length === 0) return;
		const { waiting, replayed } = await this.station.ask((program) => program.ask('sell', { tickets, twice, counted }));
		this.replayed += replayed;
		const parked = new Set(waiting);
		this.parked.push(...tickets.filter(({ id }) => parked.has(id)));
		this.parkedEver += due.filter(({ id }) => parked.has(id)).length;
	}

	redeem(redemption: Redemption): Promise<boolean> {
		return this.station.ask((program) => program.ask('redeem', redemption));
	}
}
