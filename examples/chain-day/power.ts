import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** The log of a SQLite file: what was committed and not moved into the file yet. */
export function readLog(file: string): Buffer {
	return existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0);
}

/**
 * A process that is killed leaves its writes to the kernel; a machine that loses power does not. A commit writes its pages to
 * the end of the log and then syncs it: power that fails in between leaves the log as it was `before`, with the first bytes of
 * the commit over it. Only where nobody was told that the commit is safe may this be done to it.
 */
export function tearLog(file: string, before: Buffer, part: number): void {
	const after = readLog(file);
	let first = 0;
	while (first < after.length && before[first] === after[first]) first++;
	let last = after.length;
	while (last > first && before[last - 1] === after[last - 1]) last--;
	const at = first + Math.floor((last - first) * part);
	writeFileSync(`${file}-wal`, Buffer.concat([after.subarray(0, at), before.subarray(at)]));
}
