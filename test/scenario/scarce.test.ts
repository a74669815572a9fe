import type { Replica } from 'tillmesh';
import { describe, expect, test } from 'vitest';
import { createChance } from '../../examples/chain-day/random.js';
import { connect, type Device, openDevice, untilEqual } from './devices.js';

const ledger = 'stock/1';

async function openShop(tills: number): Promise<{ home: Device; tills: Device[]; all: Replica[] }> {
	const home = await openDevice({ name: 'home', keeps: [ledger], home: [ledger] });
	const open = Array.from({ length: tills }, (_, i) => openDevice({ name: `till-${i + 1}`, keeps: [ledger] }));
	const opened = await Promise.all(open);
	return { home, tills: opened, all: [home, ...opened].map(({ replica }) => replica) };
}

const hard = (replica: Replica, name: string) => replica.ledger(ledger).pool(name);

/** Gives some of what the home has to each device, and cuts every line once they know. */
async function shareOut(home: Replica, to: readonly Replica[], pool: string, key: string, shares: readonly number[]) {
	const lines = to.map((replica) => connect(home, replica));
	await home.commit((tx) => {
		for (const [i, replica] of to.entries()) if (shares[i]) tx.grant(hard(home, pool), key, shares[i], replica.device);
		tx.add(home.ledger(ledger).counter('shared'), 1);
	});
	await untilEqual(ledger, [home, ...to]);
	for (const line of lines) line.cut();
	return lines;
}

describe('what is scarce', () => {
	test('S18 one unit sold softly by two offline tills is minus one and exactly one oversell exception', async () => {
		const { home, tills, all } = await openShop(2);
		const soft = (replica: Replica) => replica.ledger(ledger).pool('soft', { policy: 'soft' });
		await home.replica.commit((tx) => tx.mint(soft(home.replica), 'CUP', 1, 'PO-1'));
		const sellers = tills.map(({ replica }) => replica);
		const lines = await shareOut(home.replica, sellers, 'soft', 'CUP', [1, 0]);
		for (const replica of sellers)
			expect(await replica.commit((tx) => tx.spend(soft(replica), 'CUP', 1, { operator: 'ann' }))).toMatchObject({
				ok: true,
			});
		for (const line of lines) line.heal();
		await untilEqual(ledger, all);
		for (const replica of all) {
			const { minted, spent, overdrawn } = soft(replica).total('CUP').get();
			expect(minted - spent - overdrawn).toBe(-1);
			expect(replica.ledger(ledger).exceptions()).toMatchObject([{ kind: 'oversell' }]);
			expect(replica.check()).toEqual([]);
		}
	});

	for (const seed of [1, 2, 3, 4, 5])
		test(`S19 hard stock shared out to twelve isolated tills is never oversold, seed ${seed}`, async () => {
			const chance = createChance(seed);
			const { home, tills, all } = await openShop(12);
			const stock = chance.between(1, 240);
			await home.replica.commit((tx) => tx.mint(hard(home.replica, 'shelf'), 'CUP', stock, 'PO-1'));
			let left = stock;
			const shares = tills.map(() => {
				const share = chance.between(0, Math.ceil(left / 2));
				left -= share;
				return share;
			});
			const sellers = tills.map(({ replica }) => replica);
			const lines = await shareOut(home.replica, sellers, 'shelf', 'CUP', shares);
			// Everybody, the home too, tries to sell more than there is in the whole shop.
			const sold = all.map(async (replica) => {
				let units = 0;
				for (let tries = 0; tries < stock + 12 && units <= stock; tries++) {
					const quantity = chance.between(1, 4);
					const outcome = await replica.commit((tx) => tx.spend(hard(replica, 'shelf'), 'CUP', quantity));
					if (outcome.ok) units += quantity;
					else expect(outcome.code).toBe('share_exhausted');
				}
				return units;
			});
			const units = (await Promise.all(sold)).reduce((sum, of) => sum + of, 0);
			expect(units).toBeLessThanOrEqual(stock);
			expect(units).toBeGreaterThan(0);
			for (const line of lines) line.heal();
			await untilEqual(ledger, all);
			for (const replica of all) {
				expect(hard(replica, 'shelf').total('CUP').get()).toMatchObject({ minted: stock, spent: units, overdrawn: 0 });
				expect(replica.check()).toEqual([]);
			}
		});

	test('S28 points redeemed in two isolated shops are never overspent', async () => {
		const { home, tills, all } = await openShop(2);
		const [first, second] = tills.map(({ replica }) => replica) as [Replica, Replica]; // two were opened
		const points = (replica: Replica) => hard(replica, 'points');
		await first.commit((tx) => tx.mint(points(first), 'member-1', 100, 'sale-1'));
		const lines = [connect(home.replica, first), connect(home.replica, second)];
		await untilEqual(ledger, all);
		expect(await points(second).ensure('member-1', 40, { timeoutMs: 5000 })).toBeGreaterThanOrEqual(40);
		await untilEqual(ledger, all);
		for (const line of lines) line.cut();
		const redeemed: number[] = [];
		for (const replica of [first, second])
			for (const amount of [100, 60, 50, 40, 30, 20, 10, 10, 10, 10])
				if ((await replica.commit((tx) => tx.spend(points(replica), 'member-1', amount))).ok) redeemed.push(amount);
		expect(redeemed.length).toBeGreaterThan(1);
		const sum = redeemed.reduce((all, amount) => all + amount, 0);
		expect(sum).toBeLessThanOrEqual(100);
		for (const line of lines) line.heal();
		await untilEqual(ledger, all);
		for (const replica of all) {
			expect(points(replica).total('member-1').get()).toMatchObject({ minted: 100, spent: sum });
			expect(replica.check()).toEqual([]);
		}
	});

	test('S30 one coupon tried in two isolated shops is honoured once, and not again when they meet', async () => {
		const { home, tills, all } = await openShop(2);
		const sellers = tills.map(({ replica }) => replica);
		await home.replica.commit((tx) => tx.mint(hard(home.replica, 'coupon'), 'WELCOME-7', 1, 'campaign-1'));
		const lines = await shareOut(home.replica, sellers, 'coupon', 'WELCOME-7', [0, 1]);
		const honour = (replica: Replica, key: string) =>
			replica.commit((tx) => tx.spend(hard(replica, 'coupon'), 'WELCOME-7', 1), { idempotencyKey: key });
		const outcomes = await Promise.all(sellers.map((replica, i) => honour(replica, `till ${i}`)));
		expect(outcomes.map(({ ok }) => ok)).toEqual([false, true]);
		for (const line of lines) line.heal();
		await untilEqual(ledger, all);
		for (const [i, replica] of sellers.entries()) {
			expect(await hard(replica, 'coupon').ensure('WELCOME-7', 1, { timeoutMs: 200 })).toBe(0);
			expect(await honour(replica, `again ${i}`)).toMatchObject({ ok: false, code: 'share_exhausted' });
		}
	});
});
