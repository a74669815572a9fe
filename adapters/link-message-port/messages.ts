/**
 * What two ends post to each other, as structured clones. `from` and `to` are numbers that either end draws anew for each
 * connection; an end knows by them whether a message belongs to the connection that it has.
 *
 *   { tillmesh: 'hello', from, to }         I am here as `from`, and have heard of you as `to`; 0: not yet
 *   { tillmesh: 'frame', from, to, bytes }  a frame
 *   { tillmesh: 'took', from, to, total }   of what you sent in this connection I have worked off so much
 *   { tillmesh: 'bye', from, to }           I left this connection
 */
import { limits } from '../../src/base/limits.js';

interface Between {
	readonly from: number;
	readonly to: number;
}

export type Message =
	| (Between & { readonly tillmesh: 'hello' | 'bye' })
	| (Between & { readonly tillmesh: 'frame'; readonly bytes: Uint8Array })
	| (Between & { readonly tillmesh: 'took'; readonly total: number });

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/** Others may use the same port for messages of their own: those are none of ours. */
export function isMessage(value: unknown): value is Message {
	if (typeof value !== 'object' || value === null) return false;
	const { tillmesh, from, to, bytes, total }: Record<string, unknown> = { ...value };
	if (!isCount(from) || !isCount(to)) return false;
	if (tillmesh === 'frame') return bytes instanceof Uint8Array && bytes.length <= limits.frameBytes;
	if (tillmesh === 'took') return isCount(total);
	return tillmesh === 'hello' || tillmesh === 'bye';
}
