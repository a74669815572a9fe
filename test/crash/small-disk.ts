import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real file system of its own, which fills up as a till's flash card does. */
export interface SmallDisk {
	readonly path: string;
	/** Another path to the same files, by which nothing can be written. */
	readonly readOnlyPath: string;
	remove(): void;
}

const run = (command: string, ...args: string[]): void => void execFileSync(command, args, { stdio: 'ignore' });

/** Undefined where this process may not mount: only root on Linux may. */
export function mountSmallDisk(kilobytes: number): SmallDisk | undefined {
	const path = mkdtempSync(join(tmpdir(), 'tillmesh-disk-'));
	const readOnlyPath = mkdtempSync(join(tmpdir(), 'tillmesh-disk-'));
	const folders = [readOnlyPath, path];
	const removeFolders = (): void => {
		for (const folder of folders) rmSync(folder, { recursive: true });
	};
	try {
		run('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', path);
	} catch {
		removeFolders();
		return undefined;
	}
	// Not a remount of the disk itself: that waits for a driver that closes its files late.
	run('mount', '--bind', path, readOnlyPath);
	run('mount', '-o', 'remount,bind,ro', readOnlyPath);
	return {
		path,
		readOnlyPath,
		remove() {
			for (const folder of folders) run('umount', '-l', folder);
			removeFolders();
		},
	};
}
