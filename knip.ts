import type { KnipConfig } from 'knip';
import { distEntries } from './scripts/entries.js';

const config: KnipConfig = {
	workspaces: {
		'.': {
			entry: [
				...Object.values(distEntries()),
				'examples/*/{main,relay,till,*-process}.ts',
				'test/**/*.test.ts',
				'test/sim/run/{main,player}.ts',
			],
			project: ['{src,adapters,examples,scripts,test}/**/*.ts'],
			ignoreBinaries: ['apt-get', 'ip'],
		},
		bench: { entry: ['guard/child.ts'], project: ['**/*.ts'] },
	},
	ignoreExportsUsedInFile: true,
};

export default config;
