import type { DeviceId } from '../../base/ids.js';
import type { AppointmentId } from '../documents/order.js';
import type { Exception, ExceptionSource } from '../shop/exceptions.js';
import { storeOf } from '../shop/ledgers.js';
import { declined, type Outcome, withValue } from '../shop/outcome.js';
import { rights } from '../shop/rights.js';
import type { Shop } from '../shop/shop.js';
import type { WriteOptions } from '../shop/writing.js';
import { poolsOf } from './cells.js';
import type { OfferedDay, Plan } from './plan.js';

interface Resolving {
	promote(id: AppointmentId, options: WriteOptions): Promise<Outcome<void>>;
	cancel(id: AppointmentId, options: WriteOptions): Promise<Outcome<void>>;
}

const freedPrefix = 'waitlist_free:';

/**
 * Somebody waits for a time that is free now. Resolving it with the outcome `cancel` takes them off the list, any other
 * outcome gives them the time. The right to it is the appointment's own.
 */
export function waitlistSource(shop: Shop, plan: Plan, { promote, cancel }: Resolving): ExceptionSource {
	return {
		exceptions: plan.live((): Exception[] => {
			const { slot: pool } = poolsOf(shop, shop.desk.name);
			const isFree = (key: string) => pool.now(key).level > 0;
			return plan
				.waiting()
				.filter(({ slots }) =>
					plan.grid.touched(slots).every(({ key, fromMs }) => fromMs > shop.nowMs() && isFree(key)),
				)
				.map(({ id, ledger, slots, member }) => ({
					id: `${freedPrefix}${id}`,
					kind: 'waitlist_free',
					store: storeOf(ledger),
					subject: `${member ?? id} ${slots[0]?.resource ?? ''} ${slots[0]?.from ?? ''}`,
					amount: 0,
					atMs: Math.min(...slots.map(({ from }) => Date.parse(from))),
					state: 'open',
				}));
		}),
		resolve: (id, outcome, options) => (outcome === 'cancel' ? cancel : promote)(id.slice(freedPrefix.length), options),
	};
}

export const doubleOfferOf = (offer: string, device: DeviceId) => `double_offer:${offer}:${device}`;

/** A time that two devices opened before they met: it may be booked twice. */
export function doubleOffers(shop: Shop, plan: Plan): ExceptionSource {
	return {
		exceptions: plan.live(() =>
			[...plan.offers.values(shop.desk.name)].flatMap((offered) => doublesOf(shop, plan, offered)),
		),
		async resolve(id, outcome, options) {
			const ledger = shop.desk.name;
			if (!id.startsWith('double_offer:')) return declined('unknown_task', shop.settings.locale, id);
			await rights.fetch(shop, ledger, id);
			const done = await shop.writeKeyed('task.resolve', { id, outcome }, options, (w) =>
				rights.use(w, shop, ledger, id, outcome),
			);
			return withValue(done, () => undefined);
		},
	};
}

function doublesOf(shop: Shop, plan: Plan, { id, ledger, stretches }: OfferedDay): Exception[] {
	const owners = new Map<string, DeviceId>();
	const doubles = new Map<DeviceId, { cells: number; atMs: number }>();
	for (const stretch of stretches)
		for (const { key } of plan.grid.touched([stretch])) {
			if (!stretch.isOffered) {
				owners.delete(key); // whoever offers it now is the first
				continue;
			}
			const owner = owners.get(key) ?? stretch.device;
			owners.set(key, owner);
			if (owner === stretch.device) continue;
			const { cells } = doubles.get(stretch.device) ?? { cells: 0 };
			doubles.set(stretch.device, { cells: cells + 1, atMs: stretch.atMs });
		}
	return [...doubles].map(([device, { cells, atMs }]) => {
		const exception = doubleOfferOf(id, device);
		const outcome = rights.outcome(shop, ledger, exception);
		return {
			id: exception,
			kind: 'double_offer',
			store: storeOf(ledger),
			subject: id,
			amount: cells,
			atMs,
			state: outcome === undefined ? 'open' : 'done',
			...(outcome !== undefined && { outcome }),
		};
	});
}
