import { expect, test } from 'vitest';
import { casesPerRound, GateRound } from './gate-round.js';

/** Raise with GATE_FUZZ=1000000; replay one round with GATE_FUZZ_SEED=n. */
const cases = Number(process.env.GATE_FUZZ ?? 100_000);
const onlySeed = process.env.GATE_FUZZ_SEED;

test(`P5 no hostile update breaks an invariant, no honest one is refused (${cases} updates)`, () => {
	const counts = new Map<string, number>();
	const first = onlySeed === undefined ? 1 : Number(onlySeed);
	const rounds = onlySeed === undefined ? Math.ceil(cases / casesPerRound) : 1;
	for (let seed = first; seed < first + rounds; seed++) {
		const round = new GateRound(seed);
		for (let i = 0; i < casesPerRound; i++) expect(round.step()).toEqual([]);
		for (const [outcome, n] of round.counts) counts.set(outcome, (counts.get(outcome) ?? 0) + n);
	}
	// A fuzz that never gets past the first check proves nothing: every refusal must have been met, and growth too.
	if (rounds * casesPerRound >= 50_000) expect([...counts.keys()].sort()).toEqual(expectedOutcomes);
	if (process.env.GATE_FUZZ !== undefined) console.log(Object.fromEntries(counts));
});

const expectedOutcomes = [
	'client_range',
	'clients_disorder',
	'clock_range',
	'count_range',
	'delete_set',
	'empty',
	'entry_too_large',
	'foreign_root',
	'fork',
	'known',
	'not_binary_content',
	'not_its_root',
	'parent_key',
	'resync',
	'right_origin',
	'skip_or_gc',
	'taken',
	'trailing_bytes',
	'truncated',
	'unsealed',
	'varint_not_minimal',
	'wrong_origin',
];
