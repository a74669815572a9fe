import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { BadArgument } from '../../src/base/errors.js';
import type { StoreId } from '../../src/base/ids.js';
import { checkAmount, checkName } from '../../src/base/limits.js';
import { checkKey } from '../../src/base/sealed-records.js';
import type { TrustOptions } from '../../src/index.js';
import { type RelayLimits, relayLimits } from '../../src/relay/quota.js';
import { checkUrls } from '../link-websocket/websocket.js';
import type { FreeAccess, FreeAsk } from './free/documents.js';
import type { FreeLimits } from './free/limits.js';
import type { Language } from './http/language.js';
import { type RelayLogger, silentLogger } from './logger.js';
import type { RelayRole } from './status.js';
import type { HttpServer } from './upgrade.js';

export interface RelayOptions {
	/** Folder of this relay alone; made where it is missing. */
	readonly data: string;
	/** Names the chain. A folder or a peer of another chain is refused. */
	readonly chain: string;
	/** `HOST:PORT`; port 0 is a free one. Default `127.0.0.1:0`: this machine alone. */
	readonly listen?: string;
	/** The relay above this one: one URL, or several of the same relay, tried in order. */
	readonly upstream?: string | readonly string[];
	/** Certificate and key as PEM text. */
	readonly tls?: { readonly cert: string; readonly key: string };
	/** The store that this box stands in, such as `sh-014`. */
	readonly store?: StoreId;
	/** Whose disk its acknowledgements speak of (SYN2). Default `store`. */
	readonly role?: RelayRole;
	/**
	 * Ledgers that the replica beside it is home of. Default: everything of the store; at headquarters `catalog/*`,
	 * `transfers/*` and `members/*`; without a store nothing. Empty: no replica.
	 */
	readonly homes?: readonly string[];
	/**
	 * 32 bytes, with which rows, checkpoints, notes, names and the home beside it are encrypted on disk. Documents `free/...` are
	 * not. A folder that was written with another key or with none is refused as `wrong_key`.
	 */
	readonly key?: Uint8Array;
	/** How people call it. Default: the store, or `relay`. */
	readonly name?: string;
	/** Pages of these origins may connect besides its own. */
	readonly origins?: readonly string[];
	readonly limits?: Partial<RelayLimits>;
	readonly logger?: RelayLogger;
	/** An HTTP server to share: its upgrades are ours, its requests and its closing are yours. `listen` and `tls` say nothing then where it listens. */
	readonly server?: HttpServer;
	/** Language of the status page where a reader's browser asks for neither. */
	readonly lang?: Language;
	/** Documents `free/...`. False: none. */
	readonly free?: boolean | FreeSettings;
	/** Given where the chain has a root key: the relay is enrolled, and so is the home beside it, each for a key of its own. */
	readonly trust?: TrustOptions;
}

export interface FreeSettings {
	readonly limits?: Partial<FreeLimits>;
	readonly authorize?: (ask: FreeAsk) => FreeAccess | Promise<FreeAccess>;
}

export interface RelaySettings {
	readonly data: string;
	readonly chain: string;
	readonly host: string;
	readonly port: number;
	readonly upstream: readonly string[];
	readonly tls: RelayOptions['tls'];
	readonly key: Uint8Array | undefined;
	readonly store: StoreId | undefined;
	readonly role: RelayRole;
	readonly homes: readonly string[];
	readonly name: string;
	readonly origins: readonly string[];
	readonly limits: RelayLimits;
	readonly logger: RelayLogger;
	readonly server: Server | undefined;
	readonly lang: Language | undefined;
	readonly free: FreeSettings | undefined;
	readonly trust: TrustOptions | undefined;
}

/** Throws `BadArgument` that names the option. */
export function settingsOf(options: RelayOptions): RelaySettings {
	if (typeof options !== 'object' || options === null) throw new BadArgument('options', 'expected an object.');
	if (typeof options.data !== 'string' || options.data === '')
		throw new BadArgument('options.data', 'expected the path of a folder.');
	checkName('options.chain', options.chain);
	const { store, role = 'store', upstream, limits, free = true } = options;
	if (options.key !== undefined) checkKey('options.key', options.key);
	if (store !== undefined) checkName('options.store', store);
	if (role !== 'store' && role !== 'hq') throw new BadArgument('options.role', 'expected "store" or "hq".');
	const name = options.name ?? store ?? (role === 'hq' ? 'headquarters' : 'relay');
	checkName('options.name', name);
	const above = upstream === undefined ? [] : typeof upstream === 'string' ? [upstream] : upstream;
	checkUrls('options.upstream', above);
	return {
		...options,
		...addressOf(options.listen ?? '127.0.0.1:0'),
		upstream: above,
		tls: options.tls,
		key: options.key,
		store,
		role,
		homes: options.homes ?? homesOf(role, store),
		name,
		origins: options.origins ?? [],
		limits: limitsOf(limits),
		logger: options.logger ?? silentLogger,
		server: serverOf(options.server),
		lang: options.lang,
		trust: options.trust,
		free: free === false ? undefined : free === true ? {} : free,
	};
}

/** The shape that the option has in the declarations stands for Node's class. */
function serverOf(given: HttpServer | undefined): Server | undefined {
	if (given !== undefined && !(given instanceof NetServer))
		throw new BadArgument('options.server', 'expected an HTTP or HTTPS server of Node.');
	return given as Server | undefined; // its upgrades are all that is used of it
}

function homesOf(role: RelayRole, store: StoreId | undefined): readonly string[] {
	if (role === 'hq') return ['catalog/*', 'transfers/*', 'members/*'];
	return store === undefined ? [] : [`*/${store}`, `*/${store}/*`];
}

function limitsOf(given: Partial<RelayLimits> = {}): RelayLimits {
	for (const [limit, value] of Object.entries(given)) {
		if (!(limit in relayLimits)) throw new BadArgument(`options.limits.${limit}`, 'no such limit.');
		if (value !== undefined) checkAmount(`options.limits.${limit}`, value);
	}
	return { ...relayLimits, ...given };
}

/** `HOST:PORT`, `:PORT` for all addresses, `[::1]:PORT`. */
function addressOf(listen: string): { host: string; port: number } {
	const [, host, digits = ''] = /^(.*):(\d{1,5})$/.exec(listen) ?? [];
	const port = Number(digits);
	if (host === undefined || port > 65_535)
		throw new BadArgument('options.listen', `expected HOST:PORT, got "${listen}".`);
	return { host: host.replace(/^\[(.*)\]$/, '$1') || '0.0.0.0', port };
}
