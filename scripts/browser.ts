/**
 * Finds the Chromium that the browser tests drive: `CHROMIUM` from the environment, then Debian's, then playwright's own.
 * `provideBrowser` also installs Debian's package where it may (root on Debian); nowhere else is anything installed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const debianPath = '/usr/bin/chromium';

/** Path of a Chromium that exists, or undefined. Throws when `CHROMIUM` names a file that is not there. */
export function findBrowser(): string | undefined {
	const named = process.env.CHROMIUM;
	if (named) {
		if (existsSync(named)) return named;
		throw new Error(`CHROMIUM=${named}: there is no such file`);
	}
	return [debianPath, chromium.executablePath()].find((path) => existsSync(path));
}

function mayInstall(): boolean {
	if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
	return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function installDebianChromium(): void {
	const aptGet = (...args: string[]): void => {
		execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=120', '-qq', ...args], {
			stdio: ['ignore', 'ignore', 'inherit'],
			env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
		});
	};
	aptGet('update');
	aptGet('install', '-y', '--no-install-recommends', 'chromium');
}

/** The same, after installing one where that is allowed. A failed installation leaves undefined, with apt's words on stderr. */
export function provideBrowser(): string | undefined {
	const found = findBrowser();
	if (found !== undefined || !mayInstall()) return found;
	try {
		console.error('browser tests: installing chromium from Debian');
		installDebianChromium();
	} catch (cause) {
		console.error(`browser tests: ${cause instanceof Error ? cause.message : cause}`);
	}
	return findBrowser();
}

export const howToGetBrowser =
	'no Chromium found: run "npx playwright-core install chromium", install your system\'s chromium, or set CHROMIUM to its path';
