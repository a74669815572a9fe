import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type FaultName, faultNames } from '../story/plan.js';
import type { Kind, Part } from './order.js';
import { type Lang, type Texts, texts } from './texts.js';

export interface Wish extends Part, Required<Kind> {
	readonly what: 'seeds' | 'seed' | 'speed' | 'mutants' | 'help';
	readonly lang: Lang;
	/** Asked for, or the usual for what is asked. */
	readonly seeds: number;
	readonly from: number;
	/** The one to play, where it is one. */
	readonly seed: number;
	readonly cores: number;
	readonly json: boolean;
	readonly history: boolean;
	readonly shrink: boolean;
	readonly keepGoing: boolean;
	readonly record: boolean;
}

/** Arguments that say nothing that can be done; the message is one line in the language of whoever asked. */
export class BadArguments extends Error {
	override readonly name = 'BadArguments';
}

const options = {
	seeds: { type: 'string' },
	from: { type: 'string' },
	seed: { type: 'string' },
	steps: { type: 'string' },
	without: { type: 'string' },
	cores: { type: 'string' },
	lang: { type: 'string' },
	json: { type: 'boolean' },
	history: { type: 'boolean' },
	shrink: { type: 'boolean' },
	'real-keys': { type: 'boolean' },
	'keep-going': { type: 'boolean' },
	record: { type: 'boolean' },
	speed: { type: 'boolean' },
	mutants: { type: 'boolean' },
	help: { type: 'boolean', short: 'h' },
} as const;

type Name = keyof typeof options;
type Values = { readonly [N in Name]?: (typeof options)[N]['type'] extends 'boolean' ? boolean : string };

const seedMax = 2 ** 32 - 1;
const seedsMax = 10_000_000;
const coresMax = 256;
const usual = { seeds: 500, speed: 300, mutants: 2_000 } as const;

/** What may stand beside what; everything may stand beside `--lang`, `--cores` and `--json`. */
const beside: Readonly<Record<Wish['what'], readonly Name[]>> = {
	seeds: ['seeds', 'from', 'real-keys', 'keep-going', 'history', 'record'],
	seed: ['seed', 'real-keys', 'steps', 'without', 'history', 'shrink'],
	speed: ['speed', 'seeds', 'from', 'record'],
	mutants: ['mutants', 'seeds', 'record'],
	help: Object.keys(options) as Name[],
};
const anywhere: readonly Name[] = ['lang', 'cores', 'json'];

export function langOf(env: Readonly<Record<string, string | undefined>>): Lang {
	const { LC_ALL, LC_MESSAGES, LANG } = env;
	return (LC_ALL || LC_MESSAGES || LANG || '').startsWith('zh') ? 'zh' : 'en';
}

/** Throws `BadArguments`. */
export function wishOf(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Wish {
	const said = langSaid(args);
	const lang = said === 'zh' || said === 'en' ? said : langOf(env);
	const t = texts[lang];
	const values = parse(args, t);
	if (values.lang !== undefined && values.lang !== lang) throw new BadArguments(t.badLang(values.lang));
	const what = whatOf(values);
	for (const name of Object.keys(values) as Name[])
		if (!beside[what].includes(name) && !anywhere.includes(name))
			throw new BadArguments(what === 'seeds' ? t.needsSeed(`--${name}`) : t.notTogether(`--${name}`, `--${what}`));
	const number = (name: 'seeds' | 'from' | 'seed' | 'cores', least: number, most: number, otherwise: number) =>
		numberOf(values[name], `--${name}`, { least, most, otherwise }, t);
	return {
		what,
		lang,
		seeds: number('seeds', 1, seedsMax, what === 'speed' || what === 'mutants' ? usual[what] : usual.seeds),
		from: number('from', 0, seedMax, 1),
		seed: number('seed', 0, seedMax, 0),
		cores: number('cores', 1, coresMax, availableParallelism()),
		...(values.steps !== undefined && { steps: stepsOf(values.steps, t) }),
		...(values.without !== undefined && { without: faultsOf(values.without, t) }),
		json: values.json ?? false,
		history: values.history ?? false,
		shrink: values.shrink ?? false,
		realKeys: values['real-keys'] ?? false,
		keepGoing: values['keep-going'] ?? false,
		record: values.record ?? false,
	};
}

/** Read before all else, so that whatever is wrong is told in it. */
function langSaid(args: readonly string[]): string | undefined {
	const at = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
	return args[at]?.startsWith('--lang=') ? args[at].slice('--lang='.length) : at < 0 ? undefined : args[at + 1];
}

function parse(args: readonly string[], t: Texts): Values {
	const { values, tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
	for (const token of tokens) {
		if (token.kind === 'positional') throw new BadArguments(t.positional(token.value));
		if (token.kind !== 'option') continue;
		const { name, rawName, value } = token;
		if (!isName(name)) throw new BadArguments(t.unknownOption(rawName, nearest(name, Object.keys(options))));
		const takes = options[name].type === 'string';
		if (takes && (value === undefined || /^--[a-z]/.test(value))) throw new BadArguments(t.valueMissing(rawName));
		if (!takes && value !== undefined) throw new BadArguments(t.noValue(rawName));
	}
	return values as Values; // every token has been held against its kind
}

const isName = (name: string): name is Name => Object.hasOwn(options, name);

function whatOf({ help, mutants, speed, seed }: Values): Wish['what'] {
	if (help) return 'help';
	if (mutants) return 'mutants';
	if (speed) return 'speed';
	return seed === undefined ? 'seeds' : 'seed';
}

interface Range {
	readonly least: number;
	readonly most: number;
	readonly otherwise: number;
}

function numberOf(text: string | undefined, name: string, { least, most, otherwise }: Range, t: Texts): number {
	if (text === undefined) return otherwise;
	const plain = text.replace(/(?<=\d)[_,](?=\d{3})/g, '');
	const number = Number(plain);
	if (!/^\d+$/.test(plain) || number < least || number > most)
		throw new BadArguments(t.badNumber(name, text, least, most));
	return number;
}

/** `3,17,20`, `3-17,20` or `none`. */
function stepsOf(text: string, t: Texts): number[] {
	if (text === 'none') return [];
	return text.split(',').flatMap((part) => {
		const [, first, last = first] = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part) ?? [];
		const count = Number(last) - Number(first) + 1;
		if (first === undefined || count < 1) throw new BadArguments(t.badSteps(text));
		return Array.from({ length: count }, (_, i) => Number(first) + i);
	});
}

function faultsOf(text: string, t: Texts): FaultName[] {
	return text.split(',').map((part) => {
		const fault = faultNames.find((name) => name === part.trim());
		if (!fault) throw new BadArguments(t.badFault(part.trim(), faultNames.join(', ')));
		return fault;
	});
}

/** The name that somebody may have meant, two keystrokes away at most. */
function nearest(typed: string, names: readonly string[]): string | undefined {
	const [best] = names.map((name) => ({ name, away: distance(typed, name) })).sort((a, b) => a.away - b.away);
	return best && best.away <= 2 ? best.name : undefined;
}

/** Letters to add, drop or change (Levenshtein). */
function distance(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++)
			next[j] = Math.min(
				(row[j] ?? 0) + 1,
				(next[j - 1] ?? 0) + 1,
				(row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
			);
		row = next;
	}
	return row[b.length] ?? 0;
}
