import type { LedgerName, PoolId } from '../../../src/base/ids.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';

/**
 * P32: who has seen an entry of a later version that says `stop` spends from the pools that it names no more, and nobody else
 * is hindered; such entries, and those to be ignored, are kept and passed on like any other (JRN12). That all agree in the
 * end, on a ledger with such entries too, is for `convergence.ts` to see.
 */
export function createNewerObserver(court: Court): Observer {
	const { truth, chain } = court;

	/** Is an entry in this till's view that stops the pool? By the rows that were ever written, not by its figures. */
	function sees({ replica }: Till, of: LedgerName, pool: PoolId): boolean {
		const { view } = replica.core;
		for (const { id, ledger, entries } of truth.epochs.values()) {
			if (ledger !== of) continue;
			const shown = view.at(id);
			for (let i = 0; i < shown; i++)
				for (const leg of entries[i]?.legs ?? []) if (leg.kind === 'unknown' && leg.stops.includes(pool)) return true;
		}
		return false;
	}

	return {
		spending(till, ledger, pool) {
			const stopped = sees(till, ledger, pool);
			const restricted = till.replica.core.flagged;
			return (outcome) => {
				const code = outcome.ok ? 'ok' : outcome.code;
				if (restricted) return;
				court.play(32);
				court.demand(
					32,
					(code === 'upgrade_required') === stopped,
					() => `${till.name} ${stopped ? 'has' : 'has not'} seen that ${pool} is stopped, and spending gave: ${code}`,
				);
			};
		},
		ended() {
			for (const till of chain.replicas)
				for (const ledger of till.running?.ledgers() ?? []) {
					const pools = truth.pools.get(ledger)?.keys() ?? [];
					const { stopped } = till.replica.core.books.of(ledger).escrow;
					for (const pool of new Set([...pools, ...stopped.keys()])) {
						const isStopped = sees(till, ledger, pool);
						if (isStopped) court.play(32);
						court.demand(
							32,
							stopped.has(pool) === isStopped,
							() =>
								`${till.name} ${isStopped ? 'spends on' : 'is stopped'} from ${pool} in ${ledger}, by what it has seen`,
						);
					}
				}
		},
	};
}
