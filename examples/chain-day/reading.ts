import type { Replica } from 'tillmesh';
import {
	type BookedTicket,
	membersLedger,
	type Redemption,
	redemptionsOf,
	repairsOf,
	stockLedger,
	ticketsOf,
	type Waste,
	wasteOf,
} from './ledgers.js';
import { patienceMs } from './patience.js';

/** What a replica says of itself. */
export interface Figures {
	readonly device: string;
	readonly bytes: number;
	/** What is wrong with a pool. */
	readonly findings: readonly string[];
	/** What is not well, and what waits for a person. */
	readonly complaints: readonly string[];
}

export interface Books {
	/** By `<outlet>|<day>`. */
	readonly tickets: ReadonlyMap<string, readonly BookedTicket[]>;
	readonly redemptions: readonly Redemption[];
	readonly waste: readonly (Waste & { readonly outlet: string })[];
}

export async function readFigures(replica: Replica): Promise<Figures> {
	const { health } = replica.status();
	const open = replica.ledgers().flatMap((ledger) => replica.ledger(ledger).exceptions());
	return {
		device: replica.device,
		bytes: await replica.bytes(),
		findings: replica.check().map(({ ledger, pool, what, amount }) => `${ledger} ${pool} ${what} ${amount}`),
		complaints: [
			...(health.state === 'ok' ? [] : [`is ${health.state}`]),
			...open.map(({ kind, id }) => `has an open exception: ${kind} ${id}`),
		],
	};
}

export function readBooks(replica: Replica, outlets: readonly string[], days: readonly string[]): Books {
	const pairs = outlets.flatMap((outlet) => days.map((day) => ({ outlet, day })));
	const values = <T>(log: { all(): { get(): readonly { readonly value: T }[] } }) =>
		log
			.all()
			.get()
			.map(({ value }) => value);
	return {
		tickets: new Map(pairs.map(({ outlet, day }) => [`${outlet}|${day}`, values(ticketsOf(replica, outlet, day))])),
		redemptions: pairs.flatMap(({ outlet, day }) => values(redemptionsOf(replica, outlet, day))),
		waste: outlets.flatMap((outlet) => values(wasteOf(replica, outlet)).map((row) => ({ outlet, ...row }))),
	};
}

/** One commit over all that the till writes in: where one part of it is in view, all before it is, in every ledger (JRN4). */
export async function markRepair(replica: Replica, outlet: string, text: string): Promise<void> {
	await replica.commit((tx) => {
		for (const ledger of [stockLedger(outlet), membersLedger]) tx.append(repairsOf(replica, ledger), text);
	});
}

export async function seesRepair(replica: Replica, outlet: string, text: string): Promise<void> {
	const marks = repairsOf(replica, stockLedger(outlet)).all();
	await marks.when((all) => all.some(({ value }) => value === text), { timeoutMs: patienceMs });
}
