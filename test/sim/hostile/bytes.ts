import { limits } from '../../../src/base/limits.js';
import { encodeFrame } from '../../../src/sync/frames.js';
import { type Attack, refused, type Strike } from './attack.js';

const some = ({ machine, chance }: Strike): Uint8Array =>
	machine.loot.frames.length > 0 ? chance.pick(machine.loot.frames) : chance.bytes(40);

/** Bytes that are no frames, or none that may be said now. */
export const byteAttacks: readonly Attack[] = [
	...refused('up', {
		'garbage bytes': ({ wire, chance }) => {
			for (let i = chance.between(1, 8); i > 0; i--) wire.bytes(chance.bytes(chance.stretch(1, 3_000)));
		},
		'an empty frame': ({ wire }) => {
			wire.bytes(new Uint8Array());
		},
		'kinds that are none': ({ wire, chance }) => {
			for (const kind of [0, 17, 100, 255]) wire.bytes(Uint8Array.of(kind, ...chance.bytes(9)));
		},
		'frames past 1 MiB': ({ wire }) => {
			for (const kind of [1, 6, 8]) wire.bytes(new Uint8Array(limits.frameBytes + 1).fill(kind, 0, 1));
		},
		'half a frame': (strike) => {
			const whole = some(strike);
			strike.wire.bytes(whole.subarray(0, strike.chance.below(whole.length)));
		},
		'a frame with something behind it': (strike) => {
			strike.wire.bytes(Uint8Array.of(...some(strike), 0));
		},
		'a frame with one bit changed': (strike) => {
			const bent = some(strike).slice();
			// Of what says who has what only the kind: the rest would be read, and believed as anybody's word is.
			const at = [7, 10, 12].includes(bent[0] ?? 0) ? 0 : strike.chance.below(Math.min(4, bent.length));
			bent[at] = (bent[at] ?? 0) ^ 0x80;
			strike.wire.bytes(bent);
		},
		'a list of 2^52 things': ({ wire }) => {
			for (const kind of [6, 7, 10, 13, 15])
				wire.bytes(Uint8Array.of(kind, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f));
		},
		'names that are not UTF-8': ({ wire }) => {
			wire.bytes(Uint8Array.of(10, 3, 0xc1, 0xad, 0x80, 0));
			wire.bytes(Uint8Array.of(16, 2, 0xed, 0xa0, 1, 0x61, 0));
		},
	}),
	...refused('live', {
		'garbage bytes as a peer': ({ wire, chance }) => {
			for (let i = chance.between(1, 30); i > 0; i--) wire.bytes(chance.bytes(chance.stretch(1, 200)));
		},
	}),
];

export const emptyDigests = encodeFrame({ kind: 'digests', answer: true, ledgers: [] });
