import { statementOf } from '../properties/list.js';
import type { Hunted } from './hunt.js';

export type Lang = 'en' | 'zh';

const nameWidth = 30;

const words = {
	en: {
		found: ({ seeds, found, seconds }: Hunted) =>
			`${pad(seeds, 5)} seeds ${pad(`P${found?.property}`, 4)} ${pad(seconds.toFixed(1), 6)} s`,
		survived: ({ seeds, seconds }: Hunted) => `SURVIVED ${pad(seeds, 5)} seeds ${pad(seconds.toFixed(1), 6)} s`,
		sum: (all: number, found: number, half: number, most: string, minutes: string) =>
			`${found} of ${all} planted bugs found in ${minutes} min, half of them within ${half} seeds, the last one ${most}.`,
		most: (seeds: number, name: string) => `after ${seeds} (${name})`,
		left: (names: string) => `These survived, so that something is not watched, not done or not broken: ${names}`,
		headings: ['planted bug', 'breaks', 'seeds', 'found by', 's', 'what is wrong'],
		none: 'survived',
	},
	zh: {
		found: ({ seeds, found, seconds }: Hunted) =>
			`${pad(seeds, 5)} 个种子 ${pad(`P${found?.property}`, 4)} ${pad(seconds.toFixed(1), 6)} 秒`,
		survived: ({ seeds, seconds }: Hunted) => `未被发现 ${pad(seeds, 5)} 个种子 ${pad(seconds.toFixed(1), 6)} 秒`,
		sum: (all: number, found: number, half: number, most: string, minutes: string) =>
			`植入 ${all} 个缺陷，发现 ${found} 个，用时 ${minutes} 分钟；半数在 ${half} 个种子内发现，最慢的${most}。`,
		most: (seeds: number, name: string) => `用了 ${seeds} 个（${name}）`,
		left: (names: string) => `以下未被发现，说明属性、操作或故障尚有缺口：${names}`,
		headings: ['植入的缺陷', '违反', '种子数', '发现者', '秒', '错在哪里'],
		none: '未被发现',
	},
} as const;

const pad = (value: number | string, width: number): string => String(value).padStart(width);

/** One line of the table, as it comes. */
export function lineOf(hunted: Hunted, lang: Lang): string {
	const { mutant, found } = hunted;
	const how = found ? words[lang].found(hunted) : words[lang].survived(hunted);
	return `${found ? ' ' : '!'} ${mutant.name.padEnd(nameWidth)} ${how}  ${mutant[lang]}`;
}

/** What all of them came to. */
export function summaryOf(all: readonly Hunted[], seconds: number, lang: Lang): string[] {
	const { sum, most, left } = words[lang];
	const found = all.filter((hunted) => hunted.found).sort((a, b) => a.seeds - b.seeds);
	const half = found[Math.floor((found.length - 1) / 2)]?.seeds ?? 0;
	const last = found.at(-1);
	const lines = [
		sum(all.length, found.length, half, last ? most(last.seeds, last.mutant.name) : '-', (seconds / 60).toFixed(1)),
	];
	const survivors = all.filter((hunted) => !hunted.found).map(({ mutant }) => mutant.name);
	if (survivors.length > 0) lines.push(left(survivors.join(', ')));
	return lines;
}

/** The table for a page: one row a mutant, in the order given. */
export function mutantsMarkdown(results: readonly Hunted[], lang: Lang = 'en'): string {
	const { headings, none } = words[lang];
	const rows = results.map(({ mutant, seeds, found, seconds }) => {
		const by = found ? `P${found.property} ${statementOf(found.property)[lang]}` : `**${none}**`;
		return [mutant.name, mutant.rules.join(', '), String(seeds), by, seconds.toFixed(1), mutant[lang]];
	});
	const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(headings), '| --- | --- | ---: | --- | ---: | --- |', ...rows.map(line)].join('\n');
}
