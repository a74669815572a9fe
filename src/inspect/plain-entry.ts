/**
 * An entry in words that a stranger reads: the decoded fields that stand beside the bytes in an audit log (docs/AUDIT.md).
 * A pure function of the bytes, so that whoever checks a log computes the same text.
 */

import { toBase64 } from '../base/base64.js';
import { fromUtf8 } from '../base/bytes.js';
import type { EpochId, Position } from '../base/ids.js';
import type { Entry } from '../journal/entry.js';
import type { Leg } from '../journal/leg.js';

export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/** As in the keys of a storage: 11 digits of base 36. */
export const spellEpoch = (epoch: EpochId): string => epoch.toString(36).padStart(11, '0');

const plainPosition = ({ epoch, count }: Position): Plain => ({ epoch: spellEpoch(epoch), count });

/** JSON where it is JSON, else its bytes. */
function plainValue(value: Uint8Array): Plain {
	try {
		return JSON.parse(fromUtf8(value)) as Plain;
	} catch {
		return { base64: toBase64(value) }; // a vendor's log may hold anything
	}
}

function plainLeg(leg: Leg): Plain {
	switch (leg.kind) {
		case 'open': {
			const { kind, name, home, key, prev } = leg;
			const before = prev && { ...(plainPosition(prev) as object), hash: toBase64(prev.hash) };
			return { kind, name, home, key: toBase64(key), prev: before };
		}
		case 'torn':
			return {
				kind: leg.kind,
				ledger: leg.part.ledger,
				epoch: spellEpoch(leg.part.epoch),
				row: leg.part.index,
			};
		case 'fence':
			return { kind: leg.kind, device: leg.device, heads: leg.heads.map(plainPosition) };
		case 'append':
		case 'set':
			return { ...leg, value: plainValue(leg.value) };
		case 'unknown':
			return { kind: leg.kind, code: leg.code, stops: leg.stops, body: toBase64(leg.body) };
		default:
			return { ...leg }; // texts and numbers only
	}
}

export function plainEntry({ time, parts, relies, key, legs }: Entry): Plain {
	return {
		ms: time.ms,
		counter: time.counter,
		...(parts.length > 0 && {
			parts: parts.map(({ ledger, epoch, index }) => ({ ledger, epoch: spellEpoch(epoch), row: index })),
		}),
		...(relies.length > 0 && { relies: relies.map(plainPosition) }),
		...(key && { key: key.key, digest: toBase64(key.digest), result: plainValue(key.result) }),
		legs: legs.map(plainLeg),
	};
}

/** What the documents of an entry say was done, and by whom: `verb` and `by`, and who let more be sold than was there. */
export function deedsOf({ legs }: Entry): { readonly did: readonly string[]; readonly by: readonly string[] } {
	const did = new Set<string>();
	const by = new Set<string>();
	for (const leg of legs) {
		if (leg.kind === 'overdraw') by.add(leg.operator);
		if (leg.kind !== 'append' && leg.kind !== 'set') continue;
		const value = plainValue(leg.value);
		const { verb, by: who } = (value ?? {}) as { verb?: unknown; by?: unknown };
		if (typeof verb === 'string') did.add(verb);
		if (typeof who === 'string') by.add(who);
	}
	return { did: [...did], by: [...by] };
}
