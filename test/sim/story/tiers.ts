import type { Tier } from '../../../src/ledger/outcome.js';
import type { Answer } from '../properties/observer.js';
import type { Scene } from './scene.js';

/** Of so many commits one is waited for; nobody waits longer than this. */
const every = 3;
const patienceMs = 7 * 86_400_000;

/** Whoever made a commit waits at times until it is on a farther disk (SYN2). */
export function awaitTier(scene: Scene, answer: Answer, number: number): void {
	const { till, outcome } = answer;
	if (!outcome.ok || outcome.commit === '' || number % every !== 0) return;
	const { relay, hq } = scene.plan.topology;
	const tiers: readonly Tier[] = hq ? ['copy', 'store', 'hq'] : relay ? ['copy', 'store'] : ['copy'];
	const tier = tiers[(number / every) % tiers.length] as Tier; // there is one at least
	const { running } = till;
	outcome.reached(tier, { timeoutMs: patienceMs }).then(
		() => {
			if (till.running !== running) return; // nobody was there any more to be told
			scene.tell(`${till.name}: ${outcome.commit} is at ${tier}`);
			scene.judge.reached(answer, tier);
		},
		() => {}, // it did not get there in time, and stays written
	);
}
