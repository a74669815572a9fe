import { writeUint8Array, writeVarUint } from 'lib0/encoding';
import { encoded, writeBytes } from '../base/codec.js';
import type { EpochId, LedgerName, Position } from '../base/ids.js';
import { encodeCheckpoint } from '../journal/checkpoint.js';
import type { Holding, Point } from '../sync/host.js';
import type { Core } from './core.js';

const digestBytes = 16;
const nothing = new Uint8Array();

/** How the journals of a ledger hang together. */
export interface Chains {
	/** See `SyncHost.mark`. */
	mark(at: Position): Uint8Array | undefined;
	/** What an epoch goes on after. */
	prev(epoch: EpochId): Position | null | undefined;
}

/**
 * Digest of what is held of a ledger: by rows or by a checkpoint makes no difference, which checkpoint does. The rows of an
 * epoch that another one goes on after are named by that one's first row.
 */
export function digestOf(
	counts: ReadonlyMap<EpochId, number>,
	{ mark, prev }: Chains,
	point: Uint8Array,
	sha256: (data: Uint8Array) => Uint8Array,
): Uint8Array {
	const sorted = [...counts].sort(([a], [b]) => a - b);
	const followed = new Map<EpochId, number>();
	for (const [epoch] of sorted) {
		const before = prev(epoch);
		if (before) followed.set(before.epoch, before.count);
	}
	const content = encoded((to) => {
		for (const [epoch, count] of sorted) {
			writeVarUint(to, epoch);
			writeVarUint(to, count);
			if (followed.get(epoch) !== count) writeUint8Array(to, mark({ epoch, count }) ?? nothing);
		}
		writeBytes(to, point);
	});
	return sha256(content).slice(0, digestBytes);
}

/** Snapshots of what is on disk here, by ledger, made when somebody asks and kept until it changes. */
export class Holdings {
	readonly #core: Core;
	readonly #holdings = new Map<LedgerName, Holding>();
	readonly #points = new Map<LedgerName, { readonly of: object; readonly point: Point }>();

	constructor(core: Core) {
		this.#core = core;
	}

	/** Rows or the checkpoint of a ledger have changed. */
	changed(ledger: LedgerName): void {
		this.#holdings.delete(ledger);
	}

	of(ledger: LedgerName): Holding {
		const known = this.#holdings.get(ledger);
		if (known) return known;
		const { journal, view, platform } = this.#core;
		const counts = new Map<EpochId, number>();
		for (const { epoch, count } of view.base(ledger)?.cut.values() ?? []) counts.set(epoch, count);
		for (const epoch of journal.in(ledger)) {
			const firm = this.#core.firm(epoch);
			if (firm > (counts.get(epoch.id) ?? 0)) counts.set(epoch.id, firm);
		}
		const point = this.point(ledger)?.id ?? nothing;
		const chains: Chains = {
			mark: (at) => this.#core.mark(ledger, at),
			prev: (epoch) => journal.ancestor(epoch)?.prev,
		};
		let digest: Uint8Array | undefined;
		const holding: Holding = {
			counts,
			// Whoever sends rows wants the counts after each of them; digests are compared when two meet.
			get digest() {
				digest ??= digestOf(counts, chains, point, platform.crypto.sha256);
				return digest;
			},
		};
		if (counts.size > 0) this.#holdings.set(ledger, holding); // peers may name any ledger
		return holding;
	}

	point(ledger: LedgerName): Point | undefined {
		const base = this.#core.view.base(ledger);
		if (!base) return undefined;
		const known = this.#points.get(ledger);
		if (known?.of === base) return known.point;
		const id = this.#core.platform.crypto.sha256(base.content);
		const point = { id, bytes: encodeCheckpoint(base), covers: base.cut };
		this.#points.set(ledger, { of: base, point });
		return point;
	}
}
