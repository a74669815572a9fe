import type { networkInterfaces } from 'node:os';
import { BadArgument, TillmeshError } from '../../../src/base/errors.js';
import type { TrustOptions } from '../../../src/index.js';
import type { Language } from '../http/language.js';
import type { RelayLogger } from '../logger.js';
import type { RelayOptions } from '../options.js';
import { parseCommand } from './arguments.js';
import { bannerText, reachableUrls } from './banner.js';
import type { LogLevel, RelayCommand } from './options.js';
import { type CliTexts, cliTexts, helpText } from './texts.js';
import { Wrong } from './words.js';

/** What the command needs of a relay that runs. */
export interface RunningRelay {
	readonly url: string;
	readonly homes: readonly string[];
	/** Takes nothing new, saves what is under way, then ends. */
	stop(): Promise<void>;
}

/** The process around the command. */
export interface World {
	readonly version: string;
	readonly env: Readonly<Record<string, string | undefined>>;
	say(text: string): void;
	complain(text: string): void;
	readFile(path: string): string;
	/** What a relay believes and is enrolled by whose store's key lies in that file. */
	trust(storeKeyFile: string, store: string, language: Language): Promise<TrustOptions>;
	logger(level: LogLevel, file: string | undefined): Promise<RelayLogger>;
	start(options: RelayOptions): Promise<RunningRelay>;
	interfaces(): ReturnType<typeof networkInterfaces>;
	/** Calls back at every SIGINT and SIGTERM. */
	onSignal(run: () => void): void;
	/** Calls back every `ms`; answers how to stop. */
	every(ms: number, run: () => void): () => void;
	/** Ends the process without waiting for anything. */
	exit(code: number): void;
}

const progressMs = 2_000;

/**
 * Runs the command line to its end and answers the exit code: 0, 1 where the relay failed, 2 where the line does not fit.
 * A relay runs until a signal: the first stops it gracefully, the second at once, with exit code 130.
 */
export async function runCommand(argv: readonly string[], world: World): Promise<number> {
	const parsed = parseCommand(argv, world.env);
	const words = cliTexts[parsed.language];
	switch (parsed.kind) {
		case 'help':
			world.say(helpText(parsed.language));
			return 0;
		case 'version':
			world.say(`${world.version}\n`);
			return 0;
		case 'wrong':
			return misused(parsed.message, words, world);
		case 'relay':
			return runRelay(parsed.command, parsed.language, world, (relay) =>
				world.say(
					bannerText(
						parsed.command,
						{ version: world.version, urls: reachableUrls(relay.url, world.interfaces()), homes: relay.homes },
						parsed.language,
					),
				),
			);
	}
}

function misused(message: string, words: CliTexts, world: World): number {
	world.complain(`${message}\n${words.wrong.seeHelp}\n`);
	return 2;
}

async function runRelay(
	command: RelayCommand,
	language: Language,
	world: World,
	welcome: (relay: RunningRelay) => void,
): Promise<number> {
	const words = cliTexts[language];
	let tls: RelayOptions['tls'];
	let relay: RunningRelay;
	try {
		if (command.tls)
			tls = { cert: readFile(command.tls.certFile, words, world), key: readFile(command.tls.keyFile, words, world) };
		const { storeKeyFile, relay: options } = command;
		const trust = storeKeyFile && (await world.trust(storeKeyFile, options.store ?? '', language));
		const logger = await openLog(command, words, world);
		relay = await world.start({ ...options, logger, ...(tls && { tls }), ...(trust && { trust }) });
	} catch (error) {
		if (error instanceof Unreadable || error instanceof Wrong) return misused(error.message, words, world);
		if (error instanceof BadArgument) return misused(error.message, words, world);
		world.complain(`${words.failed(reasonOf(error))}\n`);
		return 1;
	}
	welcome(relay);
	return untilStopped(relay, words, world);
}

class Unreadable extends Error {}

function readFile(file: string, words: CliTexts, world: World): string {
	try {
		return world.readFile(file);
	} catch (error) {
		throw new Unreadable(words.wrong.file(file, reasonOf(error)));
	}
}

async function openLog({ logLevel, logFile }: RelayCommand, words: CliTexts, world: World): Promise<RelayLogger> {
	try {
		return await world.logger(logLevel, logFile);
	} catch (error) {
		throw new Unreadable(words.wrong.file(logFile ?? '--log-file', reasonOf(error)));
	}
}

function reasonOf(error: unknown): string {
	if (error instanceof TillmeshError) return `${error.message} (${error.code})`;
	return error instanceof Error ? error.message : String(error);
}

function untilStopped(relay: RunningRelay, words: CliTexts, world: World): Promise<number> {
	return new Promise((resolve) => {
		let isStopping = false;
		world.onSignal(() => {
			if (isStopping) {
				world.complain(`${words.stoppedAtOnce}\n`);
				world.exit(130);
				return;
			}
			isStopping = true;
			resolve(stop(relay, words, world));
		});
	});
}

async function stop(relay: RunningRelay, words: CliTexts, world: World): Promise<number> {
	world.say(`\n${words.stopping}\n`);
	let seconds = 0;
	const quiet = world.every(progressMs, () => {
		seconds += progressMs / 1_000;
		world.say(`${words.stillStopping(seconds)}\n`);
	});
	try {
		await relay.stop();
	} catch (error) {
		world.complain(`${words.failed(reasonOf(error))}\n`);
		return 1;
	} finally {
		quiet();
	}
	world.say(`${words.stopped}\n`);
	return 0;
}
