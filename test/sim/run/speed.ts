import { statementOf } from '../properties/list.js';
import type { Wish } from './arguments.js';
import type { Around } from './around.js';
import { Progress } from './progress.js';
import { record, recordSpeed, type Speed } from './record.js';
import { withoutRoot } from './report.js';
import { runSeeds } from './run-seeds.js';
import { Tally } from './tally.js';
import { texts } from './texts.js';

/** Seeds of each player before the compiler is done with the code are not counted: a night's run hardly knows them. */
const warmUp = 250;

/**
 * How many seeds a core plays in a second, in worlds of one size; 1 where something did not hold. Seconds are those of the
 * processor: whatever else the machine does has no part in them.
 */
export async function playSpeed(wish: Wish, around: Around): Promise<number> {
	const t = texts[wish.lang];
	const bundle = await around.bundle();
	const speeds: Speed[] = [];
	for (const kind of ['mesh', 'relay', 'bare'] as const) {
		const speed = await speedOf(kind, bundle, wish, around);
		speeds.push(speed);
		if (!wish.json) around.print(t.speed(t.speedKinds[kind], speed.perSecondAndCore, speed.tally.seeds));
	}
	const failures = speeds.flatMap(({ kind, tally }) => tally.failures.map((failure) => ({ kind, ...failure })));
	if (wish.json) around.print(JSON.stringify(jsonOf(speeds)));
	else
		for (const { kind, seed, violation } of failures)
			around.print(
				`${kind}, ${t.violation(seed, violation.property, statementOf(violation.property)[wish.lang])}\n  ${withoutRoot(violation.message)}`,
			);
	if (wish.record) {
		record(wish, recordSpeed(speeds));
		around.progress.write(`${t.recorded}\n`);
	}
	return failures.length > 0 ? 1 : 0;
}

async function speedOf(kind: Speed['kind'], bundle: string, wish: Wish, around: Around): Promise<Speed> {
	const { from, seeds, cores } = wish;
	const tally = new Tally();
	const progress = new Progress(around.progress, around.nowMs);
	let cpuMs = 0;
	let counted = 0;
	await runSeeds({
		bundle,
		cores,
		from,
		count: seeds + warmUp * cores,
		order: { speed: kind },
		...(around.signal && { signal: around.signal }),
		played: (played) => {
			tally.add(played);
			if (tally.seeds > warmUp * cores) {
				cpuMs += played.cpuMs;
				counted++;
			}
			progress.tell(() => `${texts[wish.lang].speedKinds[kind]}: ${tally.seeds}`);
			return true;
		},
	});
	progress.end();
	return { kind, tally, perSecondAndCore: cpuMs === 0 ? 0 : (counted * 1_000) / cpuMs };
}

function jsonOf(speeds: readonly Speed[]) {
	return speeds.map(({ kind, tally, perSecondAndCore }) => ({
		kind,
		perSecondAndCore,
		seeds: tally.seeds,
		steps: tally.steps,
		failures: tally.failures,
	}));
}
