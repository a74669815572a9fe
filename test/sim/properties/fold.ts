import type { EpochId } from '../../../src/base/ids.js';
import { Epoch, Journal } from '../../../src/journal/journal.js';
import { View } from '../../../src/journal/view.js';
import { Books } from '../../../src/ledger/books.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import { Chance } from '../machines/chance.js';
import type { Court, Observer } from './observer.js';
import { basesOf, firmRows } from './recomputed.js';

/** In one seed of so many a device's rows are folded once more. */
const share = 8;

/** Every ledger's digest after a device's rows came in another order, some of them twice. */
function refolded({ core }: OpenReplica, bases: ReturnType<typeof basesOf>, chance: Chance) {
	const { sha256 } = core.platform.crypto;
	const journal = new Journal();
	const books = new Books(core.device, (at, tip) => journal.precedes(at, tip));
	const view = new View({ journal, fold: books, holds: core.holds, limit: (epoch) => epoch.durable });
	const firm = (epoch: Epoch) => firmRows(core, epoch);
	const left = [...core.journal.all()].filter((epoch) => firm(epoch) > 0);
	let late = [...bases];
	// A checkpoint may come before all rows, or be adopted after some of them, where the view does not go back by it.
	if (chance.chance(50)) {
		view.start(late);
		late = [];
	}
	const came: Epoch[] = [];
	while (left.length > 0) {
		const at = chance.below(left.length);
		const from = left[at] as Epoch; // at < length
		const epoch = journal.get(from.id) ?? new Epoch(from.id, from.name, sha256);
		if (epoch.count === 0) journal.add(epoch);
		const to = Math.min(firm(from), epoch.count + chance.between(1, 20));
		for (let i = epoch.count; i < to; i++) journal.push(epoch, from.rows[i] as Uint8Array, from.entry(i)); // to <= rows.length
		epoch.durable = to;
		if (to === firm(from)) left.splice(at, 1);
		came.push(epoch);
		if (chance.chance(70)) continue;
		view.advance([...came, ...came]);
		came.splice(0, chance.below(came.length + 1));
	}
	view.advance([...journal.all()]);
	for (const base of late) view.offer(base);
	view.choose();
	view.adopt();
	return { view, books };
}

/** P4: a fold ignores the order in which rows come, and whether they come again; and so does the cut that is shown. */
export function createFoldObserver(court: Court): Observer {
	const { chain, seed } = court;

	function check(name: string, replica: OpenReplica): void {
		const { core } = replica;
		const bases = basesOf(replica);
		const { view, books } = refolded(replica, bases, new Chance(seed));
		court.play(4);
		const shown = ({ id }: { readonly id: EpochId }) => core.view.at(id) === view.at(id);
		const other = [...core.journal.all()].find((epoch) => !shown(epoch));
		court.demand(
			4,
			other === undefined,
			() =>
				`in another order ${name} shows ${view.at(other?.id ?? 0)} of ${other?.id}, not ${core.view.at(other?.id ?? 0)}`,
		);
		for (const ledger of replica.ledgers())
			court.demand(
				4,
				books.digest(ledger, core.platform.crypto.sha256) === replica.digest(ledger),
				() => `in another order ${name} sees other figures of ${ledger}`,
			);
	}

	return {
		ended() {
			if (seed % share !== 1) return;
			const running = chain.replicas.filter((till) => till.running);
			const till = running[Math.floor(seed / share) % running.length];
			if (till?.running) check(till.name, till.running);
		},
	};
}
