/** A relay that withholds, reorders, drops or lies in acknowledgements: what it can do, and what gives it away. */
import { memoryLink } from 'tillmesh/memory';
import { expect, test } from 'vitest';
import type { Replica } from '../../../src/index.js';
import { pause, until } from '../../contract/check.js';
import { asItIs, crookedRelay, type Passing } from './crooked-relay.js';
import { ledger, Stage, sell, sold } from './stage.js';
import { tell } from './tally.js';

async function open() {
	const stage = await Stage.open();
	const relay = await crookedRelay(stage);
	const [a, b] = [await stage.till('till-1', [relay.url]), await stage.till('till-2', [relay.url])];
	await sell(a);
	await until(() => sold(b) === 1, 'both are in sync', 10_000);
	return { stage, relay, a, b };
}

const isUpdateTo =
	(till: Replica) =>
	({ way, device, frame }: Passing): boolean =>
		way === 'out' && device === till.device && frame.kind === 'update';

function meet(a: Replica, b: Replica): void {
	const line = memoryLink();
	a.addLink(line.a);
	b.addLink(line.b);
}

const waiting = (till: Replica): number => till.sync.status.get().waiting.store.entries;

test('S38 a relay that withholds rows but not their heads is asked for them again and again; another way brings them', async () => {
	const { relay, a, b } = await open();
	const isWithheld = isUpdateTo(b);
	let withheld = 0;
	relay.bend = (passing) => {
		if (!isWithheld(passing)) return asItIs(passing);
		withheld++;
		return [];
	};
	for (let i = 0; i < 20; i++) await sell(a);
	await until(() => withheld > 20, 'the relay sends them again', 20_000);
	expect(sold(b)).toBe(1);
	meet(a, b);
	await until(() => sold(b) === 21, 'the other way brings all', 10_000);
	expect(a.digest(ledger)).toBe(b.digest(ledger));
	tell({ threat: 'relay withholds', where: 'till', acts: withheld, outcome: 'nothing lost; all there by another way' });
});

test('S38 a relay that drops one batch in the middle, or turns their order round, is seen by the gap: it is asked for', async () => {
	const { relay, a, b } = await open();
	const isHis = isUpdateTo(b);
	let held: Uint8Array[] = [];
	let [dropped, turned] = [0, 0];
	relay.bend = (passing) => {
		if (!isHis(passing)) return asItIs(passing);
		if (dropped < 5) {
			dropped++;
			return [];
		}
		held.push(passing.bytes);
		if (held.length < 4) return [];
		turned += held.length;
		const all = held.reverse();
		held = [];
		return all;
	};
	const asked = () =>
		relay.seen.filter(({ way, device, frame }) => way === 'in' && device === b.device && frame.kind === 'heads').length;
	const before = asked();
	for (let i = 0; i < 40; i++) await sell(a);
	await until(() => sold(b) === 41, 'all of it is there in the end', 30_000);
	expect(a.digest(ledger)).toBe(b.digest(ledger));
	expect(asked()).toBeGreaterThan(before);
	expect(b.status().rejected.newest).toEqual([]);
	tell({
		threat: 'relay drops, reorders',
		where: 'till',
		acts: dropped + turned,
		outcome: { 'asked again': asked() - before },
	});
});

test('S38 SYN2 a relay that acknowledges what it threw away is found out by its heads; the till has kept its sales, says so, and sends them again', async () => {
	const { relay, a, b } = await open();
	let lies = 0;
	relay.bend = (passing) => {
		const { way, device, frame } = passing;
		if (way !== 'in' || device !== a.device || frame.kind !== 'update') return asItIs(passing);
		lies++;
		passing.answer({
			kind: 'ack',
			ledger: frame.ledger,
			positions: frame.seals.map(({ epoch, count }) => ({ epoch, count })),
		});
		return [];
	};
	// Nothing tells a lie from the truth as yet.
	for (let i = 0; i < 10; i++) await sell(a, 'store');
	expect([waiting(a), sold(b)]).toEqual([0, 1]);
	// It goes on throwing them away, but cannot name in its heads what it does not have without being asked for it.
	relay.bend = (passing) =>
		passing.way === 'in' && passing.device === a.device && passing.frame.kind === 'update' ? [] : asItIs(passing);
	relay.hangUp();
	await until(() => a.status().losses.length > 0, 'the till finds out', 20_000);
	expect(a.status().losses).toMatchObject([{ device: relay.core.device, disk: 'theirs', ledger }]);
	await pause(100);
	expect(a.sync.status.get()).toMatchObject({ at: 'device', safeToPowerOff: false });
	expect(waiting(a)).toBe(10);
	expect(sold(a)).toBe(11);
	relay.bend = asItIs;
	await until(() => sold(b) === 11 && waiting(a) === 0, 'they go out once it is honest', 20_000);
	tell({
		threat: 'relay lies in acknowledgements',
		where: 'till',
		acts: lies,
		outcome: { 'found out by heads': 1, 'kept and sent again': 10 },
	});
});
