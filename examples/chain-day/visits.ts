import { allTills, type Chain } from './chain.js';
import { earnedBy, type Redemption, type Ticket } from './input.js';
import type { Chance } from './random.js';
import type { Till } from './till.js';

/** Members with points who turn up in stores where they did not earn them, some in two stores at once. */
export interface Visits {
	/** A member bought something: may come back. */
	noteSale(ticket: Ticket, slice: number): void;
	/** Starts the redemptions of this slice; they run beside the sales. */
	start(slice: number): void;
	/** Waits for those that run. */
	finish(): Promise<void>;
	/** Those that went through. */
	readonly redeemed: readonly Redemption[];
	readonly refused: number;
}

interface Visit {
	readonly slice: number;
	readonly till: Till;
	readonly redemption: Redemption;
}

const comesBack = 0.04;
const comesTwice = 0.3;

export function createVisits(chain: Chain, chance: Chance): Visits {
	const earned = new Map<string, number>();
	let planned: Visit[] = [];
	let running: Promise<void>[] = [];
	let count = 0;
	const redeemed: Redemption[] = [];
	let refused = 0;
	const plan = (slice: number, till: Till, member: string, points: number) => {
		planned.push({ slice, till, redemption: { id: `redemption ${++count}`, member, points } });
	};
	const run = async ({ till, redemption }: Visit) => {
		if (await till.redeem(redemption)) redeemed.push(redemption);
		else refused++;
	};
	return {
		noteSale(ticket, slice) {
			const { member, outlet } = ticket;
			const points = earnedBy(ticket);
			if (member === undefined || points === 0) return;
			const all = (earned.get(member) ?? 0) + points;
			earned.set(member, all);
			if (!chance.chance(comesBack)) return;
			const elsewhere = allTills(chain).filter((till) => till.outlet !== outlet);
			const when = slice + chance.between(1, 4);
			if (!chance.chance(comesTwice)) plan(when, chance.pick(elsewhere), member, chance.between(1, all));
			else for (const till of firstOfEach(elsewhere, chance)) plan(when, till, member, all);
		},
		start(slice) {
			const due = planned.filter((visit) => visit.slice <= slice);
			planned = planned.filter((visit) => visit.slice > slice);
			for (const visit of due) running.push(run(visit));
		},
		async finish() {
			const done = running;
			running = [];
			await Promise.all(done);
		},
		redeemed,
		get refused() {
			return refused;
		},
	};
}

/** One till of each outlet: a member and the member's partner, both with the same card, at the same time. */
function firstOfEach(tills: readonly Till[], chance: Chance): Till[] {
	const outlets = [...new Set(tills.map((till) => till.outlet))];
	return outlets.map((outlet) => chance.pick(tills.filter((till) => till.outlet === outlet)));
}
