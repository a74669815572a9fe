import { expect, test } from 'vitest';
import type { Link } from '../../../src/ports/index.js';
import { Pace } from '../../../src/replica/pace.js';
import { decodeFrame } from '../../../src/sync/frames.js';
import { World } from '../../property/escrow-world.js';
import { HandDriven, settle, startMs } from '../../property/model/hand-driven.js';

test('the first goes at once, the next when the time is over, or when it is hurried', async () => {
	const hand = new HandDriven(1);
	const pace = new Pace(hand.platform, 4);
	const gone: number[] = [];
	const go = () => pace.next().then(() => gone.push(hand.nowMs - startMs));
	await go();
	void go();
	await hand.advance(3);
	expect(gone).toEqual([0]);
	await hand.advance(1);
	expect(gone).toEqual([0, 4]);
	void go();
	await settle();
	pace.hurry();
	await settle();
	expect(gone).toEqual([0, 4, 4]);
	await hand.advance(100);
	await go();
	expect(gone).toEqual([0, 4, 4, 104]);
});

/** Notes when rows come. */
function noting(link: Link, note: () => void): Link {
	return {
		kind: link.kind,
		private: true,
		start: (events) =>
			link.start({
				up: (end) => events.up(end),
				down: () => events.down(),
				frame: (bytes) => {
					if (decodeFrame(bytes)?.kind === 'update') note();
					events.frame(bytes);
				},
			}),
		stop: () => link.stop(),
	};
}

test('a lone sale leaves at once; of sales a millisecond apart, several travel under one seal', async () => {
	const world = new World();
	const [till, other] = [await world.open('till', world.memory()), await world.open('other', world.memory())];
	const line = world.line();
	let frames = 0;
	till.addLink(line.a);
	other.addLink(noting(line.b, () => frames++));
	await world.pass(500);
	const log = till.ledger('stock/a').log<number>('sales');
	const seen = () => other.ledger('stock/a').log<number>('sales').all().get().length;
	await till.commit((tx) => tx.append(log, 0));
	await world.pass(3);
	expect([seen(), frames]).toEqual([1, 1]);
	await world.pass(50);
	for (let i = 1; i <= 40; i++) {
		await till.commit((tx) => tx.append(log, i));
		await world.pass(1);
	}
	await world.pass(20);
	expect(seen()).toBe(41);
	expect(frames).toBeLessThanOrEqual(1 + 40 / 4 + 1);
	await Promise.all([till.shutdown(), other.shutdown(), world.pass(50)]);
});
