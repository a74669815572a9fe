/**
 * The package's entry points, derived: `package.json` says what is published (`"./sqlite": ./dist/sqlite.js`),
 * `tsconfig.json` says which source a public name stands for (`"tillmesh/sqlite": ./adapters/...`). Build and tests read
 * both here, and neither list is written a second time.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = new URL('../', import.meta.url);

interface Manifest {
	readonly name: string;
	readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
	readonly bin: Readonly<Record<string, string>>;
}

/** Commands are run and never imported, so that no public name stands for them. */
const binSources: Readonly<Record<string, string>> = { tillmesh: 'adapters/cli/main.ts' };

/** Public name -> source file, relative to the package's folder. */
function sourcesByName(): ReadonlyMap<string, string> {
	const path = fileURLToPath(new URL('tsconfig.json', root));
	const { config, error } = ts.readConfigFile(path, ts.sys.readFile);
	if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
	const paths: Readonly<Record<string, readonly string[]>> = config.compilerOptions.paths;
	return new Map(Object.entries(paths).flatMap(([name, files]) => files.slice(0, 1).map((file) => [name, file])));
}

/**
 * Entry name in `dist` -> source file, one for each JavaScript export of the package.
 * Fails on an export without a source and on a source that is not exported, so the two files cannot drift apart.
 */
export function distEntries(): Record<string, string> {
	const manifest: Manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
	const sources = new Map(sourcesByName());
	const entries: Record<string, string> = {};
	for (const [subpath, target] of Object.entries(manifest.exports)) {
		if (typeof target === 'string') continue;
		const name = manifest.name + subpath.slice(1);
		const source = sources.get(name);
		const dist = /^\.\/dist\/(.+)\.js$/.exec(target.default)?.[1];
		if (source === undefined) throw new Error(`tsconfig.json has no path for the export ${name}`);
		if (dist === undefined) throw new Error(`the export ${name} does not point into dist: ${target.default}`);
		sources.delete(name);
		entries[dist] = source;
	}
	for (const [command, target] of Object.entries(manifest.bin)) {
		const source = binSources[command];
		const dist = /^dist\/(.+)\.js$/.exec(target)?.[1];
		if (source === undefined || dist === undefined) throw new Error(`no source for the command ${command}`);
		entries[dist] = source;
	}
	if (sources.size > 0) throw new Error(`tsconfig.json names what is not exported: ${[...sources.keys()].join(', ')}`);
	return entries;
}

/** Vite aliases that let tests import `tillmesh/sqlite` and get the source, with no build before them. */
export function sourceAliases(): { find: RegExp; replacement: string }[] {
	return [...sourcesByName()].map(([name, file]) => ({
		find: new RegExp(`^${name}$`),
		replacement: fileURLToPath(new URL(file, root)),
	}));
}
