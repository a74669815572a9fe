import type { LedgerName } from '../../../src/base/ids.js';
import { type Checkpoint, decodeCheckpoint } from '../../../src/journal/checkpoint.js';
import { fromRecord, keys } from '../../../src/replica/records.js';
import type { Chain } from '../machines/chain.js';
import { Disk } from '../machines/disk.js';
import type { RowDisk } from '../machines/row-disk.js';
import type { RowPlace } from './observer.js';

/** A disk of anybody's: of a device or of a relay. */
export type Shelf = Disk | RowDisk;

type Cut = Checkpoint['cut'];

/** What checkpoints cover, by their stored bytes: those never change, and are asked about again and again. */
const known = new WeakMap<Uint8Array, Cut>();
const nothing: Cut = new Map();

function cutOf(stored: Uint8Array, read: () => Uint8Array): Cut {
	const cut = known.get(stored) ?? decodeCheckpoint(read())?.cut ?? nothing;
	known.set(stored, cut);
	return cut;
}

/** What the checkpoint of a ledger that is stored on it covers. */
export function cutOn(shelf: Shelf, ledger: LedgerName): Cut {
	if (!(shelf instanceof Disk)) {
		const point = shelf.points.get(ledger);
		return point ? cutOf(point, () => point) : nothing;
	}
	const key = keys.checkpoint(ledger);
	const value = shelf.records.peek(key);
	if (!value || shelf.damaged.has(key)) return nothing;
	return cutOf(value, () => fromRecord({ key, value }));
}

/** The row itself has been synced there. */
export function hasRow(shelf: Shelf, { epoch, index }: Pick<RowPlace, 'epoch' | 'index'>): boolean {
	if (shelf instanceof Disk) return shelf.records.peek(keys.row(epoch, index)) !== undefined;
	return shelf.count(epoch) > index;
}

/** The row has been synced there, or a checkpoint that covers it. */
export function isOn(shelf: Shelf, place: RowPlace): boolean {
	return hasRow(shelf, place) || (cutOn(shelf, place.ledger).get(place.epoch)?.count ?? 0) > place.index;
}

/** How often what is on it was lost or changed by a fault; a relay's disk is lost as a whole, and another one comes. */
export const lossesOf = (shelf: Shelf): number => (shelf instanceof Disk ? shelf.losses : 0);

/** The disk of the machine of this name, as it is now. */
export function shelfOf(chain: Chain, name: string): Shelf | undefined {
	return (chain.find(name) ?? chain.relays.find((box) => box.name === name))?.disk;
}
