import type { LedgerName } from '../../src/base/ids.js';
import type {
	EpochRecord,
	EpochTip,
	Note,
	RowBatch,
	RunPlace,
	RunRecord,
	StoredEpoch,
	StoredPoint,
} from '../../src/relay/row-store.js';
import { packEntries, unpackEntries } from '../../src/relay/run-codec.js';
import { rollBack, type SqliteHandle, type SqliteStatement } from '../storage-sqlite/driver.js';
import { checksum, damaged } from './schema.js';

interface EpochRow {
	id: number;
	seq: number;
	ledger: string;
	segment: number;
	device: string;
	nonce: string;
	key: Uint8Array;
	prev: number | null;
	prev_count: number | null;
	title: string;
	home: number;
	crc: number;
}

interface RunRow {
	seq: number;
	epoch: number;
	first: number;
	past: number;
	bytes: number;
	hash: Uint8Array;
	seal: Uint8Array | null;
	entries: Uint8Array;
	crc: number;
}

const epochCrc = (r: Omit<EpochRow, 'crc'>): number =>
	checksum([r.id, r.seq, r.ledger, r.segment, r.device, r.nonce, r.prev, r.prev_count, r.title, r.home], r.key);
const runCrc = (r: Omit<RunRow, 'crc'>): number =>
	checksum([r.seq, r.epoch, r.first, r.past, r.bytes], r.hash, r.seal, r.entries);

/** The tables of a relay, through statements that are prepared once. What they throw is what SQLite threw, or `damaged`. */
export class RelayTables {
	readonly #database: SqliteHandle;
	readonly #begin: SqliteStatement;
	readonly #commit: SqliteStatement;
	readonly #addEpoch: SqliteStatement;
	readonly #addRun: SqliteStatement;
	readonly #putPoint: SqliteStatement;
	readonly #putNote: SqliteStatement;
	readonly #dropNote: SqliteStatement;
	readonly #run: SqliteStatement;
	readonly #next: SqliteStatement;
	readonly #place: SqliteStatement;
	readonly #tip: SqliteStatement;
	readonly #sealed: SqliteStatement;

	constructor(database: SqliteHandle) {
		this.#database = database;
		this.#begin = database.prepare('BEGIN IMMEDIATE');
		this.#commit = database.prepare('COMMIT');
		this.#addEpoch = database.prepare('INSERT INTO epoch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
		this.#addRun = database.prepare('INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
		this.#putPoint = database.prepare('INSERT OR REPLACE INTO point VALUES (?, ?, ?)');
		this.#putNote = database.prepare('INSERT OR REPLACE INTO note VALUES (?, ?, ?)');
		this.#dropNote = database.prepare('DELETE FROM note WHERE key = ?');
		const before = 'FROM run WHERE epoch = ? AND first <= ? ORDER BY first DESC LIMIT 1';
		this.#run = database.prepare(`SELECT * ${before}`);
		this.#next = database.prepare('SELECT * FROM run WHERE epoch = ? AND first >= ? ORDER BY first LIMIT ?');
		this.#place = database.prepare(`SELECT seq, first, past ${before}`);
		const last = 'FROM run WHERE epoch = ?';
		this.#tip = database.prepare(`SELECT past, hash, bytes, seal ${last} ORDER BY first DESC LIMIT 1`);
		this.#sealed = database.prepare(`SELECT past ${last} AND seal IS NOT NULL ORDER BY first DESC LIMIT 1`);
	}

	/** All of it becomes durable, or the database is as it was. */
	commit(batches: readonly RowBatch[]): void {
		this.#begin.run();
		try {
			for (const batch of batches) this.#write(batch);
			this.#commit.run();
		} catch (error) {
			rollBack(this.#database);
			throw error;
		}
	}

	#write({ epochs, runs, points, notes }: RowBatch): void {
		for (const epoch of epochs) this.#writeEpoch(epoch);
		for (const { seq, epoch, from, entries, hash, signature, bytes } of runs) {
			const packed = packEntries(entries);
			const [past, seal] = [from + entries.length, signature ?? null];
			const crc = runCrc({ seq, epoch, first: from, past, bytes, hash, seal, entries: packed });
			this.#addRun.run(seq, epoch, from, past, bytes, hash, seal, packed, crc);
		}
		for (const { ledger, bytes } of points) this.#putPoint.run(ledger, bytes, checksum([ledger], bytes));
		for (const { key, value } of notes) {
			if (value === undefined) this.#dropNote.run(key);
			else this.#putNote.run(key, value, checksum([key], value));
		}
	}

	#writeEpoch({ id, seq, name, key, prev, title, home }: EpochRecord): void {
		const { ledger, segment, device, nonce } = name;
		const at = { prev: prev?.epoch ?? null, prev_count: prev?.count ?? null };
		const crc = epochCrc({ id, seq, ledger, segment, device, nonce, key, ...at, title, home: Number(home) });
		this.#addEpoch.run(id, seq, ledger, segment, device, nonce, key, at.prev, at.prev_count, title, Number(home), crc);
	}

	*epochs(): Iterable<StoredEpoch> {
		// All at once: another statement runs for each of them.
		for (const row of this.#database.prepare('SELECT * FROM epoch ORDER BY seq').all() as EpochRow[]) {
			if (epochCrc(row) !== row.crc) throw damaged(`epoch ${row.id} does not read back as written`);
			const { id, seq, ledger, segment, device, nonce, key, prev, title, home } = row;
			const record: EpochRecord = {
				id,
				seq,
				name: { ledger, segment, device, nonce },
				key,
				prev: prev === null ? null : { epoch: prev, count: row.prev_count ?? 0 },
				title,
				home: home === 1,
			};
			yield { record, tip: this.#tipOf(id) };
		}
	}

	#tipOf(epoch: number): EpochTip {
		const tip = this.#tip.get(epoch) as Pick<RunRow, 'past' | 'hash' | 'bytes' | 'seal'> | undefined;
		if (!tip) throw damaged(`the rows of epoch ${epoch} are gone`);
		const { past: count, hash, bytes, seal } = tip;
		if (seal) return { count, hash, bytes, sealed: count };
		const sealed = this.#sealed.get(epoch) as { past: number } | undefined;
		return { count, hash, bytes, sealed: sealed?.past ?? 0 };
	}

	*points(): Iterable<StoredPoint> {
		const read = this.#database.prepare('SELECT ledger FROM point ORDER BY ledger').all() as { ledger: string }[];
		for (const { ledger } of read) {
			const bytes = this.point(ledger);
			if (bytes) yield { ledger, bytes };
		}
	}

	point(ledger: LedgerName): Uint8Array | undefined {
		const row = this.#database.prepare('SELECT bytes, crc FROM point WHERE ledger = ?').get(ledger) as
			| { bytes: Uint8Array; crc: number }
			| undefined;
		if (!row) return undefined;
		if (checksum([ledger], row.bytes) !== row.crc) throw damaged(`the checkpoint of ${ledger} does not read back`);
		return row.bytes;
	}

	notes(prefix: string): Required<Note>[] {
		const rows = this.#database
			.prepare('SELECT key, value, crc FROM note WHERE key >= ? AND key < ? ORDER BY key')
			.all(prefix, `${prefix}\x7f`) as { key: string; value: Uint8Array; crc: number }[];
		return rows.map(({ key, value, crc }) => {
			if (checksum([key], value) !== crc) throw damaged(`the note ${key} does not read back as written`);
			return { key, value };
		});
	}

	runs(epoch: number, row: number, most: number): RunRecord[] {
		const first = this.#run.get(epoch, row) as RunRow | undefined;
		if (!first || first.past <= row) return [];
		const runs = [runOf(first)];
		if (most > 1) for (const next of this.#next.all(epoch, first.past, most - 1)) runs.push(runOf(next as RunRow));
		return runs;
	}

	place(epoch: number, row: number): RunPlace | undefined {
		const found = this.#place.get(epoch, row) as Pick<RunRow, 'seq' | 'first' | 'past'> | undefined;
		return found && found.past > row ? { seq: found.seq, from: found.first, to: found.past } : undefined;
	}

	lastSeq(): number {
		const row = this.#database.prepare('SELECT max(seq) AS seq FROM run').get() as { seq: number | null };
		return row.seq ?? 0;
	}
}

function runOf(row: RunRow): RunRecord {
	const { seq, epoch, first: from, past, hash, seal, bytes } = row;
	const entries = runCrc(row) === row.crc ? unpackEntries(row.entries) : undefined;
	if (entries?.length !== past - from) throw damaged(`rows of epoch ${epoch} from ${from} do not read back`);
	return { seq, epoch, from, entries, hash, signature: seal ?? undefined, bytes };
}
