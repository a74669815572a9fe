import { promisifyRequest } from 'idb-keyval';

/** Chromium begins a new log when the one before holds 4 MiB; some more, for what it counts otherwise. */
const logBytes = 5 * 1024 * 1024;
/** Greater values lie in files of their own, beside the log. */
const valueBytes = 60_000;
/** The second one waits until what the log before it held lies elsewhere. */
const fillings = 2;

let isLeft = false;

/**
 * Chromium goes on writing behind a record that a kill has cut off; the opening after that takes it for damage, and deletes
 * every database of the origin (google/leveldb issue 1287). So the log of before is filled up, and left behind, before
 * anything of ours is written: once a page, by a database that is deleted again (docs/decisions/0023).
 */
export async function leaveOldLog(name: string): Promise<void> {
	if (isLeft || !navigator.userAgent.includes('Chrom')) return;
	isLeft = true;
	const filler = `${name} (log)`;
	try {
		await fill(filler);
	} catch {
		// No room: nothing of ours gets written either, and what is there must be read.
	}
	await promisifyRequest(indexedDB.deleteDatabase(filler));
}

async function fill(filler: string): Promise<void> {
	const request = indexedDB.open(filler);
	request.onupgradeneeded = () => request.result.createObjectStore(filler);
	const database = await promisifyRequest(request);
	try {
		const value = new Uint8Array(valueBytes);
		for (let filling = 0; filling < fillings; filling++) {
			const transaction = database.transaction(filler, 'readwrite', { durability: 'strict' });
			for (let i = 0; i * valueBytes < logBytes; i++) transaction.objectStore(filler).put(value, i);
			await promisifyRequest(transaction);
		}
	} finally {
		database.close();
	}
}
