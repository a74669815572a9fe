import type { StoreId } from '../../base/ids.js';
import type { IsoDate } from '../shop/business-day.js';
import { BadArgument, checkAmount, checkDate, checkList, checkName, checkWhole } from '../shop/check.js';
import type { Minor } from '../shop/money.js';
import type { Shop, Writing } from '../shop/shop.js';
import type { LotId, SkuId } from './sku.js';

/** So much of a product, of one lot where it is kept by lots. */
export interface StockLine {
	readonly sku: SkuId;
	/** At the SKU's scale, from 1. */
	readonly qty: number;
	readonly lot?: LotId;
	/** The last business day on which the lot may be sold. */
	readonly expiresOn?: IsoDate;
	/** Minor units for one whole unit. */
	readonly unitCost?: Minor;
}

/** The shares of other capabilities in moving goods: each is a part of their commit, in this till's store. */
export interface GoodsMoves {
	/** Takes goods out of the stock, and says which. Refuses with `out_of_stock`, `unknown_sku`, `unknown_lot`. */
	send(w: Writing, lines: readonly StockLine[], document: string): readonly StockLine[];
	/** Takes goods in, once per document and device. Refuses with `unknown_sku`. */
	arrive(w: Writing, lines: readonly StockLine[], document: string): void;
}

/** Whoever knows of goods that are on their way to a store. */
export interface GoodsUnderWay {
	toStore(store: StoreId, sku: SkuId): number;
	onChange(listener: UnderWayListener): () => void;
}

type UnderWayListener = (store: StoreId, skus: Iterable<SkuId>) => void;

/** All who are known at this till; whoever listens hears of those that come later too. */
class AllUnderWay implements GoodsUnderWay {
	readonly #ways: GoodsUnderWay[] = [];
	readonly #listeners = new Set<UnderWayListener>();

	add(way: GoodsUnderWay): void {
		this.#ways.push(way);
		way.onChange((store, skus) => {
			for (const listener of [...this.#listeners]) listener(store, skus);
		});
	}

	toStore(store: StoreId, sku: SkuId): number {
		return this.#ways.reduce((sum, way) => sum + way.toStore(store, sku), 0);
	}

	onChange(listener: UnderWayListener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}

/** `transfers` adds itself, `stock` listens. */
export function goodsUnderWay(shop: Shop): AllUnderWay {
	return shop.shared('goods under way', () => new AllUnderWay());
}

/** Two lines of one product and lot are one. */
export function joinLines(lines: readonly StockLine[]): StockLine[] {
	const joined = new Map<string, StockLine>();
	for (const line of lines) {
		const id = JSON.stringify([line.sku, line.lot]);
		joined.set(id, { ...line, qty: line.qty + (joined.get(id)?.qty ?? 0) });
	}
	return [...joined.values()];
}

const linesMax = 500;

export function checkStockLines(path: string, lines: readonly StockLine[]): void {
	checkList(path, lines, checkStockLine);
	if (lines.length > linesMax) throw new BadArgument(path, `more than ${linesMax} lines: send it in parts.`);
}

function checkStockLine(path: string, line: StockLine): void {
	if (typeof line !== 'object' || line === null) throw new BadArgument(path, 'expected a line.');
	checkName(`${path}.sku`, line.sku);
	checkAmount(`${path}.qty`, line.qty);
	if (line.lot !== undefined) checkName(`${path}.lot`, line.lot);
	if (line.expiresOn !== undefined) checkDate(`${path}.expiresOn`, line.expiresOn);
	if (line.expiresOn !== undefined && line.lot === undefined)
		throw new BadArgument(`${path}.lot`, 'goods that expire are kept by lot: name it.');
	if (line.unitCost !== undefined) checkWhole(`${path}.unitCost`, line.unitCost);
}
