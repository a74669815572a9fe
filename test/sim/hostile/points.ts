import type { EpochId, LedgerName } from '../../../src/base/ids.js';
import { limits } from '../../../src/base/limits.js';
import { type CutEpoch, encodeCheckpoint, sealCheckpoint } from '../../../src/journal/checkpoint.js';
import { LedgerFigures, writeFigures } from '../../../src/ledger/figures.js';
import type { OpenReplica } from '../../../src/replica/open-replica.js';
import { type Attack, refused, type Strike } from './attack.js';

const pieceBytes = 64 * 1024;

function send({ wire, machine }: Strike, ledger: LedgerName, bytes: Uint8Array, content: Uint8Array): void {
	const id = machine.crypto.sha256(content);
	for (let from = 0; from < bytes.length; from += pieceBytes)
		wire.say({ kind: 'point', ledger, id, bytes: bytes.length, from, piece: bytes.subarray(from, from + pieceBytes) });
}

/** All that the victim holds of a ledger, in a cut as a home would describe it; undefined where some of it is gone. */
function cutOf({ core }: OpenReplica, ledger: LedgerName): Map<EpochId, CutEpoch> | undefined {
	if (core.view.base(ledger)) return undefined;
	const cut = new Map<EpochId, CutEpoch>();
	for (const epoch of core.journal.in(ledger)) {
		if (epoch.durable < epoch.count || !epoch.open) return undefined;
		const { prev } = epoch.open;
		cut.set(epoch.id, {
			epoch: epoch.id,
			count: epoch.count,
			device: epoch.name.device,
			prev: prev && { epoch: prev.epoch, count: prev.count },
			hash: epoch.hashAt(epoch.count),
		});
	}
	return cut.size > 0 ? cut : undefined;
}

/**
 * A checkpoint of rows that the victim has, with other figures than they give. Only where the victim has all of them: what a
 * home says of rows that are not here has to be believed today.
 */
async function lie(strike: Strike, isSealed: boolean): Promise<void> {
	const { machine, wire, chance } = strike;
	const victim = machine.chain.find(wire.victim)?.running;
	const ledger = machine.ledger(wire, chance);
	const cut = victim && cutOf(victim, ledger);
	if (!cut) return;
	const figures = new LedgerFigures(() => false);
	figures.escrow.apply(
		{ kind: 'mint', pool: 'loot/crown', amount: 1_000, document: 'crown' },
		{ device: machine.device, epoch: 1, index: 1, leg: 0 },
	);
	const content = { ledger, cut, needs: new Map(), fences: [], figures: writeFigures(figures) };
	const point = await sealCheckpoint(machine.crypto, machine.pair, content, () => 0);
	const signature = isSealed ? point.signature : point.signature.map((byte) => byte ^ 1);
	send(strike, ledger, encodeCheckpoint({ ...point, signature }), point.content);
}

export const pointAttacks: readonly Attack[] = refused('live', {
	'a false checkpoint': (strike) => lie(strike, true),
	'a checkpoint with a broken seal': (strike) => lie(strike, false),
	'a checkpoint that is none': (strike) => {
		const { chance, machine, wire } = strike;
		const bytes = chance.bytes(chance.stretch(1, 2_000));
		send(strike, machine.ledger(wire, chance), bytes, bytes);
	},
	'a checkpoint of 2^50 bytes': ({ wire, machine, chance }) => {
		const ledger = machine.ledger(wire, chance);
		for (const bytes of [limits.checkpointBytes + 1, 2 ** 50])
			wire.say({ kind: 'point', ledger, id: chance.bytes(32), bytes, from: 0, piece: new Uint8Array(10) });
	},
	'checkpoints that never end': ({ wire, machine, chance }) => {
		const ledger = machine.ledger(wire, chance);
		const bytes = limits.checkpointBytes;
		for (let i = 0; i < 150; i++)
			wire.say({ kind: 'point', ledger, id: chance.bytes(32), bytes, from: 0, piece: new Uint8Array(100) });
	},
});
