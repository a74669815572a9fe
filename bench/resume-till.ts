import { webSocket } from '../adapters/link-websocket/index.js';
import { sqlite } from '../adapters/storage-sqlite/index.js';
import { openReplica } from '../src/index.js';
import { type Said, serve } from './part.js';
import { closed, membersLedger, ordersLedger, stockLedger } from './resume-fill.js';

/** Closings to wait for, by ledger. */
export type Closings = Readonly<Record<string, number>>;

/** A till that comes back, or comes for the first time, in a fresh process: `resume-till URL FILE NAME OUTLET`. */
export async function resumeTill(
	_options: unknown,
	[url = '', file = '', name = '', outlet = '']: readonly string[],
): Promise<Said> {
	return serve(
		{},
		{
			async catchUp({ closings, digests: wanted }) {
				const startMs = performance.now();
				const replica = await openReplica({
					chain: 'bench',
					name,
					storage: sqlite(file),
					keeps: [stockLedger(outlet), `orders/${outlet}/*`, membersLedger],
					links: [webSocket(url)],
				});
				const wait = Object.entries(closings as Closings).map(([ledger, count]) =>
					replica
						.ledger(ledger)
						.counter(closed)
						.value.when((value) => value === count, { timeoutMs: 60_000 }),
				);
				await Promise.all(wait);
				const all = () => Object.fromEntries(Object.keys(closings as Closings).map((of) => [of, replica.digest(of)]));
				// What homes wrote after the last closing is part of it.
				const differs = (digests: Said) =>
					wanted && Object.entries(wanted).some(([ledger, digest]) => digests[ledger] !== digest);
				let ms = performance.now() - startMs;
				let digests = all();
				for (const giveUpMs = ms + 10_000; differs(digests) && ms < giveUpMs; digests = all()) {
					await new Promise((resolve) => setTimeout(resolve, 2));
					ms = performance.now() - startMs;
				}
				if (replica.check().length > 0) throw new Error('the books do not balance.');
				await replica.shutdown();
				return { ms, digests };
			},
		},
	);
}

export function closingsOf(outlet: string, days: readonly string[], tills: number, stores: number): Closings {
	return {
		[stockLedger(outlet)]: days.length * tills,
		[membersLedger]: days.length * tills * stores,
		...Object.fromEntries(days.map((day) => [ordersLedger(outlet, day), tills])),
	};
}
