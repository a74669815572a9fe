/** Processes that a bench starts: servers, clients and tills that must not share a turn with whoever measures them. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { profilesEnv } from './profile.js';

export interface Part extends AsyncDisposable {
	/** What the process said when it was ready. */
	readonly ready: Said;
	/** One question at a time; rejects where the process ends without an answer. */
	ask(question: string, with_?: Said): Promise<Said>;
	/** Ends it as a power cut would, and waits until it is gone. */
	stop(): Promise<void>;
}

/** What crosses between processes: plain JSON. */
export type Said = Readonly<Record<string, unknown>>;

const children = new Set<ChildProcess>();
process.once('exit', () => {
	for (const child of children) child.kill('SIGKILL');
});

/** Starts `name` of `parts` (benches.ts) in a process of its own and waits until it is ready. */
export async function startPart(name: string, ...args: readonly string[]): Promise<Part> {
	const child = fork(process.argv[1] ?? '', [name, ...args, '--child'], {
		execArgv: ['--expose-gc'],
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
	});
	children.add(child);
	const stop = async () => {
		children.delete(child);
		if (child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, 'exit');
		child.kill(process.env[profilesEnv] ? 'SIGTERM' : 'SIGKILL'); // who is profiled writes it down
		await gone;
	};
	const ready = await nextMessage(child, name);
	return {
		ready,
		ask(question, said = {}) {
			const answer = nextMessage(child, `${name}, asked to ${question}`);
			child.send({ question, said });
			return answer;
		},
		stop,
		[Symbol.asyncDispose]: stop,
	};
}

function nextMessage(child: ChildProcess, what: string): Promise<Said> {
	return new Promise((resolve, reject) => {
		const settle = () => {
			child.off('message', heard);
			child.off('exit', gone);
		};
		const heard = (message: unknown) => {
			settle();
			const { failed, said } = message as { failed?: string; said: Said };
			if (failed === undefined) resolve(said);
			else reject(new Error(`${what}: ${failed}`));
		};
		const gone = (code: number | null, signal: string | null) => {
			settle();
			reject(new Error(`${what}: the process ended (${code ?? signal}).`));
		};
		child.on('message', heard);
		child.on('exit', gone);
	});
}

/** In the process itself: says that it is ready and answers questions until whoever started it is gone. */
export function serve(
	ready: Said,
	answers: Readonly<Record<string, (said: Said) => Said | Promise<Said>>>,
): Promise<never> {
	const all: typeof answers = { cpu, memory, loop, ...answers };
	process.on('message', async (message: unknown) => {
		const { question, said } = message as { question: string; said: Said };
		try {
			const answer = all[question];
			if (!answer) throw new Error('cannot do that.');
			process.send?.({ said: await answer(said) });
		} catch (error) {
			process.send?.({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error), said: {} });
		}
	});
	process.once('disconnect', () => process.exit(0));
	process.send?.({ said: ready });
	return new Promise(() => {});
}

/** Of all its threads, since it began. */
function cpu(): Said {
	const { user, system } = process.cpuUsage();
	return { seconds: (user + system) / 1e6 };
}

/** Milliseconds in which its turn was taken, by code or by a call that waits for the disk, since it began. */
function loop(): Said {
	return { ms: performance.eventLoopUtilization().active };
}

/** Resident, with garbage collected before. */
function memory(): Said {
	(globalThis as { gc?: () => void }).gc?.();
	return { bytes: process.memoryUsage().rss };
}

export async function cpuSecondsOf(part: Part): Promise<number> {
	return (await part.ask('cpu')).seconds as number; // as `cpu` answers
}

export async function loopMsOf(part: Part): Promise<number> {
	return (await part.ask('loop')).ms as number; // as `loop` answers
}

export async function memoryBytesOf(part: Part): Promise<number> {
	return (await part.ask('memory')).bytes as number; // as `memory` answers
}

/** All that a bench has started: given back in the order against that in which it came. */
export class Held implements AsyncDisposable {
	readonly #all: AsyncDisposable[] = [];

	add<T extends AsyncDisposable>(one: T): T {
		this.#all.push(one);
		return one;
	}

	/** A new folder under bench/.data. */
	folder(name: string): string {
		mkdirSync('bench/.data', { recursive: true });
		const path = mkdtempSync(`bench/.data/${name}-`);
		this.add({ [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }) });
		return path;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const one of this.#all.splice(0).reverse()) await one[Symbol.asyncDispose]();
	}
}
