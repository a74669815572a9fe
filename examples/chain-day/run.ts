import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { productsOf } from './catalogue.js';
import { allStations, allTills, closeChain, openChain } from './chain.js';
import { judge, type Verdict } from './checks.js';
import { type DayContext, type Incidents, playDay } from './day.js';
import { Delivered, type Deliveries } from './delivered.js';
import type { ChainInput } from './input.js';
import { type Observed, observe } from './observed.js';
import { buildPrograms } from './programs.js';
import { createChance } from './random.js';
import { createVisits } from './visits.js';

export interface Result {
	readonly input: ChainInput;
	readonly observed: Observed;
	readonly verdict: Verdict;
	readonly incidents: Incidents;
	readonly deliveries: Deliveries;
	readonly parked: number;
	readonly replayed: number;
	readonly redeemed: number;
	readonly refused: number;
	readonly seconds: number;
}

/** Plays the days of the input on a chain of its own in a temporary folder, heals it and judges what it shows. */
export async function playChain(input: ChainInput, seed: number, progress: DayContext['progress']): Promise<Result> {
	const startedMs = performance.now();
	const folder = mkdtempSync(join(tmpdir(), 'chain-day-'));
	const programs = buildPrograms();
	const remove = () => {
		rmSync(folder, { recursive: true, force: true });
		programs.remove();
	};
	process.once('exit', remove); // whoever loses patience leaves nothing behind either
	try {
		const chance = createChance(seed).branch('chain');
		const chain = await openChain(folder, programs, input.outlets, chance);
		const products = productsOf(input);
		await chain.office.ask((program) => program.ask('define', products));
		await Promise.all(
			allStations(chain).map((station) => station.ask((program) => program.ask('seesProducts', products))),
		);
		const visits = createVisits(chain, chance.branch('visits'));
		const incidents: Incidents = { outages: 0, powerCuts: 0, restores: 0, relayKills: 0, resent: 0 };
		const delivered = new Delivered(chain);
		const days = chance.branch('days');
		const context = { chain, input, visits, chance: days, incidents, delivered, copies: new Map(), progress };
		for (let round = 0; round < input.days.length; round++) await playDay(context, round);
		const observed = await observe(chain, input, visits.redeemed);
		const tills = allTills(chain);
		const { redeemed, refused } = visits;
		await closeChain(chain);
		return {
			input,
			observed,
			verdict: judge(input, observed),
			incidents,
			deliveries: delivered,
			parked: tills.reduce((sum, till) => sum + till.parkedEver, 0),
			replayed: tills.reduce((sum, till) => sum + till.replayed, 0),
			redeemed: redeemed.length,
			refused,
			seconds: (performance.now() - startedMs) / 1000,
		};
	} finally {
		process.off('exit', remove);
		remove();
	}
}
