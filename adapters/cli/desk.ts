import { BadArgument, TillmeshError } from '../../src/base/errors.js';
import { cliTexts } from '../relay/cli/texts.js';
import { checkRequired, type Given, languageFor, type OptionSpec, readWords, Wrong } from '../relay/cli/words.js';
import type { Language } from '../relay/http/language.js';
import type { Call, Desk } from './call.js';
import type { CommandName, DeskTexts } from './texts.js';
import { deskTexts } from './texts-by-language.js';

interface Command {
	/** The word that it demands beside its options, as help shows it. */
	readonly subject?: string;
	readonly options: Readonly<Record<string, OptionSpec>>;
	/** Answers the exit code. Loaded when it is called. */
	readonly load: () => Promise<(call: Call) => Promise<number>>;
}

const data = { data: { value: 'FILE', required: true }, 'key-file': { value: 'FILE' } } as const;
const common = { json: {}, lang: { value: 'en|zh' }, help: {} } as const;

const enrolment = {
	role: { value: 'ROLE' },
	name: { value: 'NAME' },
	days: { value: 'N' },
	minutes: { value: 'N' },
	module: { value: 'NAME', many: true },
	replaces: { value: 'NAME' },
	qr: {},
	...common,
} as const;
const door = {
	origin: { value: 'URL', many: true },
	'tls-cert': { value: 'FILE' },
	'tls-key': { value: 'FILE' },
} as const;
const keyFile = { value: 'FILE', required: true } as const;
const address = { value: 'HOST:PORT' } as const;

/** Every command but the relay's. Those that look into what tills and relays keep write nothing there. */
export const commands = {
	export: {
		options: {
			...data,
			from: { value: 'DATE' },
			to: { value: 'DATE' },
			format: { value: 'ndjson' },
			out: { value: 'FILE' },
			lang: common.lang,
			help: {},
		},
		load: async () => (await import('./export.js')).runExport,
	},
	'verify-log': {
		subject: 'FILE',
		options: { root: { value: 'KEY' }, ...common },
		load: async () => (await import('./verify-log.js')).runVerifyLog,
	},
	doctor: { options: { ...data, ...common }, load: async () => (await import('./doctor.js')).runDoctor },
	explain: {
		subject: 'POOL',
		options: { ...data, last: { value: 'N' }, ...common },
		load: async () => (await import('./explain.js')).runExplain,
	},
	'chain init': {
		options: { dir: { value: 'DIR' }, name: { value: 'NAME' }, ...common },
		load: async () => (await import('./trust/chain.js')).runChainInit,
	},
	'chain store': {
		subject: 'STORE',
		options: { dir: { value: 'DIR' }, days: { value: 'N' }, out: { value: 'FILE' }, ...common },
		load: async () => (await import('./trust/chain.js')).runChainStore,
	},
	'chain device': {
		options: { dir: { value: 'DIR' }, listen: address, ...door, ...enrolment },
		load: async () => (await import('./trust/enrol.js')).runChainDevice,
	},
	'enrol serve': {
		options: { key: keyFile, listen: { ...address, required: true }, ...door, ...enrolment },
		load: async () => (await import('./trust/enrol.js')).runEnrolServe,
	},
	'enrol renew': {
		options: { key: keyFile, listen: { ...address, required: true }, ...door, ...common },
		load: async () => (await import('./trust/enrol.js')).runEnrolRenew,
	},
	'enrol answer': {
		options: { key: keyFile, ...enrolment },
		load: async () => (await import('./trust/enrol.js')).runEnrolAnswer,
	},
} as const satisfies Readonly<Record<CommandName, Command>>;

const isCommand = (word: string): word is CommandName => Object.hasOwn(commands, word);

/** Runs whichever command the line names, in one word or two; undefined where it is none of these. */
export async function runLine(argv: readonly string[], desk: Desk): Promise<number | undefined> {
	const [first = '', second = ''] = argv;
	if (isCommand(first)) return runDesk(first, argv.slice(1), desk);
	const both = `${first} ${second}`;
	if (isCommand(both)) return runDesk(both, argv.slice(2), desk);
	const names = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
	if (names.length === 0) return undefined;
	const texts = deskTexts[languageFor(argv, desk.env)];
	const said = `${texts.sub(
		first,
		names.map((name) => name.slice(first.length + 1)),
	)}\n`;
	if (argv.includes('--help')) await desk.say(said);
	else desk.complain(said);
	return argv.includes('--help') ? 0 : 2;
}

/** Runs one to its end: 0 where all is well, 1 where something is wrong, 2 where the line does not fit. */
export async function runDesk(name: CommandName, argv: readonly string[], desk: Desk): Promise<number> {
	const language = languageFor(argv, desk.env);
	const texts = deskTexts[language];
	const command: Command = commands[name];
	try {
		const { wrong } = cliTexts[language];
		const { alone, given } = readWords(argv, command.options, wrong, command.subject === undefined ? 0 : 1);
		if (given.has('help')) {
			await desk.say(helpOf(name, texts));
			return 0;
		}
		checkRequired(given, command.options, wrong);
		const [subject] = alone;
		if (command.subject !== undefined && subject === undefined) throw new Wrong(wrong.missing(command.subject));
		const run = await command.load();
		return await run(callOf(desk, language, given, subject ?? ''));
	} catch (error) {
		if (error instanceof Wrong) {
			desk.complain(`${error.message}\n${texts.seeHelp(name)}\n`);
			return 2;
		}
		desk.complain(`${texts.failed(reasonOf(error, texts))}\n`);
		return error instanceof BadArgument ? 2 : 1;
	}
}

function callOf(desk: Desk, language: Language, given: Given<string>, subject: string): Call {
	return {
		env: desk.env,
		say: (text) => desk.say(text),
		complain: (text) => desk.complain(text),
		isWatched: desk.isWatched,
		nowMs: () => desk.nowMs(),
		lines: () => desk.lines(),
		stopped: () => desk.stopped(),
		interfaces: () => desk.interfaces(),
		language,
		texts: deskTexts[language],
		subject,
		option: (name) => given.get(name)?.[0],
		all: (name) => given.get(name) ?? [],
		has: (name) => given.has(name),
	};
}

function reasonOf(error: unknown, texts: DeskTexts): string {
	if (error instanceof TillmeshError) return `${error.message} (${error.code})${texts.advice[error.code] ?? ''}`;
	return error instanceof Error ? error.message : String(error);
}

function helpOf(name: CommandName, texts: DeskTexts): string {
	const command: Command = commands[name];
	const rows = Object.entries(command.options).map(([option, { value, required }]) => ({
		left: `  --${option}${value === undefined ? '' : ` ${value}`}`,
		right: `${texts.optionHelp[`${name} ${option}`] ?? texts.optionHelp[option] ?? ''}${required ? ` (${texts.required})` : ''}`,
	}));
	const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
	const usage = [
		`${texts.usage} tillmesh ${name}`,
		...(command.subject ? [command.subject] : []),
		...Object.entries(command.options).flatMap(([option, { value, required }]) =>
			required ? [`--${option} ${value ?? ''}`] : [],
		),
		`[${texts.options}]`,
	];
	return [
		usage.join(' '),
		'',
		...texts.about[name],
		'',
		...rows.map(({ left, right }) => left.padEnd(width) + right),
		'',
	].join('\n');
}
