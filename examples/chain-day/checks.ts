import { judgeShelf } from './check-shelf.js';
import { type ChainInput, earnedBy } from './input.js';
import type { Observed } from './observed.js';
import type { BookedTicket } from './reading.js';
import { sum, sumBy } from './sums.js';

export type CheckName =
	| 'replicasEqual'
	| 'ticketsOnce'
	| 'totals'
	| 'closed'
	| 'expected'
	| 'oversold'
	| 'unstocked'
	| 'overspent'
	| 'conserved'
	| 'healthy';

export interface Check {
	readonly name: CheckName;
	readonly ok: boolean;
	/** What is wrong, at most a few of it. */
	readonly wrong: readonly string[];
}

export interface Verdict {
	readonly checks: readonly Check[];
	readonly ok: boolean;
	readonly tickets: number;
	readonly totalMinor: number;
	/** Units taken from a shelf beyond what was delivered to it. */
	readonly oversold: number;
	/** Points redeemed beyond what was earned. */
	readonly overspent: number;
	/** Units of counted products sold though the whole store had none. */
	readonly unstocked: number;
	readonly wasted: number;
}

/** Counts again, from the input and from what was booked, without a look at the pools' own figures. */
export function judge(input: ChainInput, observed: Observed): Verdict {
	const booked = [...observed.tickets.values()].flat();
	const shelf = judgeShelf(input, observed);
	const overspent = overspentIn(input, observed);
	const conserved = observed.findings;
	const checks = [
		check('replicasEqual', differing(observed)),
		check('ticketsOnce', missingOrTwice(input, booked)),
		check('totals', otherTotals(input, observed)),
		check('closed', otherCloses(input, observed)),
		check('expected', unexpected(input, observed)),
		check('oversold', shelf.oversold),
		check('unstocked', shelf.needless),
		check('overspent', overspent.who),
		check('conserved', conserved),
		check('healthy', observed.complaints),
	];
	return {
		checks,
		ok: checks.every(({ ok }) => ok),
		tickets: booked.length,
		totalMinor: sum(booked, ({ totalMinor }) => totalMinor),
		oversold: shelf.oversoldUnits,
		overspent: overspent.points,
		unstocked: shelf.unstockedUnits,
		wasted: sum(observed.waste, ({ quantity }) => quantity),
	};
}

const check = (name: CheckName, wrong: readonly string[]): Check => ({
	name,
	ok: wrong.length === 0,
	wrong: wrong.slice(0, 5),
});

function differing({ digests }: Observed): string[] {
	const first = new Map<string, string>();
	const wrong: string[] = [];
	for (const { ledger, replica, digest } of digests)
		if (!first.has(ledger)) first.set(ledger, digest);
		else if (first.get(ledger) !== digest) wrong.push(`${replica} shows another ${ledger}`);
	return digests.length === 0 ? ['no replica to compare'] : wrong;
}

function missingOrTwice({ tickets }: ChainInput, booked: readonly BookedTicket[]): string[] {
	const times = sumBy(
		booked,
		({ id }) => id,
		() => 1,
	);
	const wrong: string[] = [];
	for (const { id } of tickets) {
		const count = times.get(id) ?? 0;
		times.delete(id);
		if (count !== 1) wrong.push(`${id} is booked ${count} times`);
	}
	return [...wrong, ...[...times.keys()].map((id) => `${id} was never sold`)];
}

/** Outlet by outlet and day by day: lines as they were booked against lines as they were read. */
function otherTotals({ tickets }: ChainInput, observed: Observed): string[] {
	const sold = sumBy(
		tickets,
		({ outlet, day }) => `${outlet}|${day}`,
		({ lines }) => sum(lines, ({ amountMinor }) => amountMinor),
	);
	const wrong: string[] = [];
	for (const [key, booked] of observed.tickets) {
		const fromLines = sum(booked, ({ lines }) => sum(lines, ({ amountMinor }) => amountMinor));
		const fromTickets = sum(booked, ({ totalMinor }) => totalMinor);
		const should = sold.get(key) ?? 0;
		if (fromLines !== should || fromTickets !== should) wrong.push(`${key}: ${fromTickets}, not ${should}`);
	}
	return wrong;
}

/** Each store's every day is closed once, by what was sold on it, to the cent; nothing came after. */
function otherCloses({ outlets, days, tickets }: ChainInput, { closes }: Observed): string[] {
	const wrong: string[] = [];
	for (const outlet of outlets)
		for (const day of days) {
			const sold = tickets.filter((ticket) => ticket.outlet === outlet && ticket.day === day);
			const net = sum(sold, ({ totalMinor }) => totalMinor);
			const found = closes.filter((z) => z.outlet === outlet && z.day === day);
			const [z] = found;
			const isRight =
				z?.sales === sold.length &&
				z.net === net &&
				z.expected === net &&
				z.counted === net &&
				z.late === 0 &&
				z.isSound;
			if (found.length !== 1 || !isRight)
				wrong.push(`${outlet}|${day}: ${found.length} Z, ${z?.sales ?? 0} sales, ${z?.net ?? 0}, not ${net}`);
		}
	return wrong;
}

/** S14 day by day; S4 where all days were played. */
function unexpected({ expected, whole }: ChainInput, { tickets }: Observed): string[] {
	if (!expected) return [];
	const wrong: string[] = [];
	const compare = (what: string, is: number, should: number | undefined) => {
		if (is !== should) wrong.push(`${what}: ${is}, expected ${should ?? 'a figure'}`);
	};
	const totals = [...tickets].map(([key, booked]) => ({
		key,
		outlet: key.split('|')[0] ?? '',
		count: booked.length,
		totalMinor: sum(booked, ({ totalMinor }) => totalMinor),
	}));
	for (const { key, totalMinor } of totals) compare(key, totalMinor, expected.totalByOutletDay[key]);
	if (!whole) return wrong;
	const byOutlet = (amount: (row: (typeof totals)[number]) => number) => sumBy(totals, ({ outlet }) => outlet, amount);
	for (const [outlet, is] of byOutlet((row) => row.totalMinor))
		compare(`outlet ${outlet}`, is, expected.totalByOutlet[outlet]);
	for (const [outlet, is] of byOutlet((row) => row.count))
		compare(`tickets of ${outlet}`, is, expected.ticketsByOutlet[outlet]);
	compare(
		'tickets',
		sum(totals, ({ count }) => count),
		expected.tickets,
	);
	compare(
		'total',
		sum(totals, ({ totalMinor }) => totalMinor),
		expected.totalMinor,
	);
	return wrong;
}

/** S28: by member, earned on receipts against redeemed anywhere; what is left is the difference. */
function overspentIn(
	{ tickets }: ChainInput,
	{ redemptions, points: left }: Observed,
): { who: string[]; points: number } {
	const earned = sumBy(tickets, ({ member }) => member ?? '', earnedBy);
	const redeemed = sumBy(
		redemptions,
		({ member }) => member,
		(redemption) => redemption.points,
	);
	const who: string[] = [];
	let points = 0;
	for (const member of new Set([...left.keys(), ...redeemed.keys()])) {
		const should = (earned.get(member) ?? 0) - (redeemed.get(member) ?? 0);
		const has = left.get(member) ?? 0;
		if (should < 0) who.push(`member ${member} by ${-should}`);
		else if (has !== should) who.push(`member ${member} has ${has} left, not ${should}`);
		points += Math.max(0, -should);
	}
	return { who, points };
}
