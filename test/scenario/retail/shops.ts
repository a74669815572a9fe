import { onTestFinished } from 'vitest';
import { openRetail, type Retail, type RetailOptions } from '../../../src/retail/retail.js';
import { Shop, type ShopSettings } from '../../../src/retail/shop/shop.js';
import type { Grant } from '../../../src/trust/grant.js';
import { type ChainOptions, topologyOf } from '../../sim/public/options.js';
import { SimulatedWorld } from '../../sim/public/simulated-world.js';

/** `keeps`: ledgers beside those of the till's own store, such as `orders/*` where sales of other stores are refunded. */
export interface ShopsOptions extends ChainOptions {
	readonly settings?: Partial<Omit<ShopSettings, 'chain' | 'store'>>;
	/** Tills that keep members only as they come, by their numbers. */
	readonly visited?: readonly number[];
	/** What a till's capabilities are handed, by its number. */
	readonly retail?: (till: number) => RetailOptions;
	/** The chain has a root key: what each machine may do, by its name. */
	readonly grants?: (name: string) => readonly Grant[];
}

/** A chain of shops on simulated disks, lines and clocks; see `World` for how time goes on. */
export class Shops {
	readonly world: SimulatedWorld;
	readonly #settings: Partial<ShopSettings>;
	readonly #retail: (till: number) => RetailOptions;
	readonly #tills = new WeakMap<object, Retail>();
	readonly #alone = new WeakMap<object, Shop>();

	constructor(world: SimulatedWorld, settings: Partial<ShopSettings>, retail: (till: number) => RetailOptions) {
		this.#retail = retail;
		this.world = world;
		this.#settings = settings;
	}

	/** The till with this number, as it runs now: after a crash it is another object. */
	till(number: number): Retail {
		const machine = this.world.machine(number);
		const known = this.#tills.get(machine.replica);
		if (known) return known;
		const made = openRetail(
			machine.replica,
			machine.processes.platform,
			this.#settingsOf(number),
			this.#retail(number),
		);
		this.#tills.set(machine.replica, made);
		return made;
	}

	/** A shop of its own on that till's replica, without the capabilities of `till`. */
	alone(number: number): Shop {
		const machine = this.world.machine(number);
		const known = this.#alone.get(machine.replica);
		if (known) return known;
		const made = new Shop(machine.replica, machine.processes.platform, this.#settingsOf(number));
		this.#alone.set(machine.replica, made);
		return made;
	}

	/** The till has no line to anybody. */
	isolate(number: number): void {
		const { chain } = this.world;
		for (const line of chain.linesOf(this.world.machine(number).name)) line.cut();
	}

	#settingsOf(number: number): ShopSettings {
		return {
			chain: 'simulated',
			store: this.world.place(number).store,
			zone: 'Asia/Shanghai',
			currency: { code: 'CNY', decimals: 2 },
			rounding: 'half-up',
			locale: 'en',
			...this.#settings,
		};
	}

	/** Every line is there again, and everybody has heard of everything. */
	async meet(): Promise<void> {
		this.world.heal();
		await this.world.settle();
	}
}

/** Ends with the test. Tills are numbered from 0, store by store: `sh-1`, `sh-2` … */
export async function openShops({
	settings = {},
	keeps = [],
	visited = [],
	retail = () => ({}),
	grants,
	...options
}: ShopsOptions = {}): Promise<Shops> {
	const shared = ['members/*', 'catalog/*', 'transfers/*', ...keeps];
	const topology = { ...topologyOf({ ...options, keeps: shared }), grants };
	const world = new SimulatedWorld({ seed: options.seed ?? 1, topology, isAutomatic: true, atDeath: 'reject' });
	for (const number of visited) {
		const machine = world.machine(number);
		const { role } = machine;
		Object.assign(machine, { role: { ...role, keeps: role.keeps.filter((pattern) => pattern !== 'members/*') } });
	}
	await world.open();
	onTestFinished(() => world[Symbol.asyncDispose]());
	return new Shops(world, settings, (till) => {
		const handed = retail(till);
		return visited.includes(till) ? { ...handed, members: { ...handed.members, visited: true } } : handed;
	});
}

let keys = 0;
/** A fresh idempotency key. */
export const key = () => ({ idempotencyKey: `key-${++keys}` });
