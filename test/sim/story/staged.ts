import type { LedgerName } from '../../../src/base/ids.js';
import type { Tx } from '../../../src/ledger/tx.js';
import type { Till } from '../machines/till.js';
import type { Scene } from './scene.js';

export const storeOf = ({ name }: Till): string => name.split('/')[0] ?? '';
export const stockOf = (till: Till): LedgerName => `stock/${storeOf(till)}`;

/** Somebody does this at a till; true where it was done, and is on its disk. */
export async function done(scene: Scene, till: Till, what: string, work: (tx: Tx) => unknown): Promise<boolean> {
	const { time } = scene.chain;
	let isDone = false;
	scene.tell(`${till.name}: ${what}`);
	till.replica.commit(work).then(
		({ ok }) => {
			isDone = ok;
		},
		(error: unknown) => scene.failed(till, what, error),
	);
	for (let i = 0; !isDone && i < 30; i++) await time.pass(10);
	return isDone && till.running?.health.get().state === 'ok';
}

/** Everything that was under way arrives, and what comes now comes at once. */
export async function quiet({ chain, plan }: Scene, forMs: number): Promise<void> {
	chain.network.mend();
	await chain.time.pass(forMs);
	chain.network.spoil(plan.line);
}

/** The replica that runs as a ledger's home. */
export const homeOf = ({ chain }: Scene, ledger: LedgerName): Till | undefined =>
	chain.replicas.find(({ running }) => running?.core.isHome(ledger));

/** A home writes checkpoints of all that is new; then time passes. */
export async function tendHome(scene: Scene, home: Till, forMs: number): Promise<void> {
	const { time } = scene.chain;
	const { running } = home;
	if (!running) return;
	await time.until(running.tend({ compact: true }).catch((error: unknown) => scene.failed(home, 'tend', error)));
	await time.pass(forMs);
}

/** One more till, with the ledgers of another one, on one line. */
export async function putUp(scene: Scene, name: string, like: Till, on: string, archive = false): Promise<Till> {
	const till = scene.chain.addTill({ name, keeps: like.role.keeps, archive });
	scene.chain.join(name, on);
	scene.tell(`${name} is put up, and linked to ${on}`);
	await scene.power.switchOn(till);
	return till;
}
