#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import { version } from '../../package.json';
import { createLogger } from '../relay/cli/log.js';
import { runCommand } from '../relay/cli/run.js';
import { settingsOf } from '../relay/options.js';
import { runLine } from './desk.js';

const complain = (text: string): void => {
	process.stderr.write(text);
};

/** Waits while whoever reads is slow: a log may be larger than memory. */
const say = (text: string): Promise<void> =>
	new Promise((resolve) => {
		if (process.stdout.write(text)) resolve();
		else process.stdout.once('drain', resolve);
	});

/** Lets go of the input once nobody reads on: an open pipe would keep the process. */
async function* typed(): AsyncGenerator<string> {
	try {
		yield* createInterface({ input: process.stdin });
	} finally {
		process.stdin.destroy();
	}
}

const relay = (argv: readonly string[]): Promise<number> =>
	runCommand(argv, {
		version,
		env: process.env,
		say: (text) => {
			process.stdout.write(text);
		},
		complain,
		readFile: (path) => readFileSync(path, 'utf8'),
		trust: async (file, store, language) => (await import('./trust/relay-trust.js')).relayTrust(file, store, language),
		logger: (level, file) =>
			createLogger(level, { file, isTty: process.stderr.isTTY === true, write: complain, nowMs: () => Date.now() }),
		start: async (options) => {
			const { startRelay } = await import('../relay/index.js');
			const relay = await startRelay(options);
			// A restart renews: what signs is at hand.
			if (options.trust) await relay.renew();
			return { url: relay.url, homes: settingsOf(options).homes, stop: () => relay.close() };
		},
		interfaces: networkInterfaces,
		onSignal: (run) => {
			process.on('SIGINT', run);
			process.on('SIGTERM', run);
		},
		every: (ms, run) => {
			const timer = setInterval(run, ms);
			return () => clearInterval(timer);
		},
		exit: (code) => process.exit(code),
	});

// Whoever reads only the first lines, as `head` does, has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code === 'EPIPE') process.exit(0);
	throw error;
});

const argv = process.argv.slice(2);
process.exitCode =
	(await runLine(argv, {
		env: process.env,
		say,
		complain,
		isWatched: process.stderr.isTTY === true,
		nowMs: () => Date.now(),
		lines: typed,
		stopped: () =>
			new Promise((resolve) => {
				process.once('SIGINT', () => resolve());
				process.once('SIGTERM', () => resolve());
			}),
		interfaces: networkInterfaces,
	})) ?? (await relay(argv));
