import { startRelay } from '../adapters/relay/index.js';
import { type Said, serve } from './part.js';

/** Our relay in a process of its own, with the home of all ledgers beside it: `relay FOLDER`. */
export async function relayPart(_options: unknown, [data = '']: readonly string[]): Promise<Said> {
	const relay = await startRelay({ data, chain: 'bench', homes: ['stock/*', 'orders/*', 'members/*'] });
	return serve({ url: relay.url }, {});
}
