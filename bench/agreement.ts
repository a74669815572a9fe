/** Whether two runs say the same: ratios of figures that were measured in turns, and not the figures themselves. */
import { barsOf } from './bars.js';

type Figures = Readonly<Record<string, number>>;

export interface Agreement {
	readonly bench: string;
	readonly bar: string;
	readonly ratio: number;
	readonly before: number;
	/** How far the larger of the two is from the smaller. */
	readonly apartPercent: number;
}

/** Ratios of two runs may be so far apart. */
export const apartMost = 20;

/** Every ratio that a bar is set on and that both runs of this bench have. */
export function agreementOf(bench: string, figures: Figures, before: Figures): Agreement[] {
	const earlier = new Map(barsOf(bench, before).map(({ bar, ratio }) => [bar, ratio]));
	return barsOf(bench, figures).flatMap(({ bar, ratio }) => {
		const other = earlier.get(bar);
		if (ratio === undefined || other === undefined || !(Math.min(ratio, other) > 0)) return [];
		const apartPercent = (Math.max(ratio, other) / Math.min(ratio, other) - 1) * 100;
		return [{ bench, bar, ratio, before: other, apartPercent }];
	});
}

/** A section of the page; nothing where no bench ran twice. */
export function agreementTable(all: readonly Agreement[]): string[] {
	if (all.length === 0) return [];
	const within = all.filter(({ apartPercent }) => apartPercent <= apartMost).length;
	const rows = all.map(({ bench, bar, ratio, before, apartPercent }) => {
		const apart = `${apartPercent.toFixed(0)} %`;
		const cells = [bench, bar, ratio.toFixed(2), before.toFixed(2), apartPercent > apartMost ? `**${apart}**` : apart];
		return `| ${cells.join(' | ')} |`;
	});
	const note = `Ratios of the bars above in the last run of each bench and in the one before it: ${within} of ${all.length} are at most ${apartMost} % apart.`;
	const head = ['| bench | ratio of | last run | before | apart |', '| --- | --- | ---: | ---: | ---: |'];
	return [['## Two runs', '', note, '', ...head, ...rows].join('\n')];
}
