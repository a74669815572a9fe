import type { Replica } from 'tillmesh';

export const chainName = 'coffee-chain';

/** A line as it is booked. */
export type BookedLine = {
	readonly product: string;
	readonly quantity: number;
	readonly amountMinor: number;
	/** Units taken from the shelf's pool: none of a product that is not counted. */
	readonly fromShelf: number;
	/** Units sold of a product that is counted and of which the whole store had no more. */
	readonly unstocked: number;
};

export type BookedTicket = {
	readonly id: string;
	readonly member: string | null;
	readonly totalMinor: number;
	readonly lines: readonly BookedLine[];
};

export type Redemption = { readonly id: string; readonly member: string; readonly points: number };

/** What was left on the shelf at closing and thrown away. */
export type Waste = { readonly day: string; readonly product: string; readonly quantity: number };

export const membersLedger = 'members/0';
export const stockLedger = (outlet: string) => `stock/${outlet}`;
export const ordersLedger = (outlet: string, day: string) => `orders/${outlet}/${day}`;

/** Units on the shelf, one key for each day and product. */
export const shelfOf = (replica: Replica, outlet: string) => replica.ledger(stockLedger(outlet)).pool('shelf');
export const wasteOf = (replica: Replica, outlet: string) => replica.ledger(stockLedger(outlet)).log<Waste>('waste');

/** Points of members, one key each. A member may turn up anywhere: what nobody asks for rests at headquarters. */
export const pointsOf = (replica: Replica) => replica.ledger(membersLedger).pool('points', { restsAt: 'hq' });

export const ticketsOf = (replica: Replica, outlet: string, day: string) =>
	replica.ledger(ordersLedger(outlet, day)).log<BookedTicket>('tickets');
export const redemptionsOf = (replica: Replica, outlet: string, day: string) =>
	replica.ledger(ordersLedger(outlet, day)).log<Redemption>('redemptions');

/** Notes that a till leaves before its disk is taken out, to see later that it has all of it back. */
export const repairsOf = (replica: Replica, ledger: string) => replica.ledger(ledger).log<string>('repairs');
