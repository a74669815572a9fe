import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bundleSim } from './run/bundle.js';
import type { PlainPlan, Played } from './run/order.js';
import { plainOf } from './run/part.js';
import { plantObserver, seedWith, unwatched } from './run/planted.js';
import { runSeeds, type SeedsOptions } from './run/run-seeds.js';
import { planOf } from './story/plan.js';

async function play(options: Omit<SeedsOptions, 'played'>): Promise<Map<number, Played>> {
	const all = new Map<number, Played>();
	await runSeeds({
		...options,
		played: (played) => {
			expect(all.has(played.seed)).toBe(false);
			all.set(played.seed, played);
			return true;
		},
	});
	return all;
}

const hashes = (all: ReadonlyMap<number, Played>) =>
	[...all].sort(([a], [b]) => a - b).map(([seed, { hash }]) => `${seed} ${hash}`);

/** Other Nodes that are here: named by the environment, or on the path under the names that they often have. */
function otherNodes(): string[] {
	const { TILLMESH_NODE_OTHER } = process.env;
	const candidates = [...(TILLMESH_NODE_OTHER ? [TILLMESH_NODE_OTHER] : []), 'node20', 'node22', 'node24'];
	return candidates.filter((node) => {
		const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
		return status === 0 && stdout.trim() !== process.version;
	});
}

/** A process that has ended and that nobody has asked about is none. */
function isAlive(pid: number): boolean {
	const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
	return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

describe('playing seeds', () => {
	it('gives each seed one hash, in whichever process, after whichever seeds, on every Node that is here', async () => {
		// With every observer: none may make a difference.
		const bundle = await bundleSim();
		const first = await play({ bundle, cores: 1, from: 1, count: 8 });
		expect(new Set([...first.values()].map(({ hash }) => hash)).size).toBe(8);
		expect([...first.values()].every(({ hash }) => /^[0-9a-f]{16}$/.test(hash))).toBe(true);
		const second = await play({ bundle, cores: 2, from: 5, count: 4 });
		expect(hashes(second)).toEqual(hashes(first).slice(4));
		for (const node of otherNodes())
			expect(hashes(await play({ bundle, cores: 2, from: 1, count: 8, node })), node).toEqual(hashes(first));
	});

	it('gives the same hash where the history is told', async () => {
		const bundle = await bundleSim({ plugins: [unwatched] });
		const [silent, told] = await Promise.all([
			play({ bundle, cores: 1, from: 1, count: 2 }),
			play({ bundle, cores: 1, from: 1, count: 2, order: { history: true } }),
		]);
		expect(hashes(told)).toEqual(hashes(silent));
		expect(told.get(1)?.history.filter((line) => line.startsWith('-- step ')).length).toBe(told.get(1)?.steps);
		expect(silent.get(1)?.history).toEqual([]);
	});

	it('plays a plan that was kept as the seed meant it', async () => {
		const bundle = await bundleSim({ plugins: [unwatched] });
		const [seed, kept] = [await play({ bundle, cores: 1, from: 3, count: 1 }), plainOf(planOf(3))];
		const plan = JSON.parse(JSON.stringify(kept)) as PlainPlan;
		expect(await play({ bundle, cores: 1, from: 3, count: 1, order: { plan } }).then(hashes)).toEqual(hashes(seed));
		const other = { ...plan, steps: plan.steps.slice(5) };
		expect(await play({ bundle, cores: 1, from: 3, count: 1, order: { plan: other } }).then(hashes)).not.toEqual(
			hashes(seed),
		);
	});

	it.each([
		['hangs', 'for (;;) {}', /^it has not ended after 6 s$/],
		['ends its process', 'process.exit(7);', /^its process ended with code 7: /],
		[
			'cannot be caught',
			"process.nextTick(() => { throw new Error('planted') });",
			/^its process ended with code 1: .*planted/s,
		],
	])('tells which seed %s, and plays all others', async (_what, body, message) => {
		const seed = seedWith('clock');
		const bundle = await bundleSim({ plugins: [plantObserver(`if (fault === 'clock') { ${body} }`)] });
		let quiet = seed + 1;
		while (planOf(quiet).faults.has('clock')) quiet++;
		const count = quiet - seed + 1;
		const all = await play({ bundle, cores: 2, from: seed, count, seedMsMax: 6_000 });
		expect(all.size).toBe(count);
		expect(all.get(seed)?.violation).toMatchObject({ property: 0, message: expect.stringMatching(message) });
		expect(all.get(quiet)?.violation).toBeUndefined();
	});

	it('ends with whoever made it, in the middle of a seed that hangs', async () => {
		const seed = seedWith('clock');
		const bundle = await bundleSim({ plugins: [plantObserver(`if (fault === 'clock') for (;;) {}`)] });
		const maker = `import { fork } from 'node:child_process';
			const player = fork(${JSON.stringify(bundle)}, [], { execArgv: [] });
			player.send({ seed: ${seed} }, () => console.log(player.pid));
			setInterval(() => {}, 1_000);`;
		const parent = spawn(process.execPath, ['--input-type=module', '-e', maker], { stdio: ['ignore', 'pipe', 2] });
		let pid = 0;
		try {
			pid = await new Promise<number>((resolve) => {
				parent.stdout?.once('data', (data: Buffer) => resolve(Number(data.toString())));
			});
			await new Promise((resolve) => setTimeout(resolve, 3_000)); // by then it hangs
			expect(isAlive(pid)).toBe(true);
		} finally {
			parent.kill('SIGKILL');
		}
		await expect.poll(() => isAlive(pid), { timeout: 20_000, interval: 200 }).toBe(false);
	});

	it('says why where no player can be started', async () => {
		await expect(play({ bundle: 'test/sim/nothing.mjs', cores: 2, from: 1, count: 3 })).rejects.toThrow(
			/no player starts: code 1 .*nothing\.mjs/s,
		);
		const bundle = await bundleSim({ plugins: [unwatched] });
		await expect(play({ bundle, cores: 1, from: 1, count: 3, node: 'no-such-node' })).rejects.toThrow(/ENOENT/);
	});

	it('stops when whoever sees them has seen enough, or wants it to end', async () => {
		const bundle = await bundleSim({ plugins: [unwatched] });
		const seen: number[] = [];
		const stop = new AbortController();
		await runSeeds({ bundle, cores: 1, from: 1, count: 1_000, played: ({ seed }) => seen.push(seed) < 3 });
		expect(seen).toEqual([1, 2, 3]);
		await runSeeds({
			bundle,
			cores: 1,
			from: 1,
			count: 1_000,
			signal: stop.signal,
			played: ({ seed }) => {
				if (seen.push(seed) === 5) stop.abort();
				return true;
			},
		});
		expect(seen).toEqual([1, 2, 3, 1, 2]);
	});
});
