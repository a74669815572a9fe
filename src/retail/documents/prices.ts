import { BadArgument } from '../../base/errors.js';
import { checkAmount, checkInteger, checkList, checkName, checkWhole } from '../shop/check.js';
import { divideRounded, type Minor, type Rounding, timesQty } from '../shop/money.js';
import { no } from '../shop/outcome.js';
import type { Writing } from '../shop/shop.js';
import type { LineId, MemberId, NewLine, PricedLine, Tax } from './order.js';
import type { Products, SkuId } from './sku.js';

/** What orders read of prices where a line names none. */
export interface Prices {
	/** Minor units for one whole unit, now. */
	priceOf(sku: SkuId, buyer: Buyer): Minor | undefined;
}

export interface Buyer {
	readonly member?: MemberId;
	readonly channel?: string;
}

/** What a line is priced with. Without `products` every SKU is known and sold by the piece. */
export interface Pricing {
	readonly products?: Products;
	readonly prices?: Prices;
	readonly rounding: Rounding;
}

/** Throws `BadArgument` for what can be no line whatever the catalogue says. */
export function checkLine(path: string, line: NewLine): void {
	if (typeof line !== 'object' || line === null) throw new BadArgument(path, 'expected a line.');
	checkName(`${path}.sku`, line.sku);
	checkAmount(`${path}.qty`, line.qty);
	// Below zero: a credit that is given on the bill.
	if (line.unitPrice !== undefined) checkInteger(`${path}.unitPrice`, line.unitPrice);
	if (line.discount !== undefined) checkWhole(`${path}.discount`, line.discount);
	if (line.lot !== undefined) checkName(`${path}.lot`, line.lot);
	if (line.note !== undefined) checkName(`${path}.note`, line.note);
	if (line.taxes !== undefined) checkList(`${path}.taxes`, line.taxes, checkTax, 0);
	for (const [i, { staff, shareBp }] of (line.performers ?? []).entries()) {
		checkName(`${path}.performers[${i}].staff`, staff);
		checkWhole(`${path}.performers[${i}].shareBp`, shareBp);
	}
}

function checkTax(path: string, { code, amount }: Tax): void {
	checkName(`${path}.code`, code);
	checkInteger(`${path}.amount.value`, amount?.value);
	checkWhole(`${path}.amount.scale`, amount.scale);
	if (amount.scale > 8) throw new BadArgument(`${path}.amount.scale`, 'at most 8 decimals.');
}

/** A line with its price fixed. Refuses `unknown_sku`, `unknown_price`; throws where a discount is more than the price. */
export function priceLine(
	{ tx }: Writing,
	id: LineId,
	given: NewLine,
	pricing: Pricing,
	buyer: Buyer = {},
): PricedLine {
	const { products, prices } = pricing;
	const { listed: _, promotions: __, ...line } = given as NewLine & Partial<PricedLine>; // as of a line that was read
	if (products && products.sku(line.sku) === undefined) tx.refuse(no('unknown_sku', line.sku));
	const unitPrice = line.unitPrice ?? prices?.priceOf(line.sku, buyer) ?? tx.refuse(no('unknown_price', line.sku));
	const net = netOf({ ...line, unitPrice }, pricing);
	return { ...line, id, unitPrice, net, ...(line.unitPrice === undefined && { listed: true }) };
}

/** Price times quantity, less the discount. */
export function netOf(line: NewLine & { readonly unitPrice: Minor }, { products, rounding }: Pricing): Minor {
	const scale = products?.sku(line.sku)?.scale ?? 0;
	const net = timesQty(line.unitPrice, line.qty, scale, rounding) - (line.discount ?? 0);
	if (net < 0 && line.discount) throw new BadArgument('discount', `${line.discount} is more than ${line.sku} costs.`);
	return net;
}

/** Taxes of a line whose quantity changes from `from` to `to`, in proportion, at their own scale. */
export function scaleTaxes(taxes: readonly Tax[], from: number, to: number, rounding: Rounding): Tax[] {
	return taxes.map(({ code, amount: { value, scale } }) => ({
		code,
		amount: { value: divideRounded(BigInt(value) * BigInt(to), BigInt(from), rounding), scale },
	}));
}
