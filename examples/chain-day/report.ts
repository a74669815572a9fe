import type { Language } from './args.js';
import type { Close } from './closing.js';
import { percentile } from './delivered.js';
import type { Observed } from './observed.js';
import type { Result } from './run.js';
import { sum } from './sums.js';
import { type Words, wordsOf } from './words.js';

/** What is printed at the end, and the exit code: 0 where all is well. */
export function conclude(result: Result, language: Language, json: boolean): { text: string; exitCode: number } {
	const report = renderReport(result, language);
	const text = json ? `${report}\n${JSON.stringify(summarise(result))}` : report;
	return { text, exitCode: result.verdict.ok ? 0 : 1 };
}

/** The table at the end, for somebody who has had a long day. */
export function renderReport(result: Result, language: Language): string {
	const words = wordsOf(language);
	const { input, verdict, seconds } = result;
	const days = input.days.length === 1 ? `${input.days[0]}` : `${input.days[0]} – ${input.days.at(-1)}`;
	const title = words.title(days, input.outlets.length, Object.keys(result.observed.bytesPerTill).length);
	return [
		title,
		'',
		...renderStores(result, words),
		'',
		...renderCloses(result, words),
		'',
		...renderTrouble(result, words),
		'',
		...renderChecks(result, words),
		'',
		...words.footer,
		'',
		words.verdict(verdict.ok, seconds.toFixed(1)),
	].join('\n');
}

function renderStores({ input, observed, verdict }: Result, words: Words): string[] {
	const line = (who: string, tickets: number, minor: number) =>
		`  ${pad(who, 12)}${count(tickets).padStart(9)}${money(minor).padStart(16)}`;
	const stores = input.outlets.map((outlet) => {
		const booked = [...observed.tickets].filter(([key]) => key.startsWith(`${outlet}|`)).flatMap(([, of]) => of);
		const minor = booked.reduce((sum, { totalMinor }) => sum + totalMinor, 0);
		return line(words.store(outlet), booked.length, minor);
	});
	const head = `  ${pad('', 12)}${padLeft(words.tickets, 9)}${padLeft(words.total, 16)}`;
	return [head, ...stores, line(words.chain, verdict.tickets, verdict.totalMinor)];
}

/** The Z of the day, or the sum of the period's, store by store. */
function renderCloses({ input, observed }: Result, words: Words): string[] {
	const columns = [words.closed, words.sales, words.gross, words.discounts, words.net, words.counted, words.difference];
	const row = (who: string, cells: readonly string[]) =>
		`  ${pad(who, 12)}${cells.map((cell, i) => padLeft(cell, i < 2 ? 8 : 15)).join('')}`;
	const figures = (closes: Observed['closes']) => {
		const of = (amount: (z: Close) => number) => sum(closes, amount);
		const counts = [closes.length, of(({ sales }) => sales)].map(count);
		const amounts = [of((z) => z.gross), of((z) => -z.discounts), of((z) => z.net), of((z) => z.counted)];
		return [...counts, ...[...amounts, of((z) => z.counted - z.expected)].map(money)];
	};
	const stores = input.outlets.map((outlet) =>
		row(words.store(outlet), figures(observed.closes.filter((z) => z.outlet === outlet))),
	);
	return [`${words.closes}:`, row('', columns), ...stores, row(words.chain, figures(observed.closes))];
}

function renderTrouble(result: Result, words: Words): string[] {
	const { incidents, verdict } = result;
	const sizes = Object.values(result.observed.bytesPerTill).sort((a, b) => a - b);
	return [
		`${words.trouble}:`,
		`  ${count(incidents.outages)} ${words.outages}`,
		`  ${count(incidents.powerCuts)} ${words.powerCuts}`,
		`  ${count(incidents.relayKills)} ${words.relayKills}`,
		`  ${count(incidents.restores)} ${words.restores}`,
		`  ${words.resent(incidents.resent, result.replayed)}`,
		`  ${count(result.parked)} ${words.parked}`,
		`  ${words.redeemed(result.redeemed, result.refused)}`,
		`  ${count(verdict.unstocked)} ${words.unstocked}`,
		`  ${count(verdict.wasted)} ${words.wasted}`,
		`  ${words.delivered(milliseconds(deliveredMs(result.deliveries.store)), milliseconds(deliveredMs(result.deliveries.headquarters)))}`,
		`  ${words.bytes} ${kilobytes(sizes[0])} – ${kilobytes(sizes.at(-1))}`,
	];
}

function renderChecks({ input, verdict }: Result, words: Words): string[] {
	const lines: string[] = [];
	for (const { name, ok, wrong } of verdict.checks) {
		const skipped = name === 'expected' && !input.expected;
		const said = skipped ? words.noExpected : ok ? words.good : words.bad;
		lines.push(`  ${pad(words.checks[name], 46)} ${said}`, ...wrong.map((what) => `      ${what}`));
	}
	return lines;
}

/** What a program wants to know; the figures are named in the README. */
function summarise({ verdict, observed, seconds, ...run }: Result) {
	const ok = (name: string) => verdict.checks.find((check) => check.name === name)?.ok ?? false;
	return {
		ok: verdict.ok,
		days: run.input.days.length,
		tickets: verdict.tickets,
		closes: observed.closes.map(({ outlet, day, no, sales, net }) => ({ outlet, day, no, sales, net })),
		totalMinor: verdict.totalMinor,
		replicasEqual: ok('replicasEqual'),
		oversold: verdict.oversold,
		overspent: verdict.overspent,
		conserved: ok('conserved'),
		unstocked: verdict.unstocked,
		wasted: verdict.wasted,
		redeemed: run.redeemed,
		refused: run.refused,
		parked: run.parked,
		replayed: run.replayed,
		incidents: run.incidents,
		deliveredP99Ms: deliveredMs(run.deliveries.store),
		deliveredToHeadquartersP99Ms: deliveredMs(run.deliveries.headquarters),
		bytesPerTill: observed.bytesPerTill,
		failed: verdict.checks.filter((check) => !check.ok).map(({ name, wrong }) => ({ name, wrong })),
		seconds: Math.round(seconds * 10) / 10,
	};
}

/** Of a hundred deliveries ninety-nine took no longer. */
const deliveredMs = (times: readonly number[]) => Math.round(percentile(times, 99) * 10) / 10;

const count = (n: number) => n.toLocaleString('en-US');
const money = (minor: number) =>
	`${minor < 0 ? '-' : ''}$${(Math.abs(minor) / 100).toLocaleString('en-US', { minimumFractionDigits: 2 })}`;
const milliseconds = (ms: number) => `${count(ms)} ms`;
const kilobytes = (bytes = 0) => `${count(Math.round(bytes / 1024))} KB`;

/** Columns on a terminal: Chinese characters and their punctuation take two. */
const width = (text: string) => [...text].reduce((sum, letter) => sum + (/[\u2e80-\uffef]/.test(letter) ? 2 : 1), 0);
const pad = (text: string, columns: number) => text + ' '.repeat(Math.max(0, columns - width(text)));
const padLeft = (text: string, columns: number) => ' '.repeat(Math.max(0, columns - width(text))) + text;
