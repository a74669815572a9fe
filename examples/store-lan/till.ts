/** A till in a terminal: `npm run till -- --name till-1`. It sells with and without the relay. */
import { mkdirSync } from 'node:fs';
import { readOptions, run } from './arguments.js';
import { Counter } from './counter.js';
import { openScreen } from './screen.js';
import { folderOf, openStoreTill, port } from './store.js';
import { wordsOf } from './words.js';

const usage = 'npm run till -- --name NAME [--relay ws://HOST:PORT] [--data DIR] [--lang en|zh]';

run(async () => {
	const defaults = { name: '', relay: `ws://127.0.0.1:${port}`, data: 'default' };
	const { name, relay, data, language } = readOptions(process.argv.slice(2), defaults, usage);
	const folder = data === 'default' ? folderOf(name) : data;
	mkdirSync(folder, { recursive: true });
	const till = await openStoreTill(name, folder);
	const screen = openScreen(`${name}> `);
	const counter = new Counter(till, relay, wordsOf(language), screen.say);
	counter.open();
	for await (const line of screen.lines) {
		if ((await counter.obey(line)) === 'quit') break;
	}
	await counter.close();
	screen.close();
});
