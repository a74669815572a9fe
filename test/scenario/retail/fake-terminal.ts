import type { Timers } from '../../../src/ports/index.js';
import type { Charge, PaymentDriver } from '../../../src/retail/payments/driver.js';

/**
 * What a terminal does with the next charge:
 * - `approve`, `decline`: answers at once;
 * - `lose`: takes the money, and the answer is lost on its way;
 * - `drop`: the question is lost on its way, and no money is taken;
 * - `late`: takes the money, and answers after `lateMs`;
 * - `hang`: takes the money and never answers.
 */
export type Behaviour = 'approve' | 'decline' | 'lose' | 'drop' | 'late' | 'hang';

export interface FakeTerminalOptions {
	readonly name?: string;
	readonly timers: Timers;
	/** 60 seconds by default. */
	readonly lateMs?: number;
}

/** A terminal for tests: does what it is told, remembers what it did, and takes money once a key as real ones do. */
export class FakeTerminal implements PaymentDriver {
	readonly name: string;
	/** What it was asked, in order: `charge k-1`, `query k-1`, `reverse k-1`. */
	readonly asked: string[] = [];
	/** What it does with the next charges, in order; after that it approves. */
	readonly script: Behaviour[] = [];
	/** Its answers to queries are lost too. */
	isDeaf = false;
	/** Called before it does what it is asked: a moment to pull a plug. */
	onAsked: (what: string) => void = () => {};
	readonly #timers: Timers;
	readonly #lateMs: number;
	readonly #taken = new Map<string, { readonly amount: number; readonly times: number }>();
	readonly #declined = new Set<string>();
	readonly #reversed = new Set<string>();

	constructor({ name = 'fake', timers, lateMs = 60_000 }: FakeTerminalOptions) {
		this.name = name;
		this.#timers = timers;
		this.#lateMs = lateMs;
	}

	/** Minor units that customers have paid and not got back. */
	get taken(): number {
		let sum = 0;
		for (const [key, { amount }] of this.#taken) if (!this.#reversed.has(key)) sum += amount;
		return sum;
	}

	/** How many charges went through: the same key twice is one. */
	get charges(): number {
		return this.#taken.size;
	}

	charge(key: string, amount: number): Promise<Charge> {
		this.#note(`charge ${key}`);
		const behaviour = this.script.shift() ?? 'approve';
		if (behaviour === 'drop') return Promise.reject(new Error('no line to the terminal'));
		if (behaviour === 'decline' && !this.#taken.has(key)) {
			this.#declined.add(key);
			return Promise.resolve(this.#known(key));
		}
		this.#taken.set(key, { amount, times: (this.#taken.get(key)?.times ?? 0) + 1 });
		const answer = this.#known(key);
		if (behaviour === 'lose') return Promise.reject(new Error('the answer was lost'));
		if (behaviour === 'hang') return new Promise(() => {});
		if (behaviour === 'late')
			return new Promise((resolve) => {
				this.#timers.after(this.#lateMs, () => resolve(answer));
			});
		return Promise.resolve(answer);
	}

	query(key: string): Promise<Charge | 'never-heard-of-it'> {
		this.#note(`query ${key}`);
		if (this.isDeaf) return Promise.reject(new Error('the answer was lost'));
		const isKnown = this.#taken.has(key) || this.#declined.has(key);
		return Promise.resolve(isKnown ? this.#known(key) : 'never-heard-of-it');
	}

	reverse(key: string): Promise<void> {
		this.#note(`reverse ${key}`);
		if (this.isDeaf) return Promise.reject(new Error('the answer was lost'));
		this.#reversed.add(key);
		return Promise.resolve();
	}

	#known(key: string): Charge {
		return this.#taken.has(key) ? { state: 'approved', ref: `ref-${key}`, last4: '4242' } : { state: 'declined' };
	}

	#note(what: string): void {
		this.asked.push(what);
		this.onAsked(what);
	}
}
