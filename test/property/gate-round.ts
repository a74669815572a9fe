import * as Y from 'yjs';
import { equalBytes, toHex, utf8 } from '../../src/base/bytes.js';
import { checkName, limits } from '../../src/base/limits.js';
import { rootName } from '../../src/journal/epoch.js';
import { gateUpdate } from '../../src/journal/gate.js';
import { encodeUpdate, type Run } from '../../src/journal/update.js';
import { GatedSegment, type Journal, journalOf, runOf } from './gated-segment.js';
import { mutateBytes, mutations, type Targets } from './hostile-updates.js';
import { Dice, honestModel, writeUpdate } from './update-model.js';

const names = Object.keys(mutations);
/** Updates of one round that are worth their setting up. */
export const casesPerRound = 40;

/** Two honest devices and the attacker `m`, who has a valid key and may write what it likes, but only as itself. */
export class GateRound {
	readonly dice: Dice;
	readonly honest: Journal[];
	readonly own: Journal[];
	readonly targets: Targets;
	readonly receiver: GatedSegment;
	/** How each update ended, and how often. */
	readonly counts = new Map<string, number>();

	constructor(readonly seed: number) {
		this.dice = new Dice(seed);
		const { dice } = this;
		const nonce = (): string => (1 + dice.below(2 ** 31)).toString(36);
		const write = (device: string): Journal =>
			journalOf(
				{ device, nonce: nonce() },
				Array.from({ length: 1 + dice.below(6) }, () => dice.bytes(dice.below(24))),
			);
		this.honest = [write('a'), write('b'), write('a')];
		this.own = [write('m'), write('m')];
		const all = [...this.honest, ...this.own];
		this.targets = {
			epochs: all.map(({ epoch }) => epoch),
			roots: all.map(({ root }) => utf8(rootName(root))),
		};
		this.receiver = new GatedSegment((epoch, root) =>
			root.device === 'm' ? undefined : (this.honest.find((journal) => journal.epoch === epoch)?.entries ?? 'nobody'),
		);
		if (dice.chance(80)) this.receiver.deliver(encodeUpdate(this.honest.map((j) => runOf(j, 0, dice.below(4)))));
	}

	/** What a peer may send: the rest of some journals, a part of them, or all of it again. */
	runs(journals: readonly Journal[]): Run[] {
		const { dice, receiver } = this;
		return journals
			.filter(() => dice.chance(60))
			.map((journal) => {
				const held = receiver.rows.get(journal.epoch)?.entries.length ?? 0;
				const from = dice.chance(70) ? held : dice.below(held + 1);
				return runOf(journal, from, dice.chance(60) ? from + 1 + dice.below(3) : undefined);
			});
	}

	honestUpdate(): Uint8Array {
		const { dice } = this;
		const update = encodeUpdate(this.runs(this.honest));
		if (dice.chance(60)) return update;
		return dice.chance(50)
			? Y.mergeUpdates([update, encodeUpdate(this.honest.map((journal) => runOf(journal, 0)))])
			: Y.diffUpdate(encodeUpdate(this.honest.map((j) => runOf(j, 0))), Y.encodeStateVector(this.receiver.doc));
	}

	/** The attacker goes on after what the receiver holds of its journals, whatever that is by now. */
	hostileUpdate(): Uint8Array {
		const { dice } = this;
		const own = this.own.map((journal): Run => {
			const from = this.receiver.rows.get(journal.epoch)?.entries.length ?? 0;
			const entries = Array.from({ length: dice.below(4) }, () => dice.bytes(dice.below(10)));
			return { epoch: journal.epoch, name: journal.root, from, entries };
		});
		const model = honestModel([...own, ...this.runs(this.honest)]);
		for (let i = dice.below(4); i > 0; i--) mutations[dice.pick(names)]?.(model, dice, this.targets);
		let bytes = writeUpdate(model);
		for (let i = dice.chance(40) ? 1 + dice.below(2) : 0; i > 0; i--) bytes = mutateBytes(bytes, dice);
		return bytes;
	}

	/** One update; answers what it broke. */
	step(): string[] {
		const honest = this.dice.chance(15);
		const update = honest ? this.honestUpdate() : this.hostileUpdate();
		const sent = update.slice();
		const before = encodeUpdate(this.receiver.runs()).length;
		const faults: string[] = [];
		let outcome: string;
		try {
			const verdict = gateUpdate(update);
			if (verdict.ok) {
				const again = encodeUpdate(verdict.runs.map(({ root, ...run }) => ({ ...run, name: root })));
				if (!equalBytes(again, update)) faults.push('what passed has two encodings');
				for (const { root, entries } of verdict.runs) {
					if (root !== undefined) checkName('device', root.device);
					if (root?.device.includes('/')) faults.push('a device with a slash');
					if (entries.some((entry) => entry.length > limits.entryBytes)) faults.push('an entry over the limit');
				}
			}
			outcome = this.receiver.deliver(update);
			if (verdict.ok) faults.push(...this.receiver.faults());
		} catch (error) {
			outcome = 'threw';
			faults.push(`threw ${String(error)}`);
		}
		if (!equalBytes(sent, update)) faults.push('the gate wrote into its input');
		if (encodeUpdate(this.receiver.runs()).length > before + update.length) faults.push('grew by more than was sent');
		if (honest && outcome !== 'taken' && outcome !== 'known') faults.push(`an honest update was refused: ${outcome}`);
		this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + 1);
		return faults.map(
			(fault) => `${fault}; replay with GATE_FUZZ_SEED=${this.seed}; update ${toHex(sent).slice(0, 400)}`,
		);
	}
}
