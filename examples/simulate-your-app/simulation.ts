import type { Replica } from 'tillmesh';
import { type Simulated, simulate } from 'tillmesh/testing';
import { type Loyalty, stampsPerDrink } from './loyalty.js';

const members = ['ann', 'bo'];

/** What no till knows: drinks that were paid, and drinks that were given away, per member. */
interface Shop {
	readonly paid: Map<string, number>;
	readonly free: Map<string, number>;
}

const more = (drinks: Map<string, number>, member: string, count: number) =>
	drinks.set(member, (drinks.get(member) ?? 0) + count);

/** Plays the card on every till of a shop whose lines, machines and disks fail. */
export function simulateLoyalty(open: (till: Replica) => Loyalty, seeds: number): Promise<Simulated> {
	return simulate<Loyalty, Shop>({
		seeds,
		outside: () => ({ paid: new Map(), free: new Map() }),
		start: open,
		actions: {
			async buy(card, pick, { outside, unique }) {
				const member = members[pick(members.length)] ?? '';
				const drinks = 1 + pick(4);
				more(outside.paid, member, drinks);
				await card.buy(member, drinks, unique());
				return `${drinks} stamps for ${member}`;
			},
			async redeem(card, pick, { outside }) {
				const member = members[pick(members.length)] ?? '';
				const isFree = await card.redeem(member);
				if (isFree) more(outside.free, member, 1);
				return isFree ? `a free drink for ${member}` : `too few stamps for ${member}`;
			},
		},
		finally: {
			'free drinks were earned': ({ outside }) => {
				for (const member of members) {
					const [paid, free] = [outside.paid.get(member) ?? 0, outside.free.get(member) ?? 0];
					if (free * stampsPerDrink > paid) throw new Error(`${member} paid ${paid} drinks and got ${free} free ones`);
				}
			},
		},
	});
}
