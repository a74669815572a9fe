/**
 * What two devices tell each other about themselves before they have proved anything: who dials, in the URL; who answers, in
 * a header. It only keeps them from linking twice, or to themselves; the session finds out who it really is.
 *
 *   GET /?chain=6f1c…&device=5d09…        Sec-WebSocket-Protocol: tillmesh.2
 *   101 Switching Protocols               X-Tillmesh-Device: 8be2…
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { DeviceId } from '../../src/base/ids.js';

export interface Hints {
	readonly chain: string | undefined;
	readonly device: DeviceId | undefined;
}

/** The first 16 hexadecimal digits of the name's SHA-256: enough to leave other chains alone, and no name for all to read. */
export const chainHint = (chain: string): string => createHash('sha256').update(chain).digest('hex').slice(0, 16);

export function introduced(url: string, hints: Hints): string {
	const full = new URL(url);
	for (const [name, value] of Object.entries(hints)) if (value !== undefined) full.searchParams.set(name, value);
	return full.href;
}

export function readHints(path: string | undefined): Hints {
	const query = new URLSearchParams((path ?? '').split('?')[1]);
	return { chain: query.get('chain') ?? undefined, device: query.get('device') ?? undefined };
}

export const answerHeaders = (device: DeviceId): Record<string, string> => ({ 'X-Tillmesh-Device': device });

export const answeredDevice = (headers: IncomingHttpHeaders): DeviceId | undefined => {
	const device = headers['x-tillmesh-device'];
	return typeof device === 'string' ? device : undefined;
};
