import { equalBytes } from '../../../src/base/bytes.js';
import type { LedgerName, Position } from '../../../src/base/ids.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { decodeFrame, type Frame } from '../../../src/sync/frames.js';
import type { Court, Observer } from './observer.js';
import { hasRow, isOn, type Shelf, shelfOf } from './shelves.js';

const [headsByte, updateByte, ackByte] = [7, 8, 10];

/** P6: no row leaves, is acknowledged, or is answered for, before it is on the disk of whoever does it (JRN3, SYN2). */
export function createDurableObserver(court: Court): Observer {
	const { truth } = court;
	/** What goes to several peers is one frame. */
	let last: { readonly from: string; readonly frame: Uint8Array } | undefined;

	function checkUpdate(from: string, shelf: Shelf, { ledger, update }: Extract<Frame, { kind: 'update' }>): void {
		const verdict = gateUpdate(update);
		if (!verdict.ok) {
			court.demand(6, false, () => `${from} sends an update of ${ledger} that no gate lets in: ${verdict.code}`);
			return;
		}
		for (const { epoch, from: first, entries } of verdict.runs) {
			const index = first + entries.length - 1;
			court.demand(
				6,
				hasRow(shelf, { epoch, index }),
				() => `${from} sends row ${index} of ${epoch} in ${ledger}, which is not on its disk`,
			);
			// Of whoever is hostile there may be two of them, and some that were never on a device's disk.
			const written = truth.epochs.get(epoch);
			if (!written || court.tainted.has(written.device)) continue;
			const row = written.rows[index];
			const sent = entries[entries.length - 1];
			court.demand(
				6,
				row !== undefined && sent !== undefined && equalBytes(row, sent),
				() => `${from} sends row ${index} of ${epoch} in ${ledger} as nobody wrote it`,
			);
		}
	}

	function checkSaid(from: string, shelf: Shelf, what: string, ledger: LedgerName, at: readonly Position[]): void {
		for (const { epoch, count } of at)
			court.demand(
				6,
				isOn(shelf, { ledger, epoch, index: count - 1 }),
				() => `${from} ${what} ${count} rows of ${epoch} in ${ledger}, which are not on its disk`,
			);
	}

	return {
		sent(from, frame) {
			const [kind] = frame;
			if (kind !== updateByte && kind !== ackByte && kind !== headsByte) return;
			if (last?.frame === frame && last.from === from) return;
			last = { from, frame };
			const shelf = shelfOf(court.chain, from);
			const said = decodeFrame(frame);
			if (!shelf || !said) return;
			if (said.kind === 'update') checkUpdate(from, shelf, said);
			else if (said.kind === 'ack') checkSaid(from, shelf, 'acknowledges', said.ledger, said.positions);
			else if (said.kind === 'heads')
				for (const { ledger, rows } of said.ledgers) checkSaid(from, shelf, 'says that it has', ledger, rows);
			court.play(6);
		},
		answered({ till, outcome }) {
			if (!outcome.ok) return;
			for (const place of court.placesOf(till, outcome.commit)) {
				court.play(6);
				court.demand(
					6,
					isOn(till.disk, place),
					() => `${till.name} confirmed ${outcome.commit}, and row ${place.index} of ${place.epoch} is not on its disk`,
				);
			}
		},
	};
}
