import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Replica } from '../../src/index.js';
import { runs, World } from './escrow-world.js';

const ledger = 'stock/a';
const years10 = 10 * 365 * 86_400_000;
/** Housekeeping looks at holds once a second, so an expiry may be that late. */
const lateMs = 1_000;

const histories = fc.array(
	fc.oneof(
		fc.record({ what: fc.constant('hold' as const), amount: fc.integer({ min: 1, max: 9 }), leaseMs: fc.nat(4_000) }),
		fc.record({
			what: fc.constantFrom('capture' as const, 'capture-all' as const, 'release' as const, 'both' as const),
			which: fc.nat(5),
			amount: fc.integer({ min: 1, max: 9 }),
		}),
		fc.record({ what: fc.constant('pass' as const), ms: fc.nat(3_000) }),
		fc.record({ what: fc.constant('jump' as const), ms: fc.integer({ min: -years10, max: years10 }) }),
		fc.record({ what: fc.constantFrom('crash' as const, 'restart' as const) }),
	),
	{ minLength: 4, maxLength: 25 },
);

interface Held {
	readonly id: string;
	readonly amount: number;
	readonly leaseMs: number;
	/** Since when this process has had it open. */
	sinceMs: number;
	/** Its lease had run out in an earlier opening: it may have expired there. */
	mayBeOver: boolean;
	/** Somebody resolved it, or was told that it is gone. */
	over: boolean;
}

test('P14 P15 P16 P17 a hold resolves once, restores the rest, expires by running time alone and survives a crash', async () => {
	await fc.assert(
		fc.asyncProperty(histories, fc.integer(), async (history, seed) => {
			const world = new World(seed);
			let skewMs = 0;
			const storage = world.memory(() => skewMs);
			let replica = await world.open('till', storage);
			const peer = await world.open('peer', world.memory());
			const connect = (to: Replica) => {
				const line = world.line();
				to.addLink(line.a);
				return peer.addLink(line.b);
			};
			let disconnect = connect(replica);
			const pool = (of: Replica) => of.ledger(ledger).pool('p');
			const minted = 40;
			await replica.commit((tx) => tx.mint(pool(replica), 'x', minted, 'D'));
			const held: Held[] = [];
			let spent = 0;

			const resolve = async (hold: Held, amount: number | 'release', second = false): Promise<boolean> => {
				const before = pool(replica).mine('x');
				const outcome = await replica.commit((tx) =>
					amount === 'release'
						? tx.release(pool(replica), hold.id)
						: tx.capture(pool(replica), hold.id, amount === hold.amount ? undefined : amount),
				);
				if (outcome.ok) {
					expect(hold.over).toBe(false);
					hold.over = true;
					const taken = amount === 'release' ? 0 : amount;
					expect(taken).toBeLessThanOrEqual(hold.amount);
					expect(pool(replica).mine('x')).toBe(before + hold.amount - taken);
					spent += taken;
				} else if (outcome.code === 'hold_exceeded') expect(amount).toBeGreaterThan(hold.amount);
				else {
					expect(outcome.code).toBe('hold_unknown');
					if (second) return false;
					if (!hold.over && !hold.mayBeOver) expect(world.nowMs - hold.sinceMs).toBeGreaterThanOrEqual(hold.leaseMs);
					hold.over = true;
				}
				return outcome.ok;
			};

			for (const step of history) {
				const open = 'which' in step ? held[step.which % Math.max(1, held.length)] : undefined;
				if (step.what === 'hold') {
					const mine = pool(replica).mine('x');
					const leaseMs = step.leaseMs + 1;
					const outcome = await replica.commit((tx) => tx.hold(pool(replica), 'x', step.amount, { leaseMs }));
					expect(outcome.ok).toBe(mine >= step.amount);
					if (outcome.ok) {
						const hold = { id: outcome.value, amount: step.amount, leaseMs };
						held.push({ ...hold, sinceMs: world.nowMs, mayBeOver: false, over: false });
					}
				} else if (step.what === 'pass') await world.pass(step.ms);
				else if (step.what === 'jump') skewMs = step.ms;
				else if (step.what === 'crash' || step.what === 'restart') {
					disconnect();
					if (step.what === 'crash') storage.crash();
					else await replica.shutdown();
					replica = await world.open('till', storage);
					disconnect = connect(replica);
					for (const h of held) h.mayBeOver ||= world.nowMs - h.sinceMs >= h.leaseMs;
					const sure = held.filter((h) => !h.over && !h.mayBeOver);
					expect(pool(replica).total('x').get().held).toBeGreaterThanOrEqual(
						sure.reduce((sum, h) => sum + h.amount, 0),
					);
					for (const h of held) if (!h.over) h.sinceMs = world.nowMs;
				} else if (open && step.what === 'both') {
					// A double tap on two buttons: the second decides while the first is being written.
					const answers = [resolve(open, open.amount), resolve(open, 'release', true)];
					expect((await Promise.all(answers)).filter(Boolean).length).toBeLessThanOrEqual(1);
				} else if (open)
					await resolve(
						open,
						step.what === 'release'
							? 'release'
							: step.what === 'capture' && 'amount' in step
								? step.amount
								: open.amount,
					);
				const total = pool(replica).total('x').get();
				expect(total).toMatchObject({ minted, spent });
				expect(pool(replica).mine('x') + total.held).toBe(minted - spent);
				expect(replica.check()).toEqual([]);
			}

			// Nobody but the holder resolves; and left alone, all that is open comes back.
			await world.pass(30);
			for (const { id } of held)
				expect(await peer.commit((tx) => tx.release(pool(peer), id))).toMatchObject({
					ok: false,
					code: 'hold_unknown',
				});
			await world.pass(4_001 + 2 * lateMs);
			for (const side of [replica, peer])
				expect(pool(side).total('x').get()).toMatchObject({ minted, spent, held: 0, level: minted - spent });
			expect(pool(replica).mine('x')).toBe(minted - spent);
			for (const hold of held) expect(await resolve(hold, 'release')).toBe(false);
		}),
		{ numRuns: runs },
	);
});
