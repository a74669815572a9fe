import type { Replica } from 'tillmesh';
import { describe, expect, test } from 'vitest';
import type { Ticket } from '../../examples/chain-day/input.js';
import { createChance } from '../../examples/chain-day/random.js';
import { monthOfTickets } from './chain-input.js';
import { connect, openDevice, untilEqual } from './devices.js';

type Booked = { readonly id: string; readonly amounts: readonly number[] };

const month = monthOfTickets();
const ledgerOf = (outlet: string, day: string) => `orders/${outlet}/${day}`;
const ticketsOf = (replica: Replica, outlet: string, day: string) =>
	replica.ledger(ledgerOf(outlet, day)).log<Booked>('tickets');

function book(replica: Replica, { id, outlet, day, lines }: Ticket) {
	const booked = { id, amounts: lines.map(({ amountMinor }) => amountMinor) };
	return replica.commit((tx) => tx.append(ticketsOf(replica, outlet, day), booked), { idempotencyKey: id });
}

/** Cents of one outlet and day, counted line by line. */
function netMinor(replica: Replica, outlet: string, day: string): number {
	const booked = ticketsOf(replica, outlet, day).all().get();
	return booked.flatMap(({ value }) => value.amounts).reduce((sum, amount) => sum + amount, 0);
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
	const chance = createChance(seed);
	const left = [...items];
	return items.map(() => left.splice(chance.between(0, left.length - 1), 1)[0] as T); // one is left for each
}

/**
 * In one process, on links in memory: a month of days over relays and processes, `npm run demo -- --days 29`, takes minutes,
 * most of them for starting processes. A day of it is played so in chain-day.test.ts.
 */
describe('the month of a chain', () => {
	test('S4 tickets split over the tills of three shops, shuffled and sent twice, merge to every ticket once and every cent', async () => {
		const headquarters = await openDevice({ name: 'headquarters', keeps: ['orders/*'], home: ['orders/*'] });
		const tills: Replica[] = [];
		for (const outlet of month.outlets) {
			const own = month.tickets.filter((ticket) => ticket.outlet === outlet);
			for (let i = 0; i < 4; i++) {
				const { replica } = await openDevice({ name: `till-${outlet}-${i}`, keeps: [`orders/${outlet}/*`] });
				tills.push(replica);
				const share = own.filter((_, at) => at % 4 === i);
				const sent = shuffled([...share, ...share.filter((_, at) => at % 5 === 0)], Number(outlet) * 10 + i);
				for (let at = 0; at < sent.length; at += 200)
					await Promise.all(sent.slice(at, at + 200).map((ticket) => book(replica, ticket)));
			}
		}
		const { next } = createChance(4);
		for (const till of tills) connect(headquarters.replica, till, { random: next, duplicate: 0.1, reorder: 0.1 });
		for (const outlet of month.outlets)
			for (const day of month.days) {
				const own = tills.filter(({ name }) => name.startsWith(`till-${outlet}-`));
				await untilEqual(ledgerOf(outlet, day), [headquarters.replica, ...own], 120_000);
			}
		const ids = month.outlets.flatMap((outlet) =>
			month.days.flatMap((day) =>
				ticketsOf(headquarters.replica, outlet, day)
					.all()
					.get()
					.map(({ value }) => value.id),
			),
		);
		expect(new Set(ids).size).toBe(ids.length);
		expect(ids.length).toBe(month.expected.tickets);
		const totals = month.outlets.map((outlet) =>
			month.days.reduce((sum, day) => sum + netMinor(headquarters.replica, outlet, day), 0),
		);
		expect(Object.fromEntries(month.outlets.map((outlet, i) => [outlet, totals[i]]))).toEqual(
			month.expected.totalByOutlet,
		);
		expect(totals.reduce((sum, total) => sum + total, 0)).toBe(month.expected.totalMinor);
	});

	test('S14 replayed by business day and closed each night, each outlet has the net of the day', async () => {
		const headquarters = await openDevice({ name: 'headquarters', keeps: ['orders/*'], home: ['orders/*'] });
		const tills = new Map<string, Replica[]>();
		for (const outlet of month.outlets)
			for (const i of [1, 2]) {
				const { replica } = await openDevice({ name: `till-${outlet}-${i}`, keeps: [`orders/${outlet}/*`] });
				connect(headquarters.replica, replica);
				tills.set(outlet, [...(tills.get(outlet) ?? []), replica]);
			}
		const nets: Record<string, number> = {};
		for (const day of month.days) {
			const sales = month.outlets.map(async (outlet) => {
				const own = tills.get(outlet) ?? [];
				const today = month.tickets.filter((ticket) => ticket.day === day && ticket.outlet === outlet);
				await Promise.all(today.map((ticket, at) => book(own[at % own.length] as Replica, ticket))); // two tills
				await untilEqual(ledgerOf(outlet, day), [headquarters.replica, ...own]);
			});
			await Promise.all(sales);
			for (const outlet of month.outlets)
				for (const replica of [headquarters.replica, ...(tills.get(outlet) ?? [])])
					nets[`${replica.name} ${outlet}|${day}`] = netMinor(replica, outlet, day);
			await headquarters.replica.tend({ compact: true });
		}
		for (const [who, net] of Object.entries(nets))
			expect({ who, net }).toEqual({ who, net: month.expected.totalByOutletDay[who.split(' ')[1] ?? ''] });
	});
});
