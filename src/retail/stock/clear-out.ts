import type { WaitOptions } from '../../ledger/live.js';
import type { StockLine } from '../documents/goods.js';
import type { LotId, SkuDef, SkuId } from '../documents/sku.js';
import { BadArgument, checkList, checkName } from '../shop/check.js';
import { no, type Outcome } from '../shop/outcome.js';
import type { Shop, WriteOptions, Writing } from '../shop/shop.js';
import { goodsKey } from './goods-key.js';
import type { Shelves } from './shelves.js';
import type { KeyFigures, StockBook } from './stock-book.js';

/** A product, or one lot of it. */
export interface Cleared {
	readonly sku: SkuId;
	readonly lot?: LotId;
}

export interface ClearOut {
	readonly reason: string;
	readonly of: readonly Cleared[];
}

const fetchMs = 2_000;
/** What is missing is looked at anew so often: some of it may have been sold meanwhile, and need not come any more. */
const lookMs = 500;

/**
 * All that the store has of some goods is thrown away, wherever its shares are. They are fetched, and what was fetched may be
 * asked for by another till before the last of it is here; so it is the commit's own turn that says whether all of it is here.
 * Then all of it goes, else nothing does and what is missing is fetched again, as long as there is time.
 */
export async function clearOut(
	shop: Shop,
	book: StockBook,
	shelves: Shelves,
	cleared: ClearOut,
	{ timeoutMs = fetchMs, signal, ...write }: WriteOptions & WaitOptions,
): Promise<Outcome<readonly StockLine[]>> {
	checkClearOut(cleared);
	const { reason, of } = cleared;
	const { clock } = shop.platform;
	const endMs = clock.nowMs() + timeoutMs;
	for (;;) {
		const waitMs = Math.min(lookMs, timeoutMs, Math.max(0, endMs - clock.nowMs()));
		const away = of.flatMap((goods) => awayOf(book, goods));
		if (waitMs > 0 && !signal?.aborted)
			await Promise.all(
				away.map(({ pool, key, onHand }) => pool.ensure(key, onHand, { timeoutMs: waitMs, ...(signal && { signal }) })),
			);
		const done = await shop.writeKeyed('stock.waste', { reason, all: of }, write, (w) =>
			takeAll(w, shop, book, shelves, cleared),
		);
		const isAway = of.some((goods) => awayOf(book, goods).length > 0);
		if (done.ok || done.code !== 'out_of_stock' || !isAway || clock.nowMs() >= endMs || signal?.aborted) return done;
	}
}

function takeAll(w: Writing, shop: Shop, book: StockBook, shelves: Shelves, { reason, of }: ClearOut): StockLine[] {
	const gone: StockLine[] = [];
	for (const { sku, lot } of of) {
		const def = shelves.def(w, sku);
		for (const figure of figuresOf(book, def, lot)) {
			const { pool, key, mine, onHand } = figure;
			// Soft goods would be taken beyond what is here: that is no clearing out.
			if (mine < onHand && def.policy === 'soft') w.tx.refuse(no('out_of_stock', sku));
			w.tx.spend(pool, key, onHand);
			const at = figure.lot === undefined ? {} : { lot: figure.lot };
			shelves.move(w, sku, { id: shop.id(), qty: -onHand, reason, ...at });
			gone.push({ sku, qty: onHand, ...at });
		}
	}
	if (gone.length === 0) w.tx.refuse(no('out_of_stock', of[0]?.sku));
	const asked = gone.reduce((sum, { qty }) => sum + qty, 0);
	shop.limits.check(w, asked, { reason, all: of }, `stock.waste: ${gone.length} lines`);
	return gone;
}

/** Pools with anything of it left, by the books of the store. */
function figuresOf(book: StockBook, def: SkuDef, lot: LotId | undefined): KeyFigures[] {
	const pool = book.pool(book.ledger, def);
	return book
		.figures(book.ledger, def.sku)
		.filter((figure) => figure.pool === pool && figure.onHand > 0 && (lot === undefined || figure.lot === lot));
}

function awayOf(book: StockBook, { sku, lot }: Cleared): KeyFigures[] {
	const def = book.products.sku(sku);
	return def ? figuresOf(book, def, lot).filter(({ mine, onHand }) => mine < onHand) : [];
}

function checkClearOut({ reason, of }: ClearOut): void {
	checkName('reason', reason);
	checkList('of', of, (path, { sku, lot }) => {
		checkName(`${path}.sku`, sku);
		if (lot !== undefined) checkName(`${path}.lot`, lot);
		const isTwice =
			of.filter((other) => other.sku === sku && (other.lot === lot || other.lot === undefined)).length > 1;
		if (isTwice) throw new BadArgument(path, `${goodsKey(sku, lot)} comes twice.`);
	});
}
