/**
 * The till that is killed while the vendor's rows go down with its commits. Arguments: path, life. Says `open`, then the number
 * of each loan once its commit has resolved. Every fifth has its rows taken back by a throw.
 */
import { writeSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import { openReplica } from 'tillmesh';
import { sqlite } from 'tillmesh/sqlite';

const [path = '', life = '0'] = process.argv.slice(2);
const database = new DatabaseSync(path);
database.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS loan (id TEXT PRIMARY KEY)');
const replica = await openReplica({ chain: 'c', name: 'till', keeps: ['loans/1'], storage: sqlite({ database }) });
writeSync(1, 'open\n');

const history = replica.ledger('loans/1').log<string>('history');
const lend = async (id: string, n: number): Promise<void> => {
	const insert = database.prepare('INSERT INTO loan VALUES (?)');
	const alongside = () => {
		insert.run(id);
		if (n % 5 === 4) throw new Error('not this one');
	};
	await replica.commit((tx) => tx.append(history, id), n % 3 === 2 ? {} : { alongside });
	if (n % 3 !== 2) writeSync(1, `${n}\n`);
};

for (let n = 0; ; n += 3) await Promise.allSettled([0, 1, 2].map((i) => lend(`${life}/${n + i}`, n + i)));
