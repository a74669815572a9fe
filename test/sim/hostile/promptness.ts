import type { OpenReplica } from '../../../src/replica/open-replica.js';
import type { Chain } from '../machines/chain.js';
import { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';

/** An honest session may be delayed by so much, whatever is done to one of its ends (docs/RELIABILITY, bad input). */
const delayMsMax = 50;
/** Syncs that take longer than this hide more than they show. */
const syncMsMax = 20;

/** Two honest devices that hear each other at once, by way of the victim or right at it. */
export interface Neighbours {
	readonly a: Till;
	readonly b: Till;
	/** What one may wait for a sale of the other: delay, lines, and the disks on the way. */
	readonly withinMs: number;
}

/** A line on which nothing happens to frames, and nothing is wrong now. */
function isGood(chain: Chain, a: string, b: string): boolean {
	const line = chain.network.between(a, b);
	if (!line?.isUp || line.isPartitioned) return false;
	const { delayMsMax, dropPercent, reorderPercent } = line.faults;
	return delayMsMax <= 2 && dropPercent === 0 && reorderPercent === 0;
}

const isSound = ({ running }: Till): boolean => running?.health.get().state === 'ok';

export function neighboursOf(chain: Chain, victim: Till | RelayBox): Neighbours | undefined {
	const syncMs = chain.topology.syncMsMax;
	if (syncMs > syncMsMax) return undefined;
	const store = victim.name.split('/')[0];
	const near = chain.tills.filter((till) => till !== victim && till.name.startsWith(`${store}/`) && isSound(till));
	if (victim instanceof RelayBox) {
		const [a, b] = near.filter((till) => isGood(chain, till.name, victim.name));
		if (!a || !b || chain.network.between(a.name, b.name)) return undefined;
		return { a, b, withinMs: delayMsMax + 2 * 2 + 3 * syncMs };
	}
	const b = near.find((till) => isGood(chain, till.name, victim.name));
	return b && isSound(victim) ? { a: victim, b, withinMs: delayMsMax + 2 + 2 * syncMs } : undefined;
}

const has = ({ core }: OpenReplica, ledger: string, commit: string): boolean => {
	const [, epoch = '', index = ''] = commit.split('.');
	return core.have(ledger, Number.parseInt(epoch, 36)) > Number(index);
};

/** Somebody sells something at `a`: whether `b` has it in time. Undefined where nothing could be sold. */
export async function isHeard(chain: Chain, { a, b, withinMs }: Neighbours): Promise<boolean | undefined> {
	const [seller, reader] = [a.running, b.running];
	const ledger = `orders/${a.name.split('/')[0]}`;
	if (!seller || !reader) return undefined;
	let commit: string | undefined;
	seller
		.commit((tx) => tx.add(seller.ledger(ledger).counter('visitors'), 1))
		.then(
			(outcome) => {
				if (outcome.ok) commit = outcome.commit;
			},
			() => {}, // its disk has failed: nothing was sold
		);
	for (let ms = 0; ms < withinMs; ms++) {
		await chain.time.pass(1);
		if (commit && b.running === reader && has(reader, ledger, commit)) return true;
	}
	return commit && a.running === seller && b.running === reader && isSound(a) && isSound(b) ? false : undefined;
}
