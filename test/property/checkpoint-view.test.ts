import fc from 'fast-check';
import { test } from 'vitest';
import type { EpochId, LedgerName } from '../../src/base/ids.js';
import type { Checkpoint } from '../../src/journal/checkpoint.js';
import { HandDriven } from './model/hand-driven.js';
import { History, historyLedgers } from './model/history.js';
import { HomeTill } from './model/home-till.js';
import { checkProperty, steps } from './model/runs.js';
import { demand, Till } from './model/till.js';
import { Dice } from './update-model.js';

/** Homes that write checkpoints, tills that adopt and drop, and a veteran who never saw one. */
class Store {
	readonly history: History;
	readonly #archive = new Map<EpochId, number>();
	readonly homes: HomeTill[];
	readonly checkpoints: Checkpoint[] = [];
	readonly veteran: Till;
	readonly #epochs: readonly EpochId[];
	readonly #ledgers: readonly LedgerName[];
	tills: Till[];

	private constructor(story: readonly number[], dice: Dice, hand: HandDriven, pair: Pair, many: boolean) {
		this.history = new History(story);
		this.#epochs = [...this.history.epochs.keys()];
		this.#ledgers = historyLedgers;
		const archived = (id: EpochId): number => this.#archive.get(id) ?? 0;
		const some = (): readonly LedgerName[] =>
			many && dice.chance(40) ? historyLedgers.filter(() => dice.chance(60)) : historyLedgers;
		this.homes = (many ? [0, 1] : [0]).map(() => new HomeTill(this.history, some(), hand, pair, archived));
		this.veteran = new Till(this.history);
		this.tills = [new Till(this.history), new Till(this.history, some(), 'till-1', dice.chance(50))];
	}

	static async open(story: readonly number[], chance: number, many: boolean): Promise<Store> {
		const hand = new HandDriven(chance);
		const pair = await hand.platform.crypto.generateKeyPair();
		return new Store(story, new Dice(chance), hand, pair, many);
	}

	async step(step: number): Promise<void> {
		if (this.#epochs.length === 0) return;
		const dice = new Dice(step);
		const kind = dice.below(100);
		const till = dice.below(this.tills.length);
		const mine = this.#at(till);
		if (kind < 30) this.#deliver(dice, mine);
		else if (kind < 50) this.#deliver(dice, dice.pick(this.homes));
		else if (kind < 62) for (let i = 0; i < 3; i++) this.#archiveSome(dice);
		else if (kind < 75) {
			const made = await dice.pick(this.homes).checkpoint(dice.pick(this.#ledgers));
			if (made) this.checkpoints.push(made);
		} else if (kind < 88) {
			const offered = this.checkpoints[dice.below(this.checkpoints.length + 1)];
			if (offered) (dice.chance(75) ? mine : dice.pick(this.homes)).offer(offered);
		} else if (kind < 94) mine.drop();
		else if (kind < 97) this.tills[till] = mine.reopened();
		else dice.pick(this.homes).reopenHome();
		if (dice.chance(30)) mine.checkFigures();
		else mine.checkCut();
		for (const home of this.homes) home.checkCut();
	}

	#at(till: number): Till {
		return this.tills[till] as Till; // there are always two
	}

	#deliver(dice: Dice, to: Till): void {
		const id = dice.pick(this.#epochs);
		// Two homes know different rows, and for long: each is told the other half of the epochs now and then only.
		const side = this.homes.indexOf(to as HomeTill);
		if (this.homes.length > 1 && side >= 0 && id % 2 !== side && !dice.chance(15)) return;
		const [held, end] = [to.held(id), this.history.count(id)];
		to.take(id, dice.chance(60) ? end : held + dice.below(end - held + 1));
	}

	#archiveSome(dice: Dice): void {
		const id = dice.pick(this.#epochs);
		const [held, end] = [this.#archive.get(id) ?? 0, this.history.count(id)];
		this.#archive.set(id, dice.chance(70) ? end : held + dice.below(end - held + 1));
	}

	/** Everything reaches everybody; the homes write once more, and everybody hears of it. */
	async calm(dice: Dice): Promise<void> {
		for (const id of this.#epochs) this.#archive.set(id, this.history.count(id));
		for (const till of [...this.homes, ...this.tills, this.veteran])
			for (const id of this.#epochs) till.take(id, this.history.count(id));
		for (const home of this.homes)
			for (const ledger of this.#ledgers) {
				const made = await home.checkpoint(ledger);
				if (made) this.checkpoints.push(made);
			}
		const offers = dice.chance(70) ? this.checkpoints : this.checkpoints.filter(() => dice.chance(50));
		for (const till of this.tills) {
			for (const checkpoint of offers) till.offer(checkpoint);
			if (dice.chance(70)) till.drop();
		}
	}

	/** Gets what a till has: its checkpoints and the rows it kept, in any order, and nothing else. */
	newcomer(from: Till, dice: Dice): Till {
		const held = historyLedgers.filter((ledger) => from.holds(ledger));
		const newcomer = new Till(this.history, held);
		const gifts: (() => void)[] = [];
		for (const ledger of held) {
			const base = from.view.base(ledger);
			if (base) gifts.push(() => newcomer.offer(base));
		}
		for (const { id, durable } of from.journal.all()) gifts.push(() => newcomer.take(id, durable));
		while (gifts.length > 0) {
			gifts.splice(dice.below(gifts.length), 1)[0]?.();
			newcomer.checkCut();
		}
		return newcomer;
	}

	check(dice: Dice): void {
		this.veteran.checkFigures();
		for (const till of this.tills) {
			till.checkFigures();
			const newcomer = this.newcomer(till, dice);
			newcomer.checkFigures();
			const held = historyLedgers.filter((ledger) => till.holds(ledger));
			const plain = new Till(this.history, held);
			for (const id of this.#epochs) plain.take(id, this.history.count(id));
			demand(
				till.digests() === plain.digests(),
				() => `P25 with checkpoints others are shown than without: ${behind(till, plain)}`,
			);
			demand(
				newcomer.digests() === plain.digests(),
				() => `P25 a newcomer sees less than a veteran: ${behind(newcomer, plain)}`,
			);
		}
	}
}

/** Epochs that one shows less of than the other. */
function behind(a: Till, b: Till): string {
	const lines: string[] = [];
	for (const [id, { ledger, device }] of a.history.epochs)
		if (a.view.at(id) !== b.view.at(id))
			lines.push(
				`${ledger} ${device} ${id}: ${a.view.at(id)} of ${b.view.at(id)}, holds ${a.held(id)}, covered ${a.covered(id)}`,
			);
	return lines.join('\n');
}

interface Pair {
	readonly publicKey: Uint8Array;
	readonly secret: Uint8Array;
}

for (const [many, who] of [
	[false, 'one home'],
	[true, 'two homes that know different rows, and replicas that keep some ledgers only'],
] as const) {
	const title = `P25 P26 P27 JRN11 a checkpoint equals none, and a newcomer sees what a veteran sees: ${who}`;
	test(title, async () => {
		const property = fc.asyncProperty(steps(50), steps(60), fc.nat(), async (story, way, chance) => {
			const dice = new Dice(chance);
			const store = await Store.open(story, chance, many);
			for (const step of way) await store.step(step);
			await store.calm(dice);
			store.check(dice);
		});
		await checkProperty(title, property);
	});
}
