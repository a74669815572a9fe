/** One line of a receipt. */
export interface Line {
	readonly product: string;
	readonly quantity: number;
	/** What was taken for the line: it need not be quantity times price, and it is what counts. */
	readonly amountMinor: number;
}

/** A receipt: all lines of one outlet, day and transaction number. The number alone is used again and again. */
export interface Ticket {
	/** `<outlet>|<day>|<transaction>`, the name of this sale wherever it turns up. */
	readonly id: string;
	readonly outlet: string;
	readonly day: string;
	/** Minutes since midnight. */
	readonly minute: number;
	readonly member: string | undefined;
	readonly lines: readonly Line[];
	readonly totalMinor: number;
}

/** What was put on the shelf in the morning. A product and day without such a row is not counted at all. */
export interface Delivery {
	readonly outlet: string;
	readonly day: string;
	readonly product: string;
	readonly quantity: number;
	/** What the input's own table says was thrown away at closing. */
	readonly waste: number;
}

/** Figures computed elsewhere, to be met to the cent. Keys: `<outlet>` and `<outlet>|<day>`. */
export interface Expected {
	readonly totalByOutletDay: Readonly<Record<string, number>>;
	readonly totalByOutlet: Readonly<Record<string, number>>;
	readonly ticketsByOutlet: Readonly<Record<string, number>>;
	readonly tickets: number;
	readonly totalMinor: number;
}

export interface ChainInput {
	/** For people: where it came from. */
	readonly source: string;
	readonly outlets: readonly string[];
	/** Ascending, only those to be played. */
	readonly days: readonly string[];
	/** Whether `days` are all the days there are. */
	readonly whole: boolean;
	/** In order of time. */
	readonly tickets: readonly Ticket[];
	readonly deliveries: readonly Delivery[];
	readonly expected: Expected | undefined;
}

/** Points that a member spends. */
export interface Redemption {
	readonly id: string;
	readonly member: string;
	readonly points: number;
}

/** A person's sentence about input that cannot be used. */
export class BadInput extends Error {}

/** Points that a ticket earns: one for each whole unit of money. */
export function earnedBy(ticket: Pick<Ticket, 'member' | 'totalMinor'>): number {
	return ticket.member === undefined ? 0 : Math.floor(ticket.totalMinor / 100);
}

/** A product on the shelf of one day. */
export function shelfKey(day: string, product: string): string {
	return `${day} ${product}`;
}

export function buildTicket(parts: Omit<Ticket, 'id' | 'totalMinor'>, transaction: string): Ticket {
	const totalMinor = parts.lines.reduce((sum, line) => sum + line.amountMinor, 0);
	return { ...parts, id: `${parts.outlet}|${parts.day}|${transaction}`, totalMinor };
}

export function inOrderOfTime(tickets: Iterable<Ticket>): Ticket[] {
	return [...tickets].sort(
		(a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0) || a.minute - b.minute || (a.id < b.id ? -1 : 1),
	);
}
