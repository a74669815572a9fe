import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';

export const insecureHost = 'shop.test';

/** A page's script, bundled, on an origin that stays the same for every browser that one test starts. */
export class Site {
	readonly #server: Server;

	private constructor(server: Server) {
		this.#server = server;
	}

	static async serve(script: URL): Promise<Site> {
		const [bundled] = buildSync({
			entryPoints: [fileURLToPath(script)],
			bundle: true,
			format: 'esm',
			platform: 'browser',
			write: false,
			logLevel: 'error',
		}).outputFiles;
		const server = createServer(({ url }, response) => {
			const isScript = url === '/page.js';
			response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
			response.end(
				isScript ? bundled?.text : '<!doctype html><title>test</title><script type="module" src="/page.js"></script>',
			);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		return new Site(server);
	}

	get url(): string {
		return `http://localhost:${(this.#server.address() as AddressInfo).port}/`;
	}

	close(): void {
		this.#server.close();
		this.#server.closeAllConnections();
	}
}

/** A browser's folder on disk, which outlives its processes. */
export class Profile {
	readonly #path = mkdtempSync(join(tmpdir(), 'tillmesh-chromium-'));

	start(executable: string): Promise<RealBrowser> {
		return RealBrowser.start(executable, this.#path);
	}

	/** Cuts off the end of what its databases wrote last, as a kill in the midst of it does. */
	cutLog(): void {
		const folder = join(this.#path, 'Default', 'IndexedDB');
		const logs = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.log'));
		if (logs.length === 0) throw new Error('Chromium has no log of IndexedDB');
		for (const log of logs) truncateSync(join(folder, log), statSync(join(folder, log)).size - 5);
	}

	remove(): void {
		rmSync(this.#path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
	}
}

/** A Chromium that we started ourselves, so that we know the process to kill. */
export class RealBrowser {
	readonly #process: ChildProcess;
	readonly #browser: Browser;
	readonly #exited: Promise<void>;

	private constructor(process: ChildProcess, browser: Browser, exited: Promise<void>) {
		this.#process = process;
		this.#browser = browser;
		this.#exited = exited;
	}

	static async start(executable: string, profile: string): Promise<RealBrowser> {
		const flags = ['--headless=new', '--no-first-run', '--disable-gpu', '--disable-dev-shm-usage'];
		// A name that leads here and is not localhost: what a browser thinks of a page by plain http.
		flags.push(`--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`);
		// Chromium refuses its sandbox to root.
		if (process.getuid?.() === 0) flags.push('--no-sandbox');
		const child = spawn(
			executable,
			[...flags, '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
			{
				stdio: ['ignore', 'ignore', 'pipe'],
				detached: true,
			},
		);
		const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
		let said = '';
		const endpoint = await new Promise<string>((resolve, reject) => {
			child.stderr.setEncoding('utf8').on('data', (text: string) => {
				said += text;
				const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
				if (found !== undefined) resolve(found);
			});
			exited.then(() => reject(new Error(`Chromium ended before it listened: ${said}`)));
		});
		return new RealBrowser(child, await chromium.connectOverCDP(endpoint), exited);
	}

	/** A new tab; resolves when the page's script has run. */
	async open(url: string): Promise<Page> {
		const [context] = this.#browser.contexts();
		if (context === undefined) throw new Error('Chromium has no default context');
		const page = await context.newPage();
		await page.goto(url);
		await page.waitForFunction(() => 'tillmesh' in globalThis);
		return page;
	}

	/** SIGKILL to all of its processes at once: no handler runs, nothing is flushed. */
	async kill(): Promise<void> {
		if (this.#process.pid === undefined || this.#process.exitCode !== null) return;
		process.kill(-this.#process.pid, 'SIGKILL');
		await this.#exited;
		await this.#browser.close().catch(() => {});
	}
}
