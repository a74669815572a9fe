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
