/**
 * The process that is killed. Arguments: path, life. Says `open <ms>` and then the number of each batch after its write has
 * resolved, by writes that are in the pipe before the next line runs.
 */
import { writeSync } from 'node:fs';
import { sqlite } from '../../adapters/storage-sqlite/index.js';
import { batchOf } from './batches.js';

const [path = '', life = '0'] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);

say('start');
const startMs = performance.now();
const storage = await sqlite(path).open(`writer ${life}`);
say(`open ${(performance.now() - startMs).toFixed(1)}`);

for (let n = 0; ; ) {
	const together = 1 + ((n * 5) % 12);
	const writes: Promise<void>[] = [];
	for (let i = 0; i < together; i++, n++) {
		const id = n;
		writes.push(storage.write(batchOf(Number(life), id)).then(() => say(String(id))));
	}
	await Promise.all(writes);
}
