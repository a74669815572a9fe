import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BadInput } from './input.js';

export type Language = 'en' | 'zh';

export interface Arguments {
	/** Undefined: generate. */
	readonly data: string | undefined;
	readonly days: number;
	readonly seed: number;
	/** Of one outlet and day, where the input is generated. */
	readonly tickets: number;
	readonly json: boolean;
	readonly language: Language;
	readonly help: boolean;
}

export const usage = `npm run demo -- [--data DIR] [--days N] [--seed N] [--tickets N] [--json] [--lang en|zh]

  --data DIR   folder with sales_receipts.csv, pastry_inventory.csv and, maybe, expected.json
               (default: ../shared/data/coffee_chain where it exists, otherwise a generated day)
  --days N     how many days to play (default 1)
  --seed N     of every choice of chance: what breaks, who comes back, what is generated (default 1)
  --tickets N  tickets of one outlet and day of generated input (default 480)
  --json       the last line is one JSON object
  --lang       en or zh (default: by LANG)`;

const defaultData = fileURLToPath(new URL('../../../shared/data/coffee_chain', import.meta.url));

/** Throws `BadInput` with one sentence for a person. */
export function readArguments(argv: readonly string[], lang = process.env.LANG ?? ''): Arguments {
	const values = parse(argv);
	const language = values.lang ?? (lang.startsWith('zh') ? 'zh' : 'en');
	if (language !== 'en' && language !== 'zh') throw new BadInput(`--lang: expected en or zh, got "${language}".`);
	return {
		data: values.data ?? (values.tickets === undefined && existsSync(defaultData) ? defaultData : undefined),
		days: readNumber('--days', values.days ?? '1', 1, 1000),
		seed: readNumber('--seed', values.seed ?? '1', 0, 2 ** 32 - 1),
		tickets: readNumber('--tickets', values.tickets ?? '480', 1, 5000),
		json: values.json ?? false,
		language,
		help: values.help ?? false,
	};
}

function parse(argv: readonly string[]) {
	const text = { type: 'string' } as const;
	const flag = { type: 'boolean' } as const;
	const options = { data: text, days: text, seed: text, tickets: text, json: flag, lang: text, help: flag };
	try {
		return parseArgs({ args: [...argv], options }).values;
	} catch (error) {
		const sentence = (error instanceof Error ? error.message : String(error)).split('. ')[0];
		throw new BadInput(`${sentence?.replace(/\.?$/, '.')} Try --help.`);
	}
}

function readNumber(option: string, text: string, min: number, max: number): number {
	const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
	if (!(value >= min && value <= max))
		throw new BadInput(`${option}: expected a whole number from ${min} to ${max}, got "${text}".`);
	return value;
}
