import type { NewLine, PricedLine, Promotion } from '../documents/order.js';
import type { SkuId } from '../documents/sku.js';
import { allocate, divideRounded, type Minor, type Rounding } from '../shop/money.js';

interface Scope {
	/** What the receipt calls it. */
	readonly name?: string;
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

/** A line with what rules took off, added to the discount that it had. */
type Discounted = Priced & {
	/** Which rule, by its place among the rules, took off how much. An engine may leave it out. */
	readonly took?: readonly { readonly rule: number; readonly off: Minor }[];
};

/** Lines with what the rules take off. Rules apply one after the other, in their order. */
export type Pricing = (
	lines: readonly Priced[],
	rules: readonly PromotionRule[],
	context: PricingContext,
) => readonly Discounted[];

export const usualPricing: Pricing = (lines, rules, context) =>
	rules.reduce<readonly Discounted[]>((now, rule, place) => {
		if (rule.members && !context.isMember) return now;
		const offs = takenOff(now, rule, context);
		return now.map((line, i) => {
			const off = offs[i] ?? 0;
			if (off === 0) return line;
			return { ...line, discount: (line.discount ?? 0) + off, took: [...(line.took ?? []), { rule: place, off }] };
		});
	}, lines);

/** A rule, and the publication that it came with. */
interface RuleInForce {
	readonly version: string;
	readonly rule: PromotionRule;
}

/** Lines with what an engine takes off by these rules, and which of them did. */
export function discounted(
	lines: readonly PricedLine[],
	inForce: readonly RuleInForce[],
	pricing: Pricing,
	context: PricingContext,
): readonly PricedLine[] {
	const rules = inForce.map(({ rule }) => rule);
	return pricing(lines, rules, context).map(({ took = [], ...line }, i) => {
		const before = lines[i] as PricedLine; // pricing changes no count of lines
		const off = (line.discount ?? 0) - (before.discount ?? 0);
		if (off === 0) return before;
		const isExplained = took.reduce((sum, one) => sum + one.off, 0) === off;
		const promotions = isExplained
			? took.map(({ rule, off: part }) => promotionOf(inForce[rule], part))
			: [promotionOf(undefined, off)];
		return { ...before, ...line, net: before.net - off, promotions };
	});
}

function promotionOf(of: RuleInForce | undefined, off: Minor): Promotion {
	if (!of) return { kind: 'other', off };
	const { kind, name } = of.rule;
	return { version: of.version, kind, ...(name !== undefined && { name }), off };
}

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
