#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { version } from '../../../package.json';
import { settingsOf } from '../options.js';
import { createLogger } from './log.js';
import { runCommand } from './run.js';

const complain = (text: string): void => {
	process.stderr.write(text);
};

process.exitCode = await runCommand(process.argv.slice(2), {
	version,
	env: process.env,
	say: (text) => {
		process.stdout.write(text);
	},
	complain,
	readFile: (path) => readFileSync(path, 'utf8'),
	logger: (level, file) =>
		createLogger(level, { file, isTty: process.stderr.isTTY === true, write: complain, nowMs: () => Date.now() }),
	start: async (options) => {
		const { startRelay } = await import('../index.js');
		const relay = await startRelay(options);
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
