/**
 * Installs the peers that the benches run beside, once: they have a package and a lock of their own in `bench/`.
 * `npm run bench` and `npm run typecheck` come through here.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bench = fileURLToPath(new URL('../bench/', import.meta.url));

// npm writes this file last, so that an interrupted installation is done again.
if (!existsSync(`${bench}node_modules/.package-lock.json`)) {
	execFileSync('npm', ['ci', '--prefix', bench, '--no-audit', '--no-fund'], { stdio: ['ignore', 'ignore', 'inherit'] });
}
