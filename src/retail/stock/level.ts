import type { DeviceId, LedgerName } from '../../base/ids.js';
import type { Holder } from '../../ledger/outcome.js';
import { goodsUnderWay } from '../documents/goods.js';
import type { SkuDef, SkuId } from '../documents/sku.js';
import { ledgers, storeOf } from '../shop/ledgers.js';
import { timesQty } from '../shop/money.js';
import { isExpired } from './picking.js';
import type { KeyFigures, StockBook } from './stock-book.js';

/** How much there is of a product, and whose number each is. Units at the SKU's scale. */
export interface StockLevel {
	/** What this till may sell now, with nobody's help; of a kit, what its parts make. */
	readonly sellable: number;
	/** What the store has by the books. Below zero where more was sold than had come. */
	readonly store: number;
	/** What all stores have whose stock is kept here. */
	readonly chain: number;
	/** Of `store`, set aside by holds. */
	readonly held: number;
	/** On its way to the store: shipped, not received, not resolved. */
	readonly inTransit: number;
	/** Sold beyond the stock, and nobody has settled it yet. */
	readonly oversold: number;
	/** Of `store`, in lots that may not be sold any more. */
	readonly expired: number;
	/** Of `store`, a supplier's until it is sold. */
	readonly consigned: number;
	/** Taken off sale by hand. */
	readonly soldOut: boolean;
	/** All that happened at every till with shares is counted up to this moment, an ISO instant. */
	readonly asOf: string;
	/** Tills with shares of it that are out of reach: what they sold since `asOf` is not counted. */
	readonly unseen: readonly DeviceId[];
}

export function levelOf(book: StockBook, ledger: LedgerName, sku: SkuId): StockLevel {
	const def = book.products.sku(sku);
	const figures = book.figures(ledger, sku);
	const today = book.shop.today();
	const sum = (of: (figure: KeyFigures) => number) => figures.reduce((all, figure) => all + of(figure), 0);
	const store = sum(({ onHand }) => onHand);
	const parts = def ? kitSellable(book, ledger, def) : 0;
	const stores = book.stores().map((name) => ledgers.stock(name));
	const chain = stores.reduce(
		(all, other) => all + (other === ledger ? store : book.figures(other, sku).reduce((n, f) => n + f.onHand, 0)),
		0,
	);
	const holders = holdersOf(figures);
	const unseen = holders.filter(({ online, device }) => !online && device !== book.shop.device);
	return {
		sellable: sum((figure) => (isExpired(figure.expiresOn, today) ? 0 : figure.mine)) + parts,
		store,
		chain,
		held: sum(({ held }) => held),
		inTransit: goodsUnderWay(book.shop).toStore(storeOf(ledger), sku),
		oversold: sum(({ oversold }) => Math.max(0, oversold)),
		expired: sum((figure) => (isExpired(figure.expiresOn, today) ? Math.max(0, figure.onHand) : 0)),
		consigned: sum((figure) => (def?.owner || figure.consigned ? Math.max(0, figure.onHand) : 0)),
		soldOut: book.isSoldOut(ledger, sku),
		asOf: asOf(book, unseen),
		unseen: unseen.map(({ device }) => device),
	};
}

/** Who has shares of a product, all its lots together, whoever has most first. */
export function holdersOf(figures: readonly KeyFigures[]): Holder[] {
	const holders = new Map<DeviceId, Holder>();
	for (const { pool, key } of figures)
		for (const holder of pool.holders(key).get()) {
			const known = holders.get(holder.device);
			holders.set(holder.device, { ...holder, amount: holder.amount + (known?.amount ?? 0) });
		}
	return [...holders.values()].filter(({ amount }) => amount > 0).sort((a, b) => b.amount - a.amount);
}

function asOf(book: StockBook, unseen: readonly Holder[]): string {
	const now = new Date(book.shop.nowMs()).toISOString();
	return unseen.reduce((first, { lastSeen = new Date(0).toISOString() }) => (lastSeen < first ? lastSeen : first), now);
}

/** What one of a kit takes of a part, for so much of the kit. */
export function partQty(book: StockBook, kit: SkuDef, qty: number, part: number): number {
	return timesQty(part, qty, kit.scale ?? 0, book.shop.settings.rounding);
}

/** How many of a kit its parts make at this till. */
function kitSellable(book: StockBook, ledger: LedgerName, kit: SkuDef, depth = 0): number {
	if (!kit.kit || depth > kitDepthMax) return 0;
	const one = 10 ** (kit.scale ?? 0);
	const counts = kit.kit.flatMap((part) => {
		const def = book.products.sku(part.sku);
		if (!def) return [0];
		if (def.policy === 'none' || book.isSoldOut(ledger, part.sku)) return def.policy === 'none' ? [] : [0];
		const today = book.shop.today();
		const here = book.figures(ledger, part.sku).reduce((n, f) => n + (isExpired(f.expiresOn, today) ? 0 : f.mine), 0);
		return [Math.floor(((here + kitSellable(book, ledger, def, depth + 1)) * one) / part.qty)];
	});
	return counts.length === 0 ? 0 : Math.max(0, Math.min(...counts));
}

/** Kits of kits end here: a catalogue that goes in circles must not hang a till. */
export const kitDepthMax = 8;
