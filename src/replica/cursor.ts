/**
 * Where a reader of `changes()` is: how far it has read each epoch that something must be remembered of.
 *
 *   cursor = "1" (";" ledger "=" mark ("," mark)*)*
 *   mark   = ["~"] epoch "." count ["." legs]        all numbers in base 36
 *   1;orders/sh-1/2026-02-14=~1k3j5h2k1l9.1f,2b8d0c7f3q1.4.2
 *
 * A mark stands for the first `count` rows of its epoch, the first `legs` legs of the next one, and for all that the epoch
 * goes on from (JRN7). What it goes on from has no mark of its own once a checkpoint covers the epoch, and the mark says so
 * by `~`: whoever has not heard of such an epoch yet will, for archives have it, and waits until then (JRN11).
 */
import { BadArgument } from '../base/errors.js';
import type { EpochId, Id, LedgerName } from '../base/ids.js';

/** Text of `changes()`: to be kept as it is, beside what was done with the change. */
export type Cursor = Id<'cursor'>;

export interface Mark {
	readonly count: number;
	readonly legs: number;
	/** What the epoch goes on from has no mark of its own. */
	readonly isAnchor: boolean;
}

export type Marks = ReadonlyMap<EpochId, Mark>;

const version = '1';
const base = 36;

export function readCursor(text: string): Map<LedgerName, Marks> {
	const fail = () => new BadArgument('since', 'expected a cursor that changes() gave.');
	if (typeof text !== 'string') throw fail();
	const [first, ...ledgers] = text.split(';');
	if (first !== version) throw fail();
	const marks = new Map<LedgerName, Marks>();
	for (const ledger of ledgers) {
		const [name = '', list = ''] = ledger.split('=');
		const of = new Map<EpochId, Mark>();
		for (const mark of list.split(',')) {
			const [, anchor, epoch = '', count = '', legs = '0'] =
				/^(~?)([0-9a-z]{1,11})\.([0-9a-z]{1,11})(?:\.([0-9a-z]{1,11}))?$/.exec(mark) ?? [];
			if (anchor === undefined) throw fail();
			of.set(parse(epoch), { count: parse(count), legs: parse(legs), isAnchor: anchor !== '' });
		}
		marks.set(decodeURIComponent(name), of);
	}
	return marks;

	function parse(digits: string): number {
		const number = Number.parseInt(digits, base);
		if (!Number.isSafeInteger(number)) throw fail();
		return number;
	}
}

export function writeMarks(ledger: LedgerName, marks: Marks): string {
	const name = ledger.replace(/[%;=]/g, encodeURIComponent);
	const list = [...marks].map(([epoch, { count, legs, isAnchor }]) => {
		const at = `${isAnchor ? '~' : ''}${epoch.toString(base)}.${count.toString(base)}`;
		return legs > 0 ? `${at}.${legs.toString(base)}` : at;
	});
	return `;${name}=${list.join(',')}`;
}

/** Since the last copy; beyond it a copy is made, so that a change holds on to no more than these. */
const stepsMax = 4096;

interface Step {
	readonly ledger: LedgerName;
	readonly epoch: EpochId;
	/** Undefined where it needs none any more. */
	readonly mark: Mark | undefined;
}

type State = Map<LedgerName, Map<EpochId, Mark>>;

/**
 * The marks of one reader, and every cursor on its way. A cursor is as long as ledgers and devices are many, and mostly
 * nobody asks for each one: it is spelled when it is asked for, from a copy and the steps since.
 */
export class CursorTrail {
	readonly #now: State;
	#start: State;
	#steps: Step[] = [];
	/** What was spelled last, and after how many of which steps. */
	#spelled: Spelled | undefined;

	constructor(start: ReadonlyMap<LedgerName, Marks>) {
		this.#now = copyOf(start);
		this.#start = copyOf(start);
	}

	of(ledger: LedgerName): Marks {
		return this.#now.get(ledger) ?? none;
	}

	set(ledger: LedgerName, epoch: EpochId, mark: Mark | undefined): void {
		const step = { ledger, epoch, mark };
		take(this.#now, step);
		this.#steps.push(step);
	}

	/** What spells the cursor as it is now, whenever it is called. */
	here(): () => Cursor {
		if (this.#steps.length >= stepsMax) {
			this.#start = copyOf(this.#now);
			this.#steps = [];
		}
		const [start, steps, at] = [this.#start, this.#steps, this.#steps.length];
		return () => {
			if (this.#spelled?.steps !== steps || this.#spelled.at > at) this.#spelled = new Spelled(start, steps);
			return this.#spelled.spell(at);
		};
	}
}

/** Goes along the steps, and spells only the ledgers anew that they touch. */
class Spelled {
	readonly steps: readonly Step[];
	at = 0;
	readonly #state: State;
	readonly #texts = new Map<LedgerName, string>();

	constructor(start: State, steps: readonly Step[]) {
		this.steps = steps;
		this.#state = copyOf(start);
		for (const [ledger, marks] of start) this.#texts.set(ledger, writeMarks(ledger, marks));
	}

	spell(to: number): Cursor {
		const touched = new Set<LedgerName>();
		for (; this.at < to; this.at++) {
			const step = this.steps[this.at] as Step; // steps only grow
			take(this.#state, step);
			touched.add(step.ledger);
		}
		for (const ledger of touched) this.#texts.set(ledger, writeMarks(ledger, this.#state.get(ledger) ?? none));
		return version + [...this.#texts.values()].join('');
	}
}

const none: Marks = new Map();

function take(state: State, { ledger, epoch, mark }: Step): void {
	const marks = state.get(ledger) ?? new Map<EpochId, Mark>();
	state.set(ledger, marks);
	if (mark) marks.set(epoch, mark);
	else marks.delete(epoch);
}

const copyOf = (marks: ReadonlyMap<LedgerName, Marks>): State =>
	new Map([...marks].map(([ledger, of]) => [ledger, new Map(of)]));
