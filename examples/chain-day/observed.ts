import { agree, allStations, allTills, type Chain, keepersOf } from './chain.js';
import type { ChainInput } from './input.js';
import {
	type BookedTicket,
	membersLedger,
	ordersLedger,
	type Redemption,
	redemptionsOf,
	stockLedger,
	ticketsOf,
	type Waste,
	wasteOf,
} from './ledgers.js';
import { patienceMs, pause } from './station.js';

/** What the chain shows once everything is healed: plain figures, to be judged apart from how they came about. */
export interface Observed {
	/** As headquarters has them, by `<outlet>|<day>`. */
	readonly tickets: ReadonlyMap<string, readonly BookedTicket[]>;
	readonly redemptions: readonly Redemption[];
	readonly waste: readonly (Waste & { readonly outlet: string })[];
	/** Digest of every ledger on every replica that keeps it. */
	readonly digests: readonly { readonly ledger: string; readonly replica: string; readonly digest: string }[];
	/** What is wrong with a pool by a replica's own account. */
	readonly findings: readonly string[];
	/** Replicas that are not well, and what waits for a person. */
	readonly complaints: readonly string[];
	readonly bytesPerTill: Readonly<Record<string, number>>;
}

export async function observe(chain: Chain, input: ChainInput): Promise<Observed> {
	const hq = chain.headquarters.replica;
	const pairs = input.outlets.flatMap((outlet) => input.days.map((day) => ({ outlet, day })));
	const ledgers = [membersLedger, ...input.outlets.map(stockLedger)];
	for (const { outlet, day } of pairs) ledgers.push(ordersLedger(outlet, day));
	for (const ledger of ledgers) await agree(keepersOf(chain, ledger), [ledger]);
	for (const station of allStations(chain)) await station.replica.tend({ compact: true });
	const digests = await digestsOf(chain, ledgers);
	const bytesPerTill: Record<string, number> = {};
	for (const { station } of allTills(chain)) bytesPerTill[station.name] = await station.replica.bytes();
	const values = <T>(log: { all(): { get(): readonly { readonly value: T }[] } }) =>
		log
			.all()
			.get()
			.map(({ value }) => value);
	return {
		tickets: new Map(pairs.map(({ outlet, day }) => [`${outlet}|${day}`, values(ticketsOf(hq, outlet, day))])),
		redemptions: pairs.flatMap(({ outlet, day }) => values(redemptionsOf(hq, outlet, day))),
		waste: input.outlets.flatMap((outlet) => values(wasteOf(hq, outlet)).map((row) => ({ outlet, ...row }))),
		digests,
		findings: allStations(chain).flatMap(({ name, replica }) =>
			replica.check().map(({ ledger, pool, what, amount }) => `${name}: ${ledger} ${pool} ${what} ${amount}`),
		),
		complaints: allStations(chain).flatMap(({ name, replica, wasRenamed }) => {
			const { health } = replica.status();
			const open = replica.ledgers().flatMap((ledger) => replica.ledger(ledger).exceptions());
			return [
				...(health.state === 'ok' ? [] : [`${name} is ${health.state}`]),
				...(wasRenamed ? [`${name} enrolled anew`] : []),
				...open.map(({ kind, id }) => `${name}: ${kind} ${id}`),
			];
		}),
		bytesPerTill,
	};
}

/** All of them at one moment: once they agree, or when nothing more can be hoped for. Housekeeping writes rows too. */
async function digestsOf(chain: Chain, ledgers: readonly string[]): Promise<Observed['digests']> {
	for (const untilMs = Date.now() + patienceMs; ; await pause(50)) {
		const digests = ledgers.flatMap((ledger) =>
			keepersOf(chain, ledger).map(({ name, replica }) => ({ ledger, replica: name, digest: replica.digest(ledger) })),
		);
		const different = new Set(digests.map(({ ledger, digest }) => `${ledger} ${digest}`));
		if (different.size === ledgers.length || Date.now() > untilMs) return digests;
	}
}
