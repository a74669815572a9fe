import { type ChainInput, shelfKey } from './input.js';
import type { Observed } from './observed.js';
import { sum, sumBy } from './sums.js';

/** S19: from each shelf at most what was delivered; and nothing called unstocked while some of it was there. */
export function judgeShelf({ deliveries, tickets }: ChainInput, observed: Observed) {
	const delivered = sumBy(
		deliveries,
		({ outlet, day, product }) => `${outlet} ${shelfKey(day, product)}`,
		({ quantity }) => quantity,
	);
	const demand = sumBy(
		tickets.flatMap(({ outlet, day, lines }) =>
			lines.map(({ product, quantity }) => ({ key: `${outlet} ${shelfKey(day, product)}`, quantity })),
		),
		({ key }) => key,
		({ quantity }) => quantity,
	);
	const booked = [...observed.tickets].flatMap(([key, all]) => {
		const [outlet = '', day = ''] = key.split('|');
		return all.flatMap(({ lines }) =>
			lines.map((line) => ({ key: `${outlet} ${shelfKey(day, line.product)}`, ...line })),
		);
	});
	const taken = sumBy(
		booked,
		({ key }) => key,
		({ fromShelf }) => fromShelf,
	);
	const unstocked = sumBy(
		booked.filter(({ key }) => delivered.has(key)),
		({ key }) => key,
		({ quantity, fromShelf }) => quantity - fromShelf,
	);
	const thrown = sumBy(
		observed.waste,
		({ outlet, day, product }) => `${outlet} ${shelfKey(day, product)}`,
		({ quantity }) => quantity,
	);
	const oversold: string[] = [];
	const needless: string[] = [];
	let oversoldUnits = 0;
	for (const key of new Set([...delivered.keys(), ...taken.keys()])) {
		const had = delivered.get(key) ?? 0;
		const gone = (taken.get(key) ?? 0) + (thrown.get(key) ?? 0);
		if (gone > had) oversold.push(`${key}: ${gone} of ${had}`);
		oversoldUnits += Math.max(0, gone - had);
		if (!delivered.has(key)) continue;
		const should = Math.max(0, (demand.get(key) ?? 0) - had);
		const is = unstocked.get(key) ?? 0;
		if (is !== should) needless.push(`${key}: ${is} unstocked, not ${should}`);
	}
	return { oversold, oversoldUnits, needless, unstockedUnits: sum(unstocked.values(), (units) => units) };
}
