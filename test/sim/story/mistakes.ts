import { type Counter, shelfOf, skus, stockOf } from './counter.js';

/** What is no amount. */
const amounts: readonly number[] = [
	0,
	-0,
	-1,
	-3,
	0.5,
	1.5,
	2 ** 53,
	1e300,
	Number.NaN,
	Number.POSITIVE_INFINITY,
	-(2 ** 53),
];
const most = Number.MAX_SAFE_INTEGER;

/** A finger slipped, or a program computed nonsense: an amount that there is not, by one of the ways in. */
export function mistake(at: Counter): void {
	const { chance, mistake: attempt, replica, memory, serial, store } = at;
	const pool = chance.chance(70) ? stockOf(at) : shelfOf(at);
	const sku = pool === stockOf(at) ? chance.pick(skus) : 'cake';
	const amount = chance.pick(amounts);
	const way = chance.below(9);
	const document = `mistake-${serial()}`;
	if (way === 0) attempt(`sell ${amount} ${sku}`, () => replica.commit((tx) => tx.spend(pool, sku, amount)));
	else if (way === 1)
		attempt(`receive ${amount} ${sku}`, () => replica.commit((tx) => tx.mint(pool, sku, amount, document)));
	else if (way === 2)
		attempt(`give ${amount} ${sku}`, () => replica.commit((tx) => tx.grant(pool, sku, amount, 'somebody')));
	else if (way === 3)
		attempt(`hold ${amount} ${sku}`, () => replica.commit((tx) => tx.hold(pool, sku, amount, { leaseMs: 1_000 })));
	else if (way === 4)
		attempt(`hold 1 ${sku} for ${amount} ms`, () => replica.commit((tx) => tx.hold(pool, sku, 1, { leaseMs: amount })));
	else if (way === 5) attempt(`fetch ${amount} ${sku}`, () => pool.ensure(sku, amount, { timeoutMs: 300 }));
	else if (way === 6)
		attempt(`give 1 ${sku} to oneself`, () => replica.commit((tx) => tx.grant(pool, sku, 1, replica.device)));
	else if (way === 7)
		attempt(`receive ${most} and 1 ${sku}`, () =>
			replica.commit((tx) => {
				tx.mint(pool, sku, 1, document);
				tx.mint(pool, sku, most, `${document} too`);
			}),
		);
	else {
		const tab = memory.tabs.filter((each) => each.device === replica.device && each.store === store).at(-1);
		attempt(`capture ${amount} of a hold`, () =>
			replica.commit((tx) => tx.capture(stockOf(at), tab?.hold ?? 'none', amount)),
		);
	}
}
