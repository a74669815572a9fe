/**
 * A consumer of the packed tarball: an empty folder with `tillmesh` and `yjs` installed in it, and nothing else.
 * What a test sees there is what somebody sees after `npm install tillmesh yjs`.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

interface Manifest {
	readonly exports: Readonly<Record<string, unknown>>;
	readonly devDependencies: Readonly<Record<string, string>>;
}

export interface Consumer {
	/** What `package.json` publishes: `tillmesh`, `tillmesh/sqlite` and so on. */
	readonly subpaths: readonly string[];
	/** Paths in the tarball, relative to the package. */
	readonly packed: readonly string[];
	readonly folder: string;
	/** Runs an ES module in the folder with a bare Node and answers what it printed. Rejects when it exits with another code than 0. */
	runModule(source: string): Promise<string>;
	/** Type-checks a TypeScript file in the folder, strictly, with all declarations that it reaches. Answers the compiler's complaints. */
	complaints(source: string): Promise<string>;
	remove(): Promise<void>;
}

async function readManifest(): Promise<Manifest> {
	return JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
}

/** Builds, packs and installs. Reads from npm's cache first, so that a machine that ran `npm ci` needs no network. */
export async function createConsumer(): Promise<Consumer> {
	const { exports, devDependencies } = await readManifest();
	const temporary = await mkdtemp(join(tmpdir(), 'tillmesh-package-'));
	const folder = join(temporary, 'consumer');
	await mkdir(folder);
	await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');

	await run('npm', ['run', 'build'], { cwd: root });
	const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', temporary];
	const [tarball] = JSON.parse((await run('npm', packing, { cwd: root })).stdout);
	const installing = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-save'];
	const wanted = [join(temporary, tarball.filename), `yjs@${devDependencies.yjs}`];
	await run('npm', [...installing, ...wanted], { cwd: folder });

	return {
		subpaths: Object.keys(exports).map((subpath) => `tillmesh${subpath.slice(1)}`),
		packed: tarball.files.map((file: { path: string }) => file.path),
		folder,
		async runModule(source) {
			const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source], { cwd: folder });
			return stdout;
		},
		async complaints(source) {
			await writeFile(join(folder, 'main.ts'), source);
			const compiler = join(root, 'node_modules/typescript/bin/tsc');
			const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
			const checked = run(process.execPath, [compiler, ...options, 'main.ts'], { cwd: folder });
			return checked.then(
				() => '',
				(failure: { stdout: string }) => failure.stdout,
			);
		},
		remove: () => rm(temporary, { recursive: true, force: true }),
	};
}
