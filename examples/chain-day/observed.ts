import { productsOf } from './catalogue.js';
import { allStations, allTills, type Chain, complaintsOf, keepersOf } from './chain.js';
import type { Close } from './closing.js';
import type { ChainInput, Redemption } from './input.js';
import { patienceMs, until } from './patience.js';
import type { Books } from './reading.js';
import type { Waste } from './stocking.js';

/** What the chain shows once everything is healed: plain figures, to be judged apart from how they came about. */
export interface Observed extends Books {
	/** Of each store, in the order of days. */
	readonly closes: readonly Close[];
	readonly waste: readonly Waste[];
	/** Those that a till said yes to. */
	readonly redemptions: readonly Redemption[];
	/** Digest of every ledger on every replica that keeps it. */
	readonly digests: readonly { readonly ledger: string; readonly replica: string; readonly digest: string }[];
	/** What is wrong with a pool by a replica's own account. */
	readonly findings: readonly string[];
	/** Replicas and relays that are not well, and what waits for a person. */
	readonly complaints: readonly string[];
	readonly bytesPerTill: Readonly<Record<string, number>>;
}

export async function observe(chain: Chain, input: ChainInput, redemptions: readonly Redemption[]): Promise<Observed> {
	const { outlets, days, tickets } = input;
	const members = [...new Set(tickets.flatMap(({ member }) => member ?? []))];
	const { counted } = productsOf(input);
	const digests = await digestsOf(chain);
	const all = await Promise.all(
		allStations(chain).map(async (station) => {
			const figures = await station.ask((program) => program.ask('figures'));
			return { name: station.name, wasRenamed: station.wasRenamed(figures.device), ...figures };
		}),
	);
	const tills = new Set(allTills(chain).map(({ station }) => station.name));
	const firsts = chain.stores.flatMap(({ tills: [first] }) => first?.station ?? []);
	return {
		...(await chain.office.ask((program) => program.ask('books', outlets, days, members))),
		closes: (await Promise.all(firsts.map((station) => station.ask((program) => program.ask('closes'))))).flat(),
		waste: (await Promise.all(firsts.map((station) => station.ask((program) => program.ask('waste', counted))))).flat(),
		redemptions,
		digests,
		findings: all.flatMap(({ name, findings }) => findings.map((finding) => `${name}: ${finding}`)),
		complaints: [
			...all.flatMap(({ name, complaints }) => complaints.map((complaint) => `${name} ${complaint}`)),
			...all.flatMap(({ name, wasRenamed }) => (wasRenamed ? [`${name} enrolled anew`] : [])),
			...(await complaintsOf(chain)),
		],
		bytesPerTill: Object.fromEntries(all.flatMap(({ name, bytes }) => (tills.has(name) ? [[name, bytes]] : []))),
	};
}

/** All of them at one moment: once they agree, or when nothing more can be hoped for. Housekeeping writes rows too. */
async function digestsOf(chain: Chain): Promise<Observed['digests']> {
	let digests: Observed['digests'] = [];
	await until(async () => {
		const ledgers = await chain.office.ask((program) => program.ask('ledgers'));
		const read = allStations(chain).map(async (station) => {
			const kept = ledgers.filter((ledger) => keepersOf(chain, ledger).includes(station));
			const shown = await station.ask((program) => program.ask('digests', kept));
			return kept.map((ledger, i) => ({ ledger, replica: station.name, digest: shown[i] ?? '' }));
		});
		digests = (await Promise.all(read)).flat();
		return new Set(digests.map(({ ledger, digest }) => `${ledger} ${digest}`)).size === ledgers.length;
	}, patienceMs);
	return digests;
}
