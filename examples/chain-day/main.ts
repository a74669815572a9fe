/**
 * The main job: a chain's trading day through the library's public API, with everything going wrong. Every till and every
 * relay is a process of its own on SQLite files of its own, over WebSocket; this one deals out the day and the accidents.
 */
import { readArguments, usage } from './args.js';
import { BadInput } from './input.js';
import { readInput } from './input-csv.js';
import { generateInput } from './input-generated.js';
import { createProgress } from './progress.js';
import { conclude } from './report.js';
import { playChain } from './run.js';

async function main(): Promise<number> {
	const { help, data, days, seed, tickets, json, language } = readArguments(process.argv.slice(2));
	if (help) {
		console.log(usage);
		return 0;
	}
	const input = data === undefined ? generateInput({ seed, days, tickets }) : readInput(data, days);
	const progress = createProgress(input, language, process.stderr);
	const result = await playChain(input, seed, progress.at);
	progress.end();
	const { text, exitCode } = conclude(result, language, json);
	console.log(text);
	return exitCode;
}

process.once('SIGINT', () => process.exit(130));
main().then(
	(code) => {
		process.exitCode = code;
		// All that counts is closed and printed: a socket that lingers keeps nobody waiting.
		setTimeout(() => process.exit(), 2000).unref();
	},
	(error: unknown) => {
		// Arguments and input are a person's business; anything else is ours, with all there is to say.
		console.error(error instanceof BadInput ? error.message : error);
		process.exitCode = 1;
	},
);
