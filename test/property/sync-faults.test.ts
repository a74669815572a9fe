/** SYN5: replicas over lines that lose, repeat and reorder a fifth of all frames, and are cut now and then, end in the same state. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MemoryLink } from '../../adapters/link-memory/index.js';
import type { Replica } from '../../src/index.js';
import type { Link } from '../../src/ports/index.js';
import { tapped } from '../unit/sync/tapped.js';
import { chanceOf, World } from './escrow-world.js';
import { checkProperty } from './model/runs.js';

const ledgers = ['stock/a', 'cash/b'];

/** Every pair that is linked: at least a tree over all of them. */
function pairs(count: number, chance: () => number): [number, number][] {
	const all: [number, number][] = [];
	for (let b = 1; b < count; b++)
		for (let a = 0; a < b; a++)
			if (a === Math.floor(chance() * b) || chance() < 0.3 || (a === b - 1 && !all.some(([, at]) => at === b)))
				all.push([a, b]);
	return all;
}

async function play(
	seed: number,
	steps: number,
	faults: { drop: number; duplicate: number; reorder: number; delayTurns: number },
	withinMs = 60_000,
	leaves: (link: Link) => Link = (link) => link,
) {
	const world = new World(seed);
	const chance = chanceOf(seed + 1);
	const count = 2 + Math.floor(chance() * 4);
	const replicas: Replica[] = [];
	for (let i = 0; i < count; i++)
		replicas.push(await world.open(`till-${i}`, world.memory(), i === 0 ? { home: ['*/*'] } : {}));
	const lines: MemoryLink[] = pairs(count, chance).map(([a, b]) => {
		const line = world.line(faults);
		replicas[a]?.addLink(leaves(line.a));
		replicas[b]?.addLink(leaves(line.b));
		return line;
	});
	const reached: Promise<unknown>[] = [];
	let written = 0;
	for (let i = 0; i < steps; i++) {
		const replica = replicas[Math.floor(chance() * count)] as Replica; // there are so many
		const [ledger, other] = chance() < 0.5 ? ledgers : [...ledgers].reverse();
		const what = chance();
		if (what < 0.6) {
			const done = await replica.commit((tx) => {
				tx.add(replica.ledger(ledger ?? '').counter('sold'), 1);
				if (chance() < 0.3) tx.append(replica.ledger(other ?? '').log('notes'), { step: i });
			});
			written++;
			if (done.ok) reached.push(replica.sync.reached(done.commit, 'copy', { timeoutMs: 1_000_000 }));
		} else if (what < 0.7) lines[Math.floor(chance() * lines.length)]?.cut();
		else if (what < 0.8) for (const line of lines) line.heal();
		else await world.pass(chance() * 400);
	}
	const acked = Promise.all(reached);
	acked.catch(() => {});
	for (const line of lines) line.heal();
	const equal = () => ledgers.every((ledger) => new Set(replicas.map((replica) => replica.digest(ledger))).size === 1);
	let tookMs = 0;
	for (; tookMs < withinMs; tookMs += 500) {
		if (equal() && replicas.every((replica) => replica.sync.status.get().safeToPowerOff)) break;
		await world.pass(500);
	}
	expect(equal()).toBe(true);
	const settled = await Promise.race([acked.then(() => 'acked'), world.pass(1).then(() => 'not acked')]);
	expect(settled).toBe('acked');
	const sold = (replica: Replica) =>
		ledgers.reduce((sum, ledger) => sum + replica.ledger(ledger).counter('sold').value.get(), 0);
	for (const replica of replicas) {
		expect(sold(replica)).toBe(written);
		const { rejected, losses, health } = replica.status();
		expect(rejected.newest.filter(({ code }) => !['unproved_frame', 'unopened_frame'].includes(code))).toEqual([]);
		expect([losses, health.state]).toEqual([[], 'ok']);
		expect(replica.check()).toEqual([]);
		expect(replica.sync.status.get().safeToPowerOff).toBe(true);
	}
	for (const replica of replicas) await replica.shutdown();
	return tookMs;
}

const title =
	'SYN5 SYN2 P5 lines that lose, repeat and reorder a fifth of all frames: all end with the same, and everything is acknowledged';
test(title, async () => {
	const property = fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 40 }), async (seed, steps) => {
		await play(seed, steps, { drop: 0.2, duplicate: 0.2, reorder: 0.2, delayTurns: 5 });
	});
	await checkProperty(title, property, 0.06);
});

test(`${title}, encrypted too`, async () => {
	const property = fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 40 }), async (seed, steps) => {
		const faults = { drop: 0.2, duplicate: 0.2, reorder: 0.2, delayTurns: 5 };
		// A channel ends with the first frame that is lost on it, so that many have to be opened.
		await play(seed, steps, faults, 600_000, (link) => tapped(link));
	});
	await checkProperty(title, property, 0.03);
});

test('SYN5 lines that lose half of all frames are slow, and no more than that', async () => {
	for (let seed = 1; seed <= 3; seed++)
		await play(seed, 15, { drop: 0.5, duplicate: 0, reorder: 0, delayTurns: 0 }, 600_000);
});
