/**
 * Installs the peers that the benches run beside where they are missing or others than the lock's: they have a package and a lock of their own in `bench/`.
 * `npm run bench` and `npm run typecheck` come through here.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('../bench/', import.meta.url));

/** npm writes this file last, so that an interrupted installation is done again. */
const installed = `${bench}node_modules/.package-lock.json`;

/** Every package that the lock names is there in that version; one that only fits other machines may be missing. */
function isCurrent(): boolean {
	if (!existsSync(installed)) return false;
	const packagesOf = (file: string): Record<string, { version: string; optional?: true }> =>
		JSON.parse(readFileSync(file, 'utf8')).packages;
	const there = packagesOf(installed);
	return Object.entries(packagesOf(`${bench}package-lock.json`)).every(
		([path, { version, optional }]) => path === '' || optional || there[path]?.version === version,
	);
}

if (!isCurrent()) {
	execFileSync('npm', ['ci', '--prefix', bench, '--no-audit', '--no-fund'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
