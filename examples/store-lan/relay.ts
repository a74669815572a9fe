/** The relay of a small store: `npm run relay`. Tills of this machine and of others meet here. */
import { networkInterfaces } from 'node:os';
import { startRelay } from 'tillmesh/relay';
import { readOptions, run } from './arguments.js';
import { chain, folderOf, port, store } from './store.js';
import { wordsOf } from './words.js';

const usage = 'npm run relay -- [--listen HOST:PORT] [--data DIR] [--lang en|zh]';

run(async () => {
	const defaults = { listen: `0.0.0.0:${port}`, data: folderOf('relay') };
	const { listen, data, language } = readOptions(process.argv.slice(2), defaults, usage);
	const words = wordsOf(language);
	// It keeps every entry on its disk, and the shares that no till needs: of the chain's ledgers, too, as there is one store.
	const relay = await startRelay({ data, listen, chain, name: 'relay', store, homes: ['*/*'] });
	const stop = () => {
		console.log(words.relayStops);
		void relay.close();
	};
	process.once('SIGINT', stop);
	process.once('SIGTERM', stop);
	console.log(words.relayRuns(addressesOf(relay.url)));
});

/** What may be typed into another machine; one that listens everywhere names none by itself. */
function addressesOf(url: string): string[] {
	const { hostname, port: listening } = new URL(url);
	if (hostname !== '0.0.0.0') return [url];
	const found = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
	const own = found.filter(({ family }) => family === 'IPv4').sort((a, b) => Number(a.internal) - Number(b.internal));
	return own.map(({ address }) => `ws://${address}:${listening}`);
}
