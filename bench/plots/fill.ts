/**
 * Figures in prose. A number that a comment follows, as in `139<!-- growth 1M.keptKb -->`, is what that bench measured, or how many
 * times one figure is another: `8.7<!-- fanout tillmesh.64x1.perSecond / bare.64x1.perSecond -->`. It keeps its decimals.
 */
import type { Tables } from './plots.js';

const marked = /([\d.,]*\d)(<!-- ([\w-]+) ([\w.-]+)(?: \/ ([\w.-]+))? -->)/g;

function figureOf(tables: Tables, bench: string, key: string, by: string | undefined): number | undefined {
	const figures = tables[bench]?.table.figures ?? {};
	const value = figures[key];
	if (value === undefined || by === undefined) return value;
	const divisor = figures[by];
	return divisor === undefined ? undefined : value / divisor;
}

/** The same page with today's figures; a figure that was not measured leaves its number alone. */
export function filled(page: string, tables: Tables): string {
	return page.replace(marked, (all, number: string, comment: string, bench: string, key: string, by?: string) => {
		const value = figureOf(tables, bench, key, by);
		if (value === undefined) return all;
		const digits = number.split('.')[1]?.length ?? 0;
		const shown = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
		return shown + comment;
	});
}
