import { type ChildProcess, fork } from 'node:child_process';

/** What a process can be asked to do: questions go as messages, and so do answers. */
export type Calls = { readonly [verb: string]: (...args: never[]) => unknown };

/** Whoever was asked is dead, and did not answer. */
export class Gone extends Error {}

interface Question {
	readonly id: number;
	readonly verb: string;
	readonly args: readonly never[];
}

interface Answer {
	readonly id: number;
	readonly value?: unknown;
	readonly error?: string;
}

/** In the child: answers what the parent asks, and ends with it. */
export function answerParent(calls: Calls): void {
	process.on('message', ({ id, verb, args }: Question) => {
		const run = async () => calls[verb]?.(...args);
		run().then(
			(value) => process.send?.({ id, value }),
			(error) => process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
		);
	});
	process.once('disconnect', () => process.exit());
}

/** Whoever leaves early leaves nobody behind. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
	for (const child of running) child.kill('SIGKILL');
});

/** In the parent: a process of its own. */
export class Program<C extends Calls> {
	readonly #child: ChildProcess;
	readonly #open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
	readonly ended: Promise<void>;
	#asked = 0;
	/** How many questions it has answered. */
	answers = 0;

	constructor(file: string) {
		// Serialization "advanced" keeps maps, sets and what is undefined.
		this.#child = fork(file, { execArgv: [], serialization: 'advanced' });
		running.add(this.#child);
		this.#child.on('message', (answer: Answer) => this.#settle(answer));
		const gone = new Promise<void>((resolve) => {
			this.#child.once('exit', () => resolve());
		});
		// What it said before it died is still in the channel, and counts.
		const read = new Promise<void>((resolve) => {
			this.#child.once('disconnect', () => resolve());
		});
		this.ended = Promise.all([gone, read]).then(() => {
			for (const { reject } of this.#open.values()) reject(new Gone(`${file} has ended.`));
			this.#open.clear();
			running.delete(this.#child);
		});
	}

	ask<V extends keyof C>(verb: V, ...args: Parameters<C[V]>): Promise<Awaited<ReturnType<C[V]>>> {
		return new Promise((resolve, reject) => {
			if (!this.#child.connected) throw new Gone('Not there any more.');
			const id = ++this.#asked;
			this.#open.set(id, { resolve: (value) => resolve(value as Awaited<ReturnType<C[V]>>), reject });
			this.#child.send({ id, verb, args }, () => {}); // a channel that broke shows in the end of the process
		});
	}

	#settle({ id, value, error }: Answer): void {
		const asked = this.#open.get(id);
		this.#open.delete(id);
		this.answers++;
		if (error === undefined) asked?.resolve(value);
		else asked?.reject(new Error(error));
	}

	/** `kill -9`: whatever it was doing, it does no more. */
	kill(): Promise<void> {
		this.#child.kill('SIGKILL');
		return this.ended;
	}

	/** Lets go of a process that has closed what it had open. */
	leave(): Promise<void> {
		if (this.#child.connected) this.#child.disconnect();
		return this.ended;
	}
}
