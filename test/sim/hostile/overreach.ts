import { utf8 } from '../../../src/base/bytes.js';
import type { Leg } from '../../../src/journal/leg.js';
import { grantsOf } from '../../../src/retail/shop/roles.js';
import { everything, type Grant } from '../../../src/trust/grant.js';
import { storeName } from '../machines/chain.js';

/** What somebody enrolled the hostile machine for, and what it does beyond that, by what each is called in a report. */
export interface Lesser {
	readonly grants: readonly Grant[];
	readonly beyond: Readonly<Record<string, Leg>>;
}

const fence: Leg = { kind: 'fence', device: 'nobody', heads: [] };
const says = (verb: string): Leg => ({ kind: 'append', log: 'order/1', value: utf8(JSON.stringify({ verb })) });

/** It may do everything, but be home. */
const almostAll: Lesser = {
	grants: [{ ...everything, home: false }],
	beyond: { 'a fence by who may not be home': fence },
};

/** It is a cashier's till of the first store. */
const cashier: Lesser = {
	grants: grantsOf('cashier', storeName(0)),
	beyond: {
		'a fence by a cashier': fence,
		'shares reclaimed by a cashier': { kind: 'reclaim', pool: 'goods/x', from: 'nobody', share: 1, held: 0 },
		'a coupon minted by a cashier': { kind: 'mint', pool: 'coupon/x', amount: 1, document: 'd' },
		'a fence right minted by a cashier': { kind: 'mint', pool: 'fence/x', amount: 1, document: 'd' },
		'a role set by a cashier': { kind: 'set', cell: 'role/x', priority: 0, value: utf8('"manager"') },
		'a revocation by a cashier': says('device.revoke'),
		'a price published by a cashier': says('catalog.publish'),
		'an erasure by a cashier': says('member.erase'),
		'a document without a verb by a cashier': says(''),
	},
};

/** A quarter of the chains that have a root key. */
export const lesserOf = (seed: number): Lesser => (((seed >>> 2) & 3) === 0 ? cashier : almostAll);
