import fc from 'fast-check';
import { createDecoder } from 'lib0/decoding';
import { encode } from 'lib0/encoding';
import { expect, test } from 'vitest';
import { toHex } from '../../../src/base/bytes.js';
import { conserve, documentKey, EscrowFigures } from '../../../src/escrow/share.js';
import { readEscrow, writeEscrow } from '../../../src/escrow/snapshot.js';
import type { Leg } from '../../../src/journal/leg.js';
import { LedgerFigures, readFigures, writeFigures } from '../../../src/ledger/figures.js';

const fresh = () => new EscrowFigures(() => false);
const figuresOf = () => new LedgerFigures(() => false);
const bytesOf = (figures: EscrowFigures) => toHex(encode((to) => writeEscrow(to, figures)));

interface Written {
	readonly device: string;
	readonly epoch: number;
	readonly index: number;
	readonly leg: Leg;
}

const device = fc.constantFrom('a', 'b', 'c');
const pool = fc.constantFrom('p/x', 'p/y');
const amount = fc.integer({ min: 1, max: 9 });
const lawful = fc.oneof<fc.Arbitrary<Leg>[]>(
	fc.record({ kind: fc.constant('mint'), pool, amount, document: fc.constantFrom('D', 'E') }),
	fc.record({ kind: fc.constant('spend'), pool, amount }),
	fc.record({ kind: fc.constant('grant'), pool, amount, to: fc.constantFrom('d', 'e'), request: fc.constant('') }),
	fc.record({ kind: fc.constant('overdraw'), pool, amount, operator: fc.constant('o'), reason: fc.constant('r') }),
	fc.record({
		kind: fc.constant('unknown'),
		code: fc.integer({ min: 128, max: 140 }),
		stops: fc.array(pool, { maxLength: 2 }),
		body: fc.constant(new Uint8Array()),
	}),
);

function apply(to: EscrowFigures, { device: of, epoch, index, leg }: Written): void {
	to.apply(leg, { device: of, epoch, index, leg: 0 });
}

test('P4 ESC2 the fold is free of the order of entries, conserves, and its checkpoint is the same, byte for byte', () => {
	fc.assert(
		fc.property(
			fc.array(fc.record({ device, leg: lawful }), { maxLength: 30 }),
			fc.func(fc.integer()),
			(entries, order) => {
				const epochs = new Map([
					['a', 1],
					['b', 2],
					['c', 3],
				]);
				const written = entries.map(
					({ device: of, leg }, index): Written => ({ device: of, epoch: epochs.get(of) ?? 0, index, leg }),
				);
				const [one, other] = [fresh(), fresh()];
				for (const entry of written) apply(one, entry);
				for (const entry of [...written].sort((a, b) => order(a.index) - order(b.index))) apply(other, entry);
				expect(bytesOf(other)).toBe(bytesOf(one));
				expect(conserve(one).filter(({ what }) => what === 'not_conserved')).toEqual([]);
				const read = fresh();
				readEscrow(createDecoder(encode((to) => writeEscrow(to, one))), read);
				expect(bytesOf(read)).toBe(bytesOf(one));
			},
		),
		{ numRuns: 300 },
	);
});

/** A hold, and ends of it by its device: more than one, or before it, where a clone has seen what the other one opened. */
const lives = fc.array(
	fc.record({
		device,
		opens: fc.boolean(),
		ends: fc.array(
			fc.record({ device, kind: fc.constantFrom('capture', 'release', 'expire'), amount: fc.constant(1) }),
			{ maxLength: 3 },
		),
	}),
	{ maxLength: 6 },
);

test('P4 P5 P14 holds are the same whatever the order of the entries, and wherever a checkpoint cuts them', () => {
	fc.assert(
		fc.property(lives, fc.func(fc.integer()), fc.nat(20), (all, order, cut) => {
			const written: Written[] = [];
			const say = (of: string, epoch: number, leg: Leg) =>
				written.push({ device: of, epoch, index: written.length, leg });
			const open: string[] = [];
			for (const [i, { device: of, opens, ends }] of all.entries()) {
				const [hold, pool] = [`${i}`, 'p/x'];
				if (opens) say(of, i, { kind: 'hold', pool, amount: 3, hold, leaseMs: 1 });
				for (const { device: by, ...end } of ends) say(by, i, { ...end, pool, hold, held: 3 });
				if (opens && ends.every((end) => end.device !== of)) open.push(hold);
			}
			const [whole, before, after] = [figuresOf(), figuresOf(), figuresOf()];
			for (const entry of written) apply(whole.escrow, entry);
			const shuffled = [...written].sort((a, b) => order(a.index) - order(b.index));
			for (const entry of shuffled.slice(0, cut)) apply(before.escrow, entry);
			readFigures(writeFigures(before), after);
			for (const entry of shuffled.slice(cut)) apply(after.escrow, entry);
			expect([...after.escrow.holds.keys()].sort()).toEqual(open);
			expect(toHex(writeFigures(after))).toBe(toHex(writeFigures(whole)));
		}),
		{ numRuns: 1_000 },
	);
});

test('ESC2 conserve names what is wrong: a pool that does not add up, a share and a hold below zero', () => {
	const figures = fresh();
	figures.apply({ kind: 'mint', pool: 'p/x', amount: 5, document: 'D' }, { device: 'a', epoch: 1, index: 0, leg: 0 });
	expect(conserve(figures)).toEqual([]);
	figures.apply({ kind: 'spend', pool: 'p/x', amount: 7 }, { device: 'a', epoch: 1, index: 1, leg: 0 });
	expect(conserve(figures)).toEqual([{ pool: 'p/x', what: 'negative_share', device: 'a', amount: -2 }]);
	figures.apply({ kind: 'release', pool: 'p/x', hold: 'h', held: 3 }, { device: 'b', epoch: 2, index: 0, leg: 0 });
	expect(conserve(figures)).toContainEqual({ pool: 'p/x', what: 'negative_held', device: 'b', amount: -3 });
	figures.pool('p/x').minted += 1;
	expect(conserve(figures)).toContainEqual({ pool: 'p/x', what: 'not_conserved', amount: 1 });
});

test('P12 the larger figure stands where one device minted a document twice; two devices are an exception', () => {
	const mint = (of: string, n: number, index: number): Written => ({
		device: of,
		epoch: 1,
		index,
		leg: { kind: 'mint', pool: 'p/x', amount: n, document: 'D' },
	});
	for (const amounts of [
		[3, 5],
		[5, 3],
		[5, 5],
	]) {
		const figures = fresh();
		for (const [i, n] of amounts.entries()) apply(figures, mint('a', n, i));
		expect(figures.pool('p/x')).toMatchObject({ minted: 5 });
		expect(figures.exceptions.size).toBe(0);
		apply(figures, mint('b', 4, 9));
		expect(figures.pool('p/x').minted).toBe(9);
		const [exception] = [...figures.exceptions.values()];
		expect(exception).toMatchObject({
			kind: 'double-mint',
			subject: expect.stringContaining('p/x'),
			amount: 4,
			devices: ['a', 'b'],
		});
	}
});

test('P12 names with spaces stay apart', () => {
	const name = fc.stringMatching(/^[ab %20]{1,5}$/);
	fc.assert(
		fc.property(name, name, name, name, (a, b, c, d) => {
			expect(documentKey(a, b) === documentKey(c, d)).toBe(a === c && b === d);
		}),
		{ numRuns: 1_000 },
	);
});

test('JRN10 figures restored from a checkpoint are seen as changed by whoever noted the old ones', () => {
	const old = fresh();
	old.apply(
		{ kind: 'grant', pool: 'p/x', amount: 1, to: 'b', request: '' },
		{ device: 'a', epoch: 1, index: 0, leg: 0 },
	);
	const noted = old.grantsVersion;
	const restored = fresh();
	readEscrow(createDecoder(encode((to) => writeEscrow(to, old))), restored);
	expect(restored.grantsVersion).not.toBe(noted);
});

test('P1 P11 sums past 2^53 - 1 still add up, and are read as they were written', () => {
	const figures = fresh();
	const place = (device: string) => ({ device, epoch: 1, index: 0, leg: 0 });
	for (const of of ['a', 'b', 'c'])
		figures.apply({ kind: 'mint', pool: 'p/x', amount: Number.MAX_SAFE_INTEGER, document: of }, place(of));
	figures.apply({ kind: 'spend', pool: 'p/x', amount: 1 }, place('a'));
	expect(conserve(figures)).toEqual([]);
	const read = fresh();
	readEscrow(createDecoder(encode((to) => writeEscrow(to, figures))), read);
	const { minted, spent } = figures.pool('p/x');
	expect(read.pool('p/x')).toMatchObject({ minted, spent });
	expect(conserve(read)).toEqual([]);
});
