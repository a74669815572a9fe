/**
 * What two devices tell each other, through peers of both, to get a connection of their own. JSON, for the two descriptions
 * and the candidates inside are text already:
 *
 *     { v: 1, kind, by, run, n, ... }
 *
 * `by` is drawn anew by every source that starts, so that a restarted device is known as one. `run` and `n` name the attempt:
 * `by` of the side that offers, counted from 1 for each peer.
 */
import { fromUtf8, utf8 } from '../../src/base/bytes.js';

export interface AttemptId {
	readonly run: string;
	readonly n: number;
}

interface SignalHead extends AttemptId {
	readonly by: string;
}

export interface Description extends SignalHead {
	readonly kind: 'offer' | 'answer';
	readonly sdp: string;
}

export interface Candidate extends SignalHead {
	readonly kind: 'candidate';
	readonly candidate: string;
	readonly mid: string;
}

/**
 * "I am here." From the side that may not offer: "offer to me". From the one that offers, which does so to nobody that never
 * called: "call me". Names the last attempt that the sender knows, `n` 0 for none.
 */
export interface Call extends SignalHead {
	readonly kind: 'call';
}

export type Signal = Description | Candidate | Call;

const version = 1;
/** What `Signals` carries. */
export const signalBytesMax = 16 * 1024;
const runChars = 32;
const midChars = 16;
const candidateChars = 1024;

export function encodeSignal(signal: Signal): Uint8Array {
	return utf8(JSON.stringify({ v: version, ...signal }));
}

const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.length <= max;

/** Undefined for whatever is no signal of this version. */
export function decodeSignal(message: Uint8Array): Signal | undefined {
	if (message.length > signalBytesMax) return undefined;
	try {
		return signalOf(JSON.parse(fromUtf8(message)));
	} catch {
		return undefined;
	}
}

function signalOf(value: unknown): Signal | undefined {
	if (typeof value !== 'object' || value === null) return undefined;
	const { v, kind, by, run, n, sdp, candidate, mid } = value as Record<string, unknown>;
	if (v !== version || !isText(by, runChars) || !isText(run, runChars)) return undefined;
	if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0) return undefined;
	const head = { by, run, n };
	switch (kind) {
		case 'offer':
		case 'answer':
			return isText(sdp, signalBytesMax) ? { ...head, kind, sdp } : undefined;
		case 'candidate':
			return isText(candidate, candidateChars) && isText(mid, midChars) ? { ...head, kind, candidate, mid } : undefined;
		case 'call':
			return { ...head, kind };
		default:
			return undefined;
	}
}
