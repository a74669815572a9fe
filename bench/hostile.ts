/** Updates of an attacker with a valid key, bent in structure and in bytes, against the gate and a receiver behind it. */
import { casesPerRound, GateRound } from '../test/property/gate-round.js';
import { Held, type Said, serve, startPart } from './part.js';
import { progress } from './rounds.js';
import type { BenchOptions, Table } from './table.js';

/** Nothing is timed here: every core has its part of the seeds. */
const processes = 2;

interface Found {
	/** How updates ended, and how often. */
	readonly outcomes: Readonly<Record<string, number>>;
	/** Each with the seed that replays it. */
	readonly faults: readonly string[];
}

function play(from: number, to: number): Found {
	const outcomes: Record<string, number> = {};
	const faults: string[] = [];
	for (let seed = from; seed < to; seed++) {
		const round = new GateRound(seed);
		for (let i = 0; i < casesPerRound; i++) faults.push(...round.step());
		for (const [outcome, n] of round.counts) outcomes[outcome] = (outcomes[outcome] ?? 0) + n;
	}
	return { outcomes, faults };
}

/** Plays seeds in a process of its own. */
export function hostilePart(): Promise<Said> {
	return serve({}, { play: ({ from, to }) => ({ ...play(Number(from), Number(to)) }) });
}

async function playAll(seeds: number): Promise<Found[]> {
	await using held = new Held();
	const each = Math.ceil(seeds / processes);
	const all = Array.from({ length: processes }, async (_, i) => {
		const part = held.add(await startPart('hostile-part'));
		const range = { from: 1 + i * each, to: 1 + Math.min(seeds, (i + 1) * each) };
		return (await part.ask('play', range)) as unknown as Found; // as `play` answers
	});
	return await Promise.all(all);
}

export async function hostile({ quick = false }: BenchOptions): Promise<Table> {
	const cases = quick ? 20_000 : 1_000_000;
	const seeds = cases / casesPerRound;
	const counts = new Map<string, number>();
	let broken = 0;
	for (const { outcomes, faults } of await playAll(seeds)) {
		for (const [outcome, n] of Object.entries(outcomes)) counts.set(outcome, (counts.get(outcome) ?? 0) + n);
		for (const fault of faults) progress(fault);
		broken += faults.length;
	}
	const shown = (n: number) => n.toLocaleString('en');
	return {
		title: 'hostile: what an attacker sends',
		note: [
			`${shown(cases)} updates from seeds 1 to ${shown(seeds)}: honest ones (15 %), and those of an attacker who has a valid key and bends`,
			'structure and bytes. After each: nobody else’s journal changed, nothing grew by more than was sent, Yjs holds nothing back, a',
			'newcomer reads the same, and no honest update was refused. How they ended, by the code of the refusal.',
		].join(' '),
		columns: ['outcome', 'updates'],
		rows: [
			['invariants broken', broken],
			...[...counts].sort(([, a], [, b]) => b - a).map(([outcome, n]) => [outcome, shown(n)]),
		],
		figures: { inputs: cases, broken },
	};
}
