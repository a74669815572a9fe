import { BadArgument } from '../../base/errors.js';
import type { StoreId } from '../../base/ids.js';
import type { Json } from '../../ledger/collections.js';
import type { Live } from '../../ledger/live.js';
import type { PricedLine } from '../documents/order.js';
import type { Buyer, Prices } from '../documents/prices.js';
import type { Products, SkuDef, SkuId } from '../documents/sku.js';
import { checkAmount, checkInstant, checkName, checkOneOf, checkWhole } from '../shop/check.js';
import { ledgers } from '../shop/ledgers.js';
import type { Minor } from '../shop/money.js';
import { no, type Outcome, withValue } from '../shop/outcome.js';
import { say } from '../shop/say.js';
import type { MaybeKeyed, Shop, Values, WriteOptions } from '../shop/shop.js';
import type { FieldOwners, OverridableField, PriceDocument, Published } from './documents.js';
import { discounted, type Pricing, type PromotionRule, usualPricing } from './promotions.js';
import { foldPublication, PriceLists, type Publication } from './publications.js';
import { Reach, type Reached } from './reach.js';

export interface Price {
	readonly amount: Minor;
	readonly version: string;
	/** When it ends, as an ISO instant. */
	readonly until?: string;
}

export interface NewPublication {
	readonly version: string;
	/** ISO instants. */
	readonly from: string;
	readonly to?: string;
	readonly stores: 'all' | readonly StoreId[];
	readonly channel?: string;
	readonly prices: Readonly<Record<SkuId, Minor>>;
	readonly rules?: readonly PromotionRule[];
}

/** Prices of one entry: it must stay below what an entry may weigh. */
const pricesOfPart = 300;
/** Definitions of one commit. */
const skusOfCommit = 20;

/** Products, prices and promotions: written by headquarters, read by every till from its own copy. */
export class Catalog implements Products, Prices {
	readonly #shop: Shop;
	readonly #lists: PriceLists;
	readonly #reach: Reach;
	readonly #defs: Values<SkuDef>;
	readonly #overrides: Values<Partial<SkuDef>>;

	constructor(shop: Shop) {
		this.#shop = shop;
		this.#defs = shop.cells(ledgers.catalog, 'sku');
		this.#overrides = shop.cells(ledgers.stock(shop.store), 'sku');
		const index = shop.index<PriceDocument, Publication>('publications', 'catalog', 'price', foldPublication);
		this.#lists = shop.shared('price lists', () => new PriceLists(index, shop.store));
		this.#reach = shop.shared('reach', () => new Reach(shop, index));
	}

	/** A till may hear of goods before it hears what they are; whoever keeps figures of them looks again then. */
	onChange(listener: (skus: Iterable<SkuId>) => void): void {
		for (const kind of ['catalog', 'stock'] as const)
			this.#shop.host.watch({ ledgers: kind, of: 'cell', name: 'sku' }, (ledger, skus) =>
				listener(skus ?? this.#shop.cells(ledger, 'sku').keys()),
			);
	}

	/** What the product is here: headquarters' word, and the store's where a field is the store's. */
	sku(id: SkuId): SkuDef | undefined {
		const def = this.#defs.get(id);
		const own = def && this.#overrides.get(id);
		if (!own) return def;
		const owners = this.#owners();
		const fields = Object.entries(own).filter(([field]) => owners[field as OverridableField] === 'store');
		return { ...def, ...Object.fromEntries(fields) };
	}

	/** The same as a live value. */
	live(id: SkuId): Live<SkuDef | undefined> {
		return this.#defs.live(id).map(() => this.sku(id));
	}

	skus(): readonly SkuId[] {
		return this.#defs.keys();
	}

	/**
	 * The price in force, or undefined. Prices that were sent ahead come into force by this till's clock, with the line up or
	 * down; lines that are on an order keep theirs.
	 */
	price(sku: SkuId, options: { readonly channel?: string; readonly at?: string } = {}): Price | undefined {
		const ms = options.at === undefined ? this.#shop.nowMs() : checkInstant('at', options.at);
		const list = this.#lists.at(sku, ms, options.channel);
		const amount = list?.prices[sku];
		if (!list || amount === undefined) return undefined;
		const until = Number.isFinite(list.toMs) ? new Date(list.toMs).toISOString() : undefined;
		return { amount, version: list.version, ...(until !== undefined && { until }) };
	}

	/** What a line costs where it names no price. */
	priceOf(sku: SkuId, { channel }: Buyer = {}): Minor | undefined {
		return this.price(sku, channel === undefined ? {} : { channel })?.amount;
	}

	/** Promotions in force, the earliest publication first. */
	rules(options: { readonly at?: string } = {}): readonly PromotionRule[] {
		const ms = options.at === undefined ? this.#shop.nowMs() : checkInstant('at', options.at);
		return this.#lists.inForce(ms).flatMap(({ rules }) => rules);
	}

	/**
	 * Defines products or changes them. Policy, scale and lots stay as they were first defined (`sku_in_use`): stock is kept
	 * by them. More than twenty go down in several commits, each of them whole.
	 */
	async define(skus: readonly SkuDef[], options: MaybeKeyed = {}): Promise<Outcome<void>> {
		for (const [i, sku] of skus.entries()) checkSku(`skus[${i}]`, sku);
		return this.#inParts(skus, skusOfCommit, options, (part, keyed) =>
			this.#shop.write('catalog.define', part, keyed, (w) => {
				for (const def of part) {
					const now = this.#defs.get(def.sku);
					if (now && !isSameStock(now, def)) w.tx.refuse(no('sku_in_use', def.sku));
				}
				const words = part.map((def) => ({ cell: 'sku', key: def.sku, value: def as unknown as Json }));
				say(w, this.#shop, ledgers.catalog, words); // canonicalJson checks them
			}),
		);
	}

	/** What this store says of a product instead; it shows in the fields that `owners` leaves to stores. */
	async override(
		sku: SkuId,
		fields: Partial<Pick<SkuDef, OverridableField>>,
		options: MaybeKeyed = {},
	): Promise<Outcome<void>> {
		checkName('sku', sku);
		return this.#shop.write('catalog.override', { sku, fields }, options, (w) => {
			if (!this.#defs.get(sku)) w.tx.refuse(no('unknown_sku', sku));
			const value = { ...this.#overrides.get(sku), ...fields } as Json;
			say(w, this.#shop, ledgers.stock(this.#shop.store), [{ cell: 'sku', key: sku, value }]);
		});
	}

	/** Who has the last word on which field of a product. Headquarters where nothing is said. */
	async owners(owners: FieldOwners, options: MaybeKeyed = {}): Promise<Outcome<void>> {
		for (const [field, owner] of Object.entries(owners)) checkOneOf(`owners.${field}`, owner, ['hq', 'store']);
		return this.#shop.write('catalog.override', owners, options, (w) => {
			const value = { ...this.#owners(), ...owners } as Json;
			say(w, this.#shop, ledgers.catalog, [{ cell: 'fields', value }]);
		});
	}

	/** Lines with what the promotions in force take off, and which ones did. */
	discounted(
		lines: readonly PricedLine[],
		{ isMember, channel }: { readonly isMember: boolean; readonly channel?: string },
	): readonly PricedLine[] {
		const { rounding } = this.#shop.settings;
		const inForce = this.#lists
			.inForce(this.#shop.nowMs())
			.filter((list) => list.channel === undefined || list.channel === channel)
			.flatMap(({ version, rules }) => rules.map((rule) => ({ version, rule })));
		if (inForce.length === 0) return lines;
		const scaleOf = (sku: SkuId) => this.sku(sku)?.scale ?? 0;
		return discounted(lines, inForce, this.#pricing, { isMember, rounding, scaleOf });
	}

	/** The vendor's own engine in place of `usualPricing`. */
	set pricing(pricing: Pricing) {
		this.#shop.shared('pricing', () => ({ now: usualPricing })).now = pricing;
	}

	get #pricing(): Pricing {
		return this.#shop.shared('pricing', () => ({ now: usualPricing })).now;
	}

	/**
	 * Sends prices ahead of time. A list of thousands goes down in parts and counts once all of them are in. The answer
	 * carries who has it: `reach.get()`.
	 */
	async publish(
		publication: NewPublication,
		options: WriteOptions,
	): Promise<Outcome<{ readonly reach: Live<Reached> }>> {
		const { version, prices, rules } = publication;
		const [fromMs, toMs] = checkPublication(publication);
		const all = Object.entries(prices);
		const parts = Math.max(1, Math.ceil(all.length / pricesOfPart));
		const list = Array.from({ length: parts }, (_, part) => part);
		const outcome = await this.#inParts(list, 1, options, ([part = 0], keyed) =>
			this.#shop.writeKeyed(
				'catalog.publish',
				{ publication: { ...publication, prices: parts }, part },
				keyed as WriteOptions,
				({ head, append }) => {
					const of = Object.fromEntries(all.slice(part * pricesOfPart, (part + 1) * pricesOfPart));
					const { stores, channel } = publication;
					const document: Published = {
						...head,
						verb: 'catalog.publish',
						part,
						parts,
						fromMs,
						...(toMs !== undefined && { toMs }),
						stores,
						...(channel !== undefined && { channel }),
						prices: of,
						...(part === 0 && rules && { rules }),
					};
					append(ledgers.catalog, 'price', version, document);
				},
			),
		);
		return withValue(outcome, () => ({ reach: this.#reach.of(version) }));
	}

	/** The version counts no more, at any till that has heard of this, and overtakes what waits to be sent. */
	async withdraw(version: string, options: WriteOptions): Promise<Outcome<void>> {
		checkName('version', version);
		return this.#shop.writeKeyed('catalog.withdraw', { version }, options, ({ tx, head, append }) => {
			if (this.#shop.ledger(ledgers.catalog).logs('price').entries(version).length === 0)
				tx.refuse(no('unknown_version', version));
			append(ledgers.catalog, 'price', version, head);
		});
	}

	/** Which devices have a version: by what they told their store's desk. */
	reach(version: string): Live<Reached> {
		return this.#reach.of(version);
	}

	/** Tells this store's desk, from now on, which versions are here. Answers how to stop. */
	confirm(): () => void {
		return this.#reach.confirm();
	}

	#owners(): FieldOwners {
		return (this.#shop.ledger(ledgers.catalog).cell<Json>('fields').value.get() ?? {}) as FieldOwners;
	}

	/** One commit a part, in order; each part has a key of its own, so that what was cut off goes on where it was. */
	async #inParts<T>(
		list: readonly T[],
		size: number,
		options: MaybeKeyed,
		write: (part: readonly T[], options: MaybeKeyed) => Promise<Outcome<void>>,
	): Promise<Outcome<void>> {
		if (list.length === 0) throw new BadArgument('list', 'expected at least one.');
		for (let i = 0; ; i += size) {
			const { idempotencyKey: key } = options;
			const keyed =
				key === undefined || list.length <= size ? options : { ...options, idempotencyKey: `${key}/${i / size}` };
			const outcome = await write(list.slice(i, i + size), keyed);
			if (!outcome.ok || i + size >= list.length) return outcome;
		}
	}
}

function checkSku(path: string, sku: SkuDef): void {
	if (typeof sku !== 'object' || sku === null) throw new BadArgument(path, 'expected a product.');
	checkName(`${path}.sku`, sku.sku);
	if (/[@:]/.test(sku.sku))
		throw new BadArgument(`${path}.sku`, 'has no @ and no colon: they part a lot from its product.');
	checkName(`${path}.name`, sku.name);
	if (sku.scale !== undefined && ![0, 1, 2, 3].includes(sku.scale))
		throw new BadArgument(`${path}.scale`, 'expected 0 to 3.');
	if (sku.policy !== undefined) checkOneOf(`${path}.policy`, sku.policy, ['hard', 'soft', 'none']);
	if (sku.lots !== undefined) checkOneOf(`${path}.lots`, sku.lots, ['none', 'fefo', 'serial']);
	for (const [i, part] of (sku.kit ?? []).entries()) {
		checkName(`${path}.kit[${i}].sku`, part.sku);
		checkAmount(`${path}.kit[${i}].qty`, part.qty);
		if (part.sku === sku.sku) throw new BadArgument(`${path}.kit[${i}].sku`, 'a kit has no part of its own name.');
	}
	if (sku.reorder) {
		checkWhole(`${path}.reorder.below`, sku.reorder.below);
		checkAmount(`${path}.reorder.upTo`, sku.reorder.upTo);
	}
}

function isSameStock(a: SkuDef, b: SkuDef): boolean {
	return (
		(a.policy ?? 'hard') === (b.policy ?? 'hard') &&
		(a.lots ?? 'none') === (b.lots ?? 'none') &&
		(a.scale ?? 0) === (b.scale ?? 0)
	);
}

function checkPublication({ version, from, to, stores, prices }: NewPublication): [number, number | undefined] {
	checkName('version', version);
	const fromMs = checkInstant('from', from);
	const toMs = to === undefined ? undefined : checkInstant('to', to);
	if (toMs !== undefined && toMs <= fromMs) throw new BadArgument('to', 'expected an instant after `from`.');
	if (stores !== 'all') for (const [i, store] of stores.entries()) checkName(`stores[${i}]`, store);
	for (const [sku, amount] of Object.entries(prices)) checkWhole(`prices.${sku}`, amount);
	return [fromMs, toMs];
}
