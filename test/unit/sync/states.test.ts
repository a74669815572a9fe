import { describe, expect, test } from 'vitest';
import type { FrameKind } from '../../../src/sync/frames.js';
import { admits, type Event, next, type State } from '../../../src/sync/states.js';

const states: readonly State[] = ['down', 'greeting', 'proving', 'comparing', 'live'];
const events: readonly Event[] = ['up', 'met', 'proved', 'compared', 'down'];
const kinds: readonly FrameKind[] = [
	...(['hello', 'proof', 'ping', 'pong', 'bye', 'digests', 'heads', 'update', 'point', 'ack', 'took'] as const),
	...(['reach', 'lost', 'ask', 'peers', 'signal'] as const),
];
const proved: readonly State[] = ['comparing', 'live'];

test('every state has an answer to every event and to every frame', () => {
	expect(Object.keys(next).sort()).toEqual([...states].sort());
	expect(Object.keys(admits).sort()).toEqual([...states].sort());
	for (const state of states) {
		expect(Object.keys(next[state]).sort()).toEqual([...events].sort());
		for (const event of events) expect(states).toContain(next[state][event]);
		expect(Object.keys(admits[state]).sort()).toEqual([...kinds].sort());
		for (const kind of kinds) expect(['take', 'early', 'ignore']).toContain(admits[state][kind]);
	}
});

describe('no way leads around the proof', () => {
	test('only `proved` leads from a state without proof into one with it', () => {
		for (const state of states)
			for (const event of events)
				if (proved.includes(next[state][event])) expect(proved.includes(state) || event === 'proved').toBe(true);
		expect(states.filter((state) => proved.includes(next[state].proved))).toEqual(['proving', 'comparing', 'live']);
	});

	test('without it only greetings, proofs and farewells are taken; and a proof only for a greeting that is here', () => {
		const taken = (state: State) => kinds.filter((kind) => admits[state][kind] === 'take');
		expect(taken('down')).toEqual([]);
		expect(taken('greeting')).toEqual(['hello', 'bye']);
		expect(taken('proving')).toEqual(['hello', 'proof', 'bye']);
		for (const state of proved) expect(taken(state)).toEqual(kinds.filter((kind) => kind !== 'proof'));
	});

	test('a new greeting takes what was proved back, and every way ends with the line', () => {
		for (const state of states) {
			expect(next[state].down).toBe('down');
			expect(next[state].met).toBe(state === 'down' ? 'down' : 'proving');
			expect(next[state].up).toBe('greeting');
		}
	});

	test('every state is reached, and from every state every other', () => {
		const reach = new Map(states.map((state) => [state, new Set([state])]));
		for (let i = 0; i < states.length; i++)
			for (const from of reach.values())
				for (const at of [...from]) for (const event of events) from.add(next[at][event]);
		for (const from of reach.values()) expect(from.size).toBe(states.length);
	});
});
