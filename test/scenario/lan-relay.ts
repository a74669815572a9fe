/** The relay of a store, to be killed. Arguments: data folder, address. Says its URL. */
import { startRelay } from 'tillmesh/relay';

const [data = '', listen = ''] = process.argv.slice(2);
const relay = await startRelay({ data, listen, chain: 'lan' });
process.stdout.write(`${relay.url}\n`);
