import { mkdtempSync, rmSync } from 'node:fs';
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

let folder: string | undefined;
let serial = 0;

function temporaryFile(): string {
	if (folder === undefined) {
		const made = mkdtempSync(join(tmpdir(), 'tillmesh-sim-'));
		process.on('exit', () => rmSync(made, { recursive: true, force: true }));
		folder = made;
	}
	return join(folder, `player-${++serial}.mjs`);
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
