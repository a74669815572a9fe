import type { IncomingMessage } from 'node:http';
import { checkName } from '../../../src/base/limits.js';

const prefix = '/free/';

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
