import { startRelay } from '../adapters/relay/index.js';
import { type Said, serve } from './part.js';

/** Our relay in a process of its own, with the home of all ledgers beside it: `relay FOLDER`. */
export async function relayPart(_options: unknown, [data = '']: readonly string[]): Promise<Said> {
	const homes = ['stock/*', 'orders/*', 'members/*'];
	// All stores of a bench come from one address.
	const limits = { connections: 10_000, connectionsPerSecond: 10_000 };
	const relay = await startRelay({ data, chain: 'bench', homes, limits });
	return serve({ url: relay.url }, {});
}
