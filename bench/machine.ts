import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';

export interface Machine {
	readonly cpu: string;
	readonly cores: number;
	readonly memoryGb: number;
	readonly system: string;
	readonly node: string;
	/** Processes that wanted a core in the minute before the run: above zero, figures are worse than the machine's. */
	readonly load: number;
	/** Of the peers and of what we stand on. */
	readonly versions: Readonly<Record<string, string>>;
}

const packages = {
	yjs: 'node_modules/yjs',
	'@photostructure/sqlite': 'node_modules/@photostructure/sqlite',
	'@automerge/automerge': 'bench/node_modules/@automerge/automerge',
	'loro-crdt': 'bench/node_modules/loro-crdt',
	ws: 'bench/node_modules/ws',
	'@y/websocket-server': 'bench/node_modules/@y/websocket-server',
	'y-websocket': 'bench/node_modules/y-websocket',
	'@hocuspocus/server': 'bench/node_modules/@hocuspocus/server',
	pg: 'bench/node_modules/pg',
	'y-utility': 'bench/node_modules/y-utility',
	tinybase: 'bench/node_modules/tinybase',
	rxdb: 'bench/node_modules/rxdb',
	esbuild: 'node_modules/esbuild',
};

function versionOf(folder: string): string {
	const { version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { version: string };
	return version;
}

/** Looks from the repository's root; `wanted` says where the packages lie whose versions matter. */
export function machine(wanted: Readonly<Record<string, string>> = packages): Machine {
	const versions: Record<string, string> = { tillmesh: versionOf('.') };
	for (const [name, folder] of Object.entries(wanted)) versions[name] = versionOf(folder);
	return {
		cpu: cpus()[0]?.model.trim() ?? 'unknown',
		cores: availableParallelism(),
		memoryGb: Math.round(totalmem() / 2 ** 30),
		system: `${platform()} ${arch()}`,
		node: process.version,
		load: Number((loadavg()[0] ?? 0).toFixed(1)),
		versions,
	};
}
