import { createInterface } from 'node:readline';

/** Where a person types commands and reads what happens, also while typing; a script writes lines and reads lines. */
export interface Screen {
	/** A command each, until the input ends or the person presses Ctrl-C or Ctrl-D. */
	readonly lines: AsyncIterable<string>;
	say(text: string): void;
	close(): void;
}

export function openScreen(prompt: string): Screen {
	const { stdin: input, stdout: output } = process;
	const isTerminal = input.isTTY === true && output.isTTY === true;
	const reader = createInterface({ input, output: isTerminal ? output : undefined, terminal: isTerminal, prompt });
	let isOpen = true;
	reader.on('close', () => {
		isOpen = false;
	});
	const ask = () => {
		if (isTerminal && isOpen) reader.prompt(true);
	};
	ask();
	return {
		lines: reader,
		say(text) {
			// What happens elsewhere appears above the line that somebody is typing.
			if (isTerminal) output.write(`\r\x1b[2K${text}\n`);
			else console.log(text);
			ask();
		},
		close: () => reader.close(),
	};
}
