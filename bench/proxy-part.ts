import { startNetProxy } from '../scripts/net-proxy.js';
import { type Said, serve } from './part.js';

/** A slow line in a process of its own: `net-proxy PORT DELAY_MS`. */
export async function proxyPart(_options: unknown, [port, delayMs]: readonly string[]): Promise<Said> {
	const proxy = await startNetProxy({ to: Number(port), delayMs: Number(delayMs) });
	return serve({ port: proxy.port }, { bytes: () => ({ ...proxy.bytes }) });
}
