import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** The programs of the demo, each in one file that Node starts in a quarter of a second: there are twenty of them. */
export interface Programs {
	readonly till: string;
	readonly relay: string;
	remove(): void;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Inside node_modules, so that the packages that stay outside are found. */
export function buildPrograms(): Programs {
	const outdir = `${root}node_modules/.cache/tillmesh/chain-day-${process.pid}-${performance.now()}`;
	buildSync({
		absWorkingDir: root,
		entryPoints: { till: 'examples/chain-day/till-process.ts', relay: 'examples/chain-day/relay-process.ts' },
		outdir,
		outExtension: { '.js': '.mjs' },
		bundle: true,
		platform: 'node',
		target: 'node20',
		format: 'esm',
		packages: 'external',
		logLevel: 'error',
	});
	return {
		till: `${outdir}/till.mjs`,
		relay: `${outdir}/relay.mjs`,
		remove: () => rmSync(outdir, { recursive: true, force: true }),
	};
}
