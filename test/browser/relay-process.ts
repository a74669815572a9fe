/** A relay of its own process, to be killed. Arguments: data folder, the origin of the pages. Says `open <url>`. */
import { writeSync } from 'node:fs';
import { startRelay } from '../../adapters/relay/start.js';

const [data = '', origin = ''] = process.argv.slice(2);
const relay = await startRelay({ data, chain: 'chain', homes: [], free: false, origins: [origin] });
writeSync(1, `open ${relay.url}\n`);
