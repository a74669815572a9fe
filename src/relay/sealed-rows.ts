/**
 * A row store of which whoever has the file, and not the key, learns how many rows each device wrote and when others came,
 * and nothing that a person wrote: rows, checkpoints, notes, and the names of ledgers and devices are sealed. Ids, chain
 * hashes and signatures are not: they are over what they vouch for, and say nothing of it.
 */
import { fromUtf8, toHex, utf8 } from '../base/bytes.js';
import { StorageError } from '../base/errors.js';
import { expand } from '../base/hkdf.js';
import type { EpochId, LedgerName } from '../base/ids.js';
import { type RecordCrypto, SealedRecords } from '../base/sealed-records.js';
import type { EpochRecord, Note, RowBatch, RowStore, RunRecord, StoredEpoch } from './row-store.js';
import { packEntries, unpackEntries } from './run-codec.js';

/** A note that tells one key from another. */
const markKey = 'encrypted';
const mark = utf8('tillmesh/encrypted/1');
const nothing = new Uint8Array();

/**
 * Throws `wrong_key` where the store was written under another key or under none, and touches nothing. A store without a key
 * that meets an encrypted one throws the same.
 */
export async function openSealedRows(
	store: RowStore,
	crypto: RecordCrypto,
	random: (length: number) => Uint8Array,
	key: Uint8Array | undefined,
): Promise<RowStore> {
	const notes = store.notes('');
	const found = notes.find((note) => note.key === markKey)?.value;
	if (!key) {
		if (found) throw new StorageError('wrong_key', 'What is stored is encrypted.', { encrypted: true });
		return store;
	}
	const records = new SealedRecords(crypto, random, key);
	if (found && !records.open(markKey, found))
		throw new StorageError('wrong_key', 'What is stored does not open.', { encrypted: true });
	if (!found && (notes.length > 0 || store.lastSeq() > 0))
		throw new StorageError('wrong_key', 'What is stored is not encrypted.', { encrypted: false });
	if (!found) {
		const value = records.seal(markKey, mark);
		await store.write({ epochs: [], runs: [], points: [], notes: [{ key: markKey, value }] });
	}
	const nameKey = expand((data) => crypto.sha256(data), key, 'tillmesh/names/1');
	return new SealedRows(store, records, (ledger) => toHex(expand((data) => crypto.sha256(data), nameKey, ledger)));
}

const fromHex = (text: string): Uint8Array =>
	Uint8Array.from({ length: text.length >> 1 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));

class SealedRows implements RowStore {
	readonly #store: RowStore;
	readonly #records: SealedRecords;
	/** What a checkpoint is found by: the same for the same ledger, and no name. */
	readonly #alias: (ledger: LedgerName) => string;

	constructor(store: RowStore, records: SealedRecords, alias: (ledger: LedgerName) => string) {
		this.#store = store;
		this.#records = records;
		this.#alias = alias;
	}

	get syncs() {
		return this.#store.syncs;
	}

	*epochs(): Iterable<StoredEpoch> {
		for (const { record, tip } of this.#store.epochs()) yield { record: this.#openEpoch(record), tip };
	}

	*points() {
		for (const { ledger: alias, bytes } of this.#store.points()) {
			const opened = this.#open(`point ${alias}`, bytes);
			// Its ledger stands before it, for the alias does not lead back.
			const [name = nothing, point = nothing] = unpackEntries(opened) ?? [];
			yield { ledger: fromUtf8(name), bytes: point.slice() };
		}
	}

	point(ledger: LedgerName): Uint8Array | undefined {
		const alias = this.#alias(ledger);
		const sealed = this.#store.point(alias);
		return sealed && unpackEntries(this.#open(`point ${alias}`, sealed))?.[1]?.slice();
	}

	notes(prefix: string): readonly Required<Note>[] {
		return this.#store
			.notes(prefix)
			.filter(({ key }) => key !== markKey)
			.map(({ key, value }) => ({ key, value: value && this.#open(`note ${key}`, value) }));
	}

	runs(epoch: EpochId, row: number, most: number): readonly RunRecord[] {
		return this.#store.runs(epoch, row, most).map((run) => {
			const entries = unpackEntries(this.#open(runName(run), run.entries[0] ?? nothing));
			if (entries?.length !== run.entries.length) throw damaged(runName(run));
			return { ...run, entries };
		});
	}

	place(epoch: EpochId, row: number) {
		return this.#store.place(epoch, row);
	}

	lastSeq(): number {
		return this.#store.lastSeq();
	}

	write({ epochs, runs, points, notes }: RowBatch): Promise<void> {
		return this.#store.write({
			epochs: epochs.map((record) => this.#sealEpoch(record)),
			runs: runs.map((run) => this.#sealRun(run)),
			points: points.map(({ ledger, bytes }) => {
				const alias = this.#alias(ledger);
				const packed = packEntries([utf8(ledger), bytes]);
				return { ledger: alias, bytes: this.#records.seal(`point ${alias}`, packed) };
			}),
			notes: notes.map(({ key, value }) => ({ key, value: value && this.#records.seal(`note ${key}`, value) })),
		});
	}

	sizeBytes(): number {
		return this.#store.sizeBytes();
	}

	close(): Promise<void> {
		return this.#store.close();
	}

	#open(name: string, sealed: Uint8Array): Uint8Array {
		const opened = this.#records.open(name, sealed);
		if (!opened) throw damaged(name);
		return opened;
	}

	/** All entries of a run under one seal; in their place as many as they are, so that the store counts them right. */
	#sealRun(run: RunRecord): RunRecord {
		const sealed = this.#records.seal(runName(run), packEntries(run.entries));
		return { ...run, entries: run.entries.map((_, i) => (i === 0 ? sealed : nothing)) };
	}

	#sealEpoch(record: EpochRecord): EpochRecord {
		const hidden = (field: string, text: string) =>
			toHex(this.#records.seal(`epoch ${record.id} ${field}`, utf8(text)));
		const name = { ...record.name, ledger: hidden('ledger', record.name.ledger) };
		return { ...record, name, title: hidden('title', record.title) };
	}

	#openEpoch(record: EpochRecord): EpochRecord {
		const shown = (field: string, text: string) => fromUtf8(this.#open(`epoch ${record.id} ${field}`, fromHex(text)));
		const name = { ...record.name, ledger: shown('ledger', record.name.ledger) };
		return { ...record, name, title: shown('title', record.title) };
	}
}

const runName = ({ epoch, from, seq }: RunRecord): string => `run ${epoch} ${from} ${seq}`;

function damaged(name: string): StorageError {
	return new StorageError('storage_corrupt', `The relay's database is damaged: ${name} does not open.`, { name });
}
