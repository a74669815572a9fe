import { utf8 } from '../../../src/base/bytes.js';
import type { LedgerName } from '../../../src/base/ids.js';
import type { Leg } from '../../../src/journal/leg.js';
import { type Attack, type Strike, taken } from './attack.js';
import type { Beside, Pen } from './pen.js';

const most = Number.MAX_SAFE_INTEGER;
/** Pools of its own: what it may mint, spend and give away is taken on trust today, and nobody else's business is at stake. */
const loot = 'loot/gold';
const never = { epoch: 4_711, count: 3 };

type Words = readonly Leg[] | { readonly legs: readonly Leg[]; readonly beside: Beside };

/** Goes on in its journal of a ledger, and sends all of it. */
async function say(
	{ machine, wire, chance }: Strike,
	words: (pen: Pen, ledger: LedgerName) => readonly Words[],
	ledger = machine.ledger(wire, chance),
): Promise<void> {
	const pen = machine.journal(ledger);
	for (const each of words(pen, ledger)) {
		if ('legs' in each) pen.write(each.legs, each.beside);
		else pen.write(each);
	}
	await machine.publish(wire, ledger);
}

const victimOf = ({ machine, wire }: Strike): string => wire.theirs?.device ?? machine.loot.devices()[0] ?? 'nobody';
const stockOf = ({ machine, wire, chance }: Strike): LedgerName => {
	const { chain } = machine;
	const store = /^sh-\d+/.exec(wire.victim)?.[0] ?? `sh-${1 + chance.below(chain.topology.stores)}`;
	return `stock/${store}`;
};
const ordersOf = (strike: Strike): LedgerName => stockOf(strike).replace('stock', 'orders');

/** A second epoch after the same entry: as a clone writes, but on purpose. */
async function fork(strike: Strike, whom: readonly Strike['wire'][]): Promise<void> {
	const { machine, wire, chance } = strike;
	const ledger = machine.ledger(wire, chance);
	const pen = machine.journal(ledger);
	const count = chance.between(1, pen.rows.length);
	const [a, b] = [machine.nonce(), machine.nonce()].map((nonce) => pen.next(nonce, pen.head(count))) as [Pen, Pen];
	a.write([{ kind: 'spend', pool: loot, amount: 1 }]);
	b.write([{ kind: 'spend', pool: loot, amount: 2 }]);
	await machine.publish(wire, ledger);
	for (const [i, to] of whom.entries()) {
		await machine.publish(to, ledger);
		to.say(await (i === 0 ? a : b).update());
	}
	if (whom.length === 1) wire.say(await b.update());
	machine.forks.push({ a: a.id, b: b.id });
	machine.goOn(chance.chance(50) ? a : b);
}

/** Two entries at one place, each well sealed. */
async function equivocate(strike: Strike, whom: readonly Strike['wire'][]): Promise<void> {
	const { machine, wire, chance } = strike;
	const ledger = machine.ledger(wire, chance);
	const pen = machine.journal(ledger);
	const nonce = machine.nonce();
	const twins = [1, 2].map((amount) => pen.next(nonce, pen.head()).write([{ kind: 'spend', pool: loot, amount }]));
	await machine.publish(wire, ledger);
	for (const [i, twin] of twins.entries()) (whom[i] ?? wire).say(await twin.update());
}

/** What any device may write that runs other code than ours: nobody refuses it, and nobody may come to harm. */
export const journalAttacks: readonly Attack[] = taken({
	'spends what it does not have': (strike) =>
		say(strike, () => [[{ kind: 'spend', pool: 'stock/tea', amount: strike.chance.between(1, 50) }]], stockOf(strike)),
	'gives away what it does not have': (strike) =>
		say(strike, () => [[{ kind: 'grant', pool: loot, amount: 5, to: victimOf(strike), request: '' }]]),
	'mints thirty times': (strike) =>
		say(strike, () => [
			Array.from({ length: 30 }, (_, i) => ({
				kind: 'mint' as const,
				pool: loot,
				amount: 1,
				document: `d-${strike.chance.below(40)}-${i}`,
			})),
		]),
	'mints for one document again and again': (strike) =>
		say(strike, () => [4, 9, 2].map((amount) => [{ kind: 'mint', pool: loot, amount, document: 'once' }])),
	'resolves the holds of others': (strike) => {
		const holds = strike.machine.loot.holds().slice(-5);
		const [first] = holds;
		if (!first) return;
		const legs = holds.flatMap(({ name, leg }): Leg[] => {
			if (name.ledger !== first.name.ledger) return [];
			const { pool, hold, amount: held } = leg;
			const kind = strike.chance.pick(['capture', 'release', 'expire'] as const);
			return [kind === 'capture' ? { kind, pool, hold, held, amount: held } : { kind, pool, hold, held }];
		});
		return say(strike, () => [legs], first.name.ledger);
	},
	'opens a hold, and a hold that it has resolved before': (strike) =>
		say(strike, (pen) => {
			const at = pen.rows.length;
			const hold = (index: number) => `${pen.id.toString(36)}.${index}.0`;
			const open = (index: number): Leg => ({
				kind: 'hold',
				pool: loot,
				amount: 2,
				hold: hold(index),
				leaseMs: 60_000,
			});
			const early: Leg = { kind: 'release', pool: loot, hold: hold(at + 2), held: 2 };
			return [[open(at)], [early], [open(at + 2)]];
		}),
	'sums past 2^53': (strike) =>
		say(
			strike,
			() =>
				Array.from({ length: strike.chance.between(1, 3) }, () => [
					{ kind: 'add', counter: 'visitors', amount: strike.chance.pick([most, -most]) },
				]),
			ordersOf(strike),
		),
	'mints past 2^53': (strike) =>
		say(strike, () => [
			[
				{ kind: 'mint', pool: 'loot/mint', amount: most, document: 'a' },
				{ kind: 'mint', pool: 'loot/mint', amount: most, document: 'b' },
			],
			[{ kind: 'spend', pool: 'loot/mint', amount: 1 }],
		]),
	'a clock at the end of time': (strike) =>
		say(
			strike,
			() => [
				{
					legs: [{ kind: 'mint', pool: 'stock/tea', amount: 1, document: `late-${strike.chance.next()}` }],
					beside: { time: { ms: most, counter: 0 } },
				},
			],
			stockOf(strike),
		),
	'a clock whose counter ends': (strike) =>
		say(strike, () => [
			{
				legs: [{ kind: 'add', counter: 'ticks', amount: 1 }],
				beside: { time: { ms: Math.floor(strike.machine.nowMs()) + 50_000, counter: most } },
			},
		]),
	'a clock before all time': (strike) =>
		say(strike, () => [
			{ legs: [{ kind: 'add', counter: 'ticks', amount: 1 }], beside: { time: { ms: 0, counter: 9 } } },
		]),
	'kinds that nobody knows': (strike) =>
		say(strike, () => [
			[
				{ kind: 'unknown', code: 99, stops: [], body: strike.chance.bytes(20) },
				{ kind: 'unknown', code: 255, stops: [], body: Uint8Array.of(1, 9, ...utf8('loot/sand')) },
			],
		]),
	'idempotency keys of others': (strike) => {
		const ledger = stockOf(strike);
		const [key] = strike.machine.loot.keys(ledger);
		if (key === undefined) return;
		const beside = { key: { key, digest: strike.chance.bytes(16), result: utf8('{}') } };
		return say(strike, () => [{ legs: [{ kind: 'add', counter: 'ticks', amount: 1 }], beside }], ledger);
	},
	'heads that never were, in its third row': async (strike) => {
		const { machine, wire, chance } = strike;
		// Nobody can ever take the third row: an epoch that cannot be gone on with.
		const ledger = machine.ledger(wire, chance);
		const pen = machine.journal(ledger);
		const stuck = pen.next(machine.nonce(), pen.head());
		stuck.write([{ kind: 'grant', pool: loot, amount: 1, to: victimOf(strike), request: '' }]);
		stuck.write([{ kind: 'spend', pool: loot, amount: 1 }], { relies: [never] });
		await machine.publish(wire, ledger);
		wire.say(await stuck.update());
	},
	'parts that never come': (strike) =>
		say(strike, () => [
			{
				legs: [{ kind: 'spend', pool: loot, amount: 1 }],
				beside: { parts: [{ ledger: 'members/m', epoch: never.epoch, index: 2 }] },
			},
		]),
	'fences nobody, mourns nothing': (strike) =>
		say(strike, (_, ledger) => [
			[
				{ kind: 'fence', device: 'nobody', heads: [never] },
				{ kind: 'torn', part: { ledger, ...never, index: 1 } },
			],
		]),
	'opens segments though it is no home': async (strike) => {
		const { machine, wire, chance } = strike;
		const ledger = machine.ledger(wire, chance);
		const pen = machine.journal(ledger);
		const far = pen.next(machine.nonce(), pen.head(), chance.pick([1, 9, 2 ** 31, most]));
		await machine.publish(wire, ledger);
		machine.goOn(far);
		wire.say(await far.update());
	},
	'a ledger whose name nobody may say': async (strike) => {
		const store = stockOf(strike).slice('stock/'.length);
		await say(strike, () => [[{ kind: 'add', counter: 'ticks', amount: 1 }]], `x/${store}\u0007*`);
	},
	'entries as large as they may be': (strike) =>
		say(strike, () => [[{ kind: 'append', log: 'noise', value: utf8(`"${'x'.repeat(15_000)}"`) }]]),
	'JSON nested 7,000 deep, and a prototype': (strike) =>
		say(strike, () => [
			[{ kind: 'append', log: 'noise', value: utf8(`${'['.repeat(7_000)}${']'.repeat(7_000)}`) }],
			[{ kind: 'append', log: 'noise', value: utf8('{"__proto__":{"x":1},"constructor":1}') }],
		]),
	'prices from the future': (strike) =>
		say(
			strike,
			() => [
				{
					legs: [{ kind: 'set', cell: 'price/tea', priority: 0, value: utf8('1') }],
					beside: { time: { ms: Math.floor(strike.machine.nowMs()) + 86_400_000, counter: 0 } },
				},
			],
			'catalog/c',
		),
	'a journal in two branches': (strike) => fork(strike, [strike.wire]),
	'a journal in two branches, one for each': (strike) =>
		fork(strike, [strike.wire, strike.chance.pick(strike.machine.wires)]),
	'two entries at one place': (strike) => equivocate(strike, [strike.wire]),
	'two entries at one place, one for each': (strike) =>
		equivocate(strike, [strike.wire, strike.machine.wires.find((wire) => wire !== strike.wire) ?? strike.wire]),
});
