import { utf8 } from '../../../src/base/bytes.js';
import { limits } from '../../../src/base/limits.js';
import { encodeEntry } from '../../../src/journal/entry.js';
import type { Leg } from '../../../src/journal/leg.js';
import { type Attack, refused, type Strike } from './attack.js';
import { Pen } from './pen.js';

type Said = readonly Leg[] | Uint8Array;

const json = (text: string): Uint8Array => utf8(text);
const pool = 'stock/tea';
const long = 'x'.repeat(600);

/** An entry of one leg, by its bytes: what no encoder writes. */
const raw = (code: number, ...body: number[]): Uint8Array => Uint8Array.of(1, 0, 1, 0, code, body.length, ...body);
const name = [...utf8(`\u0009${pool}`)];
const pastSafe = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];

/** What no honest author writes, whatever its state; the hostile device itself is `me`. */
const nonsense: Readonly<Record<string, (me: string, other: string) => Said>> = {
	'mint nothing': () => [{ kind: 'mint', pool, amount: 0, document: 'd' }],
	'spend nothing': () => [{ kind: 'spend', pool, amount: 0 }],
	'grant nothing': (_, other) => [{ kind: 'grant', pool, amount: 0, to: other, request: '' }],
	'grant to itself': (me) => [{ kind: 'grant', pool, amount: 1, to: me, request: '' }],
	'hold nothing': () => [{ kind: 'hold', pool, amount: 0, hold: 'h', leaseMs: 1_000 }],
	'hold under a name of its choice': () => [{ kind: 'hold', pool, amount: 1, hold: 'mine', leaseMs: 1_000 }],
	'hold for no time': () => [{ kind: 'hold', pool, amount: 1, hold: 'h', leaseMs: 0 }],
	'capture nothing': () => [{ kind: 'capture', pool, hold: 'h', held: 3, amount: 0 }],
	'capture more than was held': () => [{ kind: 'capture', pool, hold: 'h', held: 3, amount: 4 }],
	'release nothing': () => [{ kind: 'release', pool, hold: 'h', held: 0 }],
	'expire nothing': () => [{ kind: 'expire', pool, hold: 'h', held: 0 }],
	'overdraw nothing': () => [{ kind: 'overdraw', pool, amount: 0, operator: 'x', reason: 'y' }],
	'fence itself': (me) => [{ kind: 'fence', device: me, heads: [] }],
	'reclaim from itself': (me) => [{ kind: 'reclaim', pool, from: me, share: 1, held: 0 }],
	'reclaim nothing': (_, other) => [{ kind: 'reclaim', pool, from: other, share: 0, held: 0 }],
	'log what is no JSON': () => [{ kind: 'append', log: 'orders', value: json('{"a":NaN}') }],
	'log a BigInt': () => [{ kind: 'append', log: 'orders', value: json('[1n]') }],
	'log nothing': () => [{ kind: 'append', log: 'orders', value: new Uint8Array() }],
	'log what is not UTF-8': () => [
		{ kind: 'append', log: 'orders', value: Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22) },
	],
	'set what is no JSON': () => [{ kind: 'set', cell: 'price/tea', priority: 0, value: json('undefined') }],
	'a name of 600 letters': () => [{ kind: 'add', counter: long, amount: 1 }],
	'open twice': () => [{ kind: 'open', prev: null, key: new Uint8Array(32), name: 'again', home: false }],
	'more legs than a commit may have': () =>
		Array.from({ length: limits.commitLegs + 1 }, () => ({ kind: 'add', counter: 'c', amount: 1 }) as const),
	'spend minus one': () => raw(5, ...name, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
	'spend 2^53': () => raw(5, ...name, ...pastSafe),
	'mint 2^53': () => raw(4, ...name, ...pastSafe, 1, 0x64),
	'grant what is not a number': () => raw(6, ...name, ...Array<number>(20).fill(0x80), 0, 1, 0x65, 0),
	'a leg longer than its entry': () => Uint8Array.of(1, 0, 1, 0, 5, 0x7f, 1),
	'a leg cut short': () => raw(5, ...name.slice(0, 4)),
	'an entry of a version to come': () => Uint8Array.of(2, 0, 1, 0),
	'an entry with flags that are none': () => Uint8Array.of(1, 8, 1, 0),
	'an empty entry': () => new Uint8Array(),
	'an entry of 20 KB': () => new Uint8Array(20_000).fill(1),
	'a key whose result is no JSON': () => {
		const key = { key: 'k', digest: new Uint8Array(16), result: json('{') };
		return encodeEntry({ time: { ms: Date.UTC(2026, 0, 1), counter: 0 }, parts: [], relies: [], key, legs: [] });
	},
};

async function write({ machine, wire, chance }: Strike, what: string, said: (me: string, other: string) => Said) {
	const ledger = machine.ledger(wire, chance);
	const pen = machine.decoy(ledger, what);
	const written = said(machine.device, wire.theirs?.device ?? 'nobody');
	if (written instanceof Uint8Array) pen.raw(written);
	else pen.write(written);
	wire.say(await pen.update());
}

/** What an epoch may not begin with. */
const openings: Readonly<Record<string, (key: Uint8Array) => readonly Leg[]>> = {
	'an epoch that does not open': () => [{ kind: 'spend', pool, amount: 1 }],
	'an epoch that opens late': (key) => [
		{ kind: 'add', counter: 'visitors', amount: 1 },
		{ kind: 'open', prev: null, key, name: 'late', home: false },
	],
	'an epoch of no legs': () => [],
	'an epoch under a key of 31 bytes': (key) => [
		{ kind: 'open', prev: null, key: key.subarray(1), name: 'short', home: false },
	],
	'an epoch under a key of another': () => [
		{ kind: 'open', prev: null, key: new Uint8Array(32).fill(7), name: 'other', home: false },
	],
	'an epoch after a head without a hash': (key) => [
		{ kind: 'open', prev: { epoch: 5, count: 1, hash: new Uint8Array(3) }, key, name: 'h', home: false },
	],
};

async function open({ machine, wire, chance }: Strike, what: string, legs: (key: Uint8Array) => readonly Leg[]) {
	const { crypto, pair, nowMs } = machine;
	const ledger = machine.ledger(wire, chance);
	const pen = new Pen({ crypto, pair, ledger, nonce: machine.nonce(), nowMs }, null, legs(pair.publicKey));
	machine.refusable.set(pen.id, what);
	wire.say(await pen.update());
}

/** Business nonsense in a journal of its own, chained and sealed as it must be (P11). */
export const nonsenseAttacks: readonly Attack[] = [
	...refused(
		'live',
		Object.fromEntries(
			Object.entries(nonsense).map(([what, said]) => [what, (strike: Strike) => write(strike, what, said)]),
		),
	),
	...refused(
		'live',
		Object.fromEntries(
			Object.entries(openings).map(([what, legs]) => [what, (strike: Strike) => open(strike, what, legs)]),
		),
	),
];
