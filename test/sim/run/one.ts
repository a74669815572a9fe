import { statementOf } from '../properties/list.js';
import type { Wish } from './arguments.js';
import type { Around } from './around.js';
import { commandOf } from './command.js';
import { investigate } from './investigate.js';
import { plainOf, planFor } from './part.js';
import { Players, seedMsMax } from './players.js';
import { Progress } from './progress.js';
import { caseLines, withoutRoot } from './report.js';
import { texts } from './texts.js';

/** Whoever asks for the least of one seed waits for it. */
const patientMs = 120_000;

/** Plays one seed, or a part of it, and tells all that happens; 1 where something did not hold. */
export async function playOne(wish: Wish, around: Around): Promise<number> {
	const { seed, realKeys, steps, without, lang, cores } = wish;
	const t = texts[lang];
	const bundle = await around.bundle();
	const players = new Players({ bundle, cores: 1, seedMsMax: around.seedMsMax ?? seedMsMax });
	const order = { seed, realKeys, history: true, ...(steps && { steps }), ...(without && { without }) };
	const played = await players.play(order).finally(() => players.close());
	const { violation, history, hash } = played;
	const isWhole = !steps && !without;
	const progress = new Progress(around.progress, around.nowMs);
	if (wish.shrink) progress.say(t.shrinking(seed));
	const found =
		wish.shrink && violation && isWhole
			? await investigate(
					{ seed, violation, hash },
					{ bundle, cores, realKeys, around: { shrinkMsMax: patientMs, ...around } },
				)
			: undefined;
	progress.end();
	if (wish.json) {
		const plan = plainOf(planFor(order)); // to be kept where the seed will mean something else
		around.print(JSON.stringify({ ok: !violation, ...played, replay: commandOf(order), plan, ...found }));
		return violation ? 1 : 0;
	}
	for (const line of history) around.print(withoutRoot(line));
	if (found) for (const line of caseLines(found, undefined, t, lang, false)) around.print(line);
	else if (violation) {
		around.print('');
		around.print(t.violation(seed, violation.property, statementOf(violation.property)[lang]));
		if (history.length === 0) around.print(`  ${withoutRoot(violation.message)}`);
	}
	around.print(t.playedOne(seed, played.steps, hash));
	if (!violation) around.print(t.held);
	return violation ? 1 : 0;
}
