import { runLine } from '../../../adapters/cli/desk.js';

export interface Heard {
	out: string;
	err: string;
}

/** The process around a command: what it says, and what is typed into it, by a clock that is `laterMs` ahead. */
export function startLine(argv: readonly string[], lines: AsyncIterable<string> | readonly string[] = [], laterMs = 0) {
	const heard: Heard = { out: '', err: '' };
	let stop = (): void => {};
	const stopped = new Promise<void>((resolve) => {
		stop = resolve;
	});
	const code = runLine(argv, {
		env: { LANG: 'C' },
		say: async (text) => {
			heard.out += text;
		},
		complain: (text) => {
			heard.err += text;
		},
		isWatched: false,
		nowMs: () => Date.now() + laterMs,
		async *lines() {
			yield* lines;
		},
		stopped: () => stopped,
		interfaces: () => ({}),
	});
	return { heard, code, stop };
}

export async function runWords(...argv: string[]) {
	const { heard, code } = startLine(argv);
	return { code: await code, ...heard };
}
