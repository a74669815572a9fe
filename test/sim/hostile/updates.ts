import { equalBytes, utf8 } from '../../../src/base/bytes.js';
import { rootName } from '../../../src/journal/epoch.js';
import { type Seal, seal } from '../../../src/journal/seal.js';
import type { Run } from '../../../src/journal/update.js';
import { encodeUpdate } from '../../../src/journal/update.js';
import { mutateBytes, mutations, type Targets } from '../../property/hostile-updates.js';
import { Dice, type GroupModel, honestModel, writeUpdate } from '../../property/update-model.js';
import { type Attack, refused, type Strike } from './attack.js';
import type { Stolen } from './loot.js';
import type { Pen } from './pen.js';

const zeroLength = Uint8Array.of(1, 2, 0x4d, 0, 8, 1, 1, 0x70, 1, 0x7e, 0x84, 0x4d, 0, 0, 0);
const bends = Object.entries(mutations);

function targets({ machine }: Strike, pen: Pen): Targets {
	const others = [...machine.loot.epochs].slice(0, 4);
	return {
		epochs: [pen.id, ...others.map(([id]) => id)],
		roots: [utf8(rootName(pen.name)), ...others.map(([, { name }]) => utf8(rootName(name)))],
	};
}

function said({ wire }: Strike, { ledger, segment }: Stolen['name'], update: Uint8Array, seals: readonly Seal[]): void {
	wire.say({ kind: 'update', ledger, segment, update, seals });
}

/** Well sealed rows in an update that is not what a writer of journals writes. */
async function bent(strike: Strike, bend: (honest: Uint8Array, pen: Pen) => Uint8Array): Promise<void> {
	const { machine, wire, chance } = strike;
	const pen = machine.decoy(machine.ledger(wire, chance), 'an update that is none');
	for (let i = chance.below(3); i > 0; i--) pen.write([{ kind: 'add', counter: 'visitors', amount: 1 }]);
	const honest = encodeUpdate([pen.run()]);
	const update = bend(honest, pen);
	if (equalBytes(update, honest)) return;
	said(strike, pen.name, update, [await pen.seal()]);
}

/** Somebody else's epoch that it knows from the first row on. */
function stolen({ machine, chance }: Strike): { readonly id: number; readonly of: Stolen } | undefined {
	const all = [...machine.loot.epochs].filter(([, { name }]) => name.device !== machine.device);
	if (all.length === 0) return undefined;
	const [id, of] = chance.pick(all);
	return { id, of };
}

async function sealed({ machine }: Strike, pen: Pen, run: Run, count = run.from + run.entries.length): Promise<Seal> {
	return seal(machine.crypto, machine.pair, run.epoch, count, pen.head().hash);
}

/** Says something in somebody else's name; `change` makes the run of what is known of the epoch. */
async function forge(strike: Strike, change: (id: number, of: Stolen, pen: Pen) => Run): Promise<void> {
	const found = stolen(strike);
	if (!found) return;
	const { machine, chance } = strike;
	const { id, of } = found;
	const pen = machine.decoy(of.name.ledger, 'rows in the name of another');
	pen.write([{ kind: 'add', counter: 'visitors', amount: chance.between(1, 9) }]);
	const run = change(id, of, pen);
	const old = of.seals.at(-1);
	const mine = await sealed(strike, pen, run);
	const seals = chance.chance(50) || !old ? [mine] : [{ ...old, count: run.from + run.entries.length }];
	said(strike, of.name, encodeUpdate([run]), seals);
}

/** Updates of which not one row may be taken. */
export const updateAttacks: readonly Attack[] = refused('live', {
	'an item of length zero': (strike) => {
		const { machine, wire, chance } = strike;
		said(strike, { ledger: machine.ledger(wire, chance), segment: 0, device: '', nonce: '' }, zeroLength, []);
	},
	'an update bent in its structure': (strike) =>
		bent(strike, (_, pen) => {
			const dice = new Dice(strike.chance.next());
			const model = honestModel([pen.run()]);
			const aims = targets(strike, pen);
			for (let i = 1 + dice.below(2); i > 0; i--) dice.pick(bends)[1](model, dice, aims);
			// Each run of an update is admitted for itself: a whole one may be taken, with a bent twin of it beside it.
			const whole = encodeUpdate([pen.run()]);
			const isWhole = (group: GroupModel) => equalBytes(writeUpdate({ groups: [group], deletes: [] }), whole);
			if (model.groups.some(isWhole)) strike.machine.refusable.delete(pen.id);
			return writeUpdate(model);
		}),
	'an update bent in its bytes': (strike) =>
		bent(strike, (honest) => mutateBytes(honest, new Dice(strike.chance.next()))),
	'an update with something deleted': (strike) =>
		bent(strike, (_, pen) => {
			const model = honestModel([pen.run()]);
			for (const client of targets(strike, pen).epochs) model.deletes.push({ client, ranges: [[0, 2 ** 20]] });
			return writeUpdate(model);
		}),
	'an item that goes on after another than the one before it': (strike) =>
		bent(strike, (_, pen) => {
			for (let i = 0; i < 2; i++) pen.write([{ kind: 'add', counter: 'visitors', amount: 1 }]);
			const model = honestModel([pen.run()]);
			for (const { client, items } of model.groups) for (const item of items.slice(2)) item.origin = [client, 0];
			return writeUpdate(model);
		}),
	'a clock of 2^60': (strike) =>
		bent(strike, (_, pen) => {
			const model = honestModel([pen.run()]);
			for (const group of model.groups) group.clock = 2n ** 60n;
			return writeUpdate(model);
		}),
	'an update of 300 KB': (strike) => bent(strike, () => new Uint8Array(300_000)),
	'rows without a seal': async (strike) => {
		const { machine, wire, chance } = strike;
		const pen = machine.decoy(machine.ledger(wire, chance), 'rows without a seal');
		said(strike, pen.name, encodeUpdate([pen.run()]), []);
	},
	'fewer rows than the seal covers': async (strike) => {
		const { machine, wire, chance } = strike;
		const pen = machine.decoy(machine.ledger(wire, chance), 'fewer rows than the seal covers');
		pen.write([{ kind: 'add', counter: 'visitors', amount: 1 }]);
		said(strike, pen.name, encodeUpdate([pen.run(0, 1)]), [await pen.seal()]);
	},
	'rows after a gap': async (strike) => {
		const { machine, wire, chance } = strike;
		const pen = machine.decoy(machine.ledger(wire, chance), 'rows after a gap');
		for (let i = 0; i < 3; i++) pen.write([{ kind: 'add', counter: 'visitors', amount: 1 }]);
		said(strike, pen.name, encodeUpdate([pen.run(2)]), [await pen.seal()]);
	},
	'its rows under a client id of another': async (strike) => {
		const { machine, wire, chance } = strike;
		const found = stolen(strike);
		const what = 'rows under a client id that is not theirs';
		const pen = machine.decoy(found?.of.name.ledger ?? machine.ledger(wire, chance), what);
		const free = chance.between(1, 2 ** 31);
		machine.refusable.set(free, what);
		const epoch = found && chance.chance(50) ? found.id : free;
		said(strike, pen.name, encodeUpdate([{ ...pen.run(), epoch }]), [await pen.seal(1, epoch)]);
	},
	'rows that go on after the journal of another': async (strike) => {
		await forge(strike, (epoch, { name, rows }, pen) => ({
			epoch,
			name,
			from: rows.length,
			entries: pen.rows.slice(1),
		}));
	},
	"another's rows with a byte changed": async (strike) => {
		await forge(strike, (epoch, { name, rows }) => {
			const entries = rows.map((row) => row.slice());
			const row = strike.chance.pick(entries);
			row[row.length - 1] = (row[row.length - 1] ?? 0) ^ 1;
			return { epoch, name, from: 0, entries };
		});
	},
	"another's rows, cut short and gone on with": async (strike) => {
		await forge(strike, (epoch, { name, rows }, pen) => {
			const kept = rows.slice(0, 1 + strike.chance.below(rows.length));
			return { epoch, name, from: 0, entries: [...kept, ...pen.rows.slice(1)] };
		});
	},
	"another's journal in a ledger of its own choice": async (strike) => {
		const found = stolen(strike);
		if (!found) return;
		const { rows, name, seals } = found.of;
		const run: Run = { epoch: found.id, name, from: 0, entries: rows };
		const place = strike.chance.chance(50) ? { ...name, segment: 7 } : { ...name, ledger: 'catalog/elsewhere' };
		said(strike, place, encodeUpdate([run]), seals.slice(-1));
	},
	'an epoch after the journal of another': async (strike) => {
		const found = stolen(strike);
		if (!found) return;
		const { machine } = strike;
		const pen = machine.decoy(found.of.name.ledger, 'an epoch after the journal of another');
		const after = pen.next(machine.nonce(), { epoch: found.id, count: found.of.rows.length, hash: pen.head().hash });
		machine.refusable.set(after.id, 'an epoch after the journal of another');
		strike.wire.say(await after.update());
	},
	'an epoch begun in the name of another': async (strike) => {
		const found = stolen(strike);
		if (!found) return;
		const { machine, wire } = strike;
		const { ledger, device } = found.of.name;
		const what = 'an epoch begun in the name of another';
		const pen = machine.decoy(ledger, what).as(device, machine.nonce());
		machine.refusable.set(pen.id, what);
		wire.say(await pen.write([{ kind: 'add', counter: 'visitors', amount: 1 }]).update());
	},
	'an epoch after one that never was': async (strike) => {
		const { machine, wire, chance } = strike;
		const pen = machine.decoy(machine.ledger(wire, chance), 'an epoch that never was');
		const after = pen.next(machine.nonce(), pen.head());
		machine.refusable.set(after.id, 'an epoch after one that never was');
		for (let i = 0; i < 3; i++) wire.say(await after.update());
	},
	'rows of a ledger that nobody keeps': async (strike) => {
		const { machine, wire } = strike;
		if (strike.machine.chain.find(wire.victim) === undefined) return; // a relay keeps all there are
		for (const ledger of ['elsewhere/x', '__proto__', ''])
			wire.say(await machine.decoy(ledger, `rows of ledger "${ledger}"`).update());
	},
});
