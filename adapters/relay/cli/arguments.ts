import { type Language, languageOf, languages } from '../http/language.js';
import { defaultChain, type LogLevel, logLevels, type OptionName, optionSpecs, type RelayCommand } from './options.js';
import { type CliTexts, cliTexts } from './texts.js';
import { checkRequired, languageFor, readWords, type Given as Words, Wrong } from './words.js';

export type ParsedCommand =
	| { readonly kind: 'help' | 'version'; readonly language: Language }
	| { readonly kind: 'relay'; readonly language: Language; readonly command: RelayCommand }
	| { readonly kind: 'wrong'; readonly language: Language; readonly message: string };

type Given = Words<OptionName>;

/** Pure: reads no file and no setting besides what it is given. */
export function parseCommand(
	argv: readonly string[],
	env: Readonly<Record<string, string | undefined>>,
): ParsedCommand {
	const language = languageFor(argv, env);
	const words = cliTexts[language];
	try {
		const { alone, given } = readWords<OptionName>(argv, optionSpecs, words.wrong, 1);
		const [command] = alone;
		if (given.has('help')) return { kind: 'help', language };
		if (given.has('version')) return { kind: 'version', language };
		if (command === undefined) throw new Wrong(words.wrong.noCommand);
		if (command !== 'relay') throw new Wrong(words.wrong.command(command));
		return { kind: 'relay', language, command: relayCommand(given, words, language) };
	} catch (error) {
		if (!(error instanceof Wrong)) throw error;
		return { kind: 'wrong', language, message: error.message };
	}
}

function relayCommand(given: Given, words: CliTexts, language: Language): RelayCommand {
	const { wrong, expected } = words;
	const one = (name: OptionName): string | undefined => given.get(name)?.[0];
	checkRequired<OptionName>(given, optionSpecs, wrong);
	const check = (name: OptionName, fits: (value: string) => boolean, what: string): readonly string[] => {
		const values = given.get(name) ?? [];
		for (const value of values) if (!fits(value)) throw new Wrong(wrong.value(`--${name}`, value, what));
		return values;
	};
	const number = (name: OptionName, what: string): number | undefined => {
		const [value] = check(name, (text) => countOf(text, what === expected.bytes) !== undefined, what);
		return value === undefined ? undefined : countOf(value, what === expected.bytes);
	};

	const [listen = ''] = check('listen', isAddress, expected.address);
	const upstream = check('upstream', (url) => isUrl(url, ['ws:', 'wss:']), expected.upstream);
	const origins = check('origin', (url) => isOrigin(url), expected.origin);
	const homes = check('home', (pattern) => /^[^/\s]+\/[^\s]+$/.test(pattern), expected.pattern);
	const [logLevel = 'info'] = check('log-level', isLogLevel, expected.oneOf(logLevels));
	check('lang', (tag) => languageOf(tag) !== undefined, expected.oneOf(languages));
	const limits = {
		connections: number('max-connections', expected.count),
		ledgerBytes: number('max-ledger-bytes', expected.bytes),
		deviceEntriesPerDay: number('max-device-entries-per-day', expected.count),
	};
	const store = one('store');
	const certFile = one('tls-cert');
	const keyFile = one('tls-key');
	const name = one('name');
	if (store !== undefined && given.has('hq')) throw new Wrong(wrong.notBoth);
	if (given.has('store-key') && store === undefined) throw new Wrong(wrong.keyNeedsStore);
	if ((certFile === undefined) !== (keyFile === undefined)) throw new Wrong(wrong.together);
	return {
		relay: {
			data: one('data') ?? '',
			listen,
			chain: one('chain') ?? defaultChain,
			role: given.has('hq') ? 'hq' : 'store',
			lang: language,
			limits: Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)),
			...(store !== undefined && { store }),
			...(name !== undefined && { name }),
			...(upstream.length > 0 && { upstream }),
			...(homes.length > 0 && { homes }),
			...(origins.length > 0 && { origins }),
		},
		tls: certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined,
		storeKeyFile: one('store-key'),
		logLevel: logLevel as LogLevel, // checked above
		logFile: one('log-file'),
	};
}

const isLogLevel = (text: string): boolean => (logLevels as readonly string[]).includes(text);

function isAddress(text: string): boolean {
	const port = /^(?:[^:\s]*|\[[0-9a-f:.]+\]):(\d{1,5})$/i.exec(text)?.[1];
	return port !== undefined && Number(port) <= 65_535;
}

function isUrl(text: string, protocols: readonly string[]): boolean {
	try {
		return protocols.includes(new URL(text).protocol);
	} catch {
		return false;
	}
}

const isOrigin = (text: string): boolean =>
	/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text) && !/^[^:]+:\/\/[^/]*\/./.test(text);

const byteUnits: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** From 1 on; bytes may have a unit. */
function countOf(text: string, hasUnits: boolean): number | undefined {
	const [, digits = '', unit = ''] = /^(\d{1,15})(KiB|MiB|GiB|)$/.exec(text) ?? [];
	const count = Number(digits) * (hasUnits ? (byteUnits[unit] ?? 1) : unit === '' ? 1 : Number.NaN);
	return Number.isSafeInteger(count) && count >= 1 ? count : undefined;
}
