import { StorageError } from '../base/errors.js';
import type { DeviceId, LedgerName } from '../base/ids.js';
import { type Checkpoint, decodeCheckpoint } from '../journal/checkpoint.js';
import { decodeEntry } from '../journal/entry.js';
import { Epoch, Journal } from '../journal/journal.js';
import { type RefusedRows, readRefused } from '../journal/refused.js';
import { deviceIdOf } from '../journal/seal.js';
import { View } from '../journal/view.js';
import { Books } from '../ledger/books.js';
import type { Crypto, KeyPair, Storage } from '../ports/index.js';
import { refusedNote } from '../relay/rejections.js';
import { firmRows } from '../replica/core.js';
import { loadReplica } from '../replica/disk.js';
import { fromRecord } from '../replica/records.js';
import type { ReadingRows } from './relay-archive.js';
import { ownerOf, type Reading } from './till-archive.js';

/** Everything that a till or relay keeps, in memory and in view, as it would be opened: for somebody who only looks. */
export interface Copy {
	readonly kind: 'till' | 'relay';
	readonly chain: string;
	readonly device: DeviceId | undefined;
	/** Names that the device had before, where it enrolled anew. */
	readonly former: readonly DeviceId[];
	readonly bytes: number;
	/** Rows that were not taken, because their author had no right to them. */
	readonly refused: readonly RefusedRows[];
	readonly journal: Journal;
	readonly view: View;
	readonly books: Books;
}

export async function copyOfTill(storage: Reading, crypto: Crypto): Promise<Copy> {
	const { chain, pairs } = await ownerOf(storage);
	const journal = new Journal();
	const reading: Pick<Storage, 'read'> = storage;
	const { checkpoints } = await loadReplica(reading, chain, journal, crypto.sha256);
	const devices = pairs.map(({ publicKey }) => deviceIdOf(publicKey, crypto.sha256));
	return {
		kind: 'till',
		chain,
		device: devices.at(-1),
		former: devices.slice(0, -1),
		bytes: await storage.size(),
		refused: (await storage.read('q/')).map((record) => readRefused(fromRecord(record))),
		...inView(journal, checkpoints, devices.at(-1) ?? '', pairs),
	};
}

export function copyOfRelay(store: ReadingRows, about: Pick<Copy, 'chain' | 'device'>, crypto: Crypto): Copy {
	const journal = new Journal();
	for (const { record } of store.epochs()) {
		const epoch = new Epoch(record.id, record.name, crypto.sha256);
		journal.add(epoch);
		for (let runs = store.runs(record.id, 0, runsMost); runs.length > 0; ) {
			for (const { entries, signature } of runs) {
				for (const row of entries) journal.push(epoch, row, epoch.count === 0 ? decodeEntry(row) : undefined);
				if (signature) epoch.seals.push({ epoch: epoch.id, count: epoch.count, signature });
			}
			runs = store.runs(record.id, epoch.count, runsMost);
		}
		epoch.durable = epoch.count;
	}
	const checkpoints = [...store.points()].map(({ ledger, bytes }) => {
		const checkpoint = decodeCheckpoint(bytes);
		if (!checkpoint) throw new StorageError('storage_corrupt', `The checkpoint of ${ledger} cannot be read.`);
		return checkpoint;
	});
	return {
		kind: 'relay',
		...about,
		former: [],
		bytes: store.sizeBytes(),
		refused: store.notes(refusedNote).flatMap(({ value }) => (value ? [readRefused(value)] : [])),
		...inView(journal, checkpoints, about.device ?? '', []),
	};
}

const runsMost = 256;

/** As `openReplica` does it. */
function inView(
	journal: Journal,
	checkpoints: readonly Checkpoint[],
	device: DeviceId,
	pairs: readonly KeyPair[],
): Pick<Copy, 'journal' | 'view' | 'books'> {
	const books = new Books(device, (at, tip) => journal.precedes(at, tip));
	const kept = new Set<LedgerName>([...journal.ledgers(), ...checkpoints.map(({ ledger }) => ledger)]);
	const view = new View({
		journal,
		fold: books,
		holds: (ledger) => kept.has(ledger),
		limit: (epoch) => firmRows(epoch, pairs),
	});
	view.start(checkpoints);
	view.advance([...journal.all()]);
	return { journal, view, books };
}

/** How people call each device, by its newest opening here. */
export function namesOf({ journal }: Pick<Copy, 'journal'>): ReadonlyMap<DeviceId, string> {
	const names = new Map<DeviceId, string>();
	const newest = new Map<DeviceId, number>();
	for (const epoch of journal.all()) {
		const ms = epoch.timeAt(0);
		const { device } = epoch.name;
		if (!epoch.open || (newest.get(device) ?? -1) > ms) continue;
		newest.set(device, ms);
		names.set(device, epoch.open.name);
	}
	return names;
}
