import type { networkInterfaces } from 'node:os';
import type { Language } from '../relay/http/language.js';
import type { DeskTexts } from './texts.js';

/** The process around a command. */
export interface Desk {
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Resolves when whoever reads has room for more. */
	say(text: string): Promise<void>;
	complain(text: string): void;
	/** Somebody looks at what is complained: tell how far long work is. */
	readonly isWatched: boolean;
	nowMs(): number;
	/** What is typed or piped in, line by line. */
	lines(): AsyncIterable<string>;
	/** Resolves when somebody wants it to end. */
	stopped(): Promise<void>;
	interfaces(): ReturnType<typeof networkInterfaces>;
}

/** What a command is called with, checked as far as all commands are alike. */
export interface Call extends Desk {
	readonly language: Language;
	readonly texts: DeskTexts;
	/** The word that is no option: a file, a pool, a store. */
	readonly subject: string;
	/** What an option was given; undefined where it was not. */
	option(name: string): string | undefined;
	/** Every value of an option that may come again. */
	all(name: string): readonly string[];
	/** Was the flag given? */
	has(name: string): boolean;
}
