import type { LedgerName, PoolId } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Host } from '../shop/host.js';
import type { Shop } from '../shop/shop.js';
import type { Writing } from '../shop/writing.js';

/** In the cell `module/<name>/<pools>`: spend from these pools only if you know the module in this version. */
interface Declared {
	readonly version: number;
}

const kindOf = (ledger: LedgerName) => ledger.slice(0, ledger.indexOf('/'));

/**
 * Which pools this device must leave alone, for a module has written what it does not know (JRN12). It holds from when the
 * declaration is here, on every device that sells through a till of this version or a later one, with the module or without.
 */
export class Stops {
	readonly #host: Host;
	/** Versions of the modules that this device has. */
	readonly #known = new Map<string, number>();
	readonly #watched = new Set<string>();
	/** By ledger and collection of pools: modules and the version that each demands. */
	readonly #declared = new Map<LedgerName, Map<string, Map<string, number>>>();

	static of(shop: Shop): Stops {
		return shop.shared('module stops', () => new Stops(shop.host));
	}

	constructor(host: Host) {
		this.#host = host;
		host.guard((ledger, pool) => this.#isStopped(ledger, pool));
	}

	know(module: string, version: number): void {
		this.#known.set(module, Math.max(version, this.#known.get(module) ?? 0));
	}

	/** Says along with a document that its version is to be known by whoever spends from `pools`; higher versions win. */
	declare({ tx }: Writing, ledger: LedgerName, module: string, pools: string, version: number): void {
		this.#watch(kindOf(ledger));
		if ((this.#declared.get(ledger)?.get(pools)?.get(module) ?? 0) >= version) return;
		const cells = this.#host.ledger(ledger).cells<Json>('module');
		tx.set(cells.at(`${module}/${pools}`), { version }, version);
	}

	#isStopped(ledger: LedgerName, pool: PoolId): boolean {
		this.#watch(kindOf(ledger));
		const modules = this.#declared.get(ledger)?.get(pool.slice(0, pool.indexOf('/')));
		if (modules) for (const [module, version] of modules) if ((this.#known.get(module) ?? 0) < version) return true;
		return false;
	}

	#watch(kind: string): void {
		if (this.#watched.has(kind)) return;
		this.#watched.add(kind);
		for (const ledger of this.#host.ledgers()) if (kindOf(ledger) === kind) this.#read(ledger);
		this.#host.watch({ ledgers: kind, of: 'cell', name: 'module' }, (ledger, keys) => this.#read(ledger, keys));
	}

	#read(ledger: LedgerName, changed?: Iterable<string>): void {
		const cells = this.#host.ledger(ledger).cells<Json>('module');
		for (const key of changed ?? cells.keys()) {
			const { version = 0 } = (cells.get(key) ?? {}) as Partial<Declared>;
			const slash = key.indexOf('/');
			const [module, pools] = [key.slice(0, slash), key.slice(slash + 1)];
			const ofLedger = this.#declared.get(ledger) ?? new Map<string, Map<string, number>>();
			this.#declared.set(ledger, ofLedger);
			const modules = ofLedger.get(pools) ?? new Map<string, number>();
			ofLedger.set(pools, modules.set(module, version));
		}
	}
}
