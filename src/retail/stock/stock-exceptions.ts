import type { LedgerName } from '../../base/ids.js';
import type { Exception as LedgerException } from '../../escrow/share.js';
import type { Live } from '../../ledger/live.js';
import type { Exception, ExceptionSource } from '../shop/exceptions.js';
import { ledgers, storeOf } from '../shop/ledgers.js';
import { declined, no, type Outcome } from '../shop/outcome.js';
import { rights } from '../shop/rights.js';
import type { Head, Shop, WriteOptions, Writing } from '../shop/shop.js';
import { skuOf } from './goods-key.js';
import { isExpired } from './picking.js';
import type { Shelves } from './shelves.js';
import type { StockBook } from './stock-book.js';

/** The log `resolved/<exception>`: says all that the list needs, for the ledger forgets what is resolved. */
interface Resolved extends Head {
	readonly verb: 'task.resolve';
	readonly outcome: string;
	readonly kind?: string;
	readonly subject?: string;
	readonly amount?: number;
	readonly foundAtMs?: number;
}

const kinds = { oversell: 'oversell', 'double-mint': 'double_receipt' } as const;
const collections = ['goods/', 'goods_soft/'];

/**
 * What went wrong with goods: sold beyond the stock (`oversell`), a delivery booked by two tills (`double_receipt`), an earlier
 * lot that lies where it does not sell (`reallocation`).
 *
 * Outcomes with a meaning: an oversell that was `delivered` takes the goods out of what came since; any other word says that
 * they never left. A double receipt that was a `duplicate` takes the surplus out again. A reallocation that is `moved` brings
 * the shares of the earlier lot to the till that says so. Others are only noted.
 */
export class StockExceptions implements ExceptionSource {
	readonly exceptions: Live<readonly Exception[]>;
	readonly #shop: Shop;
	readonly #book: StockBook;
	readonly #shelves: Shelves;

	constructor(shop: Shop, book: StockBook, shelves: Shelves) {
		this.#shop = shop;
		this.#book = book;
		this.#shelves = shelves;
		this.exceptions = book.read(() => [...this.#list()]);
	}

	async resolve(id: string, outcome: string, options: WriteOptions): Promise<Outcome<void>> {
		const found = this.exceptions.get().find((exception) => exception.id === id);
		const { locale } = this.#shop.settings;
		if (!found) return declined('unknown_task', locale, id);
		const ledger = ledgers.stock(found.store);
		const input = { id, outcome };
		if (found.kind === 'reallocation') {
			if (found.state === 'open') await rights.fetch(this.#shop, ledger, id);
			if (found.state === 'open' && outcome === 'moved') await this.#bring(found);
			return this.#shop.writeKeyed<void>('stock.reallocate', input, options, (w) =>
				rights.use(w, this.#shop, ledger, id, outcome),
			);
		}
		// Goods move with it, and those of another store are not this till's to move.
		if (found.store !== this.#shop.store) return declined('not_permitted', locale, id);
		const own = id.slice(`${found.kind}:${found.store}:`.length);
		if (found.state === 'open') await this.#shop.ledger(ledger).claim(own, { timeoutMs: 2_000 });
		return this.#shop.writeKeyed<void>('task.resolve', input, options, (w) => {
			const open = this.#open(ledger).find((exception) => exception.id === own);
			if (!open) return w.tx.refuse(no('already_resolved', id));
			w.tx.resolve(this.#shop.ledger(ledger), own);
			this.#settle(w, open, outcome);
			const { kind, subject, amount, atMs } = found;
			w.append(ledger, 'resolved', id, { ...w.head, outcome, kind, subject, amount, foundAtMs: atMs });
		});
	}

	/** The shares of the earlier lot come to this till, as the goods do. */
	async #bring({ store, subject, amount }: Exception): Promise<void> {
		for (const sku of this.#book.skus(ledgers.stock(store)))
			for (const { lot, pool, key } of this.#book.figures(ledgers.stock(store), sku))
				if (amount > 0 && subject === `${sku} ${lot}`) await pool.ensure(key, amount, { timeoutMs: 2_000 });
	}

	/** What resolving does to the goods. */
	#settle(w: Writing, exception: LedgerException, outcome: string): void {
		const { kind, amount, id } = exception;
		const key = keyOf(exception);
		const sku = skuOf(key);
		const figure = this.#book.figures(this.#book.ledger, sku).find((known) => known.key === key);
		if (!figure) return;
		const lot = figure.lot !== undefined ? { lot: figure.lot } : {};
		if (kind === 'double-mint') {
			if (outcome !== 'duplicate') return;
			w.tx.spend(figure.pool, key, amount, { operator: w.head.by ?? '', reason: outcome });
			this.#shelves.move(w, sku, { id: `resolve ${id}`, qty: -amount, reason: outcome, ...lot });
			return;
		}
		// A count may have settled some of it.
		const covered = Math.min(amount, Math.max(0, figure.oversold));
		if (covered === 0) return;
		const isDelivered = outcome === 'delivered';
		if (isDelivered && this.#shelves.available(w, figure) < covered) w.tx.refuse(no('out_of_stock', sku));
		if (isDelivered) w.tx.spend(figure.pool, key, covered);
		this.#shelves.move(w, sku, {
			id: `resolve ${id}`,
			qty: isDelivered ? 0 : covered,
			covered,
			reason: outcome,
			...lot,
		});
	}

	#open(ledger: LedgerName): LedgerException[] {
		const exceptions = this.#shop.ledger(ledger).exceptions();
		return exceptions.filter((exception) => collections.some((name) => poolOf(exception).startsWith(name)));
	}

	*#list(): Generator<Exception> {
		for (const store of this.#book.stores()) {
			const ledger = ledgers.stock(store);
			const resolved = this.#shop.ledger(ledger).logs('resolved');
			for (const open of this.#open(ledger)) {
				const kind = open.kind === 'double-mint' ? kinds['double-mint'] : kinds.oversell;
				const id = `${kind}:${store}:${open.id}`;
				const { amount, reason } = open;
				yield { id, kind, store, subject: skuOf(keyOf(open)), amount, atMs: momentOf(reason), state: 'open' };
			}
			for (const id of resolved.keys()) {
				const said = resolved.entries(id)[0]?.value as Resolved | undefined;
				if (said?.kind === undefined) continue;
				const { kind, subject = '', amount = 0, foundAtMs: atMs = 0, outcome } = said;
				yield { id, kind, store, subject, amount, atMs, state: 'done', outcome };
			}
			yield* this.#reallocations(ledger);
		}
	}

	/** Closed by itself when nothing is left of the lot, or when it has expired. */
	*#reallocations(ledger: LedgerName): Generator<Exception> {
		const { moves } = this.#book;
		const today = this.#shop.today();
		for (const sku of this.#book.skus(ledger))
			for (const { id, lot, atMs } of moves.get(sku, ledger)?.skipped ?? []) {
				const figure = this.#book.figures(ledger, sku).find((known) => known.lot === lot);
				const left = Math.max(0, figure?.onHand ?? 0);
				const outcome = rights.outcome(this.#shop, ledger, id);
				const isOver = outcome !== undefined || left === 0 || isExpired(figure?.expiresOn, today);
				const about = {
					id,
					kind: 'reallocation',
					store: storeOf(ledger),
					subject: `${sku} ${lot}`,
					amount: left,
					atMs,
				};
				yield { ...about, state: isOver ? 'done' : 'open', ...(isOver && { outcome: outcome ?? 'sold' }) };
			}
	}
}

/** The pool that an exception of the ledger is about: `goods/MILK@L-1`. */
function poolOf({ kind, id, subject }: LedgerException): string {
	if (kind !== 'double-mint') return subject;
	const [, pool = ''] = id.split(' '); // `mint <pool> <document>`, spaces in the pool's name spelled out
	return pool.replaceAll('%20', ' ').replaceAll('%25', '%');
}

const keyOf = (exception: LedgerException): string => {
	const pool = poolOf(exception);
	return pool.slice(pool.indexOf('/') + 1);
};

function momentOf(reason: string): number {
	const ms = Date.parse(reason.split(' ')[0] ?? '');
	return Number.isNaN(ms) ? 0 : ms;
}
