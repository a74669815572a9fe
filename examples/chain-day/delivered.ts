import { allStations, type Chain } from './chain.js';
import type { Outage } from './line.js';
import type { Station } from './station.js';
import type { TimesTaken } from './times.js';

/** From "durable on one till" to "in view on another device", in milliseconds, where no line between them was down meanwhile. */
export interface Deliveries {
	/** The store's other tills. */
	readonly store: readonly number[];
	/** The desk at headquarters. */
	readonly headquarters: readonly number[];
}

/** Follows every ticket from its till to where else it shows. */
export class Delivered implements Deliveries {
	readonly store: number[] = [];
	readonly headquarters: number[] = [];
	readonly #chain: Chain;

	constructor(chain: Chain) {
		this.#chain = chain;
	}

	async begin(): Promise<void> {
		await Promise.all(allStations(this.#chain).map((station) => station.ask((program) => program.ask('watch'))));
	}

	async end(): Promise<void> {
		const take = (station: Station) => station.ask((program) => program.ask('takeTimes'));
		const office = await take(this.#chain.office);
		for (const { relay, tills } of this.#chain.stores) {
			const taken = await Promise.all(tills.map(({ station }) => take(station)));
			for (const from of taken) {
				for (const to of taken) if (to !== from) this.store.push(...between(from, to, []));
				this.headquarters.push(...between(from, office, relay.line?.outages ?? []));
			}
		}
	}
}

function between(from: TimesTaken, to: TimesTaken, outages: readonly Outage[]): number[] {
	const down = [...outagesOf(from), ...outagesOf(to), ...outages];
	const times: number[] = [];
	for (const [ticket, fromMs] of from.committed) {
		const untilMs = to.seen.get(ticket);
		if (untilMs === undefined || down.some((outage) => outage.fromMs < untilMs && outage.untilMs > fromMs)) continue;
		times.push(untilMs - fromMs);
	}
	return times;
}

function outagesOf({ links }: TimesTaken): Outage[] {
	const outages: Outage[] = [{ fromMs: 0, untilMs: Number.POSITIVE_INFINITY }];
	for (const { atMs, isUp } of links)
		if (!isUp) outages.push({ fromMs: atMs, untilMs: Number.POSITIVE_INFINITY });
		else (outages.at(-1) as Outage).untilMs = atMs; // there is one from the beginning on
	return outages;
}

/** The least value that so many of a hundred do not exceed; 0 of none. */
export function percentile(values: readonly number[], percent: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}
