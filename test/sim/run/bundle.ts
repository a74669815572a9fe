import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface BundleOptions {
	/** Change sources on their way in: how a bug is planted. */
	readonly plugins?: readonly Plugin[];
	/** Otherwise a file that is gone when this process ends. */
	readonly outfile?: string;
}

const prefix = 'tillmesh-sim-';
let folder: string | undefined;
let serial = 0;

function temporaryFile(): string {
	if (folder === undefined) {
		sweep();
		const made = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
		process.on('exit', () => rmSync(made, { recursive: true, force: true }));
		folder = made;
	}
	return join(folder, `player-${++serial}.mjs`);
}

/** Takes away what processes left that were killed. */
function sweep(): void {
	for (const name of readdirSync(tmpdir())) {
		const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
		if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // somebody else's, which is none of ours to judge
	}
}

/** The whole simulator with the code under test as one file, to be run by players. Stacks name the sources. */
export async function bundleSim({ plugins = [], outfile = temporaryFile() }: BundleOptions = {}): Promise<string> {
	const { metafile } = await build({
		entryPoints: [join(root, 'test/sim/run/player.ts')],
		outfile,
		absWorkingDir: root,
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node20',
		sourcemap: 'inline',
		sourcesContent: false,
		metafile: true,
		logLevel: 'warning',
		tsconfig: join(root, 'tsconfig.json'),
		// Whoever asks in whichever way gets the same copy: two break `instanceof`.
		alias: { yjs: join(root, 'node_modules/yjs/dist/yjs.mjs') },
		plugins: [...plugins],
	});
	const copies = Object.keys(metafile.inputs).filter((path) => /(^|\/)yjs\/(dist|src)\//.test(path));
	if (copies.length > 1) throw new Error(`more than one copy of yjs: ${copies.join(', ')}`);
	return outfile;
}
