import type { FrameKind } from './frames.js';

/**
 * - `down`: the link has no way.
 * - `greeting`: our hello is out.
 * - `proving`: theirs is here, their proof is not.
 * - `comparing`: they are who they say; what they hold is not known.
 * - `live`: both know what the other lacks.
 */
export type State = 'down' | 'greeting' | 'proving' | 'comparing' | 'live';

export type Event = 'up' | 'met' | 'proved' | 'compared' | 'down';

/** A peer may greet anew at any time: it goes on under another name. What is proved twice stays proved. */
export const next: Readonly<Record<State, Readonly<Record<Event, State>>>> = {
	down: { up: 'greeting', met: 'down', proved: 'down', compared: 'down', down: 'down' },
	greeting: { up: 'greeting', met: 'proving', proved: 'greeting', compared: 'greeting', down: 'down' },
	proving: { up: 'greeting', met: 'proving', proved: 'comparing', compared: 'proving', down: 'down' },
	comparing: { up: 'greeting', met: 'proving', proved: 'comparing', compared: 'live', down: 'down' },
	live: { up: 'greeting', met: 'proving', proved: 'live', compared: 'live', down: 'down' },
};

/** `early` is refused and counted: nothing is believed before the peer has proved who it is. */
type Verdict = 'take' | 'early' | 'ignore';

const proved: Readonly<Record<FrameKind, Verdict>> = {
	hello: 'take',
	proof: 'ignore',
	ping: 'take',
	pong: 'take',
	bye: 'take',
	digests: 'take',
	heads: 'take',
	update: 'take',
	point: 'take',
	ack: 'take',
	took: 'take',
	reach: 'take',
	lost: 'take',
	ask: 'take',
	peers: 'take',
	signal: 'take',
};

const unproved: Readonly<Record<FrameKind, Verdict>> = {
	hello: 'take',
	proof: 'take',
	ping: 'early',
	pong: 'early',
	bye: 'take',
	digests: 'early',
	heads: 'early',
	update: 'early',
	point: 'early',
	ack: 'early',
	took: 'early',
	reach: 'early',
	lost: 'early',
	ask: 'early',
	peers: 'early',
	signal: 'early',
};

const gone = Object.fromEntries(Object.keys(proved).map((kind) => [kind, 'ignore'])) as Record<FrameKind, Verdict>;

export const admits: Readonly<Record<State, Readonly<Record<FrameKind, Verdict>>>> = {
	down: gone,
	greeting: { ...unproved, proof: 'early' },
	proving: unproved,
	comparing: proved,
	live: proved,
};
