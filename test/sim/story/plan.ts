import type { Topology } from '../machines/chain.js';
import { Chance } from '../machines/chance.js';
import { goodLine, type LineFaults } from '../machines/network.js';

/** What may go wrong, and in how many of a hundred seeds it is allowed to. */
export const faultShares = {
	partition: 60,
	delay: 80,
	duplicate: 60,
	crash: 60,
	torn: 30,
	disk: 20,
	clock: 30,
	restore: 10,
	clone: 10,
	'relay-lost': 10,
	hostile: 20,
	newer: 20,
} as const;

export type FaultName = keyof typeof faultShares;
export const faultNames = Object.keys(faultShares) as readonly FaultName[];

/** Faults that happen in a step of their own; the others are in the lines all the time. */
const steppedFaults: readonly FaultName[] = faultNames.filter((name) => name !== 'delay' && name !== 'duplicate');

/**
 * Accidents in which several things meet that seldom meet by themselves, though a bug may show there and nowhere else: what fault
 * each is one of, and in how many of a hundred seeds with that fault it happens.
 */
export const meetings = {
	alone: { of: 'crash', percent: 30 },
	'half-lost': { of: 'torn', percent: 50 },
	covered: { of: 'torn', percent: 60 },
	volley: { of: 'hostile', percent: 60 },
	'older-point': { of: 'relay-lost', percent: 60 },
	'lesser-point': { of: 'relay-lost', percent: 60 },
} as const satisfies Readonly<Record<string, { readonly of: FaultName; readonly percent: number }>>;

export type MeetingName = keyof typeof meetings;
export const meetingNames = Object.keys(meetings) as readonly MeetingName[];

export type StepKind = 'act' | 'wait' | 'tend' | 'check' | FaultName | MeetingName;

export const isMeeting = (kind: StepKind): kind is MeetingName => Object.hasOwn(meetings, kind);

/** What fault a step is one of, with which it is left out. */
export function faultOf(kind: FaultName | MeetingName): FaultName;
export function faultOf(kind: StepKind): StepKind;
export function faultOf(kind: StepKind): StepKind {
	return isMeeting(kind) ? meetings[kind].of : kind;
}

/** One thing that happens. Everything in it is drawn from `seed`, so that steps can be left out and the others stay the same. */
export interface Step {
	/** Place in the whole plan; stays when others are left out. */
	readonly index: number;
	readonly kind: StepKind;
	readonly seed: number;
	/** Time that passes after it. */
	readonly waitMs: number;
}

/** All that a seed says: who is there, what may go wrong, what happens. */
export interface Plan {
	readonly seed: number;
	readonly topology: Topology;
	readonly faults: ReadonlySet<FaultName>;
	/** What every line does to frames until all is healed. */
	readonly line: LineFaults;
	readonly steps: readonly Step[];
	/** Real hashes, signatures and ciphers, where something stands in for them otherwise. */
	readonly realKeys?: boolean;
}

/** Every fourth chain has a root key; it changes nothing else that a seed says. */
const hasRoot = (seed: number): boolean => seed % 4 === 3;

export function planOf(seed: number): Plan {
	const chance = new Chance(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995);
	const faults = new Set(faultNames.filter((name) => chance.chance(faultShares[name])));
	const topology = { ...topologyOf(chance, faults), ...(hasRoot(seed) && { root: true }) };
	const line = lineOf(chance, faults);
	return { seed, topology, faults, line, steps: withMeetings(seed, faults, stepsOf(chance, faults, topology)) };
}

/** Drawn by a chance of their own: a seed's other steps are what they were, and keep their numbers. */
function withMeetings(seed: number, faults: ReadonlySet<FaultName>, steps: Step[]): readonly Step[] {
	const chance = new Chance(Math.imul(seed, 0x85ebca6b) ^ 0x27d4eb2f);
	const index = steps.length;
	for (const kind of meetingNames) {
		const { of, percent } = meetings[kind];
		const at = chance.below(steps.length + 1);
		const step = { kind, seed: chance.next(), waitMs: waitOf(chance) };
		if (chance.chance(percent) && faults.has(of))
			steps.splice(at, 0, { index: index + meetingNames.indexOf(kind), ...step });
	}
	return steps;
}

/** Tills of a store that stands alone. */
const smallStores = [2, 2, 2, 2, 3, 3, 3, 4, 5];

/** Most shops are small, and small worlds find most: a chain of sixty tills costs as much as a hundred of them. */
function topologyOf(chance: Chance, faults: Set<FaultName>): Topology {
	const size = chance.below(1_000);
	const isChain = size >= 960;
	const stores = isChain ? (size >= 998 ? chance.between(3, 5) : 2) : 1;
	const tillsPerStore = size >= 998 ? chance.between(4, 12) : isChain ? chance.between(2, 3) : chance.pick(smallStores);
	const relay = isChain || faults.has('relay-lost') || chance.chance(20);
	return {
		stores,
		tillsPerStore,
		relay,
		hq: isChain || (relay && chance.chance(20)),
		mesh: !isChain && chance.chance(40),
		archive: chance.chance(40),
		segmentRows: chance.pick([12, 20, 40, 80]),
		checkpointRows: chance.pick([2, 4, 10]),
		syncMsMax: chance.pick([2, 20, 200]),
	};
}

function lineOf(chance: Chance, faults: Set<FaultName>): LineFaults {
	const delays = faults.has('delay');
	const repeats = faults.has('duplicate');
	return {
		delayMsMax: delays ? chance.stretch(3, 3_600_000) : goodLine.delayMsMax,
		reorderPercent: delays ? chance.between(0, 20) : 0,
		dropPercent: repeats ? chance.between(0, 20) : 0,
		duplicatePercent: repeats ? chance.between(0, 20) : 0,
	};
}

function stepsOf(chance: Chance, faults: Set<FaultName>, { stores }: Topology): Step[] {
	const steps: Step[] = [];
	const stepped = steppedFaults.filter((name) => faults.has(name));
	const acts = stores > 2 ? 60 : chance.stretch(4, 90);
	const faultPercent = stepped.length === 0 ? 0 : chance.between(4, 15);
	for (let done = 0; done < acts; ) {
		const kind = kindOf(chance, stepped, faultPercent);
		if (kind === 'act') done++;
		steps.push({ index: steps.length, kind, seed: chance.next(), waitMs: waitOf(chance) });
	}
	return steps;
}

function kindOf(chance: Chance, stepped: readonly FaultName[], faultPercent: number): StepKind {
	if (chance.chance(faultPercent)) return chance.pick(stepped);
	const other = chance.below(100);
	return other < 2 ? 'wait' : other < 5 ? 'tend' : other < 8 ? 'check' : 'act';
}

/** At a weekend several sell in one moment; then nobody for a while. */
function waitOf(chance: Chance): number {
	if (chance.chance(75)) return chance.below(3);
	return chance.stretch(3, 3_000);
}
