import { appendFileSync } from 'node:fs';
import type { RelayLogger } from '../logger.js';
import { type LogLevel, logLevels } from './options.js';

type Fields = Readonly<Record<string, unknown>>;

export interface LogTarget {
	/** JSON lines go there; undefined for standard error. */
	readonly file: string | undefined;
	/** Somebody reads along: one short line each. */
	readonly isTty: boolean;
	write(text: string): void;
	nowMs(): number;
}

/** As pino numbers them. */
const levelNumbers: Readonly<Record<Exclude<LogLevel, 'silent'>, number>> = {
	debug: 20,
	info: 30,
	warn: 40,
	error: 50,
};

/**
 * Where a relay of the command line logs to: short lines on a terminal, else JSON lines, by pino where it is installed and
 * in its form where it is not. A file that cannot be written fails here, before anything is started.
 */
export async function createLogger(level: LogLevel, target: LogTarget): Promise<RelayLogger> {
	if (target.file === undefined && target.isTty)
		return loggerOf(level, (...line) => target.write(prettyLine(...line, target.nowMs())));
	if (target.file !== undefined) appendFileSync(target.file, '');
	const pino = await import('pino').catch(() => undefined);
	if (pino) {
		// Synchronous: the last lines before an end are those that matter.
		const destination = pino.destination({ dest: target.file ?? 2, sync: true });
		const logger = pino.pino({ level, base: null }, destination);
		return loggerOf(level, (name, fields, message) => logger[name](fields, message));
	}
	const { file } = target;
	const write = file === undefined ? target.write : (text: string) => appendFileSync(file, text);
	return loggerOf(level, (name, fields, message) => {
		write(`${JSON.stringify({ level: levelNumbers[name], time: target.nowMs(), ...fields, msg: message })}\n`);
	});
}

type LevelName = keyof typeof levelNumbers;

function loggerOf(level: LogLevel, write: (name: LevelName, fields: Fields, message: string) => void): RelayLogger {
	const from = logLevels.indexOf(level);
	const at =
		(name: LevelName) =>
		(fields: Fields, message: string): void => {
			if (logLevels.indexOf(name) >= from) write(name, fields, message);
		};
	return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** `14:02:11 warn  a device was refused  device=till-3 code=chain_broken` */
export function prettyLine(name: string, fields: Fields, message: string, nowMs: number): string {
	const time = new Date(nowMs).toTimeString().slice(0, 8);
	const facts = Object.entries(fields).map(([key, value]) => ` ${key}=${factText(value)}`);
	return `${time} ${name.padEnd(5)} ${message}${facts.length > 0 ? ` ${facts.join('')}` : ''}\n`;
}

/** One line, whatever is in it: a device's name must not move the cursor. */
function factText(value: unknown): string {
	const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
	const plain = text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
	return / /.test(plain) ? JSON.stringify(plain) : plain;
}
