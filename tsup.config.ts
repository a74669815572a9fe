import { defineConfig } from 'tsup';
import { distEntries } from './scripts/entries.js';

export default defineConfig({
	entry: distEntries(),
	format: ['esm'],
	target: 'es2022',
	// tsup's declaration build sets `baseUrl`, which TypeScript 6 calls deprecated.
	// A replica can be used with `await using`, whatever `lib` its user compiles with.
	dts: { compilerOptions: { ignoreDeprecations: '6.0' }, banner: '/// <reference lib="esnext.disposable" />' },
	splitting: true,
	sourcemap: true,
	clean: true,
});
