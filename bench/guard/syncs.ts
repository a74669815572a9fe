import { DatabaseSync } from '@photostructure/sqlite';
import { sqlite } from '../../adapters/storage-sqlite/index.js';
import { openShop } from '../ledger-shop.js';
import { round } from '../rounds.js';

/** A database that counts its commits: in WAL mode with synchronous=FULL each syncs the log once. */
class CountingDatabase extends DatabaseSync {
	commits = 0;

	override prepare(sql: string) {
		const statement = super.prepare(sql);
		if (sql !== 'COMMIT') return statement;
		// A statement's own methods cannot be replaced; one that is made from it finds the rest there.
		const counting: typeof statement = Object.create(statement, {
			run: {
				value: (...parameters: Parameters<typeof statement.run>) => {
					this.commits++;
					return statement.run(...parameters);
				},
			},
		});
		return counting;
	}
}

/** Syncs of checkouts one by one, and of fifty that are asked for in one turn. */
export async function countSyncs(
	folder: string,
): Promise<{ readonly commitSyncs: number; readonly fiftySyncs: number }> {
	const database = new CountingDatabase(`${folder}/syncs.db`);
	database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
	const { replica, checkout } = await openShop(sqlite({ database }));
	const count = async (times: number, run: () => Promise<unknown>) => {
		const before = database.commits;
		for (let i = 0; i < times; i++) await run();
		return round((database.commits - before) / times, 2);
	};
	const commitSyncs = await count(50, checkout);
	const fiftySyncs = await count(10, () => Promise.all(Array.from({ length: 50 }, checkout)));
	await replica.shutdown();
	database.close();
	return { commitSyncs, fiftySyncs };
}
