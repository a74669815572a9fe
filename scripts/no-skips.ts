import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestModule } from 'vitest/node';

/** Data that is no part of the repository lies beside it; tests that need it say so at the end of their names. */
const data = fileURLToPath(new URL('../../shared/data', import.meta.url));
const needsData = /\(real data\)$/;

/**
 * Prints every skipped test and, where no skip is allowed, fails the run for it: a proof that did not run proves nothing.
 * Where the real data is absent, the tests that need it may be skipped.
 */
export function noSkips(): Reporter {
	return {
		onTestRunEnd(modules: readonly TestModule[]) {
			for (const module of modules) {
				for (const test of module.children.allTests('skipped')) {
					const isExcused = needsData.test(test.fullName) && !existsSync(data);
					console.error(
						`skipped${isExcused ? ', its data is not here' : ''}: ${module.relativeModuleId} > ${test.fullName}`,
					);
					if (!isExcused) process.exitCode = 1;
				}
			}
		},
	};
}
