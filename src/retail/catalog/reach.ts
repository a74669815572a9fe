import type { DeviceId } from '../../base/ids.js';
import type { Live } from '../../ledger/live.js';
import type { Index } from '../shop/index-of.js';
import type { Shop } from '../shop/shop.js';
import type { PriceDocument } from './documents.js';
import type { Publication } from './publications.js';

export interface Reached {
	/** Devices that have it, of those that ever confirmed anything. */
	readonly has: number;
	readonly of: number;
	readonly missing: readonly DeviceId[];
}

/** Versions that a device says it has, the newest last: more are not worth the telling. */
const versionsKept = 8;

/**
 * Each device keeps one cell at its store's desk: the versions that are whole here. Whoever keeps the desks sees who has
 * what. Said once a version, so that a thousand stores cost a thousand small rows a price list.
 */
export class Reach {
	readonly #shop: Shop;
	readonly #publications: Index<PriceDocument, Publication>;

	constructor(shop: Shop, publications: Index<PriceDocument, Publication>) {
		this.#shop = shop;
		this.#publications = publications;
	}

	of(version: string): Live<Reached> {
		return this.#shop.live([{ ledgers: 'desk', of: 'cell', name: 'has' }], () => this.#read(version));
	}

	confirm(): () => void {
		const tell = () => void this.#confirm().catch(() => {}); // a till that may not write says nothing: `missing` shows it
		tell();
		return this.#publications.onChange(tell);
	}

	async #confirm(): Promise<void> {
		const { host, desk, device } = this.#shop;
		const cell = desk.cells<readonly string[]>('has').at(device);
		const said = cell.value.get() ?? [];
		const here = [...this.#publications.values()].sort((a, b) => a.atMs - b.atMs).map(({ version }) => version);
		const now = here.slice(-versionsKept);
		if (now.length > 0 && now.some((version) => !said.includes(version))) await host.commit((tx) => tx.set(cell, now));
	}

	#read(version: string): Reached {
		const missing: DeviceId[] = [];
		let has = 0;
		for (const ledger of this.#shop.host.ledgers()) {
			if (!ledger.startsWith('desk/')) continue;
			const cells = this.#shop.ledger(ledger).cells<readonly string[]>('has');
			for (const device of cells.keys())
				if (cells.get(device)?.includes(version)) has++;
				else missing.push(device);
		}
		return { has, of: has + missing.length, missing };
	}
}
