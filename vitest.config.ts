import { defineConfig } from 'vitest/config';
import { sourceAliases } from './scripts/entries.js';
import { noSkips } from './scripts/no-skips.js';

const seconds = 1_000;
const seed = './test/seed.ts';

/** One project a folder, so that `vitest run --project property` runs one kind of proof alone. */
function project(
	name: string,
	options: { testTimeout?: number; globalSetup?: string; setupFiles?: string; fileParallelism?: boolean } = {},
) {
	return { extends: true as const, test: { name, include: [`test/${name}/**/*.test.ts`], ...options } };
}

export default defineConfig({
	resolve: { alias: sourceAliases(), dedupe: ['yjs', 'lib0'] },
	test: {
		environment: 'node',
		reporters: process.env.CI === 'true' ? [noSkips(), 'default'] : ['default'],
		// By default one core is left alone; most of what is slow here waits.
		maxWorkers: '100%',
		testTimeout: 10 * seconds,
		coverage: { provider: 'v8', include: ['src/**/*.ts', 'adapters/**/*.ts'] },
		projects: [
			project('unit', { setupFiles: seed }),
			project('contract', { testTimeout: 60 * seconds }),
			project('compat'),
			project('docs', { testTimeout: 120 * seconds }),
			project('property', { testTimeout: 300 * seconds, setupFiles: seed }),
			project('scenario', { testTimeout: 300 * seconds }),
			project('crash', { testTimeout: 300 * seconds }),
			project('browser', {
				testTimeout: 120 * seconds,
				fileParallelism: false,
				globalSetup: './scripts/browser-setup.ts',
			}),
			project('sim', { testTimeout: 120 * seconds }),
			project('package', { testTimeout: 300 * seconds }),
		],
	},
});
