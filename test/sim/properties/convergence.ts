import { equalBytes } from '../../../src/base/bytes.js';
import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import { keeps } from '../../../src/base/patterns.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import type { RelayBox } from '../machines/relay-box.js';
import type { Till } from '../machines/till.js';
import type { Court, Observer } from './observer.js';
import { differentFigures } from './recomputed.js';

type Machine = Till | RelayBox;

/** Rows that can be told to others: sealed, or covered by the adopted checkpoint. */
function tellable({ core }: OpenReplica, ledger: LedgerName, id: EpochId): number {
	const covered = core.view.base(ledger)?.cut.get(id)?.count ?? 0;
	const epoch = core.journal.get(id);
	return Math.max(covered, Math.min(epoch?.durable ?? 0, epoch?.sealed ?? 0));
}

/** Some row of the ledger waits for what is not here. */
function holdsBack({ replica }: Till, ledger: LedgerName): boolean {
	const { journal, view } = replica.core;
	for (const id of view.blocked.keys()) if (journal.get(id)?.name.ledger === ledger) return true;
	return false;
}

const keepSame = (a: readonly string[], b: readonly string[]): boolean =>
	a.length === b.length && a.every((pattern) => b.includes(pattern));

const isTill = (machine: Machine): machine is Till => 'role' in machine;

/**
 * P5: once all is healed, whoever is linked has equal heads, equal bytes and equal views of what it keeps, relays equal rows.
 * P25: so it is with a checkpoint and without, and for somebody who came in the end.
 */
export function createConvergenceObserver(court: Court): Observer {
	const { chain, truth } = court;
	const newcomers = new Set<Till>();

	function running(): Machine[] {
		const sound = (till: Till) => till.running !== undefined && till.running.health.get().state !== 'broken';
		return [...chain.replicas.filter(sound), ...chain.relays.filter((box) => box.running && box.failures.length === 0)];
	}

	/** Machines that lines join, directly or by others. */
	function circles(): Machine[][] {
		const left = new Map(running().map((machine) => [machine.name, machine]));
		const found: Machine[][] = [];
		for (const [name, machine] of left) {
			left.delete(name);
			const circle = [machine];
			for (const { name: here } of circle)
				for (const { a, b } of chain.linesOf(here)) {
					const next = left.get(a.who === here ? b.who : a.who);
					if (!next) continue;
					left.delete(next.name);
					circle.push(next);
				}
			found.push(circle);
		}
		return found;
	}

	function checkLedger(ledger: LedgerName, tills: readonly Till[], boxes: readonly RelayBox[]): void {
		const [first, ...others] = tills;
		if (!first) return;
		const epochs: EpochId[] = [];
		for (const written of truth.epochs.values()) if (written.ledger === ledger) epochs.push(written.id);
		if (epochs.length === 0) return;
		for (const other of others) {
			const [property, why] = kindOf(ledger, first, other);
			court.play(property);
			for (const epoch of epochs) {
				const [a, b] = [tellable(first.replica, ledger, epoch), tellable(other.replica, ledger, epoch)];
				const message = () => `${first.name} has ${a} rows of ${epoch} in ${ledger}, ${other.name} ${b}${why}`;
				court.demand(property, a === b, message);
			}
			const like = tills.find(({ role }) => keepSame(role.keeps, other.role.keeps)) ?? other;
			if (like !== other) checkViews(ledger, epochs, like, other);
			else if (!holdsBack(first, ledger) && !holdsBack(other, ledger)) checkViews(ledger, epochs, first, other);
		}
		for (const box of boxes)
			for (const epoch of epochs) {
				const [a, b] = [tellable(first.replica, ledger, epoch), haveAt(box, ledger, epoch)];
				court.demand(
					5,
					a === b,
					() => `${first.name} has ${a} rows of ${epoch} in ${ledger}, the relay ${box.name} ${b}`,
				);
			}
	}

	/**
	 * Whoever keeps the same sees the same. Of whoever keeps other ledgers that is asked only where nothing is held back: a
	 * commit's part that is lost holds back the others for those alone who keep its ledger (JRN4).
	 */
	function checkViews(ledger: LedgerName, epochs: readonly EpochId[], a: Till, b: Till): void {
		const [property, why] = kindOf(ledger, a, b);
		for (const epoch of epochs) {
			const [x, y] = [a.replica.core.view.at(epoch), b.replica.core.view.at(epoch)];
			const message = () => `${a.name} shows ${x} rows of ${epoch} in ${ledger}, ${b.name} ${y}${why}`;
			court.demand(property, x === y, message);
		}
		const differ = differentFigures(a.replica, b.replica, ledger);
		court.demand(
			property,
			differ === '',
			() => `${a.name} and ${b.name} see other figures of ${ledger}${why}:\n${differ}`,
		);
	}

	/** Rows, or what a checkpoint covers: a relay that lost its disk gets no row again that all have dropped since. */
	function haveAt({ running }: RelayBox, ledger: LedgerName, epoch: EpochId): number {
		const kept = running?.keeping.ledger(ledger);
		return Math.max(kept?.epochs.get(epoch)?.sealed ?? 0, kept?.point?.covers.get(epoch)?.count ?? 0);
	}

	/** What the two are compared for, and what to say of it. */
	function kindOf(ledger: LedgerName, a: Till, b: Till): [property: number, why: string] {
		if (newcomers.has(a) || newcomers.has(b)) return [25, ', which has just come'];
		const [x, y] = [a.replica.core.view.base(ledger), b.replica.core.view.base(ledger)];
		if (x === y || (x && y && equalBytes(x.content, y.content))) return [5, ''];
		return [25, ', from another checkpoint'];
	}

	/** Somebody hostile said one thing here and another there: each keeps what it got, and nobody can agree. */
	function isDoubled(tills: readonly Till[], boxes: readonly RelayBox[]): boolean {
		for (const { id, device } of truth.epochs.values()) {
			if (!court.strangers.has(device)) continue;
			if (truth.doubled.has(id)) return true;
			let first: readonly Uint8Array[] | undefined;
			const shelves = tills.map(({ replica }) => replica.core.journal.get(id)?.rows ?? []);
			for (const { disk } of boxes)
				shelves.push(disk.epochs.get(id)?.runs.flatMap(({ entries }) => [...entries]) ?? []);
			for (const rows of shelves) {
				if (first?.some((row, i) => rows[i] && !equalBytes(row, rows[i]))) return true;
				if (rows.length > (first?.length ?? 0)) first = rows;
			}
		}
		return false;
	}

	/** What is held is what was written, row for row. */
	function checkBytes({ name, replica }: Till): void {
		for (const { id, rows, durable, name: of } of replica.core.journal.all()) {
			const written = truth.epochs.get(id);
			if (truth.doubled.has(id)) continue;
			for (const [index, row] of rows.slice(0, durable).entries()) {
				const known = written?.rows[index];
				const same = known !== undefined && equalBytes(known, row);
				court.demand(
					5,
					same,
					() => `${name} holds row ${index} of ${id} in ${of.ledger} otherwise than it was written`,
				);
			}
		}
	}

	function checkCircle(circle: readonly Machine[]): void {
		const tills = circle.filter(isTill);
		const boxes = circle.filter((machine): machine is RelayBox => !isTill(machine));
		for (const till of tills) checkBytes(till);
		if (circle.length < 2) return;
		court.play(5);
		if (isDoubled(tills, boxes)) return;
		for (const ledger of new Set(tills.flatMap((till) => till.replica.ledgers()))) {
			const [, scope = ''] = ledger.split('/');
			// A store's relay has what is kept below it; headquarters, everything.
			const has = ({ name }: RelayBox) => name === 'hq' || !/^sh-/.test(scope) || scope.split('/')[0] === name;
			checkLedger(
				ledger,
				tills.filter((till) => keeps(till.role.keeps, ledger)),
				boxes.filter(has),
			);
		}
	}

	return {
		joined: (till) => void newcomers.add(till),
		ended() {
			for (const circle of circles()) checkCircle(circle);
		},
	};
}
