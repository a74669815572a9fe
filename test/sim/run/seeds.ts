import { statementOf } from '../properties/list.js';
import type { Wish } from './arguments.js';
import type { Around } from './around.js';
import { type Case, investigate } from './investigate.js';
import { Progress } from './progress.js';
import { record, recordSeeds } from './record.js';
import { allHeldLine, caseLines, coverageLines, neverLines, withoutRoot } from './report.js';
import { runSeeds } from './run-seeds.js';
import { Tally } from './tally.js';
import { texts } from './texts.js';

/** So many different failures are enough to begin with. */
const kindsMax = 5;

interface Run {
	readonly tally: Tally;
	readonly realMs: number;
	readonly cases: readonly Case[];
	/** All seeds were played. */
	readonly isWhole: boolean;
}

/** Plays many seeds; 0 where everything held and was in play, otherwise 1. */
export async function playSeeds(wish: Wish, around: Around): Promise<number> {
	const run = await playAll(wish, around);
	const { tally, isWhole } = run;
	const never = tally.neverInPlay();
	const isCovered = never.faults.length + never.properties.length === 0;
	const isGood = isWhole && tally.failures.length === 0 && isCovered;
	if (wish.json) around.print(JSON.stringify(jsonOf(run, wish, isGood)));
	else for (const line of linesOf(run, wish, around)) around.print(line);
	if (wish.record && isWhole) {
		record(wish, recordSeeds(run.tally, wish, run.realMs));
		around.progress.write(`${texts[wish.lang].recorded}\n`);
	}
	return isGood ? 0 : 1;
}

async function playAll(wish: Wish, around: Around): Promise<Run> {
	const { from, seeds, cores, keepGoing, realKeys } = wish;
	const t = texts[wish.lang];
	const { nowMs, signal, seedMsMax } = around;
	const tally = new Tally();
	const progress = new Progress(around.progress, nowMs);
	const bundle = await around.bundle();
	const startMs = nowMs();
	const limits = { ...(signal && { signal }), ...(seedMsMax !== undefined && { seedMsMax }) };
	await runSeeds({
		bundle,
		cores: Math.min(cores, seeds),
		from,
		count: seeds,
		order: { realKeys },
		...limits,
		played: (played) => {
			tally.add(played);
			const spentMs = nowMs() - startMs;
			progress.tell(() =>
				t.progress({
					done: tally.seeds,
					of: seeds,
					perSecond: (tally.seeds * 1_000) / spentMs,
					violations: tally.failures.length,
					leftMs: (spentMs / tally.seeds) * (seeds - tally.seeds),
				}),
			);
			return keepGoing || tally.kinds.size < kindsMax;
		},
	});
	const realMs = nowMs() - startMs;
	const cases: Case[] = [];
	for (const suspect of [...tally.kinds.values()].sort((a, b) => a.seed - b.seed)) {
		if (signal?.aborted) break;
		progress.say(t.shrinking(suspect.seed));
		cases.push(await investigate(suspect, { bundle, cores, around, realKeys }));
	}
	progress.end();
	return { tally, realMs, cases, isWhole: tally.seeds === seeds };
}

function totalsOf({ tally, realMs }: Run, { cores }: Wish) {
	const { seeds, steps, virtualMs } = tally;
	const perSecond = (seeds * 1_000) / realMs;
	return { seeds, steps, frames: tally.count('frames').times, virtualMs, realMs, cores, perSecond };
}

function linesOf(run: Run, wish: Wish, around: Around): string[] {
	const { tally, cases, isWhole } = run;
	const { lang, from, seeds } = wish;
	const t = texts[lang];
	const lines = [t.totals(totalsOf(run, wish))];
	if (isWhole) lines.push(t.hash(tally.hash(), from, from + seeds - 1));
	lines.push(...coverageLines(tally, t));
	for (const found of cases) lines.push(...caseLines(found, tally, t, lang, wish.history));
	lines.push('');
	const never = neverLines(tally, t, lang);
	lines.push(...never);
	if (tally.failures.length > 0) lines.push(t.failed(tally.failures.length, tally.seeds));
	else if (isWhole && never.length === 0) lines.push(allHeldLine(tally, t));
	if (!isWhole) lines.push(around.signal?.aborted ? t.interrupted : t.stoppedEarly);
	return lines;
}

/** For other programs; names stay as they are. */
function jsonOf(run: Run, wish: Wish, isGood: boolean) {
	const { tally, cases, isWhole } = run;
	const { lang } = wish;
	return {
		ok: isGood,
		isWhole,
		from: wish.from,
		...totalsOf(run, wish),
		...(isWhole && { hash: tally.hash() }),
		committed: tally.count('committed').times,
		refused: tally.count('refused').times,
		faults: tally.faults(),
		properties: tally.properties().map((line) => ({ ...line, statement: statementOf(line.property)[lang] })),
		neverInPlay: tally.neverInPlay(),
		failedSeeds: tally.failures.map(({ seed }) => seed).sort((a, b) => a - b),
		failures: cases.map(({ violation, history, ...rest }) => ({
			...rest,
			violation: { ...violation, message: withoutRoot(violation.message) },
			statement: statementOf(violation.property)[lang],
			...(wish.history && { history }),
		})),
	};
}
