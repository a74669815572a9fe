/** Benches run as built code: what a transpiling loader adds is not ours. */
export async function buildBench(root: string, entry: string, outdir: string): Promise<void> {
	const { build } = await import('esbuild');
	await build({
		entryPoints: [`${root}${entry}`],
		outdir,
		bundle: true,
		splitting: true,
		format: 'esm',
		target: 'node20',
		platform: 'node',
		packages: 'external',
		logLevel: 'warning',
		tsconfig: `${root}tsconfig.json`,
	});
}
