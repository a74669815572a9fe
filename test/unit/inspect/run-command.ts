import { runLine } from '../../../adapters/cli/desk.js';

export interface Heard {
	out: string;
	err: string;
}

/** The process around a command: what it says, and what is typed into it. */
export function startLine(argv: readonly string[], lines: AsyncIterable<string> | readonly string[] = []) {
	const heard: Heard = { out: '', err: '' };
	const code = runLine(argv, {
		env: { LANG: 'C' },
		say: async (text) => {
			heard.out += text;
		},
		complain: (text) => {
			heard.err += text;
		},
		isWatched: false,
		nowMs: () => Date.now(),
		async *lines() {
			yield* lines;
		},
		interfaces: () => ({}),
	});
	return { heard, code };
}

export async function runWords(...argv: string[]) {
	const { heard, code } = startLine(argv);
	return { code: await code, ...heard };
}
