import type { RelayOptions } from '../options.js';
import type { OptionSpec } from './words.js';

/** What stands on the command line, checked. Certificate and keys are still names of files. */
export interface RelayCommand {
	readonly relay: Omit<RelayOptions, 'tls' | 'key' | 'logger' | 'server' | 'free' | 'trust'>;
	readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
	readonly storeKeyFile: string | undefined;
	readonly logLevel: LogLevel;
	readonly logFile: string | undefined;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Every option of `tillmesh relay`, in the order in which help tells them. */
export const optionSpecs = {
	data: { value: 'DIR', required: true },
	listen: { value: 'HOST:PORT', required: true },
	chain: { value: 'NAME' },
	store: { value: 'ID' },
	hq: {},
	name: { value: 'NAME' },
	upstream: { value: 'URL', many: true },
	home: { value: 'PATTERN', many: true },
	origin: { value: 'URL', many: true },
	'tls-cert': { value: 'FILE' },
	'tls-key': { value: 'FILE' },
	'store-key': { value: 'FILE' },
	'max-connections': { value: 'N' },
	'max-ledger-bytes': { value: 'N' },
	'max-device-entries-per-day': { value: 'N' },
	'log-level': { value: 'LEVEL' },
	'log-file': { value: 'FILE' },
	lang: { value: 'en|zh' },
	help: {},
	version: {},
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof optionSpecs;

export const defaultChain = 'main';
