import { Chance } from '../machines/chance.js';
import type { Till } from '../machines/till.js';
import type { Scene } from './scene.js';

/** How long a customer waits for a unit once all is healed; those before took up to 20 s to get there. */
const patienceMs = 20_000;

/** A till is given up that is there all the same: its home fences it, and what it sells until it learns of it is late (ESC7). */
export function giveUp(scene: Scene, till: Till, chance: Chance): void {
	const { chain, plan } = scene;
	if ((till.role.home ?? []).length > 0 || chance.chance(60)) return;
	const { device } = till.replica;
	scene.judge.tainted.add(device);
	if (plan.faults.has('partition') && chance.chance(60)) {
		const forMs = chance.stretch(1_000, 60_000);
		for (const line of chain.linesOf(till.name)) {
			line.cut();
			chain.time.after(forMs, () => line.heal());
		}
		scene.fault('partition', `nobody reaches ${till.name} for ${Math.round(forMs / 1_000)} s`);
	}
	scene.tell(`the manager gives up ${till.name}`);
	scene.fence(device);
	if (chance.chance(40)) scene.fence(device); // pressed twice
}

/** Whether a device may spend, has somebody to ask, and is not one that was given up. */
const isSound = (till: Till, scene: Scene): boolean =>
	till.running?.health.get().state === 'ok' && scene.chain.linesOf(till.name).length > 0;

/** All is healed: somebody wants one of what this till has none of, and others have. */
export async function customerWaits(scene: Scene): Promise<void> {
	const { chain, judge, plan } = scene;
	const chance = new Chance(plan.seed ^ 0x2545f491);
	const sound = chain.replicas.filter((till) => isSound(till, scene));
	const has = ({ replica }: Till, ledger: string, pool: string) => replica.core.books.mine(ledger, pool);
	const lacking: { readonly till: Till; readonly ledger: string; readonly pool: string }[] = [];
	for (const till of chain.tills.filter((each) => isSound(each, scene))) {
		const { books } = till.replica.core;
		for (const ledger of books.names())
			for (const [pool] of books.of(ledger).escrow.pools) {
				if (/^(fence|exception|newer)\//.test(pool) || has(till, ledger, pool) > 0) continue;
				if (sound.some((other) => has(other, ledger, pool) > 0)) lacking.push({ till, ledger, pool });
			}
	}
	if (lacking.length === 0) return;
	const { till, ledger, pool } = chance.pick(lacking);
	const { replica } = till;
	const slash = pool.indexOf('/');
	scene.tell(`${till.name}: a customer waits for one of ${pool}`);
	const handle = replica.ledger(ledger).pool(pool.slice(0, slash));
	const got = handle.ensure(pool.slice(slash + 1), 1, { timeoutMs: patienceMs });
	try {
		judge.waited({ till, ledger, pool, got: await inTime(scene, got) });
	} catch (error) {
		scene.failed(till, 'wait', error);
	}
}

/** All is healed: a till's day is over, and what it has goes home (ESC10). */
export async function sendHome(scene: Scene): Promise<void> {
	const { chain, judge, plan } = scene;
	const sound = chain.tills.filter((till) => isSound(till, scene) && (till.role.home ?? []).length === 0);
	if (sound.length === 0) return;
	const till = new Chance(plan.seed ^ 0x68e31da4).pick(sound);
	scene.tell(`${till.name}: the day is over`);
	judge.goingHome(till);
	try {
		await inTime(scene, till.replica.returnShares({ drainMs: 2_000 }));
		judge.sentHome(till);
	} catch (error) {
		scene.failed(till, 'go home', error);
	}
}

/** What comes of it; nobody looks more often than every tenth of a second. */
async function inTime<T>({ chain }: Scene, coming: Promise<T>): Promise<T> {
	let isOver = false;
	const over = () => {
		isOver = true;
	};
	coming.then(over, over);
	for (let i = 0; !isOver && i < patienceMs / 100 + 1; i++) await chain.time.pass(100);
	return coming;
}
