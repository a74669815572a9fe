import fc from 'fast-check';
import { expect, test } from 'vitest';
import { includes, matches } from '../../src/base/patterns.js';
import { verifyCredential } from '../../src/trust/credential.js';
import { type Grant, isAmong, isWithin, rightsIn } from '../../src/trust/grant.js';
import { ChainOfTrust, crypto } from '../unit/trust/chain-of-trust.js';

/** More of them with PROPERTY_RUNS. */
const numRuns = Number(process.env.PROPERTY_RUNS ?? 300);

const part = fc.constantFrom('a', 'b', 'ab', 'aba', 'a/b', '');
const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const pattern = fc
	.tuple(fc.constantFrom('', '', '*/', '*/*/'), name, fc.constantFrom('', '*', '**'))
	.map((parts) => parts.join(''));
const some = fc.array(fc.constantFrom('*', 'a.*', 'a.b', 'b.a', ''), { maxLength: 3 });
const grant: fc.Arbitrary<Grant> = fc.record({
	ledgers: pattern,
	read: fc.boolean(),
	write: fc.boolean(),
	home: fc.boolean(),
	verbs: some,
	mints: some,
	sets: some,
});
const grants = fc.array(grant, { maxLength: 4 });

test('a pattern that includes another names whatever that names', () => {
	fc.assert(
		fc.property(pattern, pattern, name, (wide, narrow, ledger) => {
			if (includes(wide, narrow) && matches(narrow, ledger)) expect(matches(wide, ledger)).toBe(true);
		}),
		{ numRuns: numRuns * 20 },
	);
});

test('what is within is allowed nowhere where the other does not allow it', () => {
	const word = fc.constantFrom('', 'a.a', 'a.b', 'b.a', 'c');
	fc.assert(
		fc.property(grants, grants, name, word, (narrow, wide, ledger, verb) => {
			if (!isWithin(narrow, wide)) return;
			const [less, more] = [rightsIn(narrow, ledger), rightsIn(wide, ledger)];
			for (const flag of ['read', 'write', 'home'] as const) if (less[flag]) expect(more[flag]).toBe(true);
			for (const list of ['verbs', 'mints', 'sets'] as const)
				if (isAmong(less[list], verb)) expect(isAmong(more[list], verb)).toBe(true);
		}),
		{ numRuns: numRuns * 20 },
	);
});

test('grants are within themselves, and within what adds to them', () => {
	fc.assert(
		fc.property(grants, grants, (some, more) => {
			expect(isWithin(some, [...more, ...some])).toBe(true);
		}),
		{ numRuns },
	);
});

test('mutated bytes never verify', async () => {
	const chain = await ChainOfTrust.create();
	const { credential } = await chain.enrol(
		[{ ledgers: 'stock/sh-1', read: true, write: true, verbs: ['order.*'] }],
		chain.store,
	);
	const mutation = fc.array(fc.tuple(fc.constantFrom('set', 'cut', 'put'), fc.nat(credential.length), fc.nat(255)), {
		minLength: 1,
		maxLength: 4,
	});
	await fc.assert(
		fc.asyncProperty(mutation, async (steps) => {
			const bytes = [...credential];
			for (const [how, at, value] of steps)
				if (how === 'set') bytes[at % bytes.length] = value;
				else bytes.splice(at, how === 'cut' ? 1 + (value % 8) : 0, ...(how === 'put' ? [value] : []));
			const mutated = Uint8Array.from(bytes);
			fc.pre(mutated.length !== credential.length || mutated.some((byte, i) => byte !== credential[i]));
			expect(typeof (await verifyCredential(crypto, chain.root, mutated))).toBe('string');
		}),
		{ numRuns },
	);
});
