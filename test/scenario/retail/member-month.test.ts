import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseCsv } from '../../../examples/chain-day/csv.js';
import { earnedBy, type Ticket } from '../../../examples/chain-day/input.js';
import { readInput } from '../../../examples/chain-day/input-csv.js';
import { codeOf, done, expectSound, openMemberShops } from './member-shops.js';
import { key } from './shops.js';

const folder = fileURLToPath(new URL('../../../../shared/data/coffee_chain', import.meta.url));
const isHere = existsSync(folder);
if (!isHere) console.warn(`S27 is skipped: the month's receipts are not at ${folder}.`);

/** Of the members, every tenth plays: among them are both whom no table knows. */
const plays = ({ member }: Ticket) => member !== undefined && Number(member) % 10 === 0;

test.skipIf(!isHere)(
	'S27 members who buy in several shops are credited once, however often it is tried, in one pool (real data)',
	async () => {
		const input = readInput(folder, 1000);
		const table = parseCsv(readFileSync(`${folder}/members.csv`, 'utf8'), 'members.csv');
		const cards = new Map(table.map((row) => [row.get('customer_id') ?? '', row.get('loyalty_card_number') ?? '']));
		const tickets = input.tickets.filter((ticket) => plays(ticket) && earnedBy(ticket) > 0);
		const chain = await openMemberShops({ stores: 3, tillsPerStore: 1 });
		const { shops, members } = chain;
		const known = [...cards].filter(([id]) => Number(id) % 10 === 0);
		for (const some of slices(known))
			await Promise.all(some.map(([id, card]) => members(0).register({ id, card }, key()).then(done)));
		await shops.meet();
		const earn = async (till: number, ticket: Ticket, idempotencyKey: string) => {
			const { id, member = '' } = ticket;
			const earning = { member, points: earnedBy(ticket), source: id };
			const outcome = await members(till).earn(earning, { idempotencyKey });
			return cards.has(member) ? done(outcome).replayed : codeOf(outcome);
		};
		// In the table each of them keeps to one shop; here they walk about.
		const visits = new Map<string, number>();
		const tillOf = new Map<Ticket, number>();
		for (const ticket of tickets) {
			const visit = (visits.get(ticket.member ?? '') ?? 0) + 1;
			visits.set(ticket.member ?? '', visit);
			tillOf.set(ticket, visit % 3);
		}
		for (const [i, some] of slices(tickets).entries()) {
			if (i % 2 === 1) shops.isolate(i % 3); // shops sell on without a line
			// A double tap, and a till that has forgotten that it had asked already.
			const said = await Promise.all(
				some.flatMap((ticket) => {
					const till = tillOf.get(ticket) ?? 0;
					const keys = [ticket.id, ticket.id, `${ticket.id} again`];
					return keys.map((text) => earn(till, ticket, text));
				}),
			);
			for (const [at, { member = '' }] of some.entries()) {
				const expected = cards.has(member) ? [false, true, true] : Array(3).fill('unknown_member');
				expect(said.slice(at * 3, at * 3 + 3)).toEqual(expected);
			}
			if (i === 3) await shops.world.crash(1);
			await shops.meet();
		}
		// Another shop tries, after it has heard of it.
		for (const [i, ticket] of tickets.entries())
			if (i % 5 === 0 && cards.has(ticket.member ?? ''))
				expect(await earn(((tillOf.get(ticket) ?? 0) + 1) % 3, ticket, `${ticket.id} there`)).toBe(true);
		await shops.meet();
		expect(tickets.length).toBeGreaterThan(1_500);
		expect(tickets.filter(({ member = '' }) => !cards.has(member)).length).toBeGreaterThan(0);
		const expected = new Map<string, number>();
		for (const ticket of tickets)
			if (cards.has(ticket.member ?? ''))
				expected.set(ticket.member ?? '', (expected.get(ticket.member ?? '') ?? 0) + earnedBy(ticket));
		for (const till of [0, 1, 2])
			for (const [member, points] of expected)
				expect(members(till).accountNow(member)?.purses.points?.total, member).toBe(points);
		expectSound(chain);
	},
	60_000,
);

function slices<T>(items: readonly T[]): T[][] {
	const size = 250;
	return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

test('S27 a source that two isolated shops credit is taken back by one of them when they meet', async () => {
	const chain = await openMemberShops({ stores: 2, tillsPerStore: 1 });
	const { shops, members } = chain;
	const ada = done(await members(0).register({ phone: '13800000001' }, key())).value;
	await shops.meet();
	for (const till of [0, 1]) shops.isolate(till);
	for (const till of [0, 1]) done(await members(till).earn({ member: ada, points: 40, source: 'order-7' }, key()));
	done(await members(1).redeem({ member: ada, purse: 'points', amount: 15, reason: 'gift' }, key()));
	for (const till of [0, 1]) {
		await shops.world.crash(till);
		expect(members(till).accountNow(ada)?.purses.points?.total).toBe(till === 0 ? 40 : 25);
	}
	await shops.meet();
	await shops.world.advance(5_000);
	await shops.meet();
	for (const till of [0, 1]) {
		expect(members(till).accountNow(ada)?.purses.points?.total).toBe(25);
		const found = [...shops.till(till).shop.exceptions].flatMap((source) => source.exceptions.get());
		expect(found).toMatchObject([
			{ kind: 'double_credit', subject: ada, state: 'done', outcome: '40 of 40 taken back' },
		]);
	}
	expectSound(chain);
});
