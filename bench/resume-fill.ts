import { webSocket } from '../adapters/link-websocket/index.js';
import { nodePlatform } from '../adapters/platform-node/index.js';
import { memory } from '../adapters/storage-memory/index.js';
import { shelfKey } from '../examples/chain-day/input.js';
import { type Outcome, openReplica, type Replica } from '../src/index.js';
import { type Said, serve } from './part.js';
import { type Books, playDay, readWeek, sellers } from './resume-input.js';

export const membersLedger = 'members/0';
export const stockLedger = (outlet: string) => `stock/${outlet}`;
export const ordersLedger = (outlet: string, day: string) => `orders/${outlet}/${day}`;
/** Of every ledger: how many tills have said that they write no more in it. */
export const closed = 'closed';

function check(outcome: Outcome<unknown>): void {
	if (!outcome.ok) throw new Error(outcome.message);
}

class SellingTill implements Books {
	readonly replica: Replica;
	readonly #outlet: string;

	constructor(replica: Replica, outlet: string) {
		this.replica = replica;
		this.#outlet = outlet;
	}

	async deliver(day: string, product: string, units: number): Promise<void> {
		const shelf = this.replica.ledger(stockLedger(this.#outlet)).pool('shelf');
		check(await this.replica.commit((tx) => tx.mint(shelf, shelfKey(day, product), units, `delivery ${day}`)));
	}

	async sell(...[ticket, taken, points]: Parameters<Books['sell']>): Promise<void> {
		const { replica } = this;
		const { id, day, member = null, totalMinor, lines } = ticket;
		const shelf = replica.ledger(stockLedger(this.#outlet)).pool('shelf');
		const tickets = replica.ledger(ordersLedger(this.#outlet, day)).log('tickets');
		const outcome = await replica.commit(
			(tx) => {
				tx.append(tickets, { id, member, totalMinor, lines: lines.map((line) => ({ ...line })) });
				for (const [product, units] of taken) tx.spend(shelf, shelfKey(day, product), units);
				if (member !== null && points > 0) tx.mint(replica.ledger(membersLedger).pool('points'), member, points, id);
			},
			{ idempotencyKey: `sale ${id}`, input: id },
		);
		check(outcome);
	}

	/** Says in these ledgers that nothing more comes, and waits until the relay has it all. */
	async close(ledgers: readonly string[]): Promise<void> {
		const { replica } = this;
		const outcome = await replica.commit((tx) => {
			for (const ledger of ledgers) tx.add(replica.ledger(ledger).counter(closed), 1);
		});
		check(outcome);
		if (outcome.ok) await outcome.reached('store', { timeoutMs: 60_000 });
	}
}

/** All tills of the chain that sell, in one process, on memory: `resume-fill URL [quick]`. */
export async function resumeFill(_options: unknown, [url = '', quick]: readonly string[]): Promise<Said> {
	const input = readWeek(quick === 'quick');
	const stores = new Map<string, SellingTill[]>();
	for (const outlet of input.outlets)
		for (let i = 1; i <= sellers; i++) {
			const replica = await openReplica({
				chain: 'bench',
				name: `${outlet}-${i}`,
				storage: memory({ platform: nodePlatform() }),
				keeps: [stockLedger(outlet), `orders/${outlet}/*`, membersLedger],
				links: [webSocket(url)],
			});
			stores.set(outlet, [...(stores.get(outlet) ?? []), new SellingTill(replica, outlet)]);
		}
	const all = [...stores].flatMap(([outlet, tills]) => tills.map((till) => ({ outlet, till })));
	return serve(
		{},
		{
			/** One day, until the relay has it. */
			async play({ day }) {
				await playDay(input, String(day), stores);
				for (const { outlet, till } of all)
					await till.close([stockLedger(outlet), ordersLedger(outlet, String(day)), membersLedger]);
				return {};
			},
			/** What a till of this outlet must come to. */
			digests({ outlet }) {
				const replica = stores.get(String(outlet))?.[0]?.replica;
				if (!replica) throw new Error(`no till in ${outlet}.`);
				return Object.fromEntries(replica.ledgers().map((ledger) => [ledger, replica.digest(ledger)]));
			},
			async end() {
				for (const { till } of all) await till.replica.shutdown();
				return {};
			},
		},
	);
}
