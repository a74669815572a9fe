/**
 * What several devices wrote in several ledgers: epochs that go on after each other, commits over ledgers, clones that
 * go on twice, fences, parts declared lost. References lead back in time only, and nobody minds whether a sale was
 * covered: the fold has to add up whatever was said.
 */
import { createHash } from 'node:crypto';
import * as encoding from 'lib0/encoding';
import { utf8 } from '../../../src/base/bytes.js';
import type { DeviceId, EpochId, LedgerName, Position } from '../../../src/base/ids.js';
import { decodeEntry, type Entry, encodeEntry } from '../../../src/journal/entry.js';
import { type EpochName, epochIdOf } from '../../../src/journal/epoch.js';
import type { Leg, Part } from '../../../src/journal/leg.js';
import { Dice } from '../update-model.js';
import { entryOf, epochOf, type PlainEpoch } from './plain-cut.js';

export const sha256 = (data: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(data).digest());

export const historyLedgers: readonly LedgerName[] = ['stock/a', 'members/m', 'orders/a'];
const devices: readonly DeviceId[] = ['home', 'till-1', 'till-2', 'till-3'];
const pools = ['cup/S', 'cup/L'];
const startMs = Date.UTC(2026, 0, 1);

export interface WrittenEpoch extends PlainEpoch {
	readonly name: EpochName;
	readonly entries: Entry[];
	readonly rows: Uint8Array[];
}

/** One of the machines that write as a device: a clone is a second one. */
interface Hand {
	readonly device: DeviceId;
	readonly tips: Map<LedgerName, Position>;
	readonly writing: Map<LedgerName, EpochId>;
	readonly segments: Map<LedgerName, number>;
	readonly holds: Map<string, { ledger: LedgerName; pool: string; amount: number }>;
	ticks: number;
}

export class History {
	readonly epochs = new Map<EpochId, WrittenEpoch>();
	readonly #hands: Hand[] = devices.map((device) => ({
		device,
		tips: new Map(),
		writing: new Map(),
		segments: new Map(),
		holds: new Map(),
		ticks: 0,
	}));
	#nonces = 0;

	constructor(steps: readonly number[]) {
		for (const step of steps) this.#step(new Dice(step));
	}

	count(epoch: EpochId): number {
		return epochOf(this.epochs, epoch).entries.length;
	}

	#step(dice: Dice): void {
		const hand = dice.pick(this.#hands);
		const ledger = dice.pick(historyLedgers);
		const kind = dice.below(100);
		if (kind < 45) this.#commit(dice, hand, [ledger]);
		else if (kind < 65) this.#commit(dice, hand, historyLedgers.slice(dice.below(2), 2 + dice.below(2)));
		else if (kind < 78) hand.writing.delete(ledger);
		else if (kind < 82) {
			hand.segments.set(ledger, (hand.segments.get(ledger) ?? 0) + 1);
			hand.writing.delete(ledger);
		} else if (kind < 86 && this.#hands.length < 6) this.#clone(hand);
		else if (kind < 91) this.#write(hand, ledger, [this.#fence(dice, hand, ledger)], [], dice);
		else if (kind < 95) this.#torn(dice, hand, ledger);
		else this.#write(hand, ledger, [this.#reclaim(dice, hand)], this.#relies(dice, ledger), dice);
	}

	/** Both go on after the same entry, each in epochs of its own (JRN6, JRN7). */
	#clone(hand: Hand): void {
		this.#hands.push({
			...hand,
			tips: new Map(hand.tips),
			writing: new Map(),
			segments: new Map(hand.segments),
			holds: new Map(hand.holds),
		});
	}

	#commit(dice: Dice, hand: Hand, ledgers: readonly LedgerName[]): void {
		const drafts = ledgers.map((ledger) => {
			const epoch = this.#current(hand, ledger);
			return { ledger, epoch: epoch.id, index: epoch.entries.length };
		});
		drafts.forEach(({ ledger }, i) => {
			const parts: Part[] = drafts.filter((_, other) => other !== i);
			const legs = Array.from({ length: 1 + dice.below(3) }, () => this.#leg(dice, hand, ledger));
			this.#write(hand, ledger, legs, dice.chance(40) ? this.#relies(dice, ledger) : [], dice, parts);
		});
	}

	#current(hand: Hand, ledger: LedgerName): WrittenEpoch {
		const writing = hand.writing.get(ledger);
		if (writing !== undefined) return epochOf(this.epochs, writing);
		this.#nonces += 1;
		const { device } = hand;
		const name = { ledger, segment: hand.segments.get(ledger) ?? 0, device, nonce: this.#nonces.toString(36) };
		const id = epochIdOf(name, sha256);
		const prev = hand.tips.get(ledger) ?? null;
		const epoch: WrittenEpoch = { id, ledger, device, prev, name, entries: [], rows: [] };
		this.epochs.set(id, epoch);
		hand.writing.set(ledger, id);
		const hash = new Uint8Array(32);
		const key = new Uint8Array(32);
		this.#append(hand, epoch, {
			legs: [{ kind: 'open', prev: prev && { ...prev, hash }, key, name: device, home: device === 'home' }],
		});
		return epoch;
	}

	#append(hand: Hand, epoch: WrittenEpoch, said: Partial<Entry>): void {
		hand.ticks += 1;
		const time = { ms: startMs + Math.floor(hand.ticks / 3), counter: hand.ticks % 3 };
		const row = encodeEntry({ time, parts: [], relies: [], key: undefined, legs: [], ...said });
		const entry = decodeEntry(row);
		if (entry === undefined) throw new Error('an entry that was written cannot be read');
		epoch.entries.push(entry);
		epoch.rows.push(row);
		hand.tips.set(epoch.ledger, { epoch: epoch.id, count: epoch.entries.length });
	}

	#write(
		hand: Hand,
		ledger: LedgerName,
		legs: readonly (Leg | undefined)[],
		relies: readonly Position[],
		dice: Dice,
		parts: readonly Part[] = [],
	): void {
		const said = legs.filter((leg) => leg !== undefined);
		if (said.length === 0) return;
		const key = dice.chance(15)
			? { key: `key-${dice.below(4)}`, digest: new Uint8Array(16), result: new Uint8Array() }
			: undefined;
		this.#append(hand, this.#current(hand, ledger), { legs: said, relies, parts, key });
	}

	/** Anything that was written in this ledger so far. */
	#relies(dice: Dice, ledger: LedgerName): Position[] {
		const known = [...this.epochs.values()].filter((epoch) => epoch.ledger === ledger);
		if (known.length === 0) return [];
		return Array.from({ length: 1 + dice.below(2) }, () => {
			const { id, entries } = dice.pick(known);
			return { epoch: id, count: 1 + dice.below(entries.length) };
		});
	}

	#leg(dice: Dice, hand: Hand, ledger: LedgerName): Leg {
		const pool = dice.pick(pools);
		const amount = 1 + dice.below(6);
		const value = utf8(String(dice.below(100)));
		switch (dice.below(13)) {
			case 0:
				return { kind: 'mint', pool, amount, document: `doc-${dice.below(4)}` };
			case 1:
			case 2:
				return { kind: 'spend', pool, amount };
			case 3:
				return { kind: 'grant', pool, amount, to: this.#other(dice, hand), request: '' };
			case 4:
			case 5: {
				this.#nonces += 1;
				const hold = `hold-${this.#nonces}`;
				hand.holds.set(hold, { ledger, pool, amount });
				return { kind: 'hold', pool, amount, hold, leaseMs: 1000 };
			}
			case 6:
			case 7:
				return this.#resolve(dice, hand, ledger) ?? { kind: 'spend', pool, amount };
			case 8:
				return { kind: 'overdraw', pool, amount, operator: 'ann', reason: 'queue' };
			case 9:
				return { kind: 'append', log: 'sales', value };
			case 10:
				return { kind: 'set', cell: `price-${dice.below(2)}`, priority: dice.below(2), value };
			case 11:
				return { kind: 'add', counter: 'visits', amount: dice.below(9) - 4 };
			default:
				return this.#unknown(dice, pool);
		}
	}

	/** Kinds of a later version: below 128 to be ignored, from 128 up to stop spending from the pools named (JRN12). */
	#unknown(dice: Dice, pool: string): Leg {
		const stop = dice.chance(50);
		const body = encoding.encode((to) => {
			if (stop) {
				encoding.writeVarUint(to, 1);
				encoding.writeVarString(to, pool);
			}
			encoding.writeVarString(to, 'what a later version says');
		});
		return { kind: 'unknown', code: (stop ? 200 : 100) + dice.below(3), stops: [], body };
	}

	/** A clone has seen what the other opened since, by way of somebody else, and may end that too. */
	#resolve(dice: Dice, { device }: Hand, ledger: LedgerName): Leg | undefined {
		const hands = this.#hands.filter((hand) => hand.device === device);
		const open = hands.flatMap(({ holds }) => [...holds].map(([id, hold]) => ({ holds, id, ...hold })));
		const here = open.filter((hold) => hold.ledger === ledger);
		if (here.length === 0) return undefined;
		const { holds, id: hold, pool, amount: held } = dice.pick(here);
		holds.delete(hold);
		if (dice.chance(50)) return { kind: 'capture', pool, hold, held, amount: 1 + dice.below(held) };
		return { kind: dice.chance(50) ? 'release' : 'expire', pool, hold, held };
	}

	#other(dice: Dice, hand: Hand): DeviceId {
		return dice.pick(devices.filter((device) => device !== hand.device));
	}

	/** Names what the fencing device may have found of the other: all of it, a part, or nothing. */
	#fence(dice: Dice, hand: Hand, ledger: LedgerName): Leg {
		const device = this.#other(dice, hand);
		const heads: Position[] = [];
		for (const { id, entries, ...epoch } of this.epochs.values())
			if (epoch.device === device && epoch.ledger === ledger && dice.chance(80))
				heads.push({ epoch: id, count: 1 + dice.below(entries.length) });
		return { kind: 'fence', device, heads };
	}

	#reclaim(dice: Dice, hand: Hand): Leg {
		return {
			kind: 'reclaim',
			pool: dice.pick(pools),
			from: this.#other(dice, hand),
			share: dice.below(4),
			held: 1 + dice.below(3),
		};
	}

	/** The author says that a part of one of its commits is not coming; in the ledger whose part is there (JRN4). */
	#torn(dice: Dice, hand: Hand, ledger: LedgerName): void {
		const own: Part[] = [];
		for (let at = hand.tips.get(ledger) ?? null; at !== null; at = epochOf(this.epochs, at.epoch).prev)
			for (let i = 0; i < at.count; i++) own.push(...entryOf(epochOf(this.epochs, at.epoch).entries, i).parts);
		if (own.length === 0) return;
		this.#write(hand, ledger, [{ kind: 'torn', part: dice.pick(own) }], [], dice);
	}
}
