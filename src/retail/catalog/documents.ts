import type { StoreId } from '../../base/ids.js';
import type { SkuDef, SkuId } from '../documents/sku.js';
import type { Minor } from '../shop/money.js';
import type { Head } from '../shop/shop.js';
import type { PromotionRule } from './promotions.js';

/** ---- the log `price/<version>` in `catalog/chain` ---- */

/** One of `parts` pieces of a publication: it counts once all of them are here. */
export interface Published extends Head {
	readonly verb: 'catalog.publish';
	readonly part: number;
	readonly parts: number;
	/** From when, in milliseconds since 1970, and until when. */
	readonly fromMs: number;
	readonly toMs?: number;
	readonly stores: 'all' | readonly StoreId[];
	readonly channel?: string;
	readonly prices: Readonly<Record<SkuId, Minor>>;
	readonly rules?: readonly PromotionRule[];
}

export interface Withdrawn extends Head {
	readonly verb: 'catalog.withdraw';
}

export type PriceDocument = Published | Withdrawn;

/** ---- cells `sku/<id>` in `catalog/chain`, and in `stock/<store>` what the store says instead ---- */

export type OverridableField = Exclude<keyof SkuDef, 'sku' | 'scale' | 'policy' | 'lots'>;

/** ---- the cell `fields` in `catalog/chain`: who has the last word on a field; headquarters where it is silent ---- */
export type FieldOwners = Readonly<Partial<Record<OverridableField, 'hq' | 'store'>>>;
