/** Honest rows as an enrolled attacker comes by them, and what can be made of them without the key of whoever wrote them. */
import { type EpochName, epochIdOf } from '../../../src/journal/epoch.js';
import { gateUpdate } from '../../../src/journal/gate.js';
import { chainNext, chainStart, type Seal, seal } from '../../../src/journal/seal.js';
import { encodeUpdate } from '../../../src/journal/update.js';
import type { KeyPair } from '../../../src/ports/index.js';
import type { UpdateFrame } from '../../../src/sync/frames.js';
import { crypto } from '../../unit/trust/chain-of-trust.js';
import type { Stranger } from '../stranger.js';

/** One epoch of an honest device: all its rows, and each seal that was seen. */
export interface Loot {
	readonly name: EpochName;
	readonly epoch: number;
	readonly rows: readonly Uint8Array[];
	readonly seals: readonly Seal[];
}

/** The longest epoch of a ledger that the stranger was sent. */
export function lootOf(stranger: Stranger, ledger: string): Loot {
	const epochs = new Map<number, { name: EpochName | undefined; rows: Uint8Array[]; seals: Seal[] }>();
	for (const { update, segment, seals, ledger: of } of stranger.all('update')) {
		const verdict = gateUpdate(update);
		if (of !== ledger || !verdict.ok) continue;
		for (const run of verdict.runs) {
			const known = epochs.get(run.epoch) ?? { name: undefined, rows: [], seals: [] };
			epochs.set(run.epoch, known);
			if (run.root) known.name = { ledger, segment, ...run.root };
			for (const [i, row] of run.entries.entries()) known.rows[run.from + i] = row.slice();
			known.seals.push(...seals.filter(({ epoch }) => epoch === run.epoch));
		}
	}
	const [longest] = [...epochs].sort(([, a], [, b]) => b.rows.length - a.rows.length);
	if (!longest?.[1].name) throw new Error('no rows were heard');
	const [epoch, { name, rows, seals }] = longest;
	return { name, epoch, rows, seals };
}

export function frameOf(
	{ name }: Pick<Loot, 'name'>,
	entries: readonly Uint8Array[],
	seals: readonly Seal[],
	from = 0,
): UpdateFrame {
	const epoch = epochIdOf(name, crypto.sha256);
	const run = { epoch, name, from, entries };
	return { kind: 'update', ledger: name.ledger, segment: name.segment, update: encodeUpdate([run]), seals: [...seals] };
}

/** A seal over exactly these rows, by somebody else's key. */
export function sealBy(pair: KeyPair, name: EpochName, rows: readonly Uint8Array[]): Promise<Seal> {
	let hash = chainStart(name, crypto.sha256);
	for (const row of rows) hash = chainNext(hash, row, crypto.sha256);
	return seal(crypto, pair, epochIdOf(name, crypto.sha256), rows.length, hash);
}
