import { parseArgs } from 'node:util';
import { type Language, languageOf } from '../http/language.js';

/** `value` is the placeholder that help shows; a flag has none. */
export interface OptionSpec {
	readonly value?: string;
	readonly many?: true;
	readonly required?: true;
}

/** What each option was given, in order; a flag an empty text. */
export type Given<Name extends string> = ReadonlyMap<Name, readonly string[]>;

/** How whoever typed it is told what does not fit. */
export interface WrongTexts {
	readonly option: (name: string) => string;
	readonly extra: (word: string) => string;
	readonly missing: (option: string) => string;
	readonly noValue: (option: string) => string;
	readonly noFlagValue: (option: string) => string;
	readonly twice: (option: string) => string;
}

/** The command line does not fit; the message is for whoever typed it. */
export class Wrong extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

/** `--lang`, else what the terminal says it speaks, else English. */
export function languageFor(argv: readonly string[], env: Environment): Language {
	const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
	const asked = at < 0 ? undefined : argv[at]?.includes('=') ? argv[at]?.split('=')[1] : argv[at + 1];
	const spoken = env.LC_ALL || env.LC_MESSAGES || env.LANG;
	return languageOf(asked) ?? languageOf(spoken?.replace(/[_.].*$/, '')) ?? 'en';
}

/** Which words are options, which values, and which too many: at most `most` stand by themselves. */
export function readWords<Name extends string>(
	argv: readonly string[],
	specs: Readonly<Record<Name, OptionSpec>>,
	wrong: WrongTexts,
	most: number,
): { readonly alone: readonly string[]; readonly given: Given<Name> } {
	const isOption = (name: string): name is Name => Object.hasOwn(specs, name);
	const { tokens } = parseArgs({
		args: [...argv],
		options: Object.fromEntries(
			Object.entries<OptionSpec>(specs).map(([name, spec]) => [
				name,
				{ type: 'value' in spec ? ('string' as const) : ('boolean' as const), multiple: true },
			]),
		),
		strict: false,
		tokens: true,
	});
	const given = new Map<Name, string[]>();
	const alone: string[] = [];
	for (const token of tokens) {
		if (token.kind === 'option-terminator') continue;
		if (token.kind === 'positional') {
			if (alone.length >= most) throw new Wrong(wrong.extra(token.value));
			alone.push(token.value);
			continue;
		}
		const { name, rawName, value } = token;
		if (!isOption(name)) throw new Wrong(wrong.option(rawName));
		const takesValue = 'value' in specs[name];
		// Without strictness `--data --listen x` takes the next option for a value.
		if (takesValue && (value === undefined || value === '' || (value.startsWith('--') && !token.inlineValue)))
			throw new Wrong(wrong.noValue(rawName));
		if (!takesValue && value !== undefined) throw new Wrong(wrong.noFlagValue(rawName));
		const values = given.get(name) ?? [];
		if (values.length > 0 && !('many' in specs[name])) throw new Wrong(wrong.twice(rawName));
		given.set(name, [...values, value ?? '']);
	}
	return { alone, given };
}

/** Says what is missing of what is required. */
export function checkRequired<Name extends string>(
	given: Given<Name>,
	specs: Readonly<Record<Name, OptionSpec>>,
	wrong: WrongTexts,
): void {
	for (const [name, spec] of Object.entries<OptionSpec>(specs))
		if (spec.required && !given.has(name as Name)) throw new Wrong(wrong.missing(`--${name}`));
}
