import { fileURLToPath } from 'node:url';
import { properties, statementOf } from '../properties/list.js';
import type { Case } from './investigate.js';
import { kindOf } from './kind.js';
import type { Tally } from './tally.js';
import type { Lang, Texts } from './texts.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const widthMax = 110;
const historyLines = { first: 70, last: 40 } as const;
const messageLinesMax = 8;

/** Sources are named as in the repository, wherever it lies. */
export const withoutRoot = (text: string): string => text.replaceAll(`file://${root}`, '').replaceAll(root, '');

/** What was in play, and how often. */
export function coverageLines(tally: Tally, t: Texts): string[] {
	const rows = [t.faultHead, ...tally.faults().map((fault) => t.fault(fault))];
	const table = rows.map(([name = '', ...cells]) =>
		[padded(name, -12), ...cells.map((cell) => padded(cell, 12))].join(''),
	);
	const inPlay = tally.properties().map(({ property, seeds }) => `${property}: ${seeds.toLocaleString('en-US')}`);
	return ['', ...table, '', t.propertiesInPlay, ...wrapped(inPlay)];
}

/** To the left where `width` is below zero. A Chinese letter is as wide as two others. */
function padded(text: string, width: number): string {
	const wide = [...text].filter((letter) => /\p{Script=Han}/u.test(letter)).length;
	const blanks = ' '.repeat(Math.max(0, Math.abs(width) - text.length - wide));
	return width < 0 ? text + blanks : blanks + text;
}

function wrapped(words: readonly string[]): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of words) {
		if (line.length + word.length > widthMax) {
			lines.push(line);
			line = '';
		}
		line += `  ${word}`;
	}
	return [...lines, line];
}

export function neverLines(tally: Tally, t: Texts, lang: Lang): string[] {
	const never = tally.neverInPlay();
	return [
		...never.faults.map((name) => t.neverFault(name)),
		...never.properties.map((property) => t.neverProperty(property, statementOf(property)[lang])),
	];
}

export function allHeldLine(tally: Tally, t: Texts): string {
	const inPlay = tally.properties().filter(({ times }) => times > 0);
	return t.allHeld(inPlay.length, properties.size);
}

/** A failing seed for a person: what did not hold, how to see it again, and the least that leads there. */
export function caseLines(found: Case, tally: Tally | undefined, t: Texts, lang: Lang, whole: boolean): string[] {
	const { seed, violation, replay, isUnsteady, history, stepsOfPlan, shrunk } = found;
	const lines = ['', t.violation(seed, violation.property, statementOf(violation.property)[lang])];
	lines.push(...messageLines(violation.message), t.replay(replay));
	const alike = (tally?.failures ?? []).filter(
		(failure) => failure.seed !== seed && kindOf(failure.violation) === kindOf(violation),
	);
	if (alike.length > 0) lines.push(t.alike(alike.length, listed(alike.map((failure) => failure.seed))));
	if (isUnsteady) lines.push(t.unsteady(seed));
	if (whole) lines.push('', ...history.map(withoutRoot));
	if (shrunk) {
		lines.push(t.smaller(shrunk.replay), '');
		lines.push(t.shrunk(shrunk.steps.length, stepsOfPlan, shrunk.plays, shrunk.isDone));
		lines.push(...clipped(shrunk.history, t));
	}
	return lines;
}

function listed(seeds: readonly number[]): string {
	const shown = [...seeds].sort((a, b) => a - b).slice(0, 10);
	return shown.join(', ') + (seeds.length > shown.length ? ' …' : '');
}

/** Of a stack only the lines that are ours. */
function messageLines(message: string): string[] {
	const [first = '', ...stack] = withoutRoot(message).split('\n');
	const ours = stack.filter((line) => !/node:internal|node_modules\//.test(line));
	return [first, ...ours.slice(0, messageLinesMax)].map((line) => `  ${line}`);
}

/** What stands in the middle is what most can do without. */
export function clipped(history: readonly string[], t: Texts): string[] {
	const { first, last } = historyLines;
	const lines = history.map((line) => withoutRoot(line).split('\n').slice(0, messageLinesMax).join('\n'));
	if (lines.length <= first + last) return lines;
	return [...lines.slice(0, first), t.notShown(lines.length - first - last), ...lines.slice(-last)];
}
