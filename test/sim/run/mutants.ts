import { runMutants } from '../mutants/run.js';
import type { Wish } from './arguments.js';
import type { Around } from './around.js';
import { record, recordMutants } from './record.js';
import { texts } from './texts.js';

/** Plants bugs and counts the seeds until each is found; 1 where one survives. */
export function playMutants(wish: Wish, { print, progress }: Around): Promise<number> {
	const { cores, seeds, lang, json } = wish;
	return runMutants({
		cores,
		seedsMax: seeds,
		lang,
		// The table's lines come one by one, for minutes; the results are one object at the end.
		print: json ? (line) => progress.write(`${line}\n`) : print,
		done: (results) => {
			if (json)
				print(
					JSON.stringify(
						results.map(({ mutant: { name, rules, en, zh }, ...rest }) => ({ name, rules, en, zh, ...rest })),
					),
				);
			if (!wish.record) return;
			record(wish, recordMutants(results));
			progress.write(`${texts[lang].recorded}\n`);
		},
	});
}
