import type { Reporter, TestModule } from 'vitest/node';

/** Prints every skipped test and, where no skip is allowed, fails the run for it: a proof that did not run proves nothing. */
export function noSkips(): Reporter {
	return {
		onTestRunEnd(modules: readonly TestModule[]) {
			for (const module of modules) {
				for (const test of module.children.allTests('skipped')) {
					console.error(`skipped: ${module.relativeModuleId} > ${test.fullName}`);
					process.exitCode = 1;
				}
			}
		},
	};
}
