import fc from 'fast-check';

/**
 * `PROPERTY_RUNS=n` raises the number of histories of every property here. A property that fails prints the line that
 * replays its shortest history: `PROPERTY_SEED`, `PROPERTY_PATH` and the test's name. `PROPERTY_QUICK=1` says at once that
 * it failed, and looks for no shorter one.
 */
export const propertyRuns = Number(process.env.PROPERTY_RUNS ?? 1_000);
const seed = Number(process.env.PROPERTY_SEED ?? 20_261_122);
const path = process.env.PROPERTY_PATH;

/** A history in the making: one number a step, each the seed of all chance within it, so that steps can be left out. */
export const steps = (stepsMax: number): fc.Arbitrary<number[]> =>
	fc.array(fc.nat(0x7fffffff), { minLength: 1, maxLength: stepsMax, size: 'max' });

export async function checkProperty(title: string, property: fc.IRawProperty<unknown[]>, share = 1): Promise<void> {
	const numRuns = path === undefined ? Math.max(1, Math.ceil(propertyRuns * share)) : 1;
	const details = await fc.check(property as fc.IAsyncProperty<unknown[]>, {
		seed,
		numRuns,
		endOnFailure: path !== undefined || process.env.PROPERTY_QUICK !== undefined,
		...(path === undefined ? {} : { path }),
	});
	if (!details.failed) return;
	const replay = `PROPERTY_SEED=${details.seed} PROPERTY_PATH=${details.counterexamplePath} npx vitest run --project property -t '${title}'`;
	const error = details.errorInstance;
	const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
	const steps = JSON.stringify(details.counterexample);
	throw new Error(`After ${details.numRuns} runs, shrunk ${details.numShrinks} times: ${why}\n${replay}\n${steps}`);
}
