import type { LedgerName } from '../../../src/base/ids.js';
import type { Till } from '../machines/till.js';
import type { SoftSale } from '../story/shop.js';
import type { Court, Observer } from './observer.js';
import { sumShown } from './shown.js';
import { rightOf } from './sums.js';

const shelf = 'shelf/cake';
const isSoftSale = (value: unknown): value is SoftSale =>
	typeof value === 'object' && value !== null && 'soldSoft' in value;

/** P29: off the shelf, what was sold is what was spent and overdrawn; each overdraft opens an exception, resolved at most once. */
export function createSoftObserver(court: Court): Observer {
	const { chain, truth, tainted } = court;
	const overdrawn = new Set<LedgerName>();

	function checkRights(): void {
		for (const [ledger, pools] of truth.pools)
			for (const [pool, { minted, spent, shares }] of pools) {
				if (!pool.startsWith('exception/') || spent === 0) continue;
				court.play(29);
				if (spent <= Math.min(1, minted)) continue;
				if ([...shares.keys()].some((device) => tainted.has(device))) continue;
				court.demand(29, false, () => `${pool} in ${ledger} was resolved ${spent} times`);
			}
	}

	function checkShown({ name, running }: Till, ledger: LedgerName): void {
		if (!running?.core.holds(ledger)) return;
		const { books, view } = running.core;
		const { escrow } = books.of(ledger);
		const plain = sumShown(truth, running, ledger).pool(ledger, shelf);
		const shown = escrow.pools.get(shelf);
		court.play(29);
		court.demand(
			29,
			(shown?.overdrawn ?? 0) === plain.overdrawn && (shown?.spent ?? 0) === plain.spent,
			() =>
				`${name} sees ${shown?.spent} and ${shown?.overdrawn} sold of ${shelf} in ${ledger}, it was ${plain.spent} and ${plain.overdrawn}`,
		);
		for (const { id, ledger: of, entries } of truth.epochs.values()) {
			if (of !== ledger) continue;
			for (let i = 0; i < Math.min(entries.length, view.at(id)); i++)
				for (const [l, leg] of entries[i]?.legs.entries() ?? []) {
					if (leg.kind !== 'overdraw') continue;
					const right = rightOf(id, i, l);
					const amount = escrow.exceptions.get(right.slice('exception/'.length))?.amount;
					court.demand(
						29,
						amount === leg.amount,
						() => `${name} says ${amount}, not ${leg.amount}, of ${right} in ${ledger}`,
					);
				}
		}
	}

	return {
		synced(_till, _batches, fresh) {
			for (const { written, index } of fresh)
				for (const leg of written.entries[index]?.legs ?? [])
					if (leg.kind === 'overdraw') overdrawn.add(written.ledger);
		},
		answered({ till, outcome }) {
			if (!outcome.ok || outcome.replayed || !isSoftSale(outcome.value)) return;
			const { soldSoft, had } = outcome.value;
			let [spent, beyond] = [0, 0];
			for (const { epoch, index } of court.placesOf(till, outcome.commit))
				for (const leg of truth.epochs.get(epoch)?.entries[index]?.legs ?? [])
					if (leg.kind === 'spend' && leg.pool === shelf) spent += leg.amount;
					else if (leg.kind === 'overdraw' && leg.pool === shelf) beyond += leg.amount;
			if (beyond > 0) court.play(29);
			court.demand(
				29,
				spent + beyond === soldSoft && spent === Math.min(had, soldSoft),
				() => `${till.name} had ${had}, sold ${soldSoft} off the shelf and booked ${spent} and ${beyond}`,
			);
		},
		ended() {
			checkRights();
			for (const ledger of overdrawn) for (const till of chain.replicas) checkShown(till, ledger);
		},
	};
}
