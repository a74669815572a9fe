import type { NewLine } from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import { allocate, divideRounded, type Minor, type Rounding } from '../shop/money.js';

interface Scope {
	/** Which products; all where it is silent. */
	readonly skus?: readonly SkuId[];
	/** For members only. */
	readonly members?: boolean;
}

/** The usual promotions as data. A vendor's engine may read them otherwise, or have rules of its own under `ext`. */
export type PromotionRule = Scope &
	(
		| { readonly kind: 'percent'; readonly offBp: number }
		/** So much off the whole of what is in scope, once that comes to `over`. */
		| { readonly kind: 'amount'; readonly off: Minor; readonly over?: Minor }
		/** Of every `take` pieces, only `pay` are paid; the cheapest are free. */
		| { readonly kind: 'n_for_m'; readonly take: number; readonly pay: number }
		| { readonly kind: 'member_price'; readonly prices: Readonly<Record<SkuId, Minor>> }
		| { readonly kind: 'ext'; readonly name: string; readonly data: string }
	);

export interface PricingContext {
	readonly isMember: boolean;
	readonly rounding: Rounding;
	/** Decimals of a quantity of that product. */
	scaleOf(sku: SkuId): number;
}

type Priced = NewLine & { readonly unitPrice: Minor };

/** Lines with what the rules take off, added to discounts that they had. Rules apply one after the other, in their order. */
export type Pricing = (
	lines: readonly Priced[],
	rules: readonly PromotionRule[],
	context: PricingContext,
) => readonly Priced[];

export const usualPricing: Pricing = (lines, rules, context) =>
	rules.reduce<readonly Priced[]>((now, rule) => {
		if (rule.members && !context.isMember) return now;
		const off = takenOff(now, rule, context);
		return now.map((line, i) => (off[i] ? { ...line, discount: (line.discount ?? 0) + (off[i] ?? 0) } : line));
	}, lines);

/** What one rule takes off each line; never more than the line still costs. */
function takenOff(lines: readonly Priced[], rule: PromotionRule, context: PricingContext): Minor[] {
	const left = lines.map((line) => (inScope(line, rule) ? Math.max(0, costOf(line, context)) : 0));
	switch (rule.kind) {
		case 'percent':
			return left.map((cost) => divideRounded(BigInt(cost) * BigInt(rule.offBp), 10_000n, context.rounding));
		case 'amount': {
			const sum = left.reduce((a, b) => a + b, 0);
			return sum < (rule.over ?? 1) ? left.map(() => 0) : allocate(Math.min(rule.off, sum), left);
		}
		case 'n_for_m':
			return freePieces(lines, left, rule.take, rule.pay, context);
		case 'member_price':
			return lines.map((line, i) => {
				const price = rule.prices[line.sku];
				if (price === undefined || !context.isMember || price >= line.unitPrice) return 0;
				return Math.min(left[i] ?? 0, costOf({ ...line, unitPrice: line.unitPrice - price, discount: 0 }, context));
			});
		case 'ext':
			return left.map(() => 0);
	}
}

function inScope({ sku }: NewLine, { skus }: Scope): boolean {
	return skus === undefined || skus.includes(sku);
}

function costOf({ sku, qty, unitPrice, discount = 0 }: Priced, { rounding, scaleOf }: PricingContext): Minor {
	return divideRounded(BigInt(unitPrice) * BigInt(qty), 10n ** BigInt(scaleOf(sku)), rounding) - discount;
}

/** Weighed goods have no pieces. */
function freePieces(
	lines: readonly Priced[],
	left: readonly Minor[],
	take: number,
	pay: number,
	context: PricingContext,
): Minor[] {
	const off = lines.map(() => 0);
	if (take <= pay || pay < 0) return off;
	const pieces = lines.flatMap(({ sku, qty, unitPrice }, line) =>
		(left[line] ?? 0) > 0 && context.scaleOf(sku) === 0
			? Array.from({ length: Math.min(qty, 1_000) }, () => ({ line, unitPrice }))
			: [],
	);
	const free = Math.floor(pieces.length / take) * (take - pay);
	pieces.sort((a, b) => a.unitPrice - b.unitPrice);
	for (const { line, unitPrice } of pieces.slice(0, free))
		off[line] = Math.min(left[line] ?? 0, (off[line] ?? 0) + unitPrice);
	return off;
}
