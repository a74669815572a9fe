import { fromBase64, toBase64 } from '../base/base64.js';
import { equalBytes } from '../base/bytes.js';
import type { EpochId, LedgerName } from '../base/ids.js';
import { decodeCheckpoint, verifyCheckpoint } from '../journal/checkpoint.js';
import { decodeEntry, type Entry } from '../journal/entry.js';
import { type EpochName, epochIdOf } from '../journal/epoch.js';
import type { LegOf } from '../journal/leg.js';
import { chainNext, chainStart, deviceIdOf, verifySeal } from '../journal/seal.js';
import { type Author, type Opening, Warden } from '../journal/warden.js';
import type { Crypto } from '../ports/index.js';
import type { Credential } from '../trust/credential.js';
import { Trust } from '../trust/trust.js';
import { Course, type CoveredRows } from './audit-course.js';
import {
	auditVersion,
	checkpointLine,
	digestNext,
	digestStart,
	endLine,
	isLedger,
	type LineFields,
	readLine,
	rowLine,
	sealLine,
	sumFits,
} from './audit-lines.js';
import type { Wrong, WrongCode } from './audit-wrongs.js';
import { firstDifference } from './difference.js';
import { spellEpoch } from './plain-entry.js';
import { splitLines } from './split-lines.js';

export interface Verified {
	readonly wrong: Wrong | undefined;
	readonly chain: string;
	readonly from: string | null;
	readonly to: string | null;
	readonly lines: number;
	readonly epochs: number;
	readonly rows: number;
	readonly seals: number;
	readonly checkpoints: number;
	/** Rows that were left out, since no signature spoke for them when the log was written. */
	readonly unsealed: number;
	/** Ledgers of which rows were dropped, and the checkpoint that took their place. */
	readonly covered: readonly CoveredRows[];
	/** A root key was given, and everything that was read was written by right. */
	readonly rights: boolean;
	/** Epochs, of other ledgers mostly, that rows here name and that the log does not hold as far. */
	readonly notHere: number;
}

export interface VerifyOptions {
	readonly crypto: Crypto;
	/** The chain's public root key: then every row, and every checkpoint, must be one that its device had a right to write. */
	readonly root?: Uint8Array | undefined;
	readonly progress?: (done: { readonly bytes: number; readonly rows: number }) => void;
}

/**
 * Checks an audit log from itself alone: chains, seals, and that what people read there is what the bytes say. It holds one
 * line at a time, and a few numbers of each epoch.
 */
export async function verifyLog(pieces: AsyncIterable<Uint8Array>, options: VerifyOptions): Promise<Verified> {
	return new Verification(options).run(pieces);
}

interface OpenEpoch {
	readonly id: EpochId;
	readonly name: EpochName;
	readonly rows: number;
	readonly unsealed: number;
	hash: Uint8Array;
	count: number;
	sealed: number;
	open: LegOf<'open'> | undefined;
	/** What its device may write there, where that is looked at. */
	/** Where rights are looked at. */
	author: Author | undefined;
}

/** Ends the check: what is wrong is told by the verification. */
class Found extends Error {
	readonly wrong: Omit<Wrong, 'line'>;
	constructor(wrong: Omit<Wrong, 'line'>) {
		super(wrong.code);
		this.wrong = wrong;
	}
}

/** Every how many lines somebody who waits is told. */
const progressLines = 1_000;

class Verification {
	readonly #o: VerifyOptions;
	readonly #course = new Course();
	readonly #warden: Warden | undefined;
	#line = 0;
	#bytes = 0;
	#digest = digestStart();
	#header: { readonly chain: string; readonly from: string | null; readonly to: string | null } | undefined;
	#epoch: OpenEpoch | undefined;
	#ended = false;
	readonly #counts = { epochs: 0, rows: 0, seals: 0, checkpoints: 0 };
	#unsealed = 0;

	constructor(options: VerifyOptions) {
		this.#o = options;
		this.#warden = options.root && new Warden(new Trust(options.crypto, options.root), options.crypto);
	}

	async run(pieces: AsyncIterable<Uint8Array>): Promise<Verified> {
		let wrong: Wrong | undefined;
		try {
			for await (const { bytes, ended } of splitLines(pieces)) {
				this.#line++;
				this.#bytes += bytes.length + 1;
				await this.#take(bytes, ended);
				if (this.#line % progressLines === 0) this.#tell();
			}
			this.#line++;
			if (!this.#ended) throw new Found({ code: 'cut_off', ...this.#place() });
			this.#line--;
			const missing = this.#course.missing(this.#header?.from !== null || this.#header?.to !== null);
			if (missing) throw new Found(missing);
		} catch (error) {
			if (!(error instanceof Found)) throw error;
			wrong = { line: this.#lineOf(error.wrong), ...error.wrong };
		}
		this.#tell();
		const { chain = '', from = null, to = null } = this.#header ?? {};
		return {
			wrong,
			chain,
			from,
			to,
			lines: this.#line,
			...this.#counts,
			unsealed: this.#unsealed,
			covered: this.#course.covered(),
			rights: this.#warden !== undefined && wrong === undefined,
			notHere: this.#course.notHere(),
		};
	}

	#tell(): void {
		this.#o.progress?.({ bytes: this.#bytes, rows: this.#counts.rows });
	}

	/** What the course of the journals finds is told with the line of the epoch that shows it. */
	#lineOf({ epoch, code }: Omit<Wrong, 'line'>): number {
		const isOfCourse = code === 'rows_missing' || code === 'epoch_missing' || code === 'history_edited';
		return (isOfCourse && epoch !== undefined && this.#course.lineOf(epoch)) || this.#line;
	}

	async #take(bytes: Uint8Array, ended: boolean): Promise<void> {
		if (this.#ended) throw new Found({ code: 'after_end' });
		const read = readLine(bytes);
		if (!read) throw new Found({ code: this.#line === 1 ? 'not_a_log' : 'not_json', ...this.#place() });
		if (!ended) throw new Found({ code: 'cut_off', ...this.#place() });
		const { text, fields } = read;
		if (this.#line === 1) this.#takeHeader(text, fields);
		else if (fields.type === 'row') await this.#takeRow(text, fields);
		else if (fields.type === 'seal') await this.#takeSeal(text, fields);
		else if (fields.type === 'epoch') this.#takeEpoch(text, fields);
		else if (fields.type === 'checkpoint') await this.#takeCheckpoint(text, fields);
		else if (fields.type === 'end') this.#takeEnd(text, fields);
		else throw new Found({ code: 'unknown_line', said: String(fields.type).slice(0, 40), ...this.#place() });
		this.#digest = digestNext(this.#digest, bytes, this.#o.crypto.sha256);
	}

	/** Where in the journals the line stands that is being read. */
	#place(): Omit<Wrong, 'line' | 'code'> {
		const epoch = this.#epoch;
		if (!epoch) return {};
		return {
			epoch: spellEpoch(epoch.id),
			ledger: epoch.name.ledger,
			device: epoch.name.device,
			...(epoch.open && { name: epoch.open.name }),
			...(epoch.count < epoch.rows && { row: epoch.count }),
		};
	}

	#wrong(code: WrongCode, more: Partial<Wrong> = {}): Found {
		return new Found({ code, ...this.#place(), ...more });
	}

	#takeHeader(text: string, { type, version, chain, from, to }: LineFields): void {
		if (type !== 'audit' || typeof chain !== 'string') throw new Found({ code: 'not_a_log' });
		if (!sumFits(text, this.#o.crypto.sha256)) throw new Found({ code: 'line_changed' });
		if (version !== auditVersion) throw new Found({ code: 'newer_version', said: String(version) });
		this.#header = { chain, from: from as string | null, to: to as string | null }; // the sum fits: as it was written
	}

	#takeEpoch(text: string, fields: LineFields): void {
		this.#closeEpoch();
		const { ledger, segment, device, nonce, rows, unsealed, epoch } = fields;
		const isEpoch =
			isLedger(ledger) &&
			typeof device === 'string' &&
			typeof nonce === 'string' &&
			[segment, rows, unsealed].every(Number.isSafeInteger);
		const { sha256 } = this.#o.crypto;
		if (!isEpoch || !sumFits(text, sha256))
			throw new Found({ code: 'line_changed', ...(typeof epoch === 'string' && { epoch: epoch.slice(0, 40) }) });
		const name: EpochName = { ledger, segment: Number(segment), device, nonce };
		const id = epochIdOf(name, sha256);
		if (spellEpoch(id) !== epoch) throw new Found({ code: 'epoch_name', ledger, device, said: String(epoch) });
		const hash = chainStart(name, sha256);
		const opened = { id, name, rows: Number(rows), unsealed: Number(unsealed) };
		this.#epoch = { ...opened, hash, count: 0, sealed: 0, open: undefined, author: undefined };
		this.#counts.epochs++;
		this.#unsealed += opened.unsealed;
		if (!this.#course.open(id, name, this.#line)) throw this.#wrong('out_of_place');
	}

	/** All rows that were announced have come, and the last of them is under a seal. */
	#closeEpoch(): void {
		const epoch = this.#epoch;
		if (!epoch) return;
		if (epoch.count < epoch.rows) throw this.#wrong('out_of_place');
		if (epoch.sealed < epoch.count) throw this.#wrong('unsealed', { fromRow: epoch.sealed, row: epoch.count - 1 });
		this.#course.close(epoch.id, epoch.count, epoch.unsealed, epoch.hash);
		this.#epoch = undefined;
	}

	async #takeRow(text: string, fields: LineFields): Promise<void> {
		const epoch = this.#epoch;
		if (!epoch) throw new Found({ code: 'out_of_place' });
		const index = epoch.count;
		if (index >= epoch.rows) throw this.#wrong('out_of_place');
		const bytes = typeof fields.bytes === 'string' ? fromBase64(fields.bytes) : undefined;
		if (!bytes) throw this.#wrong('bytes_changed');
		const { sha256 } = this.#o.crypto;
		const entry = decodeEntry(bytes);
		const hash = chainNext(epoch.hash, bytes, sha256);
		const title = index === 0 ? titleOf(entry) : (epoch.open?.name ?? '');
		const place = { epoch: epoch.id, name: epoch.name, index, title };
		const expected = rowLine(place, bytes, entry, hash);
		if (text !== expected) throw this.#rowWrong(fields, expected);
		if (index === 0) await this.#open(epoch, entry);
		await this.#checkRight(epoch, entry);
		epoch.hash = hash;
		epoch.count++;
		this.#counts.rows++;
		if (entry) this.#course.note(entry);
	}

	/** The text differs from what the bytes say: by a field, by the bytes themselves, or by how it is spelled. */
	#rowWrong(fields: LineFields, expected: string): Found {
		const is = JSON.parse(expected) as LineFields;
		if (fields.epoch !== is.epoch || fields.row !== is.row)
			return this.#wrong('out_of_place', { said: `${String(fields.epoch)} ${String(fields.row)}`.slice(0, 40) });
		// Bytes and hash that belong together are as they were: then it is the words beside them.
		if (fields.hash !== is.hash) return this.#wrong('bytes_changed');
		const difference = firstDifference(fields, is);
		return difference ? this.#wrong('field_changed', difference) : this.#wrong('line_changed');
	}

	async #open(epoch: OpenEpoch, entry: Entry | undefined): Promise<void> {
		const open = entry?.legs[0];
		if (open?.kind !== 'open') throw this.#wrong('opening');
		epoch.open = open;
		if (deviceIdOf(open.key, this.#o.crypto.sha256) !== epoch.name.device) throw this.#wrong('key');
		const isProved = await this.#credentialOf(epoch.name.ledger, open);
		epoch.author = isProved && { ...open, device: epoch.name.device };
		if (open.prev) this.#course.follows(epoch.id, open.prev);
	}

	/** Undefined where nobody asks. Ends the check where it proves nothing, or is another's. */
	async #credentialOf(ledger: LedgerName, { key, credential }: Opening): Promise<Credential | undefined> {
		if (!this.#warden) return undefined;
		const found = credential ? await this.#warden.trust.read(credential) : 'no credential';
		if (typeof found === 'string') throw this.#wrong('right', { ledger, why: found });
		if (!equalBytes(found.key, key)) throw this.#wrong('right', { ledger, why: 'credential of another device' });
		return found;
	}

	async #checkRight({ author, name }: OpenEpoch, entry: Entry | undefined): Promise<void> {
		if (!author) return;
		const why = entry ? await this.#warden?.objection(name.ledger, author, [entry]) : 'unreadable';
		if (why !== undefined) throw this.#wrong('right', { why });
	}

	async #takeSeal(text: string, { signature, count, epoch: said }: LineFields): Promise<void> {
		const epoch = this.#epoch;
		if (!epoch?.open || said !== spellEpoch(epoch.id) || count !== epoch.count) throw this.#wrong('out_of_place');
		const rows = { fromRow: epoch.sealed, row: epoch.count - 1 };
		const bytes = typeof signature === 'string' ? fromBase64(signature) : undefined;
		if (!bytes) throw this.#wrong('seal', rows);
		const seal = { epoch: epoch.id, count: epoch.count, signature: bytes };
		if (text !== sealLine(seal)) throw this.#wrong('line_changed');
		if (!(await verifySeal(this.#o.crypto, epoch.open.key, seal, epoch.hash))) throw this.#wrong('seal', rows);
		epoch.sealed = epoch.count;
		this.#counts.seals++;
	}

	async #takeCheckpoint(text: string, fields: LineFields): Promise<void> {
		if (this.#counts.epochs > 0) throw new Found({ code: 'out_of_place' });
		const about = isLedger(fields.ledger) ? { ledger: fields.ledger } : {};
		const bytes = typeof fields.bytes === 'string' ? fromBase64(fields.bytes) : undefined;
		const checkpoint = bytes && decodeCheckpoint(bytes);
		const { crypto } = this.#o;
		if (!checkpoint || !(await verifyCheckpoint(crypto, checkpoint))) throw new Found({ code: 'checkpoint', ...about });
		const expected = checkpointLine(checkpoint, crypto.sha256);
		if (text !== expected) {
			const difference = firstDifference(fields, JSON.parse(expected) as LineFields);
			throw new Found({ code: difference ? 'field_changed' : 'line_changed', ...about, ...difference });
		}
		const home = await this.#credentialOf(checkpoint.ledger, checkpoint);
		if (home && !home.rights(checkpoint.ledger).home) throw new Found({ code: 'right', ...about, why: 'home' });
		this.#course.cover(checkpoint, String(fields.hash));
		this.#counts.checkpoints++;
	}

	#takeEnd(text: string, fields: LineFields): void {
		this.#closeEpoch();
		const { sha256 } = this.#o.crypto;
		if (!sumFits(text, sha256)) throw new Found({ code: 'line_changed' });
		if (fields.digest !== toBase64(this.#digest) || text !== endLine(this.#counts, this.#digest, sha256))
			throw new Found({ code: 'digest' });
		this.#ended = true;
	}
}

function titleOf(entry: Entry | undefined): string {
	const open = entry?.legs[0];
	return open?.kind === 'open' ? open.name : '';
}
