import { storeName } from '../machines/chain.js';
import {
	type Counter,
	couponsOf,
	members,
	ordersOf,
	pointsOf,
	refundsOf,
	shelfOf,
	skus,
	staff,
	stockOf,
} from './counter.js';
import { mistake } from './mistakes.js';

/** Sells over three ledgers in one commit: stock, the order, points and what may be refunded. */
function sell(at: Counter): void {
	const { chance, commit, serial, memory, replica } = at;
	const sku = chance.pick(skus);
	const qty = chance.between(1, 3);
	const line = `line-${serial()}`;
	const key = chance.chance(20) ? `sale-${serial()}` : undefined;
	const withMember = chance.chance(40);
	const member = chance.pick(members);
	if (key) memory.keys.push({ device: replica.device, key, qty, sku });
	commit(
		`sell ${qty} ${sku}`,
		(tx) => {
			tx.spend(stockOf(at), sku, qty);
			tx.append(ordersOf(at).log('orders'), { line, sku, qty });
			tx.add(ordersOf(at).counter('visitors'), 1);
			if (withMember) {
				tx.mint(pointsOf(at), member, qty * 2, line);
				tx.mint(refundsOf(at), line, qty, line);
			}
		},
		key,
	);
	if (withMember) memory.soldLines.push(line);
}

/** A button that was pressed twice: the same key, the same content. */
function sellAgain(at: Counter): void {
	const known = at.memory.keys.filter(({ device }) => device === at.replica.device).at(-1);
	if (!known) {
		sellSimple(at);
		return;
	}
	const { key, qty, sku } = known;
	at.commit(`sell again ${qty} ${sku}`, (tx) => tx.spend(stockOf(at), sku, qty), `${key}+`);
	at.commit(`sell again ${qty} ${sku}`, (tx) => tx.spend(stockOf(at), sku, qty), `${key}+`);
}

function sellSimple(at: Counter): void {
	const { chance, commit } = at;
	const sku = chance.pick(skus);
	commit(`sell 1 ${sku}`, (tx) => tx.spend(stockOf(at), sku, 1));
}

/** Two lines of one sale, of the same goods at times: what the first takes the second has not. */
function sellBasket(at: Counter): void {
	const { chance, commit } = at;
	const lines = [1, 2].map(() => ({ sku: chance.pick(skus), qty: chance.between(1, 4) }));
	commit('sell a basket', (tx) => {
		for (const { sku, qty } of lines) tx.spend(stockOf(at), sku, qty);
		tx.append(ordersOf(at).log('orders'), { lines });
	});
}

/** The queue is long: the next is rung up before the last one's receipt is out. */
function rush(at: Counter): void {
	const { chance, commit } = at;
	const sku = chance.pick(skus);
	for (let left = chance.between(2, 6); left > 0; left--) {
		const qty = chance.between(1, 3);
		commit(`sell ${qty} ${sku} in a rush`, (tx) => tx.spend(stockOf(at), sku, qty));
	}
}

/** What a commit from the shelf gives back: so many were sold, in the hand or beyond it. */
export interface SoftSale {
	readonly soldSoft: number;
	/** What was in the hand when it was decided. */
	readonly had: number;
}

/** Sold from the shelf, whatever the books say. */
function sellSoft(at: Counter): void {
	const { chance, commit } = at;
	const qty = chance.between(1, 4);
	commit(`sell ${qty} off the shelf`, (tx): SoftSale => {
		const had = shelfOf(at).mine('cake');
		tx.spend(shelfOf(at), 'cake', qty, { operator: chance.pick(staff), reason: 'queue' });
		return { soldSoft: qty, had };
	});
}

/** A delivery: its document is booked once, however often it is scanned on one device. */
function receive(at: Counter): void {
	const { chance, commit, serial, memory } = at;
	const again = memory.documents.length > 0 && chance.chance(25);
	const document = again ? chance.pick(memory.documents) : `delivery-${serial()}`;
	if (!again) memory.documents.push(document);
	const sku = chance.pick(skus);
	commit(`receive ${document}`, (tx) => {
		tx.mint(stockOf(at), sku, chance.between(3, 12), document);
		tx.mint(shelfOf(at), 'cake', 2, document);
	});
}

function redeem(at: Counter): void {
	const { chance, commit } = at;
	const member = chance.pick(members);
	commit(`redeem points of ${member}`, (tx) => {
		tx.spend(pointsOf(at), member, chance.between(1, 6));
		tx.append(ordersOf(at).log('gifts'), { member });
	});
}

/** A coupon is one unit of its own pool: made here, given to anybody, used once. */
function issueCoupon(at: Counter): void {
	const number = at.memory.coupons++;
	at.commit(`issue coupon ${number}`, (tx) => tx.mint(couponsOf(at), `c-${number}`, 1, `coupon ${number}`));
}

function useCoupon(at: Counter): void {
	const { chance, commit, memory, wish } = at;
	if (memory.coupons === 0) {
		issueCoupon(at);
		return;
	}
	const key = `c-${chance.below(memory.coupons)}`;
	if (couponsOf(at).mine(key) === 0 && chance.chance(70)) {
		wish(`fetch coupon ${key}`, couponsOf(at).ensure(key, 1, { timeoutMs: 800 }));
		return;
	}
	commit(`use coupon ${key}`, (tx) => tx.spend(couponsOf(at), key, 1));
}

/** What was sold in one store comes back in any. */
function refund(at: Counter): void {
	const { chance, commit, memory, wish } = at;
	if (memory.soldLines.length === 0) {
		sellSimple(at);
		return;
	}
	const line = chance.pick(memory.soldLines);
	if (refundsOf(at).mine(line) === 0 && chance.chance(60)) {
		wish(`fetch the right to refund ${line}`, refundsOf(at).ensure(line, 1, { timeoutMs: 800 }));
		return;
	}
	commit(`refund 1 of ${line}`, (tx) => tx.spend(refundsOf(at), line, 1));
}

/** A table's bill: set aside, then taken, given back, or forgotten until it expires. */
function openTab(at: Counter): void {
	const { chance, commit, memory, replica, store } = at;
	const amount = chance.between(1, 3);
	const leaseMs = chance.pick([300, 2_000, 600_000]);
	commit(`hold ${amount} tea for ${leaseMs} ms`, (tx) => {
		const hold = tx.hold(stockOf(at), 'tea', amount, { leaseMs });
		memory.tabs.push({ device: replica.device, store, hold, amount });
	});
}

function closeTab(at: Counter): void {
	const { chance, commit, memory, replica, store } = at;
	const mine = memory.tabs.filter((tab) => tab.device === replica.device && tab.store === store);
	if (mine.length === 0) {
		openTab(at);
		return;
	}
	const { hold, amount } = chance.pick(mine);
	const taken = chance.chance(15) ? amount + 1 : chance.between(1, amount);
	const captures = chance.chance(60);
	const times = chance.chance(25) ? 2 : 1; // a button that was pressed twice
	for (let i = 0; i < times; i++)
		commit(captures ? `capture ${taken} of a hold` : 'release a hold', (tx) => {
			if (captures) tx.capture(stockOf(at), hold, taken);
			else tx.release(stockOf(at), hold);
		});
}

function give(at: Counter): void {
	const { chance, commit, others } = at;
	const names = others();
	if (names.length === 0) return;
	const to = chance.pick(names);
	commit('give 2 tea to a colleague', (tx) => tx.grant(stockOf(at), 'tea', chance.between(1, 2), to));
}

function fetchStock(at: Counter): void {
	const { chance, wish } = at;
	const amount = chance.between(1, 6);
	wish(`fetch ${amount} tea`, stockOf(at).ensure('tea', amount, { timeoutMs: chance.pick([300, 2_000]) }));
}

function setPrice(at: Counter): void {
	const { chance, commit, replica } = at;
	commit('set a price', (tx) =>
		tx.set(replica.ledger('catalog/c').cell('price tea'), chance.between(900, 2_000), chance.below(2)),
	);
}

/** Somebody looks into an oversold shelf: one right, wherever it lies. */
function resolve(at: Counter): void {
	const { commit, replica, store, wish, chance } = at;
	const ledger = replica.ledger(`stock/${storeName(store)}`);
	const open = ledger.exceptions();
	if (open.length === 0) {
		sellSoft(at);
		return;
	}
	const { id } = chance.pick(open);
	if (chance.chance(50)) wish('claim an exception', ledger.claim(id, { timeoutMs: 800 }));
	else commit('resolve an exception', (tx) => tx.resolve(ledger, id));
}

const doings: readonly (readonly [weight: number, act: (at: Counter) => void])[] = [
	[30, sell],
	[10, sellSimple],
	[5, sellAgain],
	[4, sellBasket],
	[3, rush],
	[6, sellSoft],
	[7, receive],
	[6, redeem],
	[3, issueCoupon],
	[7, useCoupon],
	[5, refund],
	[5, openTab],
	[5, closeTab],
	[3, give],
	[4, fetchStock],
	[4, setPrice],
	[3, mistake],
	[2, resolve],
];
const weights = doings.reduce((sum, [weight]) => sum + weight, 0);

/** One of the things that people do. */
export function act(at: Counter): void {
	let drawn = at.chance.below(weights);
	for (const [weight, doing] of doings) {
		if (drawn < weight) {
			doing(at);
			return;
		}
		drawn -= weight;
	}
}

/** How a day begins: goods, and something in every till's share. */
export function stockUp(at: Counter): void {
	const { chance, commit, serial } = at;
	commit('opening stock', (tx) => {
		for (const sku of skus) tx.mint(stockOf(at), sku, chance.between(5, 30), `opening-${serial()}`);
		for (const member of members) tx.mint(pointsOf(at), member, chance.between(2, 20), `opening-${serial()}`);
	});
}
