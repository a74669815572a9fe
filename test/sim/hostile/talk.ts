import { encodeFrame, type Frame } from '../../../src/sync/frames.js';
import { type Attack, refused, type Strike, taken } from './attack.js';
import { emptyDigests } from './bytes.js';

const nothing = new Uint8Array();
const far = 2 ** 40;

/** Epochs that are nowhere. */
const nowhere = ({ chance }: Strike) =>
	Array.from({ length: 40 }, () => ({ epoch: chance.between(1, 2 ** 30), count: far }));

const flood = ({ wire }: Strike, times: number, frame: (i: number) => Frame | Uint8Array): void => {
	for (let i = 0; i < times; i++) {
		const each = frame(i);
		if (each instanceof Uint8Array) wire.bytes(each);
		else wire.say(each);
	}
};

const others = ({ machine, wire }: Strike): string[] => [...machine.loot.devices(), wire.theirs?.device ?? 'nobody'];

/** What it says of itself and of others beside rows. Nothing of it is written down by a device. */
const lies: Readonly<Record<string, (strike: Strike) => void | Promise<void>>> = {
	'says that it has what is nowhere': (strike) => {
		const { machine, wire, chance } = strike;
		const ledger = machine.ledger(wire, chance);
		wire.say({ kind: 'ack', ledger, positions: nowhere(strike) });
		wire.say({ kind: 'ack', ledger: 'elsewhere/x', positions: nowhere(strike) });
	},
	'says that what is nowhere has got everywhere': (strike) => {
		const { machine, wire, chance } = strike;
		const ledger = machine.ledger(wire, chance);
		for (const tier of ['device', 'copy', 'store', 'hq', 'archive'] as const)
			wire.say({ kind: 'reach', tier, ledger, positions: nowhere(strike) });
	},
	'says that rows were lost': (strike) => {
		const { machine, wire, chance } = strike;
		const ledger = machine.ledger(wire, chance);
		const positions = [...machine.loot.epochs.keys()].slice(0, 8).map((epoch) => ({ epoch, count: far }));
		flood(strike, 30, () => ({ kind: 'lost', ledger, positions: [...positions, ...nowhere(strike)] }));
	},
	'took checkpoints that nobody sent': (strike) => {
		const { machine, wire, chance } = strike;
		const ledger = machine.ledger(wire, chance);
		flood(strike, 20, () => ({ kind: 'took', ledger, id: chance.bytes(32), bytes: far }));
	},
	'a request to compare each millisecond': (strike) => flood(strike, 300, () => emptyDigests),
	'heads of four hundred ledgers that are not here': (strike) => {
		const positions = nowhere(strike);
		const ledgers = Array.from({ length: 400 }, (_, i) => ({
			ledger: `stock/none-${i}`,
			rows: positions,
			covered: positions,
			checkpoint: strike.chance.bytes(32),
			marks: strike.chance.bytes(8 * positions.length),
		}));
		strike.wire.say({ kind: 'heads', answer: true, ledgers });
	},
	'heads of rows that nobody wrote': (strike) => {
		const { machine, wire, chance } = strike;
		const ledger = machine.ledger(wire, chance);
		const [known] = machine.loot.epochs.keys();
		const rows = [...nowhere(strike), ...(known === undefined ? [] : [{ epoch: known, count: far }])];
		wire.say({
			kind: 'heads',
			answer: false,
			ledgers: [{ ledger, rows, covered: [], checkpoint: nothing, marks: nothing }],
		});
	},
	'asks for what is not, and without measure': (strike) => {
		const { machine, wire, chance } = strike;
		const ledger = machine.ledger(wire, chance);
		const amounts = [0, 1, far, Number.MAX_SAFE_INTEGER];
		flood(strike, 200, (i) => ({
			kind: 'ask',
			id: `${i % 50}.${'9'.repeat(i)}`,
			ledger: chance.chance(50) ? ledger : 'elsewhere/x',
			pool: chance.pick(['', 'nothing', 'nothing/at-all', '__proto__/x']),
			amount: chance.pick(amounts),
			need: chance.pick(amounts),
			to: chance.pick([machine.device, 'nobody', '']),
			donor: chance.pick([...others(strike), machine.device, 'nobody', '9'.repeat(i)]),
			hops: 255,
		}));
	},
	'names a thousand devices that are nowhere': (strike) => {
		const { chance } = strike;
		flood(strike, 4, () => ({
			kind: 'peers',
			devices: Array.from({ length: 256 }, () => ({
				device: chance.next().toString(36),
				name: '\u0000'.repeat(300),
				linked: chance.chance(50),
				agoMs: far,
			})),
		}));
	},
	'says that it is linked to everybody': (strike) => {
		const devices = others(strike).map((device) => ({ device, name: 'till', linked: true, agoMs: 0 }));
		strike.wire.say({ kind: 'peers', devices });
	},
	'signals in the name of others': (strike) => {
		const { chance, wire } = strike;
		const names = others(strike);
		flood(strike, 150, () => ({
			kind: 'signal',
			from: chance.pick(names),
			to: chance.pick([...names, wire.theirs?.device ?? 'nobody']),
			message: chance.bytes(40),
		}));
		wire.say({ kind: 'signal', from: chance.pick(names), to: chance.pick(names), message: new Uint8Array(20_000) });
	},
	'answers pings that nobody sent': (strike) => {
		flood(strike, 40, (i) => ({ kind: i % 2 ? 'ping' : 'pong', id: i * far, timeMs: Number.MAX_SAFE_INTEGER }));
	},
	'more than is kept of what waits': (strike) => {
		const frame = encodeFrame({ kind: 'signal', from: 'a', to: 'b', message: new Uint8Array(500_000) });
		flood(strike, 7, () => frame);
	},
	'bids farewell for no reason': ({ wire, chance }) => {
		wire.say({ kind: 'bye', reason: chance.pick(['stopping', 'bad_proof', '\u0000', 'x'.repeat(1_000)]) });
	},
	'says what others have said': ({ machine, wire }) => {
		for (const frame of machine.loot.frames) if ([8, 15, 16].includes(frame[0] ?? 0)) wire.bytes(frame);
	},
};

/** What it is, by its own word: the line goes on, and it gets what such a one gets. */
const claims: Readonly<Record<string, (strike: Strike) => void | Promise<void>>> = {
	'says that it is headquarters and an archive, and keeps nothing': ({ wire, chance }) =>
		wire.greet({ role: chance.pick(['store', 'hq'] as const), archive: true }),
	'keeps six hundred patterns': async ({ wire }) => {
		await wire.greet({ keeps: Array.from({ length: 600 }, (_, i) => `n${i}/*`) });
		wire.bytes(emptyDigests);
	},
	'keeps nothing at all': ({ wire }) => wire.greet({ keeps: [] }),
	'greets anew, twenty times': async ({ wire }) => {
		for (let i = 0; i < 20; i++) await wire.greet({ name: `${i}` });
	},
	'proves who it is, and never says what it has': async ({ wire }) => {
		wire.isSecretive = true;
		await wire.greet();
	},
	'reads nothing any more': ({ wire }) => {
		wire.isDeaf = true;
	},
};

export const talkAttacks: readonly Attack[] = [...refused('live', lies), ...taken(claims)];
