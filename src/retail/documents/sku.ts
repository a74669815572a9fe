import type { Id } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Minor } from '../shop/money.js';

export type SkuId = Id<'sku'>;
export type LotId = Id<'lot'>;

/** What a product is. Quantities are whole numbers at its scale: 1500 of scale 3 is 1.5 kg. */
export interface SkuDef {
	readonly sku: SkuId;
	readonly name: string;
	/** Decimals of a quantity; 0 by default. */
	readonly scale?: 0 | 1 | 2 | 3;
	/**
	 * `hard` (default): never sold beyond the stock. `soft`: sold on, and an exception opens (ESC5). `none`: not counted, as
	 * a service is.
	 */
	readonly policy?: 'hard' | 'soft' | 'none';
	/** `fefo`: kept by lot, the one that expires first is sold first. `serial`: each piece is a lot of one. */
	readonly lots?: 'none' | 'fefo' | 'serial';
	/** What one of it is made of: a kit is sold out of its parts' stock. */
	readonly kit?: readonly { readonly sku: SkuId; readonly qty: number }[];
	/** Consigned: what is sold of it is owed to the supplier. */
	readonly owner?: { readonly supplier: string; readonly unitCost?: Minor };
	readonly reorder?: { readonly below: number; readonly upTo: number };
	readonly ext?: Readonly<Record<string, Json>>;
}

/** What other capabilities read of the catalogue. */
export interface Products {
	sku(id: SkuId): SkuDef | undefined;
	/** Told which products are others now, where the catalogue can tell. */
	onChange?(listener: (skus: Iterable<SkuId>) => void): void;
}
