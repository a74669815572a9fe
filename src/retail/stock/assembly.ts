import type { SkuDef, SkuId } from '../documents/sku.js';
import { no } from '../shop/outcome.js';
import type { Shop, Writing } from '../shop/shop.js';
import { partQty } from './level.js';
import type { Shelves } from './shelves.js';
import type { StockBook } from './stock-book.js';

export interface Assembly {
	readonly kit: SkuId;
	readonly qty: number;
}

/** Parts become kits: they leave their stock, and the kit has a stock of its own. */
export function assemble(w: Writing, shop: Shop, book: StockBook, shelves: Shelves, { kit, qty }: Assembly): void {
	const def = kitOf(w, shelves, kit);
	const id = shop.id();
	for (const part of def.kit ?? []) {
		const partDef = shelves.def(w, part.sku);
		const need = partQty(book, def, qty, part.qty);
		if (need === 0) continue;
		for (const { qty: of, lot } of shelves.take(w, partDef, need, { expired: 'no' }))
			shelves.move(w, part.sku, { id: shop.id(), qty: -of, document: id, ...(lot !== undefined && { lot }) });
	}
	shelves.put(w, def, qty, undefined, id);
	shelves.move(w, kit, { id, qty, document: id });
}

/** Kits become parts again; those of lots come back without one, since nobody knows which they were. */
export function disassemble(w: Writing, shop: Shop, book: StockBook, shelves: Shelves, { kit, qty }: Assembly): void {
	const def = kitOf(w, shelves, kit);
	const id = shop.id();
	for (const { qty: of, lot } of shelves.take(w, def, qty, { expired: 'yes' }))
		shelves.move(w, kit, { id: shop.id(), qty: -of, document: id, ...(lot !== undefined && { lot }) });
	for (const part of def.kit ?? []) {
		const partDef = shelves.def(w, part.sku);
		const came = partQty(book, def, qty, part.qty);
		if (came === 0 || partDef.policy === 'none') continue;
		shelves.put(w, partDef, came, undefined, id);
		shelves.move(w, part.sku, { id, qty: came, document: id });
	}
}

function kitOf(w: Writing, shelves: Shelves, kit: SkuId): SkuDef {
	const def = shelves.def(w, kit);
	if (!def.kit || def.policy === 'none') w.tx.refuse(no('not_a_kit', kit));
	return def;
}
