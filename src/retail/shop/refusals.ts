/**
 * What the shop can say no to. A value, nothing was written, the same key may succeed later. A code never changes its
 * meaning. `retry` says what may help: nothing, a line to the others, or somebody with the right to allow it.
 */
type Retry = 'never' | 'when-online' | 'with-approval';

interface Words {
	readonly retry: Retry;
	readonly en: string;
	readonly zh: string;
}

export const retailRefusals = {
	out_of_stock: { retry: 'when-online', en: 'Not enough of it here.', zh: '本机库存不足。' },
	sold_out: { retry: 'never', en: 'Taken off sale.', zh: '已停售。' },
	lot_expired: { retry: 'never', en: 'The lot has expired.', zh: '批次已过期。' },
	unknown_lot: { retry: 'when-online', en: 'No such lot here.', zh: '没有这个批次。' },
	unknown_sku: { retry: 'when-online', en: 'No such product.', zh: '没有这个商品。' },
	sku_in_use: {
		retry: 'never',
		en: 'The product is in use: policy, scale and lots stay as they are.',
		zh: '商品已在使用：库存策略、精度和批次方式不可更改。',
	},
	document_used: {
		retry: 'never',
		en: 'The document was booked already, with other content.',
		zh: '该单据已入账，内容不同。',
	},
	serial_known: { retry: 'never', en: 'A piece with this serial is in stock.', zh: '该序列号已在库存中。' },
	not_a_kit: { retry: 'never', en: 'It has no parts.', zh: '该商品不是套装。' },
	count_changed: { retry: 'never', en: 'The count is closed.', zh: '盘点已结束。' },
	unknown_price: { retry: 'when-online', en: 'No price for it now.', zh: '当前没有价格。' },
	stale_price: { retry: 'never', en: 'The price has changed since.', zh: '价格已变更。' },
	unknown_version: { retry: 'when-online', en: 'No such price version.', zh: '没有这个价格版本。' },
	unknown_member: { retry: 'when-online', en: 'No such member here.', zh: '本机没有这个会员。' },
	member_not_here: {
		retry: 'when-online',
		en: 'This till does not keep the member, and could not fetch them now.',
		zh: '本机未保存该会员，现在无法获取。',
	},
	member_exists: { retry: 'never', en: 'This phone or card is a member’s already.', zh: '该手机号或卡号已是会员。' },
	member_erased: { retry: 'never', en: 'The member was erased.', zh: '会员资料已删除。' },
	insufficient_balance: { retry: 'when-online', en: 'Not enough stored value here.', zh: '本机可用储值不足。' },
	insufficient_points: { retry: 'when-online', en: 'Not enough points here.', zh: '本机可用积分不足。' },
	insufficient_visits: { retry: 'when-online', en: 'Not enough visits left here.', zh: '本机可用次数不足。' },
	over_floor_limit: { retry: 'when-online', en: 'Beyond what may be lent without a line.', zh: '超出离线可垫付额度。' },
	coupon_used: { retry: 'never', en: 'The coupon is used up.', zh: '优惠券已使用。' },
	coupon_not_here: { retry: 'when-online', en: 'The coupon is at another till.', zh: '优惠券在其他收银机上。' },
	coupon_expired: { retry: 'never', en: 'The coupon is not valid today.', zh: '优惠券不在有效期内。' },
	coupon_not_valid: {
		retry: 'never',
		en: 'The coupon is not for this store or member.',
		zh: '优惠券不适用于本店或该会员。',
	},
	unknown_coupon: { retry: 'when-online', en: 'No such coupon here.', zh: '没有这张优惠券。' },
	unknown_order: { retry: 'when-online', en: 'No such order here.', zh: '本机没有这个订单。' },
	unknown_line: { retry: 'never', en: 'The order has no such line.', zh: '订单没有这一行。' },
	order_settled: { retry: 'never', en: 'The order is settled already.', zh: '订单已结账。' },
	order_voided: { retry: 'never', en: 'The order is void.', zh: '订单已作废。' },
	order_empty: { retry: 'never', en: 'The order has no lines.', zh: '订单没有内容。' },
	not_owner: { retry: 'when-online', en: 'Another till holds the right to settle it.', zh: '结账权在另一台收银机上。' },
	wrong_amount: { retry: 'never', en: 'Tenders do not come to what is due.', zh: '付款金额与应付不符。' },
	already_refunded: {
		retry: 'never',
		en: 'It is refunded already, or more than was sold.',
		zh: '已退款或超出可退数量。',
	},
	refund_not_here: { retry: 'when-online', en: 'The right to refund it is elsewhere.', zh: '退款权不在本机。' },
	refund_too_high: { retry: 'never', en: 'More than was paid.', zh: '超出已付金额。' },
	payment_unknown: { retry: 'when-online', en: 'The terminal has not said yes or no yet.', zh: '支付结果未知。' },
	payment_declined: { retry: 'never', en: 'The payment was declined.', zh: '支付被拒绝。' },
	payment_used: { retry: 'never', en: 'The payment has settled another order.', zh: '该支付已用于其他订单。' },
	foreign_currency: { retry: 'never', en: 'Not this store’s currency.', zh: '非本店币种。' },
	needs_approval: {
		retry: 'with-approval',
		en: 'Above the limit: a manager must agree.',
		zh: '超出权限，需要主管批准。',
	},
	approval_not_valid: {
		retry: 'with-approval',
		en: 'The approval is for something else, or used.',
		zh: '批准与内容不符或已使用。',
	},
	approval_unsigned: {
		retry: 'with-approval',
		en: 'Beyond what this till’s certificate allows: a code will not do, only a yes that a manager’s device signed.',
		zh: '超出本机证书额度：口令无效，需要主管设备签名的同意。',
	},
	denied: { retry: 'never', en: 'The manager said no.', zh: '主管已拒绝。' },
	nobody_reachable: { retry: 'when-online', en: 'Nobody who may agree is in reach.', zh: '联系不到可批准的人。' },
	slot_taken: { retry: 'never', en: 'The time is taken.', zh: '该时段已被预约。' },
	slot_booked: { retry: 'never', en: 'Somebody is booked for it.', zh: '该时段已有预约，不能收回。' },
	slot_not_here: { retry: 'when-online', en: 'The time is kept by another till.', zh: '该时段在另一台设备上。' },
	slot_closed: { retry: 'when-online', en: 'Nobody is there at that time.', zh: '该时段未开放预约。' },
	unknown_appointment: { retry: 'when-online', en: 'No such appointment here.', zh: '没有这个预约。' },
	appointment_not_here: {
		retry: 'when-online',
		en: 'Another till holds the right to change the appointment.',
		zh: '预约的修改权在另一台设备上。',
	},
	deposit_not_here: { retry: 'when-online', en: 'Not so much of the deposit is left here.', zh: '本机可用订金不足。' },
	wrong_state: { retry: 'never', en: 'It is past that.', zh: '当前状态不允许此操作。' },
	unknown_transfer: { retry: 'when-online', en: 'No such transfer here.', zh: '没有这张调拨单。' },
	unknown_approval: { retry: 'when-online', en: 'No such request for approval here.', zh: '本机没有这个审批请求。' },
	unknown_message: { retry: 'when-online', en: 'No such message here.', zh: '本机没有这条消息。' },
	unknown_task: { retry: 'when-online', en: 'No such task here.', zh: '没有这个待办。' },
	already_resolved: { retry: 'never', en: 'Somebody else has resolved it, or is about to.', zh: '已由他人处理。' },
	day_closed: { retry: 'never', en: 'The day is closed.', zh: '营业日已结。' },
	not_permitted: { retry: 'with-approval', en: 'This role may not do it.', zh: '没有权限。' },
	not_allowed: {
		retry: 'never',
		en: 'This device may not do that.',
		zh: '本机无权进行此操作。',
	},
	restricted: { retry: 'never', en: 'This device may not spend: health says why.', zh: '本机已受限，请查看状态。' },
	upgrade_required: { retry: 'never', en: 'Update this device first.', zh: '请先升级本机。' },
	refused: { retry: 'never', en: 'Refused.', zh: '已拒绝。' },
} as const satisfies Record<string, Words>;

export type RetailRefusal = keyof typeof retailRefusals;
export type Locale = 'en' | 'zh-CN';
export type { Retry };

/** What a shortage of a pool means, by the pool's collection. */
export const shortages: Readonly<Record<string, RetailRefusal>> = {
	goods: 'out_of_stock',
	stored: 'insufficient_balance',
	bonus: 'insufficient_balance',
	points: 'insufficient_points',
	pack: 'insufficient_visits',
	risk: 'over_floor_limit',
	debt: 'already_resolved',
	coupon: 'coupon_not_here',
	settle: 'not_owner',
	refundable: 'refund_not_here',
	payment: 'payment_used',
	approval: 'approval_not_valid',
	slot: 'slot_not_here',
	appointment: 'appointment_not_here',
	deposit: 'deposit_not_here',
	right: 'already_resolved',
};

export function isRetailRefusal(code: string): code is RetailRefusal {
	return Object.hasOwn(retailRefusals, code);
}

export function wordsOf(code: RetailRefusal, locale: Locale): string {
	const words = retailRefusals[code];
	return locale === 'zh-CN' ? words.zh : words.en;
}
