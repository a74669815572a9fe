import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import { decodeCheckpoint } from '../../../src/journal/checkpoint.js';
import { fromRecord, keys } from '../../../src/replica/records.js';
import type { Chain } from '../machines/chain.js';
import { Disk } from '../machines/disk.js';
import type { RowDisk } from '../machines/row-disk.js';
import type { RowPlace } from './observer.js';

/** A disk of anybody's: of a device or of a relay. */
export type Shelf = Disk | RowDisk;

type Covers = ReadonlyMap<EpochId, number>;

/** What checkpoints cover, by their stored bytes: those never change, and are asked about again and again. */
const known = new WeakMap<Uint8Array, Covers>();
const nothing: Covers = new Map();

function coversOf(stored: Uint8Array, read: () => Uint8Array): Covers {
	const cut = known.get(stored);
	if (cut) return cut;
	const checkpoint = decodeCheckpoint(read());
	const covers = new Map([...(checkpoint?.cut.values() ?? [])].map(({ epoch, count }) => [epoch, count]));
	known.set(stored, covers);
	return covers;
}

/** What the checkpoint of a ledger that is stored on it covers. */
function coveredOn(shelf: Shelf, ledger: LedgerName): Covers {
	if (!(shelf instanceof Disk)) {
		const point = shelf.points.get(ledger);
		return point ? coversOf(point, () => point) : nothing;
	}
	const key = keys.checkpoint(ledger);
	const value = shelf.records.peek(key);
	if (!value || shelf.damaged.has(key)) return nothing;
	return coversOf(value, () => fromRecord({ key, value }));
}

/** The row itself has been synced there. */
export function hasRow(shelf: Shelf, { epoch, index }: Pick<RowPlace, 'epoch' | 'index'>): boolean {
	if (shelf instanceof Disk) return shelf.records.peek(keys.row(epoch, index)) !== undefined;
	return shelf.count(epoch) > index;
}

/** The row has been synced there, or a checkpoint that covers it. */
export function isOn(shelf: Shelf, place: RowPlace): boolean {
	return hasRow(shelf, place) || (coveredOn(shelf, place.ledger).get(place.epoch) ?? 0) > place.index;
}

/** How often what is on it was lost or changed by a fault; a relay's disk is lost as a whole, and another one comes. */
export const lossesOf = (shelf: Shelf): number => (shelf instanceof Disk ? shelf.losses : 0);

/** The disk of the machine of this name, as it is now. */
export function shelfOf(chain: Chain, name: string): Shelf | undefined {
	return (chain.find(name) ?? chain.relays.find((box) => box.name === name))?.disk;
}
