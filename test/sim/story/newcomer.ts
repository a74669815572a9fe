import type { Scene } from './scene.js';

/** In one seed of so many somebody comes. */
const share = 4;

/** A new till is put up when all is well: what it is given is a checkpoint and what came after it (JRN11). */
export async function newcomerJoins(scene: Scene): Promise<void> {
	const { chain, plan, judge } = scene;
	if (plan.seed % share !== 0) return;
	const stores = [...new Set(chain.tills.map(({ name }) => name.split('/')[0] ?? ''))];
	const store = stores[Math.floor(plan.seed / share) % stores.length] ?? '';
	const hosts = chain.tills.filter(({ name, running }) => running && name.startsWith(`${store}/`));
	const [host] = hosts;
	if (!host) return;
	const till = chain.addTill({ name: `${store}/newcomer`, keeps: host.role.keeps });
	chain.join(till.name, plan.topology.relay ? store : host.name);
	scene.tell(`${till.name} is put up, and linked to ${plan.topology.relay ? store : host.name}`);
	await scene.power.switchOn(till);
	judge.joined(till);
}
