/** Where progress is told: beside the results, so that nothing of it gets into them. */
export interface Teller {
	readonly isTerminal: boolean;
	write(text: string): void;
}

const everyMs = { terminal: 200, plain: 5_000 } as const;

/** One line that is written over on a terminal; elsewhere a line every few seconds. */
export class Progress {
	readonly #teller: Teller;
	readonly #nowMs: () => number;
	#toldMs: number;

	constructor(teller: Teller, nowMs: () => number) {
		this.#teller = teller;
		this.#nowMs = nowMs;
		this.#toldMs = nowMs();
	}

	/** `line` is only asked for where it is time to tell it. */
	tell(line: () => string): void {
		const { isTerminal } = this.#teller;
		if (this.#nowMs() - this.#toldMs < everyMs[isTerminal ? 'terminal' : 'plain']) return;
		this.say(line());
	}

	say(line: string): void {
		this.#toldMs = this.#nowMs();
		this.#teller.write(this.#teller.isTerminal ? `\r${line}\u001b[K` : `${line}\n`);
	}

	/** Leaves nothing of it on the terminal. */
	end(): void {
		if (this.#teller.isTerminal) this.#teller.write('\r\u001b[K');
	}
}
