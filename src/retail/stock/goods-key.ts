import type { LotId, SkuId } from '../documents/sku.js';

/**
 * The pool of a product, or of one lot of it, in `goods` and `goods_soft`:
 *
 *     MILK        the product, or what came without a lot
 *     MILK@L-17   one lot
 *
 * An @ or a % in the SKU itself is written as in an address, so that a key reads back.
 */
export function goodsKey(sku: SkuId, lot?: LotId): string {
	const text = /[%@]/.test(sku) ? sku.replaceAll('%', '%25').replaceAll('@', '%40') : sku;
	return lot === undefined ? text : `${text}@${lot}`;
}

export function skuOf(key: string): SkuId {
	const at = key.indexOf('@');
	const text = at < 0 ? key : key.slice(0, at);
	return text.includes('%') ? text.replaceAll('%40', '@').replaceAll('%25', '%') : text;
}

export function lotOf(key: string): LotId | undefined {
	const at = key.indexOf('@');
	return at < 0 ? undefined : key.slice(at + 1);
}
