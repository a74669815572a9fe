import { compareStrings } from '../../base/bytes.js';
import { BadArgument } from '../../base/errors.js';
import type { StoreId } from '../../base/ids.js';
import { everything, type Grant } from '../../trust/grant.js';
import { ledgers } from './ledgers.js';
import { type GrantLimits, limitable } from './limits.js';
import { type Verb, verbs } from './verbs.js';

/** What a device of a shop is for. `store` is what a store's own certificate says: all that it may give out. */
export const roles = ['cashier', 'warehouse', 'manager', 'headquarters', 'relay', 'store'] as const;
export type Role = (typeof roles)[number];

type Desk = 'cashier' | 'warehouse' | 'manager';
const all: readonly Desk[] = ['cashier', 'warehouse', 'manager'];
const counter: readonly Desk[] = ['cashier', 'manager'];
const goods: readonly Desk[] = ['warehouse', 'manager'];
const manager: readonly Desk[] = ['manager'];
const headquarters: readonly Desk[] = [];

/** Whose devices write what, in their own store. Headquarters' write everything. */
const mayWrite: Readonly<Record<Verb, readonly Desk[]>> = {
	'catalog.define': headquarters,
	'catalog.publish': headquarters,
	'catalog.withdraw': headquarters,
	'catalog.override': manager,
	'stock.receive': goods,
	'stock.issue': goods,
	'stock.waste': all,
	'stock.return': all,
	'stock.assemble': all,
	'stock.disassemble': all,
	'stock.count': goods,
	'stock.correct': goods,
	'stock.sold_out': all,
	'stock.reallocate': manager,
	'stock.settle_consigned': manager,
	'transfer.request': goods,
	'transfer.ship': goods,
	'transfer.receive': goods,
	'transfer.resolve': goods,
	'member.register': counter,
	'member.alias': manager,
	'member.erase': manager,
	'member.top_up': counter,
	'member.refund_stored': manager,
	'member.earn': counter,
	'member.redeem': counter,
	'member.give_back': counter,
	'member.sell_pack': counter,
	'member.tier': manager,
	'member.care': counter,
	'member.debt': counter,
	'member.repay': counter,
	'member.risk': headquarters,
	'coupon.issue': manager,
	'order.open': counter,
	'order.add': counter,
	'order.change': counter,
	'order.void_line': counter,
	'order.void': counter,
	'order.park': counter,
	'order.recall': counter,
	'order.split': counter,
	'order.resolve': counter,
	'order.settle': counter,
	'order.refund': counter,
	'series.open': counter,
	'series.lease': counter,
	'series.skip': counter,
	'payment.attempt': counter,
	'payment.result': counter,
	'payment.reverse': counter,
	'payment.resolve': counter,
	'approval.ask': all,
	// A manager may say yes at the till that asked, by a code: whose yes it is, the limits of people say.
	'approval.decide': all,
	'approval.use': all,
	'approval.limit': manager,
	'approval.role': manager,
	'appointment.offer': manager,
	'appointment.withdraw': manager,
	'appointment.book': counter,
	'appointment.move': counter,
	'appointment.promote': counter,
	'appointment.cancel': counter,
	'appointment.arrive': counter,
	'appointment.no_show': counter,
	'task.open': all,
	'task.claim': all,
	'task.resolve': all,
	'alert.raise': all,
	'alert.consume': all,
	'alert.subscribe': all,
	'message.send': all,
	'message.read': all,
	'day.open_shift': counter,
	'day.cash': counter,
	'day.on_account': counter,
	'day.z': counter,
	'device.revoke': manager,
	'module.write': headquarters,
};

/** Collections of pools, by who makes units of them in the course of what they may write. */
const mayMint: Readonly<Record<Desk, readonly string[]>> = {
	cashier: [
		'goods',
		'goods_soft',
		'settle',
		'refundable',
		'payment',
		'right',
		'range',
		'approval',
		'points',
		'stored',
		'bonus',
		'pack',
		'debt',
		'risk',
		'appointment',
		'deposit',
		'slot',
	],
	warehouse: ['goods', 'goods_soft', 'right', 'approval'],
	manager: ['*'],
};

/** Families of cells: `has` is which price lists a till has. */
const maySet: Readonly<Record<Desk, readonly string[]>> = {
	cashier: ['has', 'sold_out', 'subscription'],
	warehouse: ['has', 'sold_out', 'subscription'],
	manager: ['*'],
};

/** Domains whose verbs are all there stand for them, whatever comes to them later. */
function inShort(may: readonly Verb[]): string[] {
	const patterns = new Set<string>();
	for (const verb of may) {
		const domain = verb.slice(0, verb.indexOf('.') + 1);
		const isWhole = verbs.every((other) => !other.startsWith(domain) || may.includes(other));
		patterns.add(isWhole ? `${domain}*` : verb);
	}
	return [...patterns].sort(compareStrings);
}

export interface GrantsOptions {
	/**
	 * How much a document may do without a manager's signed yes, of a cashier, a warehouse or a manager: held to by every
	 * receiver. None by default.
	 */
	readonly limits?: GrantLimits;
	/** Vendor's modules whose documents the device may write. */
	readonly modules?: readonly string[];
}

const whole = (pattern: string): Grant => ({ ledgers: pattern, read: true, write: true });
const readable = (pattern: string): Grant => ({ ledgers: pattern, read: true });
const ofStore = (store: StoreId): readonly string[] => [`*/${store}`, `*/${store}/*`];

function limitsOf(own: readonly Verb[], limits: GrantLimits = {}): Pick<Grant, 'limits'> {
	const given = Object.entries(limits).filter(([verb]) => own.some((each) => each === verb));
	for (const verb of Object.keys(limits))
		if (!limitable.some((each) => each === verb))
			throw new BadArgument(
				`limits.${verb}`,
				`expected one of ${limitable.join(', ')}; setLimits limits others at the till.`,
			);
	return given.length === 0 ? {} : { limits: Object.fromEntries(given) };
}

/** What the device's documents may say, in whichever ledgers it may write. */
function deskGrants(desk: Desk, store: StoreId, { modules = [], limits }: GrantsOptions): Grant[] {
	const own = verbs.filter((verb) => mayWrite[verb].includes(desk));
	const says: Grant = {
		ledgers: '*',
		verbs: [...inShort(own), ...modules.map((module) => `${module}.*`)],
		mints: mayMint[desk],
		sets: maySet[desk],
		...limitsOf(own, limits),
	};
	const shared = [
		readable(ledgers.catalog),
		desk === 'cashier' ? readable(ledgers.transfers) : whole(ledgers.transfers),
	];
	if (desk === 'warehouse') return [says, whole(ledgers.stock(store)), whole(ledgers.desk(store)), ...shared];
	return [says, ...ofStore(store).map(whole), whole('members/*'), ...shared];
}

/**
 * What a device of this role may do in its store, to be put into its certificate. A warehouse's sees stock and no member; a
 * relay, with the home beside it, keeps the store's ledgers and writes no document; headquarters' is everything.
 */
export function grantsOf(role: Role, store: StoreId, options: GrantsOptions = {}): readonly Grant[] {
	switch (role) {
		case 'headquarters':
			return [everything];
		case 'store':
			return [
				{ ledgers: '*', verbs: ['*'], mints: ['*'], sets: ['*'] },
				...ofStore(store).map((pattern) => ({ ...whole(pattern), home: true })),
				whole('members/*'),
				readable(ledgers.catalog),
				whole(ledgers.transfers),
			];
		case 'relay':
			return [
				...ofStore(store).map((pattern) => ({ ...whole(pattern), home: true })),
				readable('members/*'),
				readable(ledgers.catalog),
				readable(ledgers.transfers),
			];
		default:
			return deskGrants(role, store, options);
	}
}
