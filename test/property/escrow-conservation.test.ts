import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chain } from './escrow-history.js';
import { runs, World } from './escrow-world.js';

interface Step {
	readonly what: (typeof steps)[number];
	readonly member: number;
	readonly other: number;
	readonly pool: 'hard' | 'soft';
	readonly key: 'x' | 'y';
	readonly amount: number;
}

const steps = [
	'mint',
	'spend',
	'spend',
	'spend-in-flight',
	'grant',
	'hold',
	'capture',
	'release',
	'cut',
	'heal',
	'pass',
	'crash',
	'restart',
] as const;

const history = fc.array(
	fc.record<Step>({
		what: fc.constantFrom(...steps),
		member: fc.nat(2),
		other: fc.nat(2),
		pool: fc.constantFrom('hard', 'soft'),
		key: fc.constantFrom('x', 'y'),
		amount: fc.integer({ min: 1, max: 6 }),
	}),
	{ minLength: 5, maxLength: 24 },
);

async function live(chain: Chain, step: Step): Promise<void> {
	const { what, member, pool, key, amount } = step;
	const truth = chain.of(pool, key);
	const handle = chain.pool(member, pool);
	const mine = handle.mine(key);
	switch (what) {
		case 'mint': {
			const document = `D${chain.documents++}`;
			expect(await chain.commit(member, (tx) => tx.mint(handle, key, amount, document))).toMatchObject({ ok: true });
			truth.minted += amount;
			chain.give(pool, key, member, amount);
			return;
		}
		case 'spend':
			return spend(chain, step, mine);
		case 'spend-in-flight': {
			// Both decide before the first is on disk: the second counts what the first has taken.
			const both = [spend(chain, step, mine)];
			both.push(spend(chain, step, Math.max(0, mine - (pool === 'soft' || mine >= amount ? amount : 0))));
			await Promise.all(both);
			return;
		}
		case 'grant': {
			const to = chain.at(step.other).replica.device;
			if (to === chain.at(member).replica.device) return;
			const outcome = await chain.commit(member, (tx) => tx.grant(handle, key, amount, to));
			expect(outcome.ok).toBe(mine >= amount);
			if (!outcome.ok) return;
			chain.give(pool, key, member, -amount);
			chain.give(pool, key, step.other, amount);
			return;
		}
		case 'hold': {
			const outcome = await chain.commit(member, (tx) => tx.hold(handle, key, amount, { leaseMs: 10 ** 9 }));
			expect(outcome.ok).toBe(mine >= amount);
			if (!outcome.ok) return;
			chain.give(pool, key, member, -amount);
			truth.held += amount;
			chain.holds.push({ member, pool, key, id: outcome.value, amount });
			return;
		}
		case 'capture':
		case 'release':
			return resolve(chain, step);
		case 'cut':
			chain.lines[member]?.line.cut();
			return;
		case 'heal':
			chain.lines[member]?.line.heal();
			return;
		case 'pass':
			return chain.world.pass(amount * 3);
		default:
			return chain.reopen(member, what === 'crash');
	}
}

async function spend(chain: Chain, { member, pool, key, amount }: Step, mine: number): Promise<void> {
	const truth = chain.of(pool, key);
	const handle = chain.pool(member, pool);
	const outcome = await chain.commit(member, (tx) => tx.spend(handle, key, amount, { operator: 'o', reason: 'r' }));
	expect(outcome.ok).toBe(pool === 'soft' || mine >= amount);
	if (!outcome.ok) {
		expect(outcome).toMatchObject({ code: 'share_exhausted', short: [{ need: amount, mine }] });
		return;
	}
	const taken = Math.min(mine, amount);
	truth.spent += taken;
	truth.overdrawn += amount - taken;
	chain.give(pool, key, member, -taken);
}

async function resolve(chain: Chain, { what, other, amount }: Step): Promise<void> {
	const hold = chain.holds[other];
	if (!hold) return;
	const { member, pool, key, id } = hold;
	const truth = chain.of(pool, key);
	const handle = chain.pool(member, pool);
	if (what === 'release') {
		const outcome = await chain.commit(member, (tx) => tx.release(handle, id));
		expect(outcome.ok).toBe(true);
		truth.held -= hold.amount;
		chain.give(pool, key, member, hold.amount);
	} else {
		const outcome = await chain.commit(member, (tx) => tx.capture(handle, id, amount));
		expect(outcome.ok).toBe(amount <= hold.amount);
		if (!outcome.ok) return;
		truth.held -= hold.amount;
		truth.spent += amount;
		chain.give(pool, key, member, hold.amount - amount);
	}
	chain.holds.splice(other, 1);
}

test('P1 P2 P3 every view conserves, nothing is below its floor, and nobody thinks it has more than it has', async () => {
	await fc.assert(
		fc.asyncProperty(history, fc.integer(), async (all, seed) => {
			const world = new World(seed);
			const chain = await Chain.open(world, 3);
			for (const step of all) {
				await live(chain, step);
				chain.checkViews();
			}
			await chain.heal();
			chain.checkViews();
			chain.checkTruth();
		}),
		{ numRuns: runs },
	);
});
