/**
 * A process that plays what it is told to. It is bundled with the whole simulator, so that a seed costs what the code
 * costs and not what a loader adds; it ends with the process that made it.
 */
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { play } from '../play.js';
import type { Result } from '../result.js';
import type { Plan, Step } from '../story/plan.js';
import { World } from '../world.js';
import { type Order, type Played, unfinished } from './order.js';
import { planFor } from './part.js';

/** Notes where in the history each step begins; nothing else is other than without it. */
class ToldWorld extends World {
	readonly begins: { readonly at: number; readonly step: Step }[] = [];

	override step(step: Step): Promise<void> {
		this.begins.push({ at: this.result().history.length, step });
		return super.step(step);
	}
}

async function tell(plan: Plan): Promise<Result> {
	const world = new ToldWorld(plan, true);
	await world.play();
	const result = world.result();
	const history: string[] = [];
	let at = 0;
	for (const { at: begin, step } of world.begins) {
		history.push(...result.history.slice(at, begin), `-- step ${step.index}, ${step.kind}`);
		at = begin;
	}
	history.push(...result.history.slice(at));
	return { ...result, history };
}

async function played(order: Order): Promise<Played> {
	const startMs = performance.now();
	const usedBefore = process.cpuUsage();
	try {
		const plan = planFor(order);
		const isWatched = order.speed !== 'bare';
		const { inPlay, violation, ...result } = await (order.history ? tell(plan) : play(plan, { isWatched }));
		const { user, system } = process.cpuUsage(usedBefore);
		return {
			...result,
			inPlay: Object.fromEntries(inPlay),
			...(violation && { violation }),
			realMs: performance.now() - startMs,
			cpuMs: (user + system) / 1_000,
		};
	} catch (error) {
		const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
		return unfinished(order.seed, message, performance.now() - startMs);
	}
}

const orders: Order[] = [];
let isPlaying = false;

async function playAll(): Promise<void> {
	if (isPlaying) return;
	isPlaying = true;
	for (let order = orders.shift(); order; order = orders.shift()) process.send?.(await played(order));
	isPlaying = false;
}

process.on('message', (order: Order) => {
	orders.push(order);
	void playAll();
});
process.on('disconnect', () => process.exit());
// In a seed that hangs nothing of this thread runs any more: another one sees that nobody is there to end it.
const lookAfter = `const { ppid } = process;
setInterval(() => process.ppid !== ppid && process.kill(process.pid, 'SIGKILL'), 1_000);`;
new Worker(lookAfter, { eval: true }).unref();
process.on('SIGINT', () => {}); // who pressed it meant the process above, which ends this one
process.send?.('ready');
