import type { IncomingMessage } from 'node:http';
import { checkName } from '../../../src/base/limits.js';
import type { UpgradeRequest } from '../upgrade.js';

/** What a client may do with a document. */
export type FreeAccess = 'write' | 'read' | 'none';

export interface FreeAsk {
	/** Without `free/`. */
	readonly document: string;
	readonly request: UpgradeRequest;
}

export type Authorize = (ask: FreeAsk) => FreeAccess | Promise<FreeAccess>;

const prefix = '/free/';
/** A directory that does not answer in time has said no. */
const authorizeMs = 10_000;

/** Undefined for any other path, and for names that nobody can print. */
export function documentOf(request: IncomingMessage): string | undefined {
	try {
		const { pathname } = new URL(request.url ?? '', 'http://relay');
		if (!pathname.startsWith(prefix)) return undefined;
		const name = decodeURIComponent(pathname.slice(prefix.length));
		checkName('document', name);
		return name;
	} catch {
		return undefined;
	}
}

/** A page that somebody opened elsewhere must not write in the store's documents. */
export function isAllowed({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
	if (origin === undefined || origins.includes(origin)) return true;
	return URL.canParse(origin) && new URL(origin).host === host;
}

/** Never rejects. */
export async function accessOf(
	ask: FreeAsk,
	authorize: Authorize,
	failed: (error: unknown) => void,
): Promise<FreeAccess> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no answer within ${authorizeMs} ms`)), authorizeMs);
	});
	try {
		const access = await Promise.race([authorize(ask), late]);
		// Written in JavaScript it may answer anything: what is no permission is none.
		return access === 'write' || access === 'read' ? access : 'none';
	} catch (error) {
		failed(error);
		return 'none';
	} finally {
		clearTimeout(timer);
	}
}
