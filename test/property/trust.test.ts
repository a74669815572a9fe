import fc from 'fast-check';
import { expect, test } from 'vitest';
import { includes, matches } from '../../src/base/patterns.js';
import { hashOfInput } from '../../src/journal/limit.js';
import { deviceIdOf } from '../../src/journal/seal.js';
import { Warden } from '../../src/journal/warden.js';
import { signConsent } from '../../src/trust/consent.js';
import { verifyCredential } from '../../src/trust/credential.js';
import { type Grant, isAmong, isWithin, rightsIn } from '../../src/trust/grant.js';
import { Trust } from '../../src/trust/trust.js';
import { ChainOfTrust, crypto } from '../unit/trust/chain-of-trust.js';

/** More of them with PROPERTY_RUNS. */
const numRuns = Number(process.env.PROPERTY_RUNS ?? 300);

const part = fc.constantFrom('a', 'b', 'ab', 'aba', 'a/b', '');
const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const pattern = fc
	.tuple(fc.constantFrom('', '', '*/', '*/*/'), name, fc.constantFrom('', '*', '**'))
	.map((parts) => parts.join(''));
const some = fc.array(fc.constantFrom('*', 'a.*', 'a.b', 'b.a', ''), { maxLength: 3 });
const limits = fc.dictionary(fc.constantFrom('a.a', 'a.b', 'b.a'), fc.nat(3), { maxKeys: 2, noNullPrototype: true });
const grant: fc.Arbitrary<Grant> = fc.record({
	ledgers: pattern,
	read: fc.boolean(),
	write: fc.boolean(),
	home: fc.boolean(),
	verbs: some,
	mints: some,
	sets: some,
	limits,
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

test('whoever is within may do no more of a verb than the other', () => {
	const limited = fc.array(fc.record({ ledgers: fc.constant('a'), verbs: some, limits }), { maxLength: 3 });
	const word = fc.constantFrom('a.a', 'a.b', 'b.a', 'c');
	fc.assert(
		fc.property(limited, limited, word, (narrow, wide, verb) => {
			const [less, more] = [rightsIn(narrow, 'a'), rightsIn(wide, 'a')];
			fc.pre(isWithin(narrow, wide) && isAmong(less.verbs, verb));
			const no = Number.POSITIVE_INFINITY;
			expect(less.most(verb) ?? no).toBeLessThanOrEqual(more.most(verb) ?? no);
		}),
		{ numRuns: numRuns * 2 },
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

test('what is over the limit never counts without a yes to exactly it, by somebody who may do as much', async () => {
	const chain = await ChainOfTrust.create();
	const ledger = 'stock/sh-1';
	const most = 3;
	const says = (limit: number): Grant[] => [
		{ ledgers: ledger, write: true, verbs: ['*'], limits: { 'order.refund': limit } },
	];
	const tills = await Promise.all(Array.from({ length: most }, (_, limit) => chain.enrol(says(limit), chain.store)));
	const devices = tills.map(({ publicKey }) => deviceIdOf(publicKey, crypto.sha256));
	const amount = fc.nat(most + 1);
	const word = fc.constantFrom('a', 'a', 'b');
	const terms = fc.record({ till: fc.nat(most - 1), amount, input: word, date: word, id: word });
	const consent = fc.option(fc.record({ terms, by: fc.nat(most - 1) }));
	const document = fc.record({ by: fc.nat(most - 1), asked: amount, input: word, date: word, approval: word, consent });
	// A receiver and a relay: whoever has the rows and the root.
	const wardens = [1, 2].map(() => new Warden(new Trust(crypto, chain.root), crypto));
	await fc.assert(
		fc.asyncProperty(document, async ({ by, consent, input, ...said }) => {
			const author = tills[by] as (typeof tills)[number];
			const agreed = consent?.terms;
			const signed =
				consent &&
				agreed &&
				(await signConsent(crypto, tills[consent.by] as typeof author, chain.root, {
					ledger,
					till: devices[agreed.till] ?? '',
					verb: 'order.refund',
					amount: agreed.amount,
					bindsTo: hashOfInput(crypto.sha256, agreed.input),
					date: agreed.date,
					id: agreed.id,
				}));
			const value = { verb: 'order.refund', ...said, ...(signed && { consent: { input, signed } }) };
			const leg = { kind: 'append', log: 'order/1', value: new TextEncoder().encode(JSON.stringify(value)) } as const;
			const entry = { time: { ms: 0, counter: 0 }, parts: [], relies: [], key: undefined, legs: [leg] };
			const isAgreed =
				consent !== null &&
				agreed !== undefined &&
				JSON.stringify([agreed.till, agreed.amount, agreed.input, agreed.date, agreed.id]) ===
					JSON.stringify([by, said.asked, input, said.date, said.approval]) &&
				said.asked <= consent.by;
			const expected = said.asked <= by || isAgreed ? undefined : 'limit order.refund';
			const opening = { key: author.publicKey, credential: author.credential, device: devices[by] ?? '' };
			for (const warden of wardens) expect(await warden.objection(ledger, opening, [entry])).toBe(expected);
		}),
		{ numRuns },
	);
});
