import type { Till } from 'tillmesh';
import { productOf } from './catalogue.js';
import { patienceMs } from './patience.js';

/** A line as it is booked. */
export interface BookedLine {
	readonly product: string;
	readonly quantity: number;
	readonly amountMinor: number;
	/** Units taken from the shelf: none of a product that is not counted. */
	readonly fromShelf: number;
}

export interface BookedTicket {
	readonly id: string;
	readonly totalMinor: number;
	readonly lines: readonly BookedLine[];
}

/** What a till says of itself. */
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
	/** What each member has left. */
	readonly points: ReadonlyMap<string, number>;
}

export async function readFigures({ replica, shop }: Till): Promise<Figures> {
	const { health } = replica.status();
	const open = [
		...replica.ledgers().flatMap((ledger) => replica.ledger(ledger).exceptions()),
		...[...shop.exceptions].flatMap(({ exceptions }) => exceptions.get().filter(({ state }) => state === 'open')),
	];
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

export function readBooks(
	till: Till,
	outlets: readonly string[],
	days: readonly string[],
	members: readonly string[],
): Books {
	const tickets = new Map(
		outlets.flatMap((outlet) => days.map((day): [string, BookedTicket[]] => [`${outlet}|${day}`, []])),
	);
	for (const { store, businessDate, settlements } of till.orders.list({ state: 'settled' }).get())
		for (const { value } of settlements) {
			const { note: id = '', due: totalMinor, lines, goods } = value;
			const shelf = new Map(goods.map(({ line, qty }) => [line, qty]));
			const booked = lines.map(({ id: line, sku, qty: quantity, net: amountMinor }) => {
				return { product: productOf(sku), quantity, amountMinor, fromShelf: shelf.get(line) ?? 0 };
			});
			tickets.get(`${store}|${businessDate}`)?.push({ id, totalMinor, lines: booked });
		}
	const left = (member: string) => till.members.accountNow(member)?.purses.points?.total ?? 0;
	return { tickets, points: new Map(members.map((member) => [member, left(member)])) };
}

// ---- notes that a till leaves before its disk is taken out, to see later that it has all of it back ----

/** One commit touches no more ledgers. */
const ledgersOfCommit = 16;

const notesOf = ({ replica }: Till, ledger: string) => replica.ledger(ledger).log<string>('repairs');

/** At the end of what this till wrote in each ledger; answers which they are. */
export async function markRepair(till: Till, text: string): Promise<string[]> {
	const { replica, shop } = till;
	const isOwn = (ledger: string) => ledger.startsWith('members/') || ledger.split('/')[1] === shop.store;
	const own = replica.ledgers().filter(isOwn);
	for (let i = 0; i < own.length; i += ledgersOfCommit)
		await replica.commit((tx) => {
			for (const ledger of own.slice(i, i + ledgersOfCommit)) tx.append(notesOf(till, ledger), text);
		});
	return own;
}

export async function seesRepair(till: Till, text: string, ledgers: readonly string[]): Promise<void> {
	for (const ledger of ledgers) {
		const marks = notesOf(till, ledger).all();
		await marks.when((all) => all.some(({ value }) => value === text), { timeoutMs: patienceMs });
	}
}
