import { checkStockLines, joinLines, type StockLine } from '../documents/goods.js';
import type { SkuDef } from '../documents/sku.js';
import { BadArgument, checkList, checkName } from '../shop/check.js';
import { no } from '../shop/outcome.js';
import type { Writing } from '../shop/shop.js';
import { goodsKey } from './goods-key.js';
import type { Shelves } from './shelves.js';
import type { StockBook } from './stock-book.js';

export interface Delivery {
	/** The supplier's note, the order, whatever names it: together with `part` it counts once. */
	readonly document: string;
	/** Of a delivery that comes or is booked in parts. */
	readonly part?: string;
	readonly supplier?: string;
	readonly consigned?: boolean;
	readonly lines: readonly StockLine[];
}

interface DeliveredLine extends StockLine {
	readonly def: SkuDef;
}

/** What `stock.receive` writes. */
export function receive(w: Writing, book: StockBook, shelves: Shelves, delivery: Delivery): void {
	const { document, part, supplier, consigned } = delivery;
	const lines = joinLines(delivery.lines).map((line) => ({ ...line, def: shelves.def(w, line.sku) }));
	if (lines.every(({ def }) => def.policy === 'none')) w.tx.refuse(no('unknown_sku', lines[0]?.sku));
	const id = part === undefined ? document : `${document}#${part}`;
	checkName('document', id);
	const isKnown = checkKnown(w, book, lines, delivery);
	for (const [i, line] of lines.entries()) {
		const { def, sku, qty, lot, expiresOn, unitCost } = line;
		if (def.policy === 'none') continue;
		checkLine(w, book, line, delivery, i, isKnown);
		shelves.put(w, def, qty, lot, id);
		// Minting says by itself that the document is used; it is not told twice.
		if (isKnown) continue;
		shelves.move(w, sku, {
			id,
			qty,
			document,
			...(part !== undefined && { part }),
			...(lot !== undefined && { lot }),
			...(expiresOn !== undefined && { expiresOn }),
			...(unitCost !== undefined && { unitCost }),
			...(supplier !== undefined && { supplier }),
			...(consigned && { consigned }),
		});
	}
}

/** Was this very delivery booked at this till before? Refuses where it was, with other goods. */
function checkKnown(
	w: Writing,
	book: StockBook,
	lines: readonly DeliveredLine[],
	{ document, part }: Delivery,
): boolean {
	const known = lines.filter(({ sku, lot, qty }) => {
		const key = goodsKey(sku, lot);
		const move = book.moves
			.get(sku, book.ledger)
			?.moves.find(
				(m) =>
					m.verb === 'stock.receive' &&
					m.key === key &&
					m.document === document &&
					m.part === part &&
					m.device === book.shop.device,
			);
		if (move && move.qty !== qty) w.tx.refuse(no('document_used', document));
		return move !== undefined;
	});
	if (known.length > 0 && known.length < lines.filter(({ def }) => def.policy !== 'none').length)
		w.tx.refuse(no('document_used', document));
	return known.length > 0;
}

function checkLine(
	w: Writing,
	book: StockBook,
	{ def, sku, lot, qty }: DeliveredLine,
	{ supplier, consigned }: Delivery,
	i: number,
	isKnown: boolean,
): void {
	if (consigned && supplier === undefined && !def.owner)
		throw new BadArgument('supplier', 'consigned goods belong to somebody: name him.');
	if (def.lots !== 'serial') return;
	if (lot === undefined) throw new BadArgument(`lines[${i}].lot`, 'every piece has its serial.');
	if (qty !== 1) throw new BadArgument(`lines[${i}].qty`, 'a serial names one piece.');
	const figure = book.figures(book.ledger, sku).find((known) => known.lot === lot);
	if (!isKnown && (figure?.onHand ?? 0) > 0) w.tx.refuse(no('serial_known', `${sku} ${lot}`));
}

export function checkDelivery({ document, part, supplier, consigned, lines }: Delivery): void {
	checkName('document', document);
	if (part !== undefined) checkName('part', part);
	if (supplier !== undefined) checkName('supplier', supplier);
	checkStockLines('lines', lines);
	const seen = new Map<string, StockLine>();
	checkList('lines', lines, (path, line) => {
		const id = JSON.stringify([line.sku, line.lot]);
		const other = seen.get(id);
		if (other && other.expiresOn !== line.expiresOn)
			throw new BadArgument(`${path}.expiresOn`, 'the lot has two days.');
		seen.set(id, line);
	});
	if (consigned !== undefined && typeof consigned !== 'boolean')
		throw new BadArgument('consigned', 'expected true or false.');
}
