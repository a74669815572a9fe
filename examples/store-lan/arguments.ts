import { parseArgs } from 'node:util';

export type Language = 'en' | 'zh';

/** A person's sentence about a command line that cannot be used. */
export class BadCommandLine extends Error {}

/** Options of a program, each with its default; an empty default must be given. Throws `BadCommandLine`. */
export function readOptions<K extends string>(
	argv: readonly string[],
	defaults: Readonly<Record<K, string>>,
	usage: string,
): Readonly<Record<K, string>> & { readonly language: Language } {
	const text = { type: 'string' } as const;
	const names = Object.keys(defaults) as K[];
	const values = parse(argv, { lang: text, ...Object.fromEntries(names.map((name) => [name, text])) }, usage);
	const language = values.lang ?? ((process.env.LANG ?? '').startsWith('zh') ? 'zh' : 'en');
	if (language !== 'en' && language !== 'zh') throw new BadCommandLine(`--lang: expected en or zh.\n${usage}`);
	const chosen = names.map((name) => [name, values[name] ?? defaults[name]] as const);
	for (const [name, value] of chosen) if (value === '') throw new BadCommandLine(`--${name} is missing.\n${usage}`);
	return { ...(Object.fromEntries(chosen) as Record<K, string>), language };
}

function parse(argv: readonly string[], options: Record<string, { readonly type: 'string' }>, usage: string) {
	try {
		return parseArgs({ args: [...argv], options }).values;
	} catch (error) {
		throw new BadCommandLine(`${error instanceof Error ? error.message.split('. ')[0] : error}\n${usage}`);
	}
}

/** Runs a program to its end; what a person can put right is told in one sentence. */
export function run(program: () => Promise<void>): void {
	program().catch((error: unknown) => {
		const isKnown = error instanceof BadCommandLine || (error instanceof Error && 'code' in error);
		console.error(isKnown ? (error as Error).message : error);
		process.exitCode = 1;
	});
}
