import { defineConfig } from 'tsup';
import { distEntries } from './scripts/entries.js';

export default defineConfig({
	entry: distEntries(),
	format: ['esm'],
	target: 'es2022',
	// tsup's declaration build sets `baseUrl`, which TypeScript 6 calls deprecated.
	dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
	splitting: true,
	sourcemap: true,
	clean: true,
});
