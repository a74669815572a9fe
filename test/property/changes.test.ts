import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change } from '../../src/replica/changes.js';
import { settle } from './model/hand-driven.js';
import type { Machine } from './model/machine.js';
import { checkProperty, steps } from './model/runs.js';
import { World, worldLedgers } from './model/world.js';
import { Dice } from './update-model.js';

/** A vendor's database: the rows and the cursor of one transaction. It is fed by whatever machine it is given. */
class Follower {
	readonly rows = new Map<string, Change['data']>();
	/** By ledger and cell: what was said last, by the stamps. */
	readonly cells = new Map<string, { readonly stamp: string; readonly value: Change['data'] }>();
	#cursor: string | undefined;
	#reading:
		| { readonly of: object; readonly from: AsyncIterator<Change>; next: Promise<IteratorResult<Change>> }
		| undefined;

	/**
	 * Takes at most `max` documents, the ends of transactions being where `dice` says. Where it came to the end of what is
	 * there it may go on from there the next time; else it dies without ending its last transaction.
	 */
	async read({ replica }: Machine, dice: Dice, max: number): Promise<void> {
		if (this.#reading?.of !== replica) {
			await this.#die();
			const since = this.#cursor;
			const from = replica.changes(since === undefined ? {} : { since })[Symbol.asyncIterator]();
			this.#reading = { of: replica, from, next: from.next() };
		}
		let begun: Change[] = [];
		for (let taken = 0; taken < max; taken++) {
			const next = await Promise.race([this.#reading.next, idle()]);
			if (next === undefined || next.done) {
				this.#commit(begun);
				if (dice.chance(20)) await this.#die();
				return;
			}
			this.#reading.next = this.#reading.from.next();
			begun.push(next.value);
			if (dice.chance(30)) {
				this.#commit(begun);
				begun = [];
			}
		}
		await this.#die();
	}

	async #die(): Promise<void> {
		this.#reading?.next.catch(() => {}); // of a machine that died
		await this.#reading?.from.return?.();
		this.#reading = undefined;
	}

	#commit(begun: readonly Change[]): void {
		for (const { id, data, ledger, log, key, stamp } of begun) {
			expect(this.rows.has(id), `${id} came twice`).toBe(false);
			this.rows.set(id, data);
			const cell = `${ledger} ${key}`;
			if (log === 'said' && stamp > (this.cells.get(cell)?.stamp ?? '')) this.cells.set(cell, { stamp, value: data });
		}
		this.#cursor = begun.at(-1)?.cursor ?? this.#cursor;
	}
}

/** Loading the reader takes some turns the first time. */
async function idle(): Promise<undefined> {
	for (let i = 0; i < 3; i++) await settle();
	return undefined;
}

function documentsOf({ replica, role }: Machine): Map<string, string> {
	const documents = new Map<string, string>();
	for (const ledger of role.keeps)
		for (const { entries } of replica.core.books.of(ledger).logs.values())
			for (const { device, epoch, index, leg, value } of entries)
				documents.set(`${device}.${epoch.toString(36)}.${index}.${leg}`, new TextDecoder().decode(value));
	return documents;
}

function write(machine: Machine, dice: Dice): void {
	if (machine.isDead) return;
	const ledgers = dice.chance(70) ? [dice.pick(machine.role.keeps)] : machine.role.keeps;
	const writing = machine.replica.commit((tx) => {
		for (const name of ledgers) {
			const ledger = machine.replica.ledger(name);
			for (let i = dice.pick([1, 1, 2, 3]); i > 0; i--)
				tx.append(ledger.logs('order').at(`o-${dice.below(4)}`), dice.below(1e6));
			if (!dice.chance(50)) continue;
			const [key, value] = [`c-${dice.below(2)}`, dice.below(1e6)];
			tx.set(ledger.cells('price').at(key), value);
			tx.append(ledger.logs('said').at(key), value); // every word beside the last one, as the shop does
		}
	});
	writing.catch(() => {}); // a machine that dies
}

async function play(seed: number, story: readonly number[], isKind: boolean): Promise<void> {
	await import('../../src/replica/changes-reader.js');
	const world = await World.open(seed, isKind);
	const [everywhere, atHome] = [new Follower(), new Follower()];
	const live = () => world.machines.filter((machine) => !machine.isDead);
	for (const step of story) {
		const dice = new Dice(step);
		write(dice.pick(live()), dice);
		await world.step(step);
		const [home] = live();
		if (dice.chance(40)) await everywhere.read(dice.pick(live()), dice, 1 + dice.below(8));
		if (home && dice.chance(30)) await atHome.read(home, dice, 1 + dice.below(30));
	}
	await world.heal(seed);
	const dice = new Dice(seed);
	const whole = live().filter((machine) => machine.role.keeps.length === worldLedgers.length);
	const last = dice.pick(whole);
	for (const follower of [everywhere, atHome]) {
		await follower.read(last, dice, Number.POSITIVE_INFINITY);
		for (const [id, text] of documentsOf(last)) {
			expect(follower.rows.has(id), `${id} never came`).toBe(true);
			expect(JSON.stringify(follower.rows.get(id))).toBe(text);
		}
		for (const ledger of last.role.keeps)
			for (const key of last.replica.ledger(ledger).cells('price').keys())
				expect(follower.cells.get(`${ledger} ${key}`)?.value).toBe(last.replica.ledger(ledger).cells('price').get(key));
		// Nothing is left on any other machine either.
		for (const machine of live()) await follower.read(machine, dice, Number.POSITIVE_INFINITY);
	}
	for (const { replica, isDead } of world.machines) if (!isDead) await replica.shutdown();
}

const kind = 'JRN9 JRN11 changes: every document once, whoever is asked, over restarts, kills and checkpoints';
test(kind, async () => {
	const property = fc.asyncProperty(fc.nat(), steps(50), (seed, story) => play(seed, story, true));
	await checkProperty(kind, property, 0.05);
});

const unkind = 'JRN7 JRN11 changes: every document once, over restored backups, clones, torn disks and fences too';
test(unkind, async () => {
	const property = fc.asyncProperty(fc.nat(), steps(50), (seed, story) => play(seed, story, false));
	await checkProperty(unkind, property, 0.1);
});
