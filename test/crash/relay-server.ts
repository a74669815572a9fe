/**
 * The relay that is killed. Arguments: data folder, address. Says `start`, then `open <url>`; what it acknowledges goes out
 * by its sockets, and nothing else tells of it.
 */
import { writeSync } from 'node:fs';
import { startRelay } from '../../adapters/relay/start.js';

const [data = '', listen = '127.0.0.1:0'] = process.argv.slice(2);
writeSync(1, 'start\n');
const relay = await startRelay({ data, listen, chain: 'chain', homes: [], free: false });
writeSync(1, `open ${relay.url}\n`);
