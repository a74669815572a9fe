import { createDecoder } from 'lib0/decoding';
import { utf8 } from '../base/bytes.js';
import { encoded, number, record, text } from '../base/codec.js';
import type { DeviceId, LedgerName } from '../base/ids.js';
import type { Crypto } from '../ports/index.js';

/** Rows that somebody had no right to write: what is kept of them, for whoever looks after the device. */
export interface RefusedRows {
	readonly ledger: LedgerName;
	readonly device: DeviceId;
	/** `limit order.refund` */
	readonly reason: string;
	readonly atMs: number;
}

/** Of so many kinds the newest is kept: who writes what must not fill anybody's disk. */
const slots = 64;

const field = record<RefusedRows>({ ledger: text, device: text, reason: text, atMs: number });

export const readRefused = (value: Uint8Array): RefusedRows => field.read(createDecoder(value));

/** What to write down, each kind once until another takes its place: the same rows are offered again and again. */
export class RefusedNotes {
	readonly #sha256: Crypto['sha256'];
	readonly #noted = new Map<number, string>();

	constructor({ sha256 }: Pick<Crypto, 'sha256'>) {
		this.#sha256 = sha256;
	}

	/** Its place among the others, and its bytes; undefined where it was noted. */
	note(refused: RefusedRows): { readonly slot: string; readonly value: Uint8Array } | undefined {
		const kind = `${refused.ledger} ${refused.device} ${refused.reason}`;
		const slot = (this.#sha256(utf8(kind))[0] as number) % slots; // 32 bytes
		if (this.#noted.get(slot) === kind) return undefined;
		this.#noted.set(slot, kind);
		return { slot: `${slot}`, value: encoded((to) => field.write(to, refused)) };
	}
}
