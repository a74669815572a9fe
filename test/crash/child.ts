import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Bundles a TypeScript file into one that plain Node starts fast. Inside node_modules, so that it finds drivers;
 * the caller removes it.
 */
export function bundle(source: URL): string {
	const path = fileURLToPath(source);
	const outfile = join(root, 'node_modules/.cache/tillmesh', `${basename(path, '.ts')}-${process.pid}.mjs`);
	mkdirSync(dirname(outfile), { recursive: true });
	buildSync({
		entryPoints: [path],
		outfile,
		bundle: true,
		platform: 'node',
		format: 'esm',
		// Installed packages that a bundle cannot hold, or that the process loads only where it needs them.
		external: ['@photostructure/sqlite', 'pino', 'prom-client', 'ws', 'y-protocols', 'yjs'],
		logLevel: 'error',
	});
	return outfile;
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
	const path = mkdtempSync(join(tmpdir(), 'tillmesh-'));
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A process that speaks in lines. */
export class Child {
	readonly lines: string[] = [];
	errors = '';
	readonly ended: Promise<void>;
	readonly #process: ChildProcess;
	readonly #listeners = new Set<() => void>();

	constructor(script: string, args: readonly string[]) {
		const child = spawn(process.execPath, [script, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
		this.#process = child;
		let rest = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			const parts = (rest + text).split('\n');
			rest = parts.pop() ?? '';
			this.lines.push(...parts);
			for (const listener of this.#listeners) listener();
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			this.errors += text;
		});
		// `close` comes after the last of its output has been read, `exit` may not.
		this.ended = new Promise((resolve) => child.once('close', () => resolve()));
	}

	/** Resolves with the first line that starts so; rejects where the process ends without it. */
	async line(start: string): Promise<string> {
		const find = (): string | undefined => this.lines.find((line) => line.startsWith(start));
		const found = find();
		if (found !== undefined) return found;
		let listener = (): void => {};
		const said = new Promise<string>((resolve) => {
			listener = () => {
				const line = find();
				if (line !== undefined) resolve(line);
			};
			this.#listeners.add(listener);
		});
		const answer = await Promise.race([said, this.ended.then(() => undefined)]);
		this.#listeners.delete(listener);
		if (answer === undefined) throw new Error(`the child ended before it said "${start}": ${this.errors}`);
		return answer;
	}

	/** Tells the child by a line on its standard input. */
	tell(line: string): void {
		this.#process.stdin?.write(`${line}\n`);
	}

	async kill(): Promise<void> {
		this.#process.kill('SIGKILL');
		await this.ended;
	}
}
