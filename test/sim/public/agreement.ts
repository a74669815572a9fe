import { keeps } from '../../../src/base/patterns.js';
import type { Chain } from '../machines/chain.js';
import type { Line } from '../machines/network.js';
import type { Till } from '../machines/till.js';

/** Both ends are there and nothing is wrong between them: it should be up. */
const isWhole = ({ a, b, isPartitioned }: Line) => Boolean(a.events && b.events) && !isPartitioned;

/** Every line that can be up is, and each side knows what the other lacks. */
export function isLinked({ network, replicas }: Chain): boolean {
	if (network.lines.some((line) => isWhole(line) && !line.isUp)) return false;
	return replicas.every(({ running }) => running?.sync.status.get().peers.every(({ inSync }) => inSync) ?? true);
}

/** Machines that can hear of each other, over however many lines. */
function circles({ network, replicas, relays }: Chain): ReadonlySet<string>[] {
	const circleOf = new Map<string, Set<string>>();
	for (const { name } of [...replicas, ...relays]) circleOf.set(name, new Set([name]));
	for (const { a, b, isUp } of network.lines) {
		const [one, other] = [circleOf.get(a.who), circleOf.get(b.who)];
		if (!isUp || !one || !other || one === other) continue;
		for (const name of other) {
			one.add(name);
			circleOf.set(name, one);
		}
	}
	return [...new Set(circleOf.values())];
}

/** Who sees what in a ledger, among those that can hear of each other; one figure where they agree. */
function views(tills: readonly Till[]): Map<string, Map<string, string[]>> {
	const ledgers = new Map<string, Map<string, string[]>>();
	for (const ledger of new Set(tills.flatMap(({ replica }) => replica.ledgers()))) {
		const figures = new Map<string, string[]>();
		for (const { name, replica, role } of tills) {
			if (!keeps(role.keeps, ledger)) continue;
			const digest = replica.digest(ledger);
			figures.set(digest, [...(figures.get(digest) ?? []), name]);
		}
		ledgers.set(ledger, figures);
	}
	return ledgers;
}

/** Who can hear of each other and still sees other figures, in words. */
export function disagreements(chain: Chain): string[] {
	const said: string[] = [];
	for (const circle of circles(chain)) {
		const tills = chain.replicas.filter(({ name, running }) => running && circle.has(name));
		for (const [ledger, figures] of views(tills))
			if (figures.size > 1)
				said.push(`${[...figures.values()].map((names) => names.join(' and ')).join(' against ')} differ in ${ledger}`);
	}
	return said;
}

/** Whose sums do not add up (ESC2), in words. `copied` may be below zero: they were cloned or set back. */
export function imbalances({ replicas }: Chain, copied: ReadonlySet<string>): string[] {
	return replicas.flatMap(({ name, running }) =>
		(running?.check() ?? []).flatMap(({ what, ledger, pool, device, amount }) => {
			if (what !== 'not_conserved' && device !== undefined && copied.has(device)) return [];
			const where = device === undefined ? '' : ` at ${device}`;
			return [`${name} sees ${what} of ${amount} in ${pool} of ${ledger}${where}`];
		}),
	);
}
