import { encodeFrame, type Hello } from '../../../src/sync/frames.js';
import { type Attack, refused, type Strike } from './attack.js';
import { emptyDigests } from './bytes.js';

/** A greeting that leads nowhere, then its proof, and talk as if it had led somewhere. */
async function pretend({ wire, machine, chance }: Strike, changes: Partial<Hello>): Promise<void> {
	const mine = wire.hello(changes);
	wire.say(mine);
	if (wire.theirs) await wire.prove(mine, wire.theirs);
	// Where the greeting is lost, what follows it is what a peer says that is known.
	if (!wire.isFaithful) return;
	const pen = machine.decoy(machine.ledger(wire, chance), 'rows behind a greeting that leads nowhere');
	wire.bytes(emptyDigests);
	wire.say(await pen.update());
}

const otherDevice = ({ machine, wire }: Strike): string => machine.loot.devices()[0] ?? wire.theirs?.device ?? 'nobody';

/** Who it says that it is. Each leaves the line without a peer, until it greets as it should. */
export const greetingAttacks: readonly Attack[] = refused('up', {
	'rows before the proof': async ({ machine, chance, wire }) => {
		if (!wire.isFaithful) return;
		wire.leave();
		const pen = machine.decoy(machine.ledger(wire, chance), 'rows before the proof');
		const update = encodeFrame(await pen.update());
		wire.early = [update, emptyDigests, update];
	},
	'thirty frames before the proof': ({ wire }) => {
		wire.leave();
		wire.early = Array.from({ length: 30 }, () => emptyDigests);
	},
	'a greeting and a proof heard from another': ({ wire, machine }) => {
		for (const frame of machine.loot.greetings) wire.bytes(frame);
		wire.bytes(emptyDigests);
	},
	"a greeting under another's name": (strike) => pretend(strike, { device: otherDevice(strike) }),
	"a greeting with another's key": async (strike) => {
		const { theirs } = strike.wire;
		if (theirs) await pretend(strike, { device: theirs.device, key: theirs.key });
	},
	"a greeting with the victim's nonce": async (strike) => {
		const { theirs } = strike.wire;
		if (theirs) await pretend(strike, { nonce: theirs.nonce });
	},
	'a greeting of another chain': (strike) => pretend(strike, { chain: 'elsewhere' }),
	'a greeting of a version to come': (strike) => pretend(strike, { oldest: 3, newest: 2 ** 40 }),
	'a greeting of a version long gone': (strike) => pretend(strike, { oldest: 0, newest: 1 }),
	'a greeting of 30 KiB': ({ wire }) => {
		wire.say(wire.hello({ name: 'n'.repeat(30_000) })); // not read: who was known before stays known
	},
	'a proof of zeros': ({ wire }) => {
		wire.say(wire.hello());
		wire.say({ kind: 'proof', signature: new Uint8Array(64) });
	},
	'two hundred greetings': ({ wire }) => {
		for (let i = 0; i < 200; i++) wire.say(wire.hello());
	},
});
