import { randomUUID } from 'node:crypto';
import type { Till } from 'tillmesh';
import type { Words } from './words.js';

type Say = (text: string) => void;

/** The store's day so far, by what is known here. */
export function showDay({ day }: Till, words: Words, say: Say): void {
	const x = day.x();
	say(words.day(x.businessDate));
	say(words.figures({ ...x, cash: x.tenders.cash ?? 0 }));
}

/** Closes the day of the store, by what is known here; one that is closed is shown again. */
export async function closeDay({ day, shop }: Till, words: Words, say: Say): Promise<void> {
	const businessDate = shop.today();
	const counted = day.x().tenders.cash ?? 0;
	const close = await day.z({ businessDate, counted, scope: 'store' }, { idempotencyKey: randomUUID() });
	const frozen = () =>
		day
			.list()
			.get()
			.find((closed) => closed.businessDate === businessDate);
	const z = close.ok ? close.value : frozen();
	if (!z) return;
	say(words.z(z.no, z.businessDate));
	say(words.figures({ ...z, cash: z.counted }));
	const late = day.late(z).get().length;
	if (late > 0) say(words.late(late));
}
