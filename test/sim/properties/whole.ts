import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import type { Part } from '../../../src/journal/leg.js';
import type { Till } from '../machines/till.js';
import { waitingForGone } from './gone.js';
import type { Court, Observer } from './observer.js';
import type { TrueEpoch } from './truth.js';

/**
 * P7: wherever a crash fell, the next opening shows every commit of its own whole or not at all, among the ledgers that it
 * holds (JRN4). That what was answered is there: see `promises.ts`; that the disk can be opened: see `torn.ts`.
 */
export function createWholeObserver(court: Court): Observer {
	const { chain, truth } = court;
	const crashed = new Set<Till>();

	/** Something that was ever written says that this part is not coming: its author's `torn`, or a fence (JRN4). */
	function isClosed(author: TrueEpoch, part: Part): boolean {
		for (const { ledger, device, entries } of truth.epochs.values())
			for (const { legs } of entries)
				for (const leg of legs) {
					if (leg.kind === 'torn' && device === author.device && ledger === author.ledger && samePart(leg.part, part))
						return true;
					if (leg.kind === 'fence' && leg.device === author.device && ledger === part.ledger) {
						const found = leg.heads.find(({ epoch }) => epoch === part.epoch)?.count ?? 0;
						if (found <= part.index) return true;
					}
				}
		return false;
	}

	function check({ name, replica }: Till): void {
		const { core } = replica;
		const holds = core.holds as (ledger: LedgerName) => boolean;
		const at = core.view.at as (epoch: EpochId) => number;
		let commits = 0;
		for (const { id } of core.journal.all()) {
			const written = truth.epochs.get(id);
			if (written?.device !== core.device) continue;
			for (let index = 0; index < at(id); index++)
				for (const part of written.entries[index]?.parts ?? []) {
					if (!holds(part.ledger)) continue;
					commits++;
					if (at(part.epoch) > part.index || isClosed(written, part)) continue;
					court.demand(
						7,
						false,
						() => `${name} shows row ${index} of ${id} in ${written.ledger} without its part in ${part.ledger}`,
					);
				}
		}
		if (commits > 0) court.play(7);
	}

	/** In the end whatever is lost has been said to be lost: no commit waits for ever. */
	function checkNoneWaits({ name, replica }: Till): void {
		const { view } = replica.core;
		const isStranger = (id: EpochId) => court.strangers.has(truth.epochs.get(id)?.device ?? '');
		const waiting = [...view.blocked].flatMap(([id, by]) => [id, ...by]);
		if (truth.doubled.size > 0 || waiting.some(isStranger)) return;
		const forGone = waitingForGone(truth, replica);
		for (const [id, by] of view.blocked) {
			if (forGone.has(id)) continue;
			const written = truth.epochs.get(id);
			court.demand(
				7,
				false,
				() =>
					`${name} holds back rows of ${written?.device} in ${written?.ledger} for ever: ${id} waits for ${[...by]}`,
			);
		}
	}

	return {
		crashed: (till) => void crashed.add(till),
		opened(till) {
			if (crashed.delete(till)) check(till);
		},
		ended() {
			for (const till of chain.tills) if (till.running && chain.linesOf(till.name).length > 0) checkNoneWaits(till);
		},
	};
}

const samePart = (a: Part, b: Part): boolean => a.ledger === b.ledger && a.epoch === b.epoch && a.index === b.index;
