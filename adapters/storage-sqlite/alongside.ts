import { BadArgument, TillmeshError } from '../../src/base/errors.js';
import type { Alongside } from '../../src/ports/storage.js';
import type { SqliteHandle } from './driver.js';

const savepoint = 'tillmesh_alongside';

/**
 * Lets the vendor write in the transaction that has begun. It goes first: while nothing of ours is in the transaction, one
 * that ends it has taken nothing of ours along. The savepoint is gone then, by which that is seen.
 */
export function runAlongside(database: SqliteHandle, alongside: Alongside): void {
	database.exec(`SAVEPOINT ${savepoint}`);
	const said = call(database, alongside);
	const then = (said as { then?: unknown } | null | undefined)?.then;
	if (typeof then === 'function') {
		then.call(said, undefined, () => {}); // what it does later is told here
		throw new BadArgument('alongside', 'returned a promise; it is synchronous.');
	}
	try {
		database.exec(`RELEASE ${savepoint}`);
	} catch {
		throw new BadArgument('alongside', 'ended the transaction that it is part of.');
	}
}

function call(database: SqliteHandle, alongside: Alongside): unknown {
	try {
		return alongside(database);
	} catch (error) {
		throw new TillmeshError('work_failed', 'What was to be written alongside threw.', {}, error);
	}
}
